"""The ledger: all claims examined, and the verdicts that follow over the graph of their uses.

A verdict is computed, never typed:

=====================  ==========================================================================
proved                 a machine proof covers the whole statement, and all that it uses is proved
proved modulo {...}    the same, resting on the named standard theorems
supported              simulation, enclosure or instances only
refuted                false as printed, by an exact counterexample
refuted under reading  the same, for one reading of a source that is lost or ambiguous
witnessed              a definition or assumption with a point that meets it and one that does not
open                   none of these
=====================  ==========================================================================
"""

import graphlib
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import forkserver, get_all_start_methods, get_context

from loopcert.claim import Simulation
from loopcert.examine import Examination, examine
from loopcert.shown import statement_lines
from loopcert.statements import all_claims

__all__ = ["ERROR_BUDGET", "Ledger", "Row", "Verdict", "check", "claims", "start_workers"]

ERROR_BUDGET = 1e-6  # false alarm of all random evidence of one check together


@dataclass(frozen=True)
class Verdict:
    """A word, the standard theorems that it rests on, and the reading that it is about."""

    word: str
    modulo: tuple = ()
    reading: str = ""

    @property
    def bucket(self):
        """The word that it is counted and coloured under: the standard theorems are left out."""
        return self.word + (" modulo" if self.modulo else "")

    def __str__(self):
        if self.modulo:
            return f"{self.word} modulo {{{', '.join(self.modulo)}}}"
        return f"{self.word} under reading: {self.reading}" if self.reading else self.word


@dataclass(frozen=True)
class Row:
    """One claim in the ledger: its verdict, the results behind it, and what is wrong, if any.

    killed, survived : mutants rejected, and mutants of the goal that were not.
    unneeded : hypotheses without which no counterexample was found (a finding).
    problems : why this row does not hold; empty when it does.
    """

    claim: object
    verdict: Verdict
    examination: Examination
    problems: tuple

    @property
    def id(self):
        """The claim's id."""
        return self.claim.id

    @property
    def evidence(self):
        """The results of the claim's evidence, bindings and spot checks."""
        return self.examination.results

    @property
    def killed(self):
        """How many mutants were rejected."""
        return len(self.examination.mutants.get("killed", ()))

    @property
    def survived(self):
        """The mutants of the goal that were not rejected."""
        return tuple(self.examination.mutants.get("survived", ()))

    @property
    def seconds(self):
        """Processor time of the examination."""
        return self.examination.seconds

    @property
    def holds(self):
        """Whether all evidence shows what it should and no mutant passes."""
        return not self.problems

    def to_json(self):
        """Return plain data for JSON: all that the report shows of the claim."""
        claim = self.claim
        return {
            "id": self.id,
            "title": claim.title,
            "kind": claim.kind,
            "source": claim.source,
            "theorem_like": claim.theorem_like,
            "statement": [list(line) for line in statement_lines(claim.statement)],
            "note": claim.note,
            "loose": claim.loose,
            "binds": [binding.function for binding in claim.binds],
            "verdict": str(self.verdict),
            "word": self.verdict.bucket,
            "reading": self.verdict.reading,
            "holds": self.holds,
            "problems": list(self.problems),
            "uses": list(claim.uses),
            "corrects": list(claim.corrects),
            "evidence": [asdict(r) for r in self.evidence],
            "mutants": {k: list(v) for k, v in self.examination.mutants.items()},
            "unneeded_hypotheses": list(self.examination.unneeded),
            "seconds": round(self.seconds, 4),
        }


@dataclass(frozen=True)
class Ledger:
    """The rows of a check, with what it was run under."""

    rows: tuple
    effort: str
    seed: int
    seconds: float

    @property
    def ok(self):
        """Whether every verdict follows from its evidence."""
        return bool(self.rows) and all(row.holds for row in self.rows)

    @property
    def counts(self):
        """How many theorem-like claims have each verdict; definitions are counted apart."""
        tally = {}
        for row in self.rows:
            word = row.verdict.bucket
            word = word if row.claim.theorem_like else f"{row.claim.kind}: {word}"
            tally[word] = tally.get(word, 0) + 1
        return tally

    @property
    def error(self):
        """The false-alarm probability of all random evidence together."""
        return sum(r.error for row in self.rows for r in row.evidence)

    def to_json(self):
        """Return plain data for JSON."""
        return {
            "ok": self.ok,
            "effort": self.effort,
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
            "error": self.error,
            "counts": self.counts,
            "rows": [row.to_json() for row in self.rows],
        }


def claims():
    """Return all claims of the ledger, in the order of the papers."""
    return all_claims()


def check(ids=None, effort="quick", seed=0, *, jobs=1, progress=None, own=()):
    """Examine claims and return the `Ledger`.

    Parameters
    ----------
    ids : iterable of str, optional
        The claims wanted (default: all); what they use is examined as well.
    effort : {"quick", "full"}
        How many points, mutants and replicates.
    seed : int
        All random evidence draws from it; the verdicts must not depend on it.
    jobs : int, optional
        Worker processes; 1 runs in this process.  In a script, more than one needs the usual
        ``if __name__ == "__main__"`` around the call.
    progress : callable, optional
        Called with (finished, total, id) after each claim.
    own : iterable of Claim, optional
        Claims of your own besides the ledger's, which they may use; without `ids`, these are the
        ones wanted. They are examined in this process.

    Raises
    ------
    ValueError
        On an unknown id or effort, or an id of your own that is taken.
    """
    start = time.perf_counter()
    if effort not in ("quick", "full"):
        raise ValueError(f"effort = {effort!r}: must be 'quick' or 'full'")
    own = tuple(own)
    everything = _joined(claims() if ids is not None or _leans(own) else (), own)
    if own:
        ids, jobs = [claim.id for claim in own] if ids is None else ids, 1
    wanted = _closure(everything, everything if ids is None else ids)
    error = ERROR_BUDGET / max(_comparisons(everything.values()), 1)
    found = dict(_examined(wanted, everything, effort, seed, error, jobs, progress))
    rows = _rows([everything[i] for i in everything if i in wanted], found)
    return Ledger(tuple(rows), effort, seed, time.perf_counter() - start)


def _leans(own):
    """Whether the ledger's claims are needed: there are none of one's own, or these use some."""
    names = {claim.id for claim in own}
    return not own or any({*claim.uses, *claim.corrects} - names for claim in own)


def _joined(theirs, own):
    everything = {claim.id: claim for claim in theirs}
    for claim in own:
        if claim.id in everything:
            raise ValueError(f"claim {claim.id}: is there already; give yours another id")
        everything[claim.id] = claim
    return everything


def _comparisons(claims_):
    return sum(
        len(e.predicted) for c in claims_ for e in c.evidence if isinstance(e, Simulation)
    )


def _closure(everything, ids):
    ids = [ids] if isinstance(ids, str) else list(ids)
    unknown = [i for i in ids if i not in everything]
    if unknown:
        raise ValueError(f"unknown claim: {', '.join(unknown)}")
    wanted, stack = set(), ids
    while stack:
        name = stack.pop()
        if name not in wanted:
            wanted.add(name)
            stack += [u for u in (*everything[name].uses, *everything[name].corrects)]
    return wanted


# -- workers -------------------------------------------------------------------------------------
def _examined(wanted, everything, effort, seed, error, jobs, progress):
    # Longest first, by the number of pieces: the pool ends evenly.
    order = sorted(wanted, key=lambda i: -_weight(everything[i]))
    jobs = min(jobs, len(order))
    if jobs <= 1:
        results = (_examine(everything, i, effort, seed, error) for i in order)
        yield from _reported(results, len(order), progress)
        return
    with ProcessPoolExecutor(jobs, mp_context=start_workers()) as pool:
        futures = [pool.submit(_examine_by_id, i, effort, seed, error) for i in order]
        try:
            yield from _reported((f.result() for f in as_completed(futures)), len(order), progress)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def start_workers():
    """Begin to build the claims in a process that workers are forked from; return its context.

    Called early, it lets that process and this one work side by side.
    """
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(["loopcert.statements.loaded"])
    forkserver.ensure_running()
    return context


def _weight(claim):
    simulations = sum(isinstance(e, Simulation) for e in claim.evidence)
    return 10 * simulations + len(claim.evidence) + len(claim.binds)


def _examine_by_id(name, effort, seed, error):
    return _examine({claim.id: claim for claim in claims()}, name, effort, seed, error)


def _examine(everything, name, effort, seed, error):
    claim = everything[name]
    library = {u: everything[u].statement for u in claim.uses if u in everything}
    return name, examine(claim, library, effort=effort, seed=seed, error=error)


def _reported(results, total, progress):
    for done, (name, examination) in enumerate(results, 1):
        if progress:
            progress(done, total, name)
        yield name, examination


# -- verdicts ------------------------------------------------------------------------------------
def _rows(wanted, found):
    by_id = {claim.id: claim for claim in wanted}
    verdicts, problems = {}, {claim.id: [] for claim in wanted}
    for name in _order(by_id):
        claim = by_id[name]
        verdicts[name] = _verdict(claim, found[name], verdicts)
        problems[name] += _problems(claim, found[name], verdicts)
    return [
        Row(claim, verdicts[claim.id], found[claim.id], tuple(problems[claim.id]))
        for claim in wanted
    ]


def _order(by_id):
    graph = {name: [u for u in claim.uses if u in by_id] for name, claim in by_id.items()}
    try:
        return list(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as cycle:
        circle = " -> ".join(cycle.args[1])
        raise ValueError(f"claims use each other in a circle: {circle}") from None


def _verdict(claim, examination, verdicts):
    """The verdict of one claim from its own results and the verdicts of what it uses."""
    results = examination.results
    held = {r.kind: r for r in results if r.holds}
    consistent = not examination.accepted and all(
        r.holds for r in results if r.kind in ("binding", "points", "recheck")
    )
    if "refutation" in held:
        return Verdict("refuted", reading=held["refutation"].reading)
    if not claim.theorem_like and claim.kind != "conjecture":
        good = all(r.holds for r in results) and "witness" in held
        return Verdict("witnessed" if good else "open")
    used = [verdicts[u] for u in claim.uses if u in verdicts]
    if "proof" in held and consistent and all(u.word in ("proved", "witnessed") for u in used):
        axioms = [*held["proof"].axioms, *(a for u in used for a in u.modulo)]
        return Verdict("proved", tuple(dict.fromkeys(axioms)))
    support = {"proof", "simulation", "enclosure", "instances"} & set(held)
    return Verdict("supported" if support and consistent else "open")


def _problems(claim, examination, verdicts):
    problems = [f"{r.kind} ({r.engine}): {r.detail}" for r in examination.results if not r.holds]
    problems += [f"its proof accepts a false mutant: {change}" for change in examination.accepted]
    survived = examination.mutants.get("survived")
    if survived and not claim.loose:
        problems.append(f"surviving mutants: {'; '.join(survived)}")
    for used in claim.uses:
        if verdicts.get(used, Verdict("open")).word in ("open", "refuted"):
            problems.append(f"uses {used}, which is {verdicts.get(used, 'unknown')}")
    if not claim.evidence and claim.kind != "conjecture":
        problems.append("no evidence")
    return problems
