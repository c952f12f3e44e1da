"""Perturb every numeric constant and operator of `theory/`, one at a time: who notices?

    python benchmarks/mutate_theory.py --out docs/perturbations.csv
    python benchmarks/mutate_theory.py --files _reward.py _steady.py --every 3

A number is made 2% larger (a whole number: 1 larger), an operator is exchanged for another, an
inequality turned round. First all tests of theory (with `--claims` also all claims, which takes
longer) are run once, to learn which of them enter which function and how long they take. Then,
for each perturbation, those that enter the perturbed function are run in a forked process, the
quickest first, until one fails. What none of them notices is a survivor.

Perturbed are the code objects in memory, so that every module sees the change; no file is touched.
"""

import argparse
import ast
import copy
import csv
import gc
import os
import select
import signal
import sys
import time
import types
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
THEORY = ROOT / "theory"
SUITE = ("tests/theory", "theory", "tests/test_headlines.py")
CLAIMS = "tests/loopcert/test_claims.py"
PATIENCE = 90.0  # seconds of one perturbation; one that hangs is noticed
TARRIES = 5.0, 8.0  # seconds, and times its own duration, after which a test hangs
MOST = 25.0  # seconds of tests that a perturbation meets, by their unperturbed durations

BINARY = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
          ast.Pow: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.BitAnd: ast.BitOr,
          ast.BitOr: ast.BitAnd, ast.MatMult: ast.Mult}
COMPARED = {ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq,
            ast.NotEq: ast.Eq}


@dataclass(frozen=True)
class Perturbation:
    """One place of one function."""

    file: Path
    function: tuple  # (name, first line) of its code object
    line: int
    what: str
    place: int  # among the places of the file

    def __str__(self):
        return f"{self.file.name}:{self.line} {self.function[0]}: {self.what}"


class Places(ast.NodeTransformer):
    """Counts the places of a module, and changes the one whose number is `wanted`."""

    def __init__(self, wanted=None):
        self.wanted, self.found, self.function = wanted, [], []

    def visit_FunctionDef(self, node):
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        self.function.append((node.name, first))
        body = node.body[1:] if ast.get_docstring(node) is not None else node.body
        node.args = self.visit(node.args)
        node.body = node.body[: len(node.body) - len(body)] + [self.visit(n) for n in body]
        self.function.pop()
        return node

    def visit_Lambda(self, node):
        self.function.append(("<lambda>", node.lineno))
        self.generic_visit(node)
        self.function.pop()
        return node

    def visit_JoinedStr(self, node):
        return node  # a message

    def visit_Raise(self, node):
        return node

    def _place(self, node, what, build):
        if not self.function:  # a constant of the module: its users hold their own reference
            return node
        number = len(self.found)
        self.found.append((self.function[-1], node.lineno, what))
        return build() if number == self.wanted else node

    def visit_Constant(self, node):
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            return node
        wrong = value + 1 if isinstance(value, int) else (value * 1.02 or 0.02)
        return self._place(
            node, f"{value!r} -> {wrong!r}",
            lambda: ast.copy_location(ast.Constant(wrong), node),
        )

    def visit_BinOp(self, node):
        self.generic_visit(node)
        other = BINARY.get(type(node.op))
        if other is None:
            return node
        what = f"{type(node.op).__name__} -> {other.__name__}"
        return self._place(node, what, lambda: ast.copy_location(
            ast.BinOp(node.left, other(), node.right), node))

    def visit_Compare(self, node):
        self.generic_visit(node)
        other = COMPARED.get(type(node.ops[0]))
        if other is None:
            return node
        what = f"{type(node.ops[0]).__name__} -> {other.__name__}"
        return self._place(node, what, lambda: ast.copy_location(
            ast.Compare(node.left, [other(), *node.ops[1:]], node.comparators), node))

    def visit_UnaryOp(self, node):
        if isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
            self.generic_visit(node)
            return self._place(node, "minus dropped", lambda: node.operand)
        self.generic_visit(node)
        return node


def perturbations(files):
    """Return every :class:`Perturbation` of the files."""
    found = []
    for file in files:
        places = Places()
        places.visit(ast.parse(file.read_text()))
        found += [Perturbation(file, *place, number) for number, place in enumerate(places.found)]
    return found


def codes(file, place):
    """Return a module's code objects and functions' defaults by (name, first line), one place
    changed."""
    tree = Places(place).visit(copy.deepcopy(ast.parse(file.read_text())))
    tree = ast.fix_missing_locations(tree)
    defaults = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            defaults[node.name, first] = _defaults(node.args)
    found, stack = {}, [compile(tree, str(file), "exec")]
    while stack:
        code = stack.pop()
        found.setdefault((code.co_name, code.co_firstlineno), []).append(code)
        stack += [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return found, defaults


def _defaults(arguments):
    """Return the default values of a function as Python keeps them; None if one is no literal."""
    named = [(a.arg, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults) if d]
    try:
        return (tuple(map(ast.literal_eval, arguments.defaults)) or None,
                {name: ast.literal_eval(d) for name, d in named} or None)
    except ValueError:
        return None


def functions():
    """Return the functions of theory in memory, wherever they are held, by file."""
    found = defaultdict(list)
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType):
            found[thing.__code__.co_filename].append(thing)
    return found


def perturb(perturbation, held):
    """Change the function in this process, where it is `held`; return in how many places."""
    wrong, defaults = codes(perturbation.file, perturbation.place)
    changed = 0
    for function in held:
        code = function.__code__
        values = defaults.get((code.co_name, code.co_firstlineno))
        if values and (function.__defaults__, function.__kwdefaults__) != values:
            function.__defaults__, function.__kwdefaults__ = values
            changed += 1
        for new in wrong.get((code.co_name, code.co_firstlineno), ()):
            if new.co_freevars == code.co_freevars and new != code:
                function.__code__ = new
                changed += 1
    return changed


class Sweep:
    """A pytest plugin that runs the tests once, and then again for every perturbation."""

    def __init__(self, todo, jobs, report):
        self.todo, self.jobs, self.report = todo, jobs, report
        self.entered, self.seconds = defaultdict(list), {}
        self.results, self.held = [], {}

    def pytest_runtestloop(self, session):
        items = [item for item in session.items if not item.get_closest_marker("slow")]
        self._learn(items)
        self._sweep()
        return True

    def _learn(self, items):
        """Learn which functions each test enters, and how long it takes."""
        inside = str(THEORY)
        for number, item in enumerate(items):
            seen, start = set(), time.perf_counter()

            def profile(frame, event, argument, seen=seen):
                code = frame.f_code
                if event == "call" and code.co_filename.startswith(inside):
                    seen.add((code.co_filename, code.co_name, code.co_firstlineno))

            sys.setprofile(profile)
            try:
                failed = self._fails(item)
            finally:
                sys.setprofile(None)
            self.seconds[item] = time.perf_counter() - start
            if failed:
                sys.exit(f"{item.nodeid} fails without any perturbation")
            for key in seen:
                self.entered[key].append(item)
            if number % 200 == 0:
                self.report(f"learning: {number} of {len(items)} tests")

    def _fails(self, item):
        """Run a test; return whether it failed."""
        reports = []
        item.config.pluginmanager.register(Listener(reports), "listener")
        try:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        finally:
            item.config.pluginmanager.unregister(name="listener")
        return any(r.failed for r in reports)

    def _sweep(self):
        self.held = functions()
        gc.freeze()
        waiting, running = list(reversed(self.todo)), {}
        while waiting or running:
            while waiting and len(running) < self.jobs:
                perturbation = waiting.pop()
                reader, child = self._begin(perturbation)
                running[reader] = (child, perturbation, time.monotonic())
            ready, _, _ = select.select(list(running), [], [], 0.5)
            now = time.monotonic()
            for reader in [r for r in running if r in ready or now - running[r][2] > PATIENCE]:
                child, perturbation, begin = running.pop(reader)
                if reader not in ready:
                    os.kill(child, signal.SIGKILL)
                said = os.read(reader, 4096).decode() if reader in ready else "hung"
                os.close(reader)
                os.waitpid(child, 0)
                self.results.append((perturbation, said or "hung or crashed", now - begin))
                self.report(f"{len(self.results)} of {len(self.todo)}: {said[:60]} {perturbation}")

    def _begin(self, perturbation):
        reader, writer = os.pipe()
        child = os.fork()
        if child:
            os.close(writer)
            return reader, child
        os.close(reader)
        try:
            said = self._meet(perturbation)
        except BaseException as error:
            said = f"crashed {type(error).__name__}"
        os.write(writer, said.encode()[:4000])
        os._exit(0)

    def _meet(self, perturbation):
        """Return the test that notices, or "survived"."""
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        key = (str(perturbation.file), *perturbation.function)
        tests = sorted(self.entered.get(key, ()), key=self.seconds.get)
        if not perturb(perturbation, self.held[str(perturbation.file)]):
            return "survived: the compiler sees no difference"
        if not tests:
            return "survived: no test enters the function"
        spent = 0.0
        for item in tests:
            signal.setitimer(signal.ITIMER_REAL, TARRIES[0] + TARRIES[1] * self.seconds[item])
            if self._fails(item):  # or the timer ends this process
                return f"noticed by {item.nodeid}"
            spent += self.seconds[item]
            if spent > MOST:
                break
        return f"survived: {len(tests)} tests"


class Listener:
    """Hears the reports of the tests."""

    def __init__(self, reports):
        self.reports = reports

    def pytest_runtest_logreport(self, report):
        self.reports.append(report)


def table(results):
    """Return rows (file, perturbations, noticed, share) and the total."""
    total, noticed = Counter(), Counter()
    for perturbation, said, _ in results:
        total[perturbation.file.name] += 1
        noticed[perturbation.file.name] += not said.startswith("survived")
    rows = [(name, total[name], noticed[name], noticed[name] / total[name])
            for name in sorted(total)]
    everything = sum(total.values())
    return [*rows, ("all", everything, sum(noticed.values()),
                    sum(noticed.values()) / max(1, everything))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", nargs="*", help="of theory/ (default: all)")
    parser.add_argument("--every", type=int, default=1, help="only every n-th place")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--out", type=Path, help="CSV of every perturbation and its fate")
    parser.add_argument("--claims", action="store_true", help="let the ledger's claims notice too")
    parser.add_argument("--count", action="store_true", help="count the places and stop")
    given = parser.parse_args()
    files = [THEORY / name for name in given.files] if given.files else sorted(THEORY.glob("*.py"))
    todo = perturbations(files)[:: given.every]
    if given.count:
        print(len(todo), "places")
        return
    os.chdir(ROOT)
    terminal = os.dup(1)
    sweep = Sweep(todo, given.jobs, lambda line: os.write(terminal, f"{line}\n".encode()))
    quiet = ["-p", "no:xdist", "-o", "timeout=0", "-p", "no:cacheprovider", "-p", "no:terminal"]
    suite = (*SUITE, CLAIMS) if given.claims else SUITE
    pytest.main([*quiet, *suite], plugins=[sweep])
    for name, total, noticed, share in table(sweep.results):
        os.write(terminal, f"{name:<28} {noticed:>5} of {total:>5}  {share:7.2%}\n".encode())
    if given.out:
        with given.out.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("file", "line", "function", "change", "fate"))
            for p, said, _ in sorted(sweep.results, key=lambda r: (r[0].file, r[0].place)):
                writer.writerow((p.file.name, p.line, p.function[0], p.what, said))


if __name__ == "__main__":
    main()
