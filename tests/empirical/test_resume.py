"""A loop that died, was stopped, or found its files damaged ends in the bits of one that did not.
"""

import dataclasses
import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from crash import dying
from toy import Toy, ToyConfig

from empirical import runs
from empirical.config import changed
from empirical.engine import StopSign
from empirical.loop import Settings, Stopped, run_loop

SMALL = changed(ToyConfig(), {
    "base.steps": 2, "update.steps": 2, "loop.total": 24, "loop.rounds": 2, "n_real": 16,
    "loop.curate": "noisy", "loop.accept_wrong": 0.7,
})
KINDS = [(start, mix) for start in ("warm", "cold", "scratch")
         for mix in ("replace", "accumulate")]


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch):
    """Do not wait for the disk: a process that dies loses nothing that the system has."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


def config(start="warm", mix="accumulate", **changes):
    return changed(SMALL, {"loop.start": start, "loop.mix": mix, **changes})


def settings(root, **changes):
    return Settings(**{"root": root, "checkpoint_seconds": -1.0, **changes})


def ended(root, wanted, **changes):
    """Run to the end; return the bytes of the metrics and of the final weights."""
    record = run_loop(Toy, wanted, 5, settings(root, **changes))
    assert record.finished
    assert not record.verify()
    last = [event for event in record.events if event["event"] == "trained"][-1]
    return ((record.path / "metrics.parquet").read_bytes(),
            (record.path / last["file"]).read_bytes(), record)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return what an uninterrupted run of a config ends in; each is run once."""
    known = {}

    def of(wanted):
        if wanted not in known:
            root = tmp_path_factory.mktemp("whole")
            known[wanted] = ended(root, wanted, checkpoint_seconds=60.0)[:2]
        return known[wanted]

    return of


def die_at(root, wanted, step):
    """Run until a step towards the disk; return whether it died before the end."""
    with dying(step) as reaper:
        run_loop(Toy, wanted, 5, settings(root))
    return reaper.steps >= step


def test_dead_at_any_step_it_goes_on(tmp_path, whole):
    wanted, step = config(), 1
    while die_at(tmp_path / str(step), wanted, step):
        assert ended(tmp_path / str(step), wanted)[:2] == whole(wanted), f"dead at step {step}"
        left = [p.name for p in (tmp_path / str(step)).rglob(".*") if p.name != ".lock"]
        assert left == [], f"dead at step {step}"
        step += STRIDE
    assert step > 60


@pytest.mark.parametrize(("start", "mix"), KINDS)
def test_dead_again_and_again_it_still_goes_on(tmp_path, whole, start, mix):
    wanted, step, deaths = config(start, mix), 5, 0
    while die_at(tmp_path, wanted, step):  # every life is a little longer than the one before
        step, deaths = step + 4, deaths + 1
    assert deaths > 5
    assert ended(tmp_path, wanted)[:2] == whole(wanted)


def test_arms_end_in_different_bits(whole):
    ends = {whole(config(start, mix)) for start, mix in KINDS}
    assert len(ends) == len(KINDS)


def copies(root, place):
    """Return the place that is meant in a copied folder of runs."""
    found = sorted(root.glob(place))
    assert found, place
    return found[-1]


def flip(place):
    data = bytearray(place.read_bytes())
    data[len(data) // 2] ^= 1
    place.write_bytes(data)


def halve(place):
    place.write_bytes(place.read_bytes()[: place.stat().st_size // 2])


def pickled(place):
    import pickle

    place.write_bytes(pickle.dumps({"weights": [0.0] * 100}))


DAMAGES = [flip, halve, Path.unlink, pickled]


@pytest.fixture(scope="module")
def unfinished(tmp_path_factory):
    """Return a folder with a run that was stopped in the training of its last round."""
    root = tmp_path_factory.mktemp("unfinished")
    steps = []

    def report(phase, done, total):
        steps.append(f"{phase} {done}")

    def stop():
        return "time limit" if "round 3: train 3" in steps else ""

    with pytest.raises(Stopped):
        run_loop(Toy, LONG, 5, settings(root, report=report, stop=stop))
    return root


STRIDE = int(os.environ.get("CRASH_STRIDE", "3"))
LONG = config(**{"loop.rounds": 3, "update.steps": 5, "loop.total": 36})


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("place", [
    "toy-????????????/checkpoints/*", "toy-????????????/models/*", "toy-????????????/samples/*",
    "toy-????????????/samples/round-001.safetensors",
    "toy-base-*/models/*", "toy-first-*/samples/*", "toy-first-*/samples/*-00000.safetensors",
])
def test_a_damaged_file_is_named_and_done_without(tmp_path, whole, unfinished, place, damage):
    shutil.copytree(unfinished, tmp_path, dirs_exist_ok=True)
    victim = copies(tmp_path, place)
    damage(victim)
    # The first proposals are asked for again only when what was chosen of them is gone, too.
    if "first" in place:
        flip(copies(tmp_path, "toy-????????????/samples/round-001.safetensors"))
    assert ended(tmp_path, LONG)[:2] == whole(LONG)
    named = [event["what"] for kind in ("toy-????????????", "toy-base-*", "toy-first-*")
             for event in runs.read(copies(tmp_path, kind)).events if event["event"] == "damaged"]
    assert any(str(victim) in what for what in named)


def test_two_damaged_files_at_once(tmp_path, whole, unfinished):
    shutil.copytree(unfinished, tmp_path, dirs_exist_ok=True)
    for place in ("toy-????????????/checkpoints/*", "toy-????????????/models/*",
                  "toy-base-*/models/*"):
        for victim in tmp_path.glob(place):
            flip(victim)
    assert ended(tmp_path, LONG)[:2] == whole(LONG)


@pytest.mark.parametrize("kind", ["toy-????????????", "toy-base-*", "toy-first-*"])
@pytest.mark.parametrize("part", [0.0, 0.5, 1.0], ids=["begin", "middle", "end"])
def test_a_damaged_record_is_named_and_cut_off(tmp_path, whole, unfinished, kind, part):
    shutil.copytree(unfinished, tmp_path, dirs_exist_ok=True)
    place = copies(tmp_path, kind) / "events.jsonl"
    lines = place.read_bytes().splitlines(keepends=True)
    number = int(part * (len(lines) - 1))
    lines[number] = lines[number].replace(b'"event":', b'"Event":')
    place.write_bytes(b"".join(lines))
    if "first" in kind:  # nothing asks for it while what was chosen of it is there
        flip(copies(tmp_path, "toy-????????????/samples/round-001.safetensors"))
    assert ended(tmp_path, LONG)[:2] == whole(LONG)
    events = runs.read(copies(tmp_path, kind)).events
    assert any(f"line {number + 1} does not follow" in event.get("what", "") for event in events)
    assert place.with_name("events.jsonl.damaged").exists()


@pytest.mark.parametrize("cut", [1, 40])
def test_a_torn_record_is_no_damage(tmp_path, whole, unfinished, cut):
    shutil.copytree(unfinished, tmp_path, dirs_exist_ok=True)
    place = copies(tmp_path, "toy-????????????") / "events.jsonl"
    place.write_bytes(place.read_bytes()[:-cut])
    *ends, record = ended(tmp_path, LONG)
    assert tuple(ends) == whole(LONG)
    assert not [event for event in record.events if event["event"] == "damaged"]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("place", ["metrics.parquet", "models/round-002.safetensors"])
def test_a_finished_run_mends_its_table_and_weights(tmp_path, whole, place, damage):
    wanted = config()
    victim = ended(tmp_path, wanted)[2].path / place
    damage(victim)
    assert runs.read(victim.parents[place.count("/")]).verify()
    *ends, record = ended(tmp_path, wanted)
    assert tuple(ends) == whole(wanted)
    assert any(str(victim) in event.get("what", "") for event in record.events)


def test_a_lost_environment_or_table_under_way_changes_nothing(tmp_path, whole, unfinished):
    shutil.copytree(unfinished, tmp_path, dirs_exist_ok=True)
    copies(tmp_path, "toy-????????????/environment.json").unlink()
    flip(copies(tmp_path, "toy-????????????/metrics.parquet"))
    assert ended(tmp_path, LONG)[:2] == whole(LONG)


@pytest.mark.parametrize("kind", ["toy-????????????", "toy-base-*"])
def test_a_changed_config_is_refused_with_what_differs(tmp_path, unfinished, kind):
    shutil.copytree(unfinished, tmp_path, dirs_exist_ok=True)
    place = copies(tmp_path, f"{kind}/config.json")
    text = place.read_text()
    place.write_text(text.replace('"steps": 2', '"steps": 9', 1))
    files = {p: p.read_bytes() for p in tmp_path.rglob("*.safetensors")}
    with pytest.raises(runs.Changed, match=r"config\.base\.steps: 9 -> 2"):
        ended(tmp_path, LONG)
    assert all(p.read_bytes() == data for p, data in files.items())
    for broken in ("", "{", "[]", "3", "null", text[:-30], "[" * 10**5):
        place.write_text(broken)
        with pytest.raises(ValueError, match=r"config\.json") as caught:
            ended(tmp_path, LONG)
        assert "\n" not in str(caught.value)
    place.write_text(text)
    ended(tmp_path, LONG)


def full(monkeypatch, name, allowed):
    """Let the disk be full from the call number `allowed` of an operation on."""
    real, calls = getattr(os, name), []

    def function(*args, **options):
        calls.append(name)
        if len(calls) > allowed:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args, **options)

    monkeypatch.setattr(os, name, function)
    return calls


@pytest.mark.parametrize("name", ["fsync", "replace", "open", "mkdir"])
def test_a_full_disk_leaves_what_can_be_resumed(tmp_path, whole, monkeypatch, name):
    wanted, allowed, errors = config(), 0, []
    while not errors or errors[-1] is not None:
        with monkeypatch.context() as patch:
            full(patch, name, allowed)
            try:
                run_loop(Toy, wanted, 5, settings(tmp_path))
                errors.append(None)
            except OSError as error:
                errors.append(error.errno)
        allowed += 5 if name != "mkdir" else 1
    assert len(errors) > 2
    assert set(errors[:-1]) == {errno.ENOSPC}
    assert ended(tmp_path, wanted)[:2] == whole(wanted)


def test_stopped_at_every_turn_it_goes_on(tmp_path, whole):
    wanted, stops = config(mix="replace"), []
    for allowed in range(1, 10**3):
        asked = []

        def stop(asked=asked, allowed=allowed):
            asked.append(1)
            return "time limit" if len(asked) > allowed else ""

        try:
            run_loop(Toy, wanted, 5, settings(tmp_path, stop=stop, checkpoint_seconds=60.0))
        except Stopped as error:
            stops.append(str(error))
        else:
            break
    assert len(stops) > 2
    assert set(stops) == {"time limit"}
    assert ended(tmp_path, wanted)[:2] == whole(wanted)


def test_a_time_limit_of_nothing_stops_before_any_work(tmp_path):
    with pytest.raises(Stopped, match="time limit"):
        run_loop(Toy, config(), 5, settings(tmp_path, stop=StopSign(0)))
    record = runs.read(copies(tmp_path, "toy-base-*"))
    assert [event["event"] for event in record.events] == ["checkpoint", "stopped"]
    assert record.events[0]["step"] == 0


def test_a_stop_after_the_end_is_no_stop(tmp_path):
    first = ended(tmp_path, config())
    assert ended(tmp_path, config(), stop=StopSign(0))[:2] == first[:2]


def test_checkpoints_at_hand_are_the_last_two_that_are_sound(tmp_path):
    wanted = config(**{"update.steps": 9, "loop.rounds": 1})
    seen = []

    def report(phase, done, total):
        place = next(iter(tmp_path.glob("toy-????????????")), None)
        if "train" in phase and place is not None:
            seen.append(sorted(int(p.stem[-8:]) for p in (place / "checkpoints").iterdir()))

    def stop():
        return "enough" if seen and seen[-1][-1:] == [5] else ""

    with pytest.raises(Stopped):
        run_loop(Toy, wanted, 5, settings(tmp_path, report=report, stop=stop))
    place = copies(tmp_path, "toy-????????????")
    assert sorted(p.stem[-1] for p in (place / "checkpoints").iterdir()) == ["5", "6"]
    flip(place / "checkpoints" / "round-001-step-00000006.safetensors")
    seen.clear()
    ended(tmp_path, wanted, report=report)
    assert [5, 6] in seen  # 6 again, and 5 was not given up for it
    assert all(len(steps) <= 2 for steps in seen)
    assert not list((place / "checkpoints").iterdir())


SCRIPT = """
import sys, time
sys.path.insert(0, {here!r})
from test_resume import LONG, settings
from toy import Toy
from empirical.engine import StopSign
from empirical.loop import run_loop, Stopped
print("ready", flush=True)
class Slow(Toy):
    def loss(self, *args):
        time.sleep(0.02)
        return super().loss(*args)
Slow.__module__ = "toy"
with StopSign() as sign:
    try:
        run_loop(Slow, LONG, 5, settings(sys.argv[1], stop=sign, checkpoint_seconds=60.0))
    except Stopped as stop:
        print(stop)
        sys.exit(75)
"""


def test_a_signal_leaves_a_checkpoint(tmp_path, whole):
    script = SCRIPT.format(here=str(Path(__file__).parent))
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == "ready\n"
        while not list(tmp_path.glob("toy-base-*/events.jsonl")):
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors) == (75, "SIGTERM\n", "")
    assert ended(tmp_path, LONG)[:2] == whole(LONG)


def test_a_second_interrupt_is_not_held_up():
    with StopSign() as sign:
        assert sign() == ""
        os.kill(os.getpid(), signal.SIGINT)
        assert sign() == "SIGINT"
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_other_settings_end_in_the_same_bits(tmp_path, whole):
    wanted = config()
    ends = {ended(tmp_path / str(seconds), wanted, checkpoint_seconds=seconds)[:2]
            for seconds in (-1.0, 0.0005, float("inf"))}
    assert ends == {whole(wanted)}


def test_a_shard_of_another_size_is_refused(tmp_path):
    class Short(Toy):
        def generate(self, model, indices, streams):
            return super().generate(model, indices[1:], streams)

    Short.__module__ = "toy"
    with pytest.raises(ValueError, match="items = 15: toy must generate 16"):
        run_loop(Short, config(), 5, dataclasses.replace(settings(tmp_path)))
