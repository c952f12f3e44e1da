"""Kill a task's runs at random moments until they are done; compare with one that was let alone.

    python benchmarks/kill_loop.py eigen --preset smoke --kills 30
    python benchmarks/kill_loop.py toy:Toy --path tests/empirical --kills 200 --set loop.rounds=2

Every life of the victim is a fork that is sent SIGKILL after a random delay, uniform up to the
time that the undisturbed run took (or `--longest` seconds), so that deaths fall everywhere: in
training, in generation, in writes, in opening what the last life left. When a victim finishes
before its kills are used up, another begins anew. Whatever is compared is compared by bytes: the
metrics and the weights of every run directory, base models included. Prints one line a victim;
exit status 1 when some byte differs.
"""

import argparse
import importlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

# Once in the parent, so that no life is spent on importing.
IMPORTS = ("torch", "pandas", "pyarrow.parquet", "scipy.stats", "scipy.special", "numba",
           "safetensors.numpy", "empirical.launch", "empirical.comparison", "empirical.predict",
           "empirical.engine", "empirical.curate", "theory.budget", "theory.one_law")


def parse(words):
    """Return the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", help="name of a task, or module:Class")
    parser.add_argument("--preset", default="smoke")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE")
    parser.add_argument("--arms", nargs="*", metavar="NAME")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--checkpoint-seconds", type=float, default=0.2)
    parser.add_argument("--longest", type=float, help="seconds of a life")
    parser.add_argument("--random", type=int, default=0, help="seed of the moments")
    parser.add_argument("--path", default=".", help="folder of a task of your own")
    parser.add_argument("--folder", help="where runs live meanwhile (default: a temporary one)")
    return parser.parse_args(words)


def live(options, root):
    """Run the comparison in a fork of this process; return its id."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    try:
        from empirical import run

        changes = dict(pair.split("=", 1) for pair in options.set)
        result = run(options.task, options.preset, seeds=options.seeds, arms=options.arms,
                     device="cpu", runs_dir=root, **changes,
                     checkpoint_seconds=options.checkpoint_seconds)
        for problem in result.problems:
            print(problem, flush=True)
        status = 1 if result.problems or result.stopped else 0
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        status = 2
    finally:
        os._exit(status)


def ended(root):
    """Return what a folder of runs came to: bytes of metrics, and of each directory's weights."""
    from empirical import runs

    found = {}
    for record in runs.listed(root):
        for problem in record.verify():
            found[record.name, "problem", problem] = b""
        table = record.path / "metrics.parquet"
        if table.exists():
            found[record.name, table.name] = table.read_bytes()
        for event in record.events:
            place = record.path / event.get("file", "")
            if event["event"] == "trained" and place.exists():
                found[record.name, event["file"]] = place.read_bytes()
    return found


def undisturbed(options, root):
    """Return what a run that is let alone comes to, and the seconds that it takes."""
    began = time.monotonic()
    _, status = os.waitpid(live(options, root), 0)
    if status:
        raise SystemExit("the undisturbed run failed")
    return ended(root), time.monotonic() - began


def haunted(options, root, left, longest, moments):
    """Run and kill until a life ends by itself; return the kills used, and its exit status."""
    used = 0
    while True:
        child = live(options, root)
        if used < left:
            time.sleep(moments.uniform(0.0, longest))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            return used, os.waitstatus_to_exitcode(status)
        used += 1


def differences(expected, found):
    """Return one line for everything that is not the same."""
    lines = [" ".join(key) for key in found if key[1] == "problem"]
    for key in sorted(expected.keys() | found.keys()):
        if key[1] != "problem" and expected.get(key) != found.get(key):
            lines.append(f"{key[0]}/{key[1]}: differs")
    return lines


def main(words=None):
    """Run the experiment; return the exit status."""
    options = parse(words)
    sys.path.insert(0, os.path.abspath(options.path))
    from empirical.task import find

    for module in IMPORTS:
        importlib.import_module(module)
    find(options.task)
    folder = Path(options.folder or tempfile.mkdtemp(prefix="kill-loop-"))
    moments, victims, kills, failed = random.Random(options.random), 0, 0, 0
    expected, seconds = undisturbed(options, folder / "alone")
    print(f"undisturbed: {seconds:.1f} s, {len(expected)} files to compare", flush=True)
    while kills < options.kills:
        root = folder / f"victim-{victims:03d}"
        longest = options.longest or seconds
        used, status = haunted(options, root, options.kills - kills, longest, moments)
        wrong = differences(expected, ended(root)) if status == 0 else [f"exit status {status}"]
        victims, kills, failed = victims + 1, kills + used, failed + bool(wrong)
        print(f"victim {victims}: {used} kills, {'; '.join(wrong) or 'same bits'}", flush=True)
        if not wrong:
            shutil.rmtree(root)
    print(f"{kills} kills, {victims} victims, {failed} that ended otherwise")
    if not failed and not options.folder:
        shutil.rmtree(folder)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
