"""Vocabularies: every text comes back, numbers digit by digit, the same from the same corpus."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from empirical.language import items
from empirical.language.shape import ModelConfig
from empirical.language.tokens import HubTokens, WordTokens

CORPUS = ["Ann has 12 pens. She buys 3 * 4 = 12 more.", "Ann has 7 pens and 5 cups."]
TOKENS = WordTokens.train(CORPUS, 300)


@given(st.text(max_size=60))
def test_every_text_comes_back(text):
    numbers = TOKENS.encode(text)
    assert TOKENS.decode(numbers) == text
    assert all(3 <= number < TOKENS.size for number in numbers)


def test_known_words_are_one_token_and_digits_stand_alone():
    assert len(TOKENS.encode("Ann has ")) == 2
    assert TOKENS.encode("127") == [TOKENS.encode(digit)[0] for digit in "127"]
    assert TOKENS.encode("12 * 3")[2] == TOKENS.encode(" * ")[0]
    assert len(TOKENS.encode("zebra")) == 5  # not in the corpus: its bytes
    for number in (12, 345):
        assert TOKENS.encode(f"{number} pens")[: len(str(number))] == TOKENS.encode(str(number))


def test_frequent_pieces_first_and_no_more_than_asked_for():
    assert TOKENS.pieces[:2] == ("Ann ", "has ")
    small = WordTokens.train(CORPUS, 261)
    assert small.size == 261
    assert small.pieces == TOKENS.pieces[:2]
    assert WordTokens.train(CORPUS, 259).pieces == ()
    assert WordTokens.train(reversed(CORPUS), 300).pieces == TOKENS.pieces


def test_marks_are_no_text():
    assert TOKENS.decode([TOKENS.begin, *TOKENS.encode("a"), TOKENS.end, TOKENS.pad]) == "a"
    assert TOKENS.start == (TOKENS.begin,)


def test_saved_and_read_back(tmp_path):
    TOKENS.save(tmp_path / "vocabulary.json")
    assert WordTokens.load(tmp_path / "vocabulary.json").pieces == TOKENS.pieces
    for content in ("", "[]", "{}", '{"pieces": 3}', '{"pieces": [3]}', '{"pieces": ["a", "a"]}'):
        (tmp_path / "bad.json").write_text(content)
        with pytest.raises(ValueError, match=r"bad\.json: is not a vocabulary"):
            WordTokens.load(tmp_path / "bad.json")
    assert json.loads((tmp_path / "vocabulary.json").read_text())["pieces"][0] == "Ann "


class Pretrained:
    """As much of a tokenizer of transformers as is needed."""

    eos_token_id, pad_token_id, bos_token_id, add_bos_token = 7, None, 5, True

    def __len__(self):
        return 9

    def encode(self, text, add_special_tokens):
        assert not add_special_tokens
        return [int(letter) for letter in text]

    def decode(self, numbers, **options):
        return "".join(map(str, numbers))


def test_a_pretrained_vocabulary_has_its_own_marks():
    tokens = HubTokens(Pretrained())
    assert (tokens.pad, tokens.end, tokens.start, tokens.size) == (7, 7, (5,), 9)
    assert tokens.decode(tokens.encode("123")) == "123"
    bare = Pretrained()
    bare.eos_token_id = None
    with pytest.raises(ValueError, match="weights = without an end token"):
        HubTokens(bare)


def test_items_of_texts():
    made = items.prompts(TOKENS, ["Ann has 12", ""], 8) | items.answers(TOKENS, ["12", "x"], 4)
    assert made["prompt"].shape == (2, 8)
    assert made["prompt_length"].tolist() == [5, 1]
    assert made["answer_length"].tolist() == [3, 2]
    assert made["answer"][0, 2] == TOKENS.end
    assert items.text(TOKENS, made) == ["12", "x"]
    assert items.text(TOKENS, made, "prompt") == ["Ann has 12", ""]
    with pytest.raises(ValueError, match="answer = 5 tokens: must have at most 4"):
        items.answers(TOKENS, ["1234"], 4)


@pytest.mark.parametrize(("changes", "message"), [
    ({"width": 0}, "width = 0"), ({"heads": 5}, "heads = 5: must divide width"),
    ({"kv_heads": 4}, "kv_heads = 4: must divide heads"), ({"engine": "x"}, "engine = 'x'"),
    ({"vocabulary": 258}, "vocabulary = 258"), ({"precision": "int8"}, "precision = 'int8'"),
    ({"pieces": 0}, "pieces = 0"),
])
def test_shapes_are_checked(changes, message):
    with pytest.raises(ValueError, match=message):
        ModelConfig(**changes)
