"""Reading articles with summaries of others: formats, splits, and what is wrong in one line."""

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest

from empirical.summary import news
from empirical.summary.corpus import corpus, other_texts

NEWS = Path(__file__).resolve().parents[3] / "shared" / "data" / "news"


@pytest.fixture(autouse=True)
def _fresh():
    for cached in (news.read, corpus, other_texts):
        cached.cache_clear()


def rows(n, article="document", summary="summary"):
    return [{"id": i, article: f"Article {i}.  It is\nlong. It ends.", summary: f"Summary {i}."}
            for i in range(n)]


def write(path, made):
    text = "".join(json.dumps(row) + "\n" for row in made)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    elif path.suffix == ".parquet":
        pd.DataFrame(made).to_parquet(path)
    else:
        path.write_text(text)
    return path


@pytest.mark.parametrize("name", ["x.jsonl", "x.jsonl.gz", "x.parquet"])
@pytest.mark.parametrize("names", [("document", "summary"), ("text", "summary"),
                                   ("article", "highlights"), ("document", "reference")])
def test_one_file(tmp_path, name, names):
    path = write(tmp_path / name, rows(300, *names))
    train, test = news.read(str(path), "train"), news.read(str(path), "test")
    assert len(train) + len(test) == 300
    assert 10 < len(test) < 55
    assert not set(train) & set(test)
    assert set(train) | set(test) == {
        (f"Article {i}. It is long. It ends.", f"Summary {i}.") for i in range(300)}


def test_a_row_stays_in_its_split(tmp_path):
    path = write(tmp_path / "x.jsonl", rows(100))
    few = news.read(str(path), "test")
    news.read.cache_clear()
    write(path, rows(200)[::-1])
    assert set(few) <= set(news.read(str(path), "test"))


def test_folders(tmp_path):
    write(tmp_path / "english" / "train-0.parquet", rows(5))
    write(tmp_path / "english" / "train-1.parquet", rows(4))
    write(tmp_path / "english" / "test-0.parquet", rows(3))
    write(tmp_path / "french" / "train" / "0.parquet", rows(2))
    assert len(news.read(f"{tmp_path}:english", "train")) == 9
    assert len(news.read(f"{tmp_path}:english", "test")) == 3
    assert len(news.read(f"{tmp_path}:french", "train")) == 2
    with pytest.raises(ValueError, match=r"must hold files .* whose names begin with test"):
        news.read(f"{tmp_path}:french", "test")


def test_a_hub_id(tmp_path, monkeypatch):
    import huggingface_hub

    asked = []

    def download(name, **options):
        asked.append((name, options["allow_patterns"], options["revision"]))
        write(tmp_path / "english" / "train.parquet", rows(5))
        return str(tmp_path)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert len(news.read("csebuetnlp/xlsum:english", "train")) == 5
    assert asked == [("csebuetnlp/xlsum", ["english/*"], "refs/convert/parquet")]

    def fail(name, **options):
        raise OSError("offline\nand more")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    with pytest.raises(ValueError, match=r"source = 'a/b': cannot be downloaded: offline$"):
        news.read("a/b", "train")


@pytest.mark.parametrize(("content", "message"), [
    ("", "holds no rows"), ("{", "cannot be read"), ('{"document": "a"}', "row 1: must hold an"),
    ('{"document": "a", "summary": " "}', "row 1: must hold"), ("[1]", "row 1: must hold"),
    ('{"document": "a", "summary": "b"}\n{"text": 3, "summary": "b"}', "row 2: must hold"),
])
def test_bad_files(tmp_path, content, message):
    (tmp_path / "x.jsonl").write_text(content)
    with pytest.raises(ValueError, match=message) as caught:
        news.read(str(tmp_path / "x.jsonl"), "train")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["x.jsonl.gz", "x.parquet"])
def test_broken_files(tmp_path, name):
    (tmp_path / name).write_bytes(b"PAR1 nothing \xff")
    with pytest.raises(ValueError, match="cannot be read"):
        news.read(str(tmp_path / name), "train")


def test_no_such_source(tmp_path):
    with pytest.raises(ValueError, match="is no file, no folder and no hub id"):
        news.read(str(tmp_path / "none.jsonl"), "train")


def test_a_corpus_of_others(tmp_path):
    path = str(write(tmp_path / "x.jsonl", rows(300)))
    one, two = corpus(path, 0, "train", 50), corpus(path, 1, "train", 50)
    assert len(set(one.articles)) == 50
    assert one.articles != two.articles
    assert all(a.split()[1][:-1] == s.split()[1][:-1]
               for a, s in zip(one.articles, one.references))
    with pytest.raises(ValueError, match=r"corpus = 400: .* has \d+ articles to train"):
        corpus(path, 0, "train", 400)
    for article, sentence in other_texts(path, 0, 400):
        assert sentence not in article
        assert sentence.split()[0] in ("Article", "It")
    with pytest.raises(ValueError, match="split = 'valid'"):
        corpus(path, 0, "valid", 4)


@pytest.mark.parametrize(("name", "count"), [("xsum_human_eval_50.jsonl", 50),
                                             ("xsum_test_systems.jsonl.gz", 11_334)])
def test_real_news(name, count):
    path = NEWS / name
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    train, test = (news.read(str(path), split) for split in ("train", "test"))
    assert len(train) + len(test) == count
    assert abs(len(test) - count / 10) < 5 * count**0.5 * 0.3
    assert all(article and summary for article, summary in train)
