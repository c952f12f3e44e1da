"""Articles with summaries that others wrote: files, folders, or a data set of the hub.

A file is JSON lines (also gzip-compressed) or Parquet. Of each row one text field is the article
(`document` as in XSum, `text` as in XLSum, or `article`) and one the summary (`summary`,
`reference` or `highlights`). Rows that hold neither but `lead` and `ext_oracle` (published
outputs of extractive systems) have those two sentences for an article. A folder holds files whose
names begin with `train` and `test`, and may hold folders by language, of which a source names one
after a colon: `FOLDER:english`. A hub id is read in its Parquet form: `EdinburghNLP/xsum`,
`csebuetnlp/xlsum:english`.
"""

import functools
import gzip
import json
import re
import zlib
from pathlib import Path

__all__ = ["ARTICLES", "SUMMARIES", "read"]

ARTICLES = ("document", "text", "article")
SUMMARIES = ("summary", "reference", "highlights")
ENDINGS = (".jsonl", ".jsonl.gz", ".json", ".parquet")
PARTS = 10  # of a single file one row in so many is for testing
_HUB = re.compile(r"[\w.-]+/[\w.-]+(:[\w.-]+)?")


@functools.lru_cache(maxsize=4)
def read(source, split):
    """Return the (article, summary) pairs of a split, "train" or "test", a tuple.

    Of a single file every row belongs to one split, by a hash of its article: adding or sorting
    rows moves none of them.

    Parameters
    ----------
    source : str
        A file, a folder or a hub id.
    split : str
        Which.

    Raises
    ------
    ValueError
        When there is no such source, or it is none of articles and summaries.
    """
    place, _, part = source.partition(":")
    path = Path(place).expanduser()
    if path.is_file():
        rows = _rows(path)
        return tuple(row for row in rows if _is_test(row[0]) == (split == "test"))
    if path.is_dir():
        return _folder(path / part if part else path, split, source)
    if _HUB.fullmatch(source):
        return _folder(_downloaded(place, part), split, source)
    raise ValueError(f"source = {source!r}: is no file, no folder and no hub id")


def _is_test(article):
    return zlib.crc32(article.encode()) % PARTS == 0


def _folder(folder, split, source):
    files = [file for file in sorted(folder.rglob("*")) if file.name.endswith(ENDINGS)
             and split in (file.name[: len(split)], file.parent.name)]
    if not files:
        raise ValueError(f"source = {source!r}: must hold files ({', '.join(ENDINGS)}) whose "
                         f"names begin with {split}")
    return tuple(row for file in files for row in _rows(file))


def _downloaded(name, part):
    """Return the folder of a hub data set; what was downloaded before needs no network."""
    from huggingface_hub import snapshot_download

    try:
        folder = snapshot_download(name, repo_type="dataset", revision="refs/convert/parquet",
                                   allow_patterns=[f"{part or 'default'}/*"])
    except Exception as error:  # the hub's errors share no class
        first = next((line for line in str(error).splitlines() if line), type(error).__name__)
        raise ValueError(f"source = {name!r}: cannot be downloaded: {first}") from None
    return Path(folder, part or "default")


def _rows(file):
    try:
        rows = list(_parquet(file) if file.name.endswith(".parquet") else _lines(file))
    except (OSError, EOFError, UnicodeDecodeError, json.JSONDecodeError, zlib.error) as error:
        raise ValueError(f"{file}: cannot be read: {error}") from None
    if not rows:
        raise ValueError(f"{file}: holds no rows")
    return [_pair(row, file, number) for number, row in enumerate(rows, 1)]


def _lines(file):
    opened = gzip.open if file.name.endswith(".gz") else open
    with opened(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _parquet(file):
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(file)
    except pa.ArrowException as error:
        raise ValueError(f"{file}: cannot be read: {str(error).splitlines()[0]}") from None
    return table.to_pylist()


def _pair(row, file, number):
    found = [None, None]
    if isinstance(row, dict):
        if not any(isinstance(row.get(name), str) for name in ARTICLES):
            sentences = [row.get(name) for name in ("lead", "ext_oracle")]
            if all(isinstance(sentence, str) for sentence in sentences):
                row = row | {"text": " ".join(dict.fromkeys(sentences))}
        found = [next((row[name] for name in names if isinstance(row.get(name), str)), None)
                 for names in (ARTICLES, SUMMARIES)]
    if not all(text and text.strip() for text in found):
        raise ValueError(f"{file}: row {number}: must hold an article ({', '.join(ARTICLES)}) and "
                         f"a summary ({', '.join(SUMMARIES)})")
    return tuple(" ".join(text.split()) for text in found)
