"""GSM-Symbolic templates and GSM8K files: what is told, what is refused, what cannot be run."""

import json
import os
import time
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from empirical.reasoning import symbolic
from empirical.reasoning.answers import final_answer
from empirical.reasoning.gsm8k import read_gsm8k
from empirical.reasoning.interpreter import Choices, Worded, compiled, number
from empirical.reasoning.vocabulary import ENVIRONMENT, LISTS
from empirical.streams import Streams

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
TEMPLATES = Path(os.environ.get("LOOPCERT_GSM_SYMBOLIC", DATA / "gsm_symbolic" / "templates"))
GSM8K = Path(os.environ.get("LOOPCERT_GSM8K", DATA / "gsm8k"))
has_templates = pytest.mark.skipif(
    not TEMPLATES.is_dir(), reason=f"no templates at {TEMPLATES} (or LOOPCERT_GSM_SYMBOLIC)")
has_gsm8k = pytest.mark.skipif(not GSM8K.is_dir(), reason=f"no GSM8K at {GSM8K} "
                                                          "(or LOOPCERT_GSM8K)")


def value(text, **variables):
    found = compiled(text, ENVIRONMENT)(variables)
    return found if isinstance(found, bool | str | tuple) else number(found)


# --- the interpreter ------------------------------------------------------------------------

@pytest.mark.parametrize(("text", "want"), [
    ("1 + 2 * 3", 7), ("7 / 2", Fraction(7, 2)), ("8 / 2", 4), ("7 // 2", 3), ("-7 // 2", -4),
    ("7 % 4", 3), ("2 ** 5", 32), ("0.1 + 0.2", Fraction(3, 10)), ("int(7 / 2)", 3),
    ("int(-7 / 2)", -3), ("round(2.5)", 3), ("round(2.345, 2)", Fraction(47, 20)),
    ("x * (y - 1)", 12), ("1 < 2 <= 2 < 3", True), ("1 < 2 > 3", False), ("not 1 > 2", True),
    ("1 < 2 and 3 < 2", False), ("is_int(6 / 3)", True), ("is_int(7 / 3)", False),
    ("is_int(1 / 3) == False", True), ("divides(12, 4)", True), ("divides(12, 5)", False),
    ("Fraction(6, 4)", Fraction(3, 2)), ("half * 10", 5), ("half[1]", Fraction(1, 2)),
    ("half[0]", "half"), ("[1, 2, 3][1]", 2), ("max(1, 5, 3) - min(2, 1)", 4), ("abs(-3)", 3),
    ("7 if name == 'Ana' else 30", 7), ("name != 'Ben'", True), ("2 - -2", 4), ("+3", 3),
    ("len([1, 2]) + len(names_male)", 22), ("fraction_nums[0] * 2", 1),
])
def test_expressions(text, want):
    assert value(text, x=4, y=4, half=Worded("half", Fraction(1, 2)), name="Ana") == want


@pytest.mark.parametrize(("text", "options"), [
    ("range(2, 5)", (2, 3, 4)), ("range(0, 10, 5)", (0, 5)), ("np.arange(1, 2, 0.25)",
     (1, Fraction(5, 4), Fraction(3, 2), Fraction(7, 4))), ("frange(0.5, 1.1, 0.5)",
     (Fraction(1, 2), 1)), ("list(range(1, 3)) * 2", (1, 2, 1, 2)), ("[1] + [2, 3]", (1, 2, 3)),
    ("names[:2]", LISTS["names"][:2]), ("fix_floats(list(range(3)))", (0, 1, 2)),
    ("np.random.randint(3, 5, 50)", (3, 4)),
])
def test_lists(text, options):
    assert tuple(compiled(text, ENVIRONMENT)({})) == options


def test_numbers_in_words():
    drawn = compiled("numbers_within(2, 4)", ENVIRONMENT)({})
    assert [(entry.text, entry.value) for entry in drawn] == [("two", 2), ("three", 3),
                                                              ("four", 4)]


@given(st.integers(0, 2**32))
def test_draws(seed):
    rng = Streams(seed).numpy()
    days = LISTS["weekdays"]
    three = compiled("sample_sequential(weekdays, 3)", ENVIRONMENT)({}).draw(rng)
    start = days.index(three[0])
    assert three == days[start:start + 3]
    apart = compiled("sample(weekdays, 3)", ENVIRONMENT)({}).draw(rng)
    assert len(set(apart)) == 3
    assert Choices(range(5)).draw(rng) in range(5)


HOSTILE = [
    "__import__('os').system('touch /tmp/owned')", "().__class__.__bases__", "open('/etc/passwd')",
    "eval('1')", "exec('1')", "[x for x in range(9)]", "lambda: 1", "(lambda: 1)()", "x := 5",
    "{1: 2}", "{1, 2}", "f'{1}'", "b'1'", "1j", "...", "None", "sample.__globals__",
    "np.random.seed(1)", "np.load('x')", "numpy.lib", "range(1).__class__", "x.real", "yield 1",
    "await x", "print(1)", "globals()", "getattr(x, 'y')", "max(*[1])", "max(key=1)",
    "1 if 1 else", "", " ", "import os", "x = 5", "1; 2", "'a' * 10", "~1", "1 << 500", "1 | 2",
    "1 @ 2", "1 is 1", "1 in [1]", "(" * 500 + "1" + ")" * 500, "-" * 500 + "1", "[" * 40,
    "1 +" * 600 + "1", "9" * 2000, "1e400", "\x00", "名前()", "names[::2]", "int(x=1)",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:30]))
def test_nothing_else_is_run(text):
    start = time.process_time()
    with pytest.raises(ValueError) as caught:
        number(compiled(text, ENVIRONMENT)({"x": 5}))
    assert "\n" not in str(caught.value)
    assert time.process_time() - start < 1
    assert not Path("/tmp/owned").exists()


@pytest.mark.parametrize("text", [
    "9 ** 9 ** 9 ** 9", "2 ** 10000000", "2 ** -1", "2 ** 0.5", "(10 ** 20) ** 20",
    "range(10 ** 9)", "list(range(10000)) * 10000", "arange(0, 1, 0.0000000001)",
    "sample(names, 1000)", "sample(5)", "names + 1", "names * names", "range(5, 2)",
    "range(0.5, 3)", "arange(1, 2, 0)", "names[500]", "names['a']", "round(1, 99)", "half",
    "1 < 'a'", "int('5')", "is_int('a')", "undefined + 1", "names < 3", "numbers_within(1, 1e9)",
    "sample_sequential(weekdays, 99)", "sample(names, -1)", "len(5)",
])
def test_values_beyond_the_limits_are_refused(text):
    start = time.process_time()
    with pytest.raises(ValueError) as caught:
        number(compiled(text, ENVIRONMENT)({"names": LISTS["names"]}))
    assert "\n" not in str(caught.value)
    assert time.process_time() - start < 1


@pytest.mark.parametrize("text", ["1 / 0", "1 // 0", "1 % 0", "Fraction(1, 0)"])
def test_division_by_zero_says_so(text):
    with pytest.raises(ZeroDivisionError):
        compiled(text, ENVIRONMENT)({})


@given(st.text(max_size=60))
def test_no_text_breaks_the_interpreter(text):
    try:
        compiled(text, ENVIRONMENT)({})
    except (ValueError, ZeroDivisionError):
        pass


# --- template files of our own making --------------------------------------------------------

GOOD = {
    "question": "{name,Tom} buys {n,3} {thing,pens} for {cur,$}{p,2} each and gives {frac,half} "
                "of them away. How much does {name,Tom} pay?",
    "init": ["name = sample(names)", "thing = sample(['pens', 'cups'])",
             "cur = sample(currencies_sym)", "$n = range(2, 12)", "$p = np.arange(1.5, 4, 0.25)",
             "$frac = sample(fraction_alph)"],
    "conditions": ["is_int(n * frac)", "n * p < 40"],
    "answer": "n * p",
    "solution": "{name} pays {n} * {p} = <<{n}*{p}={n*p}>>{n*p}.\n#### {n*p}",
}


def write(folder, name, **changes):
    """Write a template file; the sections are given as lists of lines."""
    parts = GOOD | changes
    lines = [parts["question"], "", "#init:", *(f"- {line}" for line in parts["init"]), "",
             "#conditions:", *(f"- {line}" for line in parts["conditions"]), "",
             f"#answer: {parts['answer']}"]
    path = folder / f"{name}.json"
    path.write_text(json.dumps({
        "question": "", "answer": "", "id_orig": 0, "id_shuffled": 0,
        "question_annotated": "\n".join(lines), "answer_annotated": parts["solution"]}))
    return path


def test_a_template_tells_problems(tmp_path):
    entry = symbolic.read_template(write(tmp_path, "good"))
    for seed in range(20):
        item = entry.problem(Streams(seed).numpy())
        assert "{" not in item.question + item.solution
        assert "<<" not in item.solution
        assert final_answer(item.solution) == item.answer < 40
        assert any(word.text in item.question for word in LISTS["fraction_alph"])
    assert entry.problem(Streams(1).numpy()) == entry.problem(Streams(1).numpy())
    assert entry.problem(Streams(1).numpy()) != entry.problem(Streams(2).numpy())


BROKEN = {
    "never": ({"conditions": ["n > 100"]}, "the conditions are never met"),
    "zero": ({"answer": "n / (p - p)"}, "divides by zero"),
    "loops": ({"init": ["$n = [x for x in range(10 ** 9)]"]}, "ListComp is not allowed"),
    "huge": ({"init": [*GOOD["init"], "$z = range(10 ** 15)"]}, "must have 1 to 100000 entries"),
    "power": ({"answer": "n ** (n + 30)"}, "exponent"),
    "code": ({"answer": "__import__('os').system('true')"}, "function"),
    "unknown": ({"conditions": ["m > 1"]}, "name = 'm': is not defined"),
    "unsaid": ({"question": "{who,Tom} has {n,3}. How many?"}, "name = 'who': is not defined"),
    "differs": ({"solution": "{n} * {p}\n#### {n * p + 1}"}, "the formula gives"),
    "circle": ({"init": ["$n = p", "$p = n"]}, "is not defined"),
    "deep": ({"answer": "(" * 200 + "1" + ")" * 200}, "nested too deeply"),
    "syntax": ({"conditions": ["n <"]}, "cannot be read"),
    "assign": ({"init": ["n + 1"]}, "must be name = expression"),
    "lines": ({"init": ["$n = range(2)"] * 100}, "must be at most"),
    "several": ({"init": [*GOOD["init"], "a, b = range(3)"]}, "must be given 2 values"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_template_is_named_and_skipped(tmp_path, name, monkeypatch):
    monkeypatch.setattr(symbolic, "ATTEMPTS", 300)
    changes, reason = BROKEN[name]
    folder = tmp_path / "p1"
    folder.mkdir()
    write(folder, name, **changes)
    write(folder, "good")
    start = time.process_time()
    library = symbolic.load(tmp_path)
    assert time.process_time() - start < 5
    assert list(library.templates) == ["p1/good"]
    assert reason in library.skipped[f"p1/{name}"]
    assert "\n" not in library.skipped[f"p1/{name}"]


@pytest.mark.parametrize("text", [
    "not json", "[]", "{}", '{"question_annotated": 1, "answer_annotated": "x"}', "null",
    '{"question_annotated": "no sections", "answer_annotated": "x"}', "[" * 100_000, "\xff",
])
def test_a_file_that_is_no_template_is_refused(tmp_path, text):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"bad'?:") as caught:
        symbolic.read_template(path)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_usable_template_is_refused(tmp_path):
    with pytest.raises(ValueError, match="must be a folder with JSON templates"):
        symbolic.load(tmp_path)
    write(tmp_path, "never", conditions=["n > 100", "n < 2"])
    with pytest.raises(ValueError, match="none can be used"):
        symbolic.load(tmp_path)
    (tmp_path / "large.json").write_text("x" * 300_000)
    with pytest.raises(ValueError, match="bytes"):
        symbolic.read_template(tmp_path / "large.json")


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("templates")
    for level in ("symbolic", "p1"):
        (folder / level).mkdir()
        for index in range(12):
            write(folder / level, f"{index:04}")
    return symbolic.load(folder)


def test_a_library_has_splits(library):
    assert not library.skipped
    train, held = (set(library.names("p1", split)) for split in ("train", "templates"))
    assert train
    assert held
    assert not train & held
    here = Streams(3)
    told = {split: library.problems(here, range(60), "p1", split)
            for split in ("train", "values", "templates")}
    assert {item.template for item in told["templates"]} <= held
    assert {item.template for item in told["train"] + told["values"]} <= train

    def drawn(item):
        return item.template, item.question

    assert not set(map(drawn, told["train"])) & set(map(drawn, told["values"]))
    assert library.problem(here, 7, "p1") == told["train"][7]
    assert {item.difficulty for item in told["train"]} == {"p1"}


@pytest.mark.parametrize(("arguments", "message"), [
    (("p3",), "difficulty = 'p3'"), (("p1", "dev"), "split = 'dev'"), (("p2",), "has no template"),
])
def test_wrong_requests_of_a_library_are_one_line(library, arguments, message):
    with pytest.raises(ValueError, match=message):
        library.problem(Streams(0), 0, *arguments)


# --- real data -------------------------------------------------------------------------------

INCONSISTENT = {"p1/0074", "p1/0089", "p2/0026", "symbolic/0062"}


@has_templates
def test_apples_templates_can_be_used():
    """246 of 250; in four the formula and the worked answer contradict each other."""
    entries = {}
    for file in sorted(TEMPLATES.glob("*/*.json")):
        entry = symbolic.read_template(file)
        entries[entry.name] = entry
    assert len(entries) == 250
    slow = {"p1/0073", "p2/0030", "p2/0038"}  # their conditions are met once in thousands of draws
    told, reasons = 0, {}
    for name in sorted(entries)[::5] + sorted(INCONSISTENT):
        if name in slow:
            continue
        try:
            item = entries[name].problem(Streams(0, ("probe", name, 0)).numpy())
        except ValueError as error:
            reasons[name] = str(error)
        else:
            told += 1
            assert "{" not in item.question
            assert final_answer(item.solution, strict=True) == item.answer
    assert set(reasons) == INCONSISTENT
    assert all("the formula gives" in reason for reason in reasons.values())
    assert told >= 45


@has_gsm8k
def test_gsm8k_by_path():
    items = read_gsm8k(GSM8K, "test")
    assert len(items) == 1319
    assert items[0].answer == 18
    assert items[2].answer == 70000
    assert not any("<<" in item.solution for item in items)
    assert all(final_answer(item.solution) == item.answer for item in items)
    assert items[:3] == read_gsm8k(GSM8K / "test.jsonl")[:3]


def test_gsm8k_lines(tmp_path):
    path = tmp_path / "mine.jsonl"
    path.write_text('{"question": " How many? ", "answer": "It is <<1+1=2>>2.\\n#### 1,200"}\n\n')
    (item,) = read_gsm8k(path)
    assert (item.question, item.answer) == ("How many?", 1200)
    assert item.solution == "It is 2.\n#### 1,200"


@pytest.mark.parametrize("line", [
    "no json", "[1]", '{"question": "x"}', '{"question": 1, "answer": "#### 1"}',
    '{"question": "x", "answer": "5"}', '{"question": "x", "answer": "#### five"}',
    '{"question": "' + "x" * 30_000 + '", "answer": "#### 5"}', "[" * 5000,
])
def test_a_wrong_line_of_gsm8k_is_named(tmp_path, line):
    path = tmp_path / "mine.jsonl"
    path.write_text('{"question": "a", "answer": "#### 1"}\n' + line + "\n")
    with pytest.raises(ValueError, match=r"mine\.jsonl:2") as caught:
        read_gsm8k(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("source", "split", "message"), [
    ("nowhere", "test", "must be a file, a folder"), ("/no/where", "test", "must be a file"),
    (".", "dev", "split = 'dev'"), ("a/b/c", "test", "must be a file"),
])
def test_wrong_sources_of_gsm8k_are_one_line(source, split, message):
    with pytest.raises(ValueError, match=message):
        read_gsm8k(source, split)


def test_gsm8k_by_hub_id(tmp_path, monkeypatch):
    """The hub's file is asked for by name, and read like the JSON lines."""
    hub = pytest.importorskip("huggingface_hub")
    pandas = pytest.importorskip("pandas")
    file = tmp_path / "test.parquet"
    pandas.DataFrame({"question": ["a"], "answer": ["b\n#### 3"]}).to_parquet(file)
    asked = []

    def download(name, path, repo_type):
        asked.append((name, path, repo_type))
        return str(file)

    monkeypatch.setattr(hub, "hf_hub_download", download)
    (item,) = read_gsm8k("openai/gsm8k")
    assert item.answer == 3
    assert asked == [("openai/gsm8k", "main/test-00000-of-00001.parquet", "dataset")]

    def fail(*arguments, **options):
        raise OSError("no network\nat all")

    monkeypatch.setattr(hub, "hf_hub_download", fail)
    with pytest.raises(ValueError, match=r"cannot be had from the hub: no network$"):
        read_gsm8k("openai/gsm8k")
