"""`loopcert audit`: rates, breakdown point, precision and verdict of a verifier."""

from dataclasses import dataclass

from tyro.conf import Positional

from loopcert._options import place, real, word
from loopcert._usage import UserError

__all__ = ["Options", "run"]


@dataclass(frozen=True)
class Options:
    """Audit a verifier: a file with one row an item, its truth, and the verifier's decision.

    Prints p (error rate of the generator), phi and psi (share of right and of wrong items that
    the verifier accepts), the breakdown point p* = phi/(phi+psi), the precision of what is
    kept, each with limits, and the verdict: below the breakdown point (training with this
    verifier helps), above it, or undecided, and how many more labels would decide.

    FILE is .csv, .tsv, .jsonl or .parquet. Truth is 0/1, true/false, or a quality in [0, 1].
    Labels of accepted items alone give precision and the verdict, and no p*.

    examples:
      loopcert audit labels.csv --correct right --kept accepted
      loopcert audit scored.parquet --correct right --verifier-score score --threshold 0.7
      loopcert audit sample.jsonl --correct quality --kept kept --weight inverse_probability

    exit status: 0 below the breakdown point, 1 above it or undecided, 2 unusable input
    """

    file: Positional[place("FILE")]
    """Table of decisions, one row an item."""

    correct: word("COL")
    """Column of the truth; empty cells are allowed in rejected rows."""

    kept: word("COL", "(this, or a score)") = None
    """Column of the decisions: 1 kept, 0 rejected."""

    verifier_score: word("COL", "(with --threshold)") = None
    """Column of the verifier's score: kept means score >= threshold."""

    threshold: real(hint="(with --verifier-score)") = None
    """Least score that is kept."""

    weight: word("COL", "(default: all equal)") = None
    """Column of weights: one over the probability that the row was sampled."""

    confidence: real(0, 1, open_low=True, open_high=True) = 0.95
    """Of every interval, and of the verdict."""

    json: bool = False
    """Print as JSON."""


def run(options):
    """Audit and print; return 0 when the verdict is "below", 1 otherwise."""
    _require_one_decision(options)
    from loopcert._decisions import read_decisions
    from loopcert.audit import audit_decisions

    decisions = read_decisions(
        options.file, options.correct, kept=options.kept, score=options.verifier_score,
        threshold=options.threshold, weight=options.weight,
    )
    report = audit_decisions(decisions, options.confidence)
    _show(report, options)
    return 0 if report.verdict == "below" else 1


def _require_one_decision(options):
    scored = options.verifier_score is not None
    if (options.kept is None) == (not scored):
        many = "both were given" if scored else "neither was given"
        raise UserError(f"{many}: audit needs --kept COL or --verifier-score COL --threshold X")
    if scored and options.threshold is None:
        raise UserError("--verifier-score needs --threshold X: kept means score >= X")
    if not scored and options.threshold is not None:
        raise UserError("--threshold needs --verifier-score COL: --kept holds decisions already")


def _show(report, options):
    from loopcert import _json
    from loopcert._table import write

    if options.json:
        write(_json.dumps({"file": str(options.file), **_machine(report)}))
        return
    _show_counts(report, options)
    _show_rates(report)
    write()
    write(f"verdict: {report.verdict}: {report.meaning}")
    if report.verdict == "undecided":
        write(_labels(report))
    write(f"intervals: {report.confidence:.4g}, {report.method}")
    write(f"rests on: {', '.join(report.claims)}")
    for warning in report.warnings:
        write(f"note: {warning}")


def _machine(report):
    from loopcert._json import plain

    record = plain(report)
    for name in ("p", "phi", "psi", "p_star", "precision"):
        for method in ("delta", "exact"):
            low, high = record[name][method]
            record[name][method] = {"low": low, "high": high}
    return record


def _show_counts(report, options):
    from loopcert._table import table, write

    counts = report.counts
    write(f"{options.file}: {counts['rows']} rows, {counts['accepted']} accepted, "
          f"{counts['rejected']} rejected, {counts['unlabelled']} without label")
    if "right_kept" in counts and report.scope == "full":
        write()
        table(
            ("", "accepted", "rejected"),
            [(name, counts[f"{name}_kept"], counts[f"{name}_dropped"])
             for name in ("right", "wrong")],
            right=(1, 2),
        )
    write()


def _show_rates(report):
    from loopcert._table import number, table

    def limits(pair):
        return "-" if pair[0] != pair[0] else f"[{number(pair[0])}, {number(pair[1])}]"

    precision = ("precision", "right among the kept", report.precision)
    rows = [precision]
    if report.scope == "full":
        rows = [
            ("p", "wrong among all proposed", report.p),
            ("phi", "kept among the right", report.phi),
            ("psi", "kept among the wrong", report.psi),
            ("p*", "the p at which it breaks", report.p_star),
            precision,
        ]
    lines = [
        (name, what, number(e.value), limits(e.exact), limits(e.delta)) for name, what, e in rows
    ]
    table(("", "share", "estimate", "exact", "delta"), lines, right=(2,))


def _labels(report):
    if report.labels_needed is None:
        return ("labels needed: the precision is too close to 1/2 to say; "
                f"{report.counts['accepted']} accepted ones do not decide")
    return (f"labels needed: about {report.labels_needed} accepted ones in all for a decision "
            f"(power 0.9 at this precision): {report.more_labels} more")
