"""Every result that lies beside the code holds together, and damage to one would be seen."""

import csv
import gzip
import io
import json
import shutil

import pytest

from empirical import events, recorded, runs
from empirical.config import digest
from empirical.export import read_metrics

RESULTS = recorded.listed()
EIGEN = recorded.FOLDER / "eigen" / "desk"


@pytest.mark.parametrize("found", RESULTS, ids=lambda found: "-".join(found.path.parts[-2:]))
class TestEachRecordedResult:
    def test_holds_together(self, found):
        assert recorded.problems(found) == []

    def test_predictions_follow_from_metrics(self, found):
        again = list(csv.DictReader(io.StringIO(recorded.predicted(found).decode())))
        hint = f"python -m empirical.recorded makes {found.path}/predictions.csv anew"
        assert len(again) == len(found.predictions), hint
        for new, old in zip(again, found.predictions):
            for column, text in new.items():
                if column in ("mean", "low", "high") and text and old[column]:
                    expected = pytest.approx(float(text), rel=1e-6, abs=1e-9)
                    assert float(old[column]) == expected, hint
                else:
                    assert old[column] == text, hint


def test_there_are_results():
    assert RESULTS
    assert all(found.seconds > 0 and found.seeds > 0 for found in RESULTS)


# -- damage --------------------------------------------------------------------------------------
def identity_of(run):
    return runs.identity(run["task"], "run", run["seed"], run["config"], run["code"],
                         run["arithmetic"])


def plain(value):
    return None if value != value else value


def chain_of(run, metrics, folder):
    """Return events that measured what metrics.csv holds of a run, written by the real log."""
    mine = metrics[metrics.run == run["run"]]
    log = events.EventLog(folder / f"{run['run']}.jsonl", digest(identity_of(run)))
    for number, rows in mine.groupby("round"):
        measured = [
            {"split": r.split, "metric": r.metric, "value": plain(r.value),
             "stderr": plain(r.stderr), "n": r.n}
            for r in rows.itertuples()
        ]
        log.append("evaluated", round=int(number), measured=measured, seconds=0.25)
    log.append("finished", seconds=run["seconds"] - 0.25 * mine["round"].nunique())
    return log.events


@pytest.fixture
def copy(tmp_path):
    """Return a folder with a copy of two runs of a result, with the chains of their events."""
    folder = tmp_path / "desk"
    shutil.copytree(EIGEN, folder)
    (folder / "stale.txt").unlink(missing_ok=True)
    edit(folder, "runs.json", lambda rows: [r for r in rows if r["seed"] == 0][:2])
    rows = json.loads((folder / "runs.json").read_text())
    kept = [row["run"] for row in rows]
    metrics = read_metrics(folder)
    metrics = metrics[metrics.run.isin(kept)]
    metrics = metrics.sort_values(["arm", "run", "round", "split", "metric"], kind="stable")
    metrics.to_csv(folder / "metrics.csv", index=False, lineterminator="\n")
    (tmp_path / "log").mkdir()
    lines = []
    for row in rows:
        chain = chain_of(row, metrics, tmp_path / "log")
        row["last_hash"] = chain[-1]["hash"]
        lines += [json.dumps({"run": row["run"], "event": event}) for event in chain]
    (folder / "events.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    edit(folder, "runs.json", lambda _: rows)
    name = f"eigen-desk-{digest({'runs': sorted(kept)})[:8]}"
    edit(folder, "comparison.json", lambda about: about | {"name": name})
    return folder


def edit(folder, name, change):
    path = folder / name
    path.write_text(json.dumps(change(json.loads(path.read_text()))))


def first(**changes):
    return lambda rows: [rows[0] | changes, *rows[1:]]


def replaced(folder, name, old, new):
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))


def problem(folder):
    (line, *_) = recorded.problems(recorded.read(folder))
    return line


def test_a_sound_copy_has_no_problems(copy):
    found = recorded.read(copy)
    # The code may be newer than a result that is marked so.
    assert [line for line in recorded.problems(found) if "the code of" not in line] == []


@pytest.mark.parametrize(("change", "says"), [
    (first(seed=7), "seed was changed"),
    (first(code="0" * 64), "code or seed was changed"),
    (first(finished=False), "did not finish"),
    (first(seconds=1e7), "s of work in"),
    (first(last_hash="0" * 64), "end otherwise than runs.json says"),
    (lambda rows: [rows[0] | {"config": rows[0]["config"] | {"size": 3}}, *rows[1:]], "changed"),
    (lambda rows: [rows[0] | {"config": rows[0]["config"] | {"sise": 3}}, *rows[1:]],
     "config is none of the task's"),
    (lambda rows: rows[1:], "is not in both"),
])
def test_a_changed_run_is_seen(copy, change, says):
    edit(copy, "runs.json", change)
    assert says in problem(copy)


def test_a_changed_number_is_seen(copy):
    line = (copy / "metrics.csv").read_text().splitlines()[1]
    cells = line.split(",")
    replaced(copy, "metrics.csv", line, ",".join([*cells[:6], "0.99", *cells[7:]]))
    assert "is not what its events measured" in problem(copy)


def test_a_changed_event_is_seen(copy):
    path = copy / "events.jsonl.gz"
    text = gzip.decompress(path.read_bytes()).replace(b'"seconds": 0.25', b'"seconds": 0.26', 1)
    path.write_bytes(gzip.compress(text))
    assert "does not follow from those before it" in problem(copy)


def test_something_measured_twice_is_seen(copy):
    path = copy / "metrics.csv"
    path.write_text(path.read_text() + path.read_text().splitlines()[1] + "\n")
    assert "measured twice" in problem(copy)


def test_another_name_is_seen(copy):
    edit(copy, "comparison.json", lambda about: about | {"name": "eigen-desk-00000000"})
    assert "is not that of its runs" in problem(copy)


def test_code_and_mark_must_agree(copy, monkeypatch):
    monkeypatch.setattr(recorded, "code_hash", lambda _: "another")
    assert "has changed since" in problem(copy)
    (copy / "stale.txt").write_text("Learning rates were\nread otherwise.\n")
    assert recorded.problems(recorded.read(copy)) == []
    assert recorded.read(copy).stale == "Learning rates were read otherwise."
    code = json.loads((copy / "runs.json").read_text())[0]["code"]
    monkeypatch.setattr(recorded, "code_hash", lambda _: code)
    assert "but the code is the one that ran" in problem(copy)


@pytest.mark.parametrize("name", ["comparison.json", "runs.json", "predictions.csv"])
def test_something_else_is_refused(copy, name):
    (copy / name).unlink()
    with pytest.raises(ValueError, match="is not what loopcert runs export writes"):
        recorded.read(copy)


def test_predictions_are_made_anew(copy):
    (copy / "predictions.csv").write_text("claim,quantity\n")
    found = recorded.read(copy)
    assert recorded.refresh(found)
    assert not recorded.refresh(found)
    assert recorded.read(copy).predictions
