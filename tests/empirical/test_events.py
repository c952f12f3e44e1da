"""The record of a run: whatever is changed in its middle shows, and a torn end is dropped."""

import errno
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from empirical._files import sha256
from empirical.events import EventLog, read_events

ROOT = "0" * 64
ROW = {"split": "test", "metric": "loss", "value": 0.5, "stderr": None, "n": 3}


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    """Return the bytes of a record of six events."""
    path = tmp_path_factory.mktemp("events") / "events.jsonl"
    log = EventLog(path, ROOT)
    for number in range(5):
        log.append("evaluated", round=number, measured=[ROW], text="é \n\r\x0b\x1c", seconds=0.25)
    log.append("finished")
    return path.read_bytes()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("changed") / "events.jsonl"


def read(scratch, data):
    scratch.write_bytes(data)
    return read_events(scratch, ROOT)


def test_a_whole_record_is_read(record, scratch):
    events, sound, problem = read(scratch, record)
    assert (len(events), sound, problem) == (6, len(record), "")
    assert [event["event"] for event in events] == ["evaluated"] * 5 + ["finished"]
    assert EventLog(scratch, ROOT).events == events
    assert read_events(scratch.with_name("none"), ROOT) == ([], 0, "")


@given(data=st.data(), byte=st.integers(0, 255))
def test_any_changed_byte_is_noticed(record, scratch, data, byte):
    place = data.draw(st.integers(0, len(record) - 1))
    if record[place] == byte:
        return
    events, sound, problem = read(scratch, record[:place] + bytes([byte]) + record[place + 1:])
    line = record[:place].count(b"\n")
    assert len(events) == line
    # Only the very last byte of a file may be taken for the end of a line that was cut off.
    assert problem or place == len(record) - 1
    assert record.startswith(record[:sound])


@given(data=st.data(), byte=st.integers(0, 255))
def test_any_byte_put_in_or_left_out_is_noticed(record, scratch, data, byte):
    place = data.draw(st.integers(0, len(record) - 2))
    line = record[:place].count(b"\n")
    for changed in (record[:place] + bytes([byte]) + record[place:],
                    record[:place] + record[place + 1:]):
        if changed == record:
            continue
        events, _, problem = read(scratch, changed)
        assert problem
        assert len(events) == line


@given(st.integers(0, 4), st.integers(0, 5))
def test_lines_left_out_repeated_or_moved_are_noticed(record, scratch, one, other):
    lines = record.splitlines(keepends=True)
    without = lines[:one] + lines[one + 1:]
    repeated = lines[:one + 1] + lines[one:]
    moved = lines.copy()
    moved[one], moved[other] = moved[other], moved[one]
    for changed in (without, repeated, *([moved] if one != other else [])):
        assert read(scratch, b"".join(changed))[2]


@given(st.integers(0, 10**4))
def test_a_torn_last_line_is_dropped_without_a_word(record, scratch, cut):
    kept = record[:max(0, len(record) - 1 - cut % len(record))]
    events, sound, problem = read(scratch, kept)
    assert problem == ""
    assert sound == kept.rfind(b"\n") + 1
    assert len(events) == kept.count(b"\n")
    log = EventLog(scratch, ROOT)
    assert log.repaired == ""
    log.append("again")
    assert len(read_events(scratch, ROOT)[0]) == len(events) + 1


def test_a_record_of_another_run_is_refused(record, scratch):
    scratch.write_bytes(record)
    events, sound, problem = read_events(scratch, "1" * 64)
    assert (events, sound) == ([], 0)
    assert "line 1 does not follow" in problem


def test_damage_is_put_aside_and_the_sound_beginning_used(record, tmp_path):
    lines = record.splitlines(keepends=True)
    path = tmp_path / "events.jsonl"
    damaged = b"".join([*lines[:2], lines[2].replace(b"0.25", b"0.26"), *lines[3:]])
    path.write_bytes(damaged)
    log = EventLog(path, ROOT)
    assert "line 3 does not follow" in log.repaired
    assert path.read_bytes() == b"".join(lines[:2])
    assert path.with_name("events.jsonl.damaged").read_bytes() == damaged
    assert EventLog(path, ROOT).repaired == ""


def forged(*events):
    """Return a record with a sound chain, as a stranger can make it."""
    lines, previous = [], ROOT
    for event in events:
        body = {"previous": previous, **event}
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        previous = sha256(text.encode())
        sealed = json.dumps(body | {"hash": previous}, sort_keys=True, separators=(",", ":"))
        lines.append(sealed.encode() + b"\n")
    return b"".join(lines)


GOOD = {"event": "evaluated", "time": "now", "round": 0, "measured": [ROW]}


@pytest.mark.parametrize("event", [
    {}, {"event": "x"}, {"event": 3, "time": "now"}, GOOD | {"round": "0"},
    GOOD | {"measured": 3}, GOOD | {"measured": [3]}, GOOD | {"measured": [{}]},
    GOOD | {"measured": [ROW | {"value": "x"}]}, GOOD | {"measured": [ROW | {"value": [1]}]},
    GOOD | {"measured": [ROW | {"n": None}]}, GOOD | {"measured": [ROW | {"more": 1}]},
    {"event": "evaluated", "time": "now", "measured": [ROW]},
    {"event": "trained", "time": "now", "file": 3, "sha256": "0"},
    {"event": "trained", "time": "now", "file": "x"}, GOOD | {"seconds": "many"},
    {"event": "dropped", "time": "now", "files": "x"},
    {"event": "dropped", "time": "now", "files": [1]},
], ids=str)
def test_events_of_other_kinds_than_ours_are_refused(scratch, event):
    assert read(scratch, forged(GOOD))[2] == ""
    events, _, problem = read(scratch, forged(GOOD, event))
    assert len(events) == 1
    assert "line 2 is not an event of a run" in problem


@pytest.mark.parametrize("line", [
    b"\n", b"[]\n", b"3\n", b"null\n", b"{\n", b"\xff\xfe\n", b"\x80\x04K\x01.\n",
    b"[" * 100_000 + b"\n", b'{"a":' * 100_000 + b"\n", b'{"hash":1,"x":NaN}\n',
    b'{"x":Infinity}\n', b'{"x":' + b"9" * 5000 + b"}\n",
], ids=lambda line: repr(line[:20]))
def test_lines_that_are_no_events_are_one_problem(scratch, line):
    events, sound, problem = read(scratch, line)
    assert (events, sound) == ([], 0)
    assert "line 1" in problem
    assert "\n" not in problem


def test_an_append_that_fails_leaves_no_half_line(tmp_path, monkeypatch):
    path = tmp_path / "events.jsonl"
    log = EventLog(path, ROOT)
    log.append("one")
    before = path.read_bytes()

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            log.append("two")
    assert path.read_bytes() == before
    log.append("three")
    assert [event["event"] for event in read_events(path, ROOT)[0]] == ["one", "three"]
