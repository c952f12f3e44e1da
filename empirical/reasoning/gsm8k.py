"""GSM8K (Cobbe et al. 2021) as problems: from JSON lines on this disk, or from the hub.

The calculator annotations `<<3*4=12>>` are taken out of the solutions. Nothing in a line is run;
a line that is no problem is refused with its number.
"""

import json
import re
from pathlib import Path

from empirical.reasoning.answers import final_answer
from empirical.reasoning.arithmetic import Number
from empirical.reasoning.problems import Problem

__all__ = ["HUB", "read_gsm8k"]

HUB = "openai/gsm8k"
FILES = {"train": "train.jsonl", "test": "test.jsonl"}
HUB_FILES = {"train": "main/train-00000-of-00001.parquet",
             "test": "main/test-00000-of-00001.parquet"}
MAX_LINE = 20_000  # characters

CALCULATOR = re.compile(r"<<[^<>\n]{0,400}>>")


def read_gsm8k(source, split="test"):
    """Return the problems of a split of GSM8K, a list of Problem in the file's order.

    Parameters
    ----------
    source : path or str
        A JSON-lines file, a folder with `train.jsonl` and `test.jsonl`, or the id of a data set
        on the Hugging Face hub that is laid out as `openai/gsm8k`.
    split : str
        "train" or "test"; a file is one split whatever this says.

    Raises
    ------
    ValueError
        When there is no such split, source or file, or a line is no problem.
    """
    if split not in FILES:
        raise ValueError(f"split = {split!r}: must be one of {', '.join(FILES)}")
    path = Path(source)
    if path.is_dir():
        path = path / FILES[split]
    if path.is_file():
        return [_problem(row, f"{path.name}:{number}") for number, row in _lines(path)]
    if str(source).count("/") != 1 or str(source).startswith((".", "/")):
        raise ValueError(f"gsm8k = {str(source)!r}: must be a file, a folder with "
                         f"{FILES[split]}, or the id of a hub data set")
    return [_problem(row, f"{source}:{number}") for number, row in _from_hub(source, split)]


def _lines(path):
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line) if len(line) <= MAX_LINE else None
            except (ValueError, RecursionError):
                row = None
            yield number, row


def _from_hub(name, split):
    """Yield the rows of a split's Parquet file on the hub."""
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError
    except ImportError:
        raise ValueError(f"gsm8k = {name!r}: needs the package huggingface_hub; install it, or "
                         "give a path") from None
    import pandas

    try:
        file = hf_hub_download(name, HUB_FILES[split], repo_type="dataset")
    except (HfHubHTTPError, HFValidationError, OSError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ValueError(f"gsm8k = {name!r}: cannot be had from the hub: {reason}") from None
    frame = pandas.read_parquet(file)
    yield from enumerate(frame.to_dict("records"), 1)


def _problem(row, place):
    if not (isinstance(row, dict)
            and all(isinstance(row.get(name), str) for name in ("question", "answer"))):
        raise ValueError(f"{place}: must be JSON with the texts question and answer")
    solution = CALCULATOR.sub("", row["answer"]).strip()
    answer = final_answer(solution, strict=True)
    if answer is None:
        raise ValueError(f"{place}: its answer must end with #### and a number")
    return Problem(row["question"].strip(), solution, Number(answer), "gsm8k", "gsm8k")
