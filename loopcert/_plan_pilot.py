"""A plan after a pilot: what finished runs say of their loop, and what the next is to do."""

from dataclasses import dataclass

import numpy as np

from loopcert._plan_record import Plan
from loopcert._usage import UserError
from loopcert.plan import plan_law

__all__ = ["Following", "plan_after"]

# Which way a metric improves, by how its name begins or what it ends with.
HIGHER = ("accuracy", "psnr", "reward", "rouge", "precision", "recall", "quality", "exact")
LOWER = ("loss", "mse", "fid", "distance", "error", "perplexity", "gap", "frechet")


@dataclass(frozen=True, slots=True)
class Following:
    """What to do after a pilot.

    Attributes
    ----------
    runs : tuple of str
        Directories of the pilot's runs: one schedule, several seeds.
    task, metric, better : str
        What was measured, and which way it improves.
    counts : tuple of int
        Images, texts, ... kept in each round of the pilot.
    pilot : Pilot
        The law that fits (:mod:`empirical.pilot`).
    plan : Plan
        Schedule and stopping round for the next run.
    schedule : tuple of int
        The plan's samples in whole multiples of what the pilot's config asks for.
    """

    runs: tuple
    task: str
    metric: str
    better: str
    counts: tuple
    pilot: object
    plan: Plan
    schedule: tuple


def plan_after(root, names, metric=None, better=None, floor=None, square=False, budget=None,
               rounds=None, price=None):
    """Return the :class:`Following` of finished runs.

    Parameters
    ----------
    root : path
        Folder of all runs.
    names : sequence of str
        Names of runs, or beginnings of them: one, or several seeds of one schedule.
    metric : str, optional
        A metric of the test split; by default the only one that there is.
    better : str, optional
        "lower" or "higher"; known for the usual metrics.
    floor : float, optional
        The best value that there is, where it is known.
    square : bool
        Whether the metric is a distance, whose square is the error.
    budget : float, optional
        Samples (or money, with a price) for the next run; what the pilot kept by default.
    rounds : int, optional
        Rounds of the next run; the number of least error by default.
    price : float, optional
        Of a kept sample.
    """
    records = _records(root, names)
    metric = _metric(records[0], metric)
    better = better or _direction(metric)
    curves = [_curve(record, metric) for record in records]
    counts = curves[0][0]
    if any(other != counts for other, _ in curves):
        raise UserError("--from-run: the runs must have one schedule and rounds as many")
    values = np.array([values for _, values in curves])
    pilot = _fitted(counts, values, better, floor, square, metric)
    total = float(sum(counts)) if budget is None else budget
    plan = plan_law(total, pilot.contraction, pilot.noise, pilot.initial, pilot.bias2, rounds,
                    price)
    wanted = records[0].wanted
    return Following(
        tuple(record.name for record in records), wanted["task"], metric, better, counts, pilot,
        plan, _whole(plan, wanted["config"]["loop"]["multiple"]),
    )


def _records(root, names):
    from empirical import runs

    found = [runs.find(root, name) for name in names]
    for record in found:
        if record.wanted["kind"] != "run" or not record.finished:
            raise UserError(f"--from-run {record.name}: is not a finished run (loopcert runs "
                            "lists them)")
        if record.problem:
            raise UserError(f"--from-run {record.name}: its record does not hold: "
                            f"{record.problem}")
    if len({record.wanted["task"] for record in found}) > 1:
        raise UserError("--from-run: the runs must be of one task")
    return found


def _metric(record, wanted):
    table = record.metrics
    test = table[table.split == "test"]
    rounds = int(test["round"].max()) if len(test) else 0
    known = [name for name, rows in test.groupby("metric") if len(rows) == rounds + 1]
    if wanted is None and len(known) == 1:
        return known[0]
    if wanted not in known:
        asked = "--metric is missing" if wanted is None else f"--metric {wanted!r}: is not there"
        raise UserError(f"{asked}; measured after every round: {', '.join(known) or 'nothing'}")
    return wanted


def _direction(metric):
    name = metric.lower()
    for better, words in (("higher", HIGHER), ("lower", LOWER)):
        if name.startswith(words) or name.endswith(words):
            return better
    raise UserError(f"--better is missing: lower or higher, the way in which {metric} improves")


def _curve(record, metric):
    """Return what a run kept in each round, and its metric before and after them."""
    table = record.metrics
    kept = table[(table.split == "cost") & (table.metric == "kept")].set_index("round").value
    values = table[(table.split == "test") & (table.metric == metric)].set_index("round").value
    rounds = int(values.index.max())
    if rounds < 3 or set(kept.index) < set(range(1, rounds + 1)):
        raise UserError(f"--from-run {record.name}: needs at least 3 rounds that kept something, "
                        f"has {len(set(kept.index) & set(range(1, rounds + 1)))}")
    return (tuple(int(kept[t]) for t in range(1, rounds + 1)),
            [float(values[t]) for t in range(rounds + 1)])


def _fitted(counts, values, better, floor, square, metric):
    from empirical.pilot import fit

    if square:
        if better == "higher":
            raise UserError("--square: goes with a metric that is a distance, and falls")
        values, floor = values**2, None if floor is None else floor**2
    try:
        pilot = fit(counts, values, better, floor)
    except ValueError as error:
        raise UserError(f"--from-run: {metric}: {error}") from None
    if not pilot.noise > 0:
        raise UserError(f"--from-run: {metric}: follows a curve without any scatter, which tells "
                        "nothing of what a sample adds")
    return pilot


def _whole(plan, multiple):
    """Return the plan's samples in whole multiples, as a config takes them."""
    from empirical.schedule import whole_schedule

    if not plan.schedule:
        return ()
    shape = np.array([step.kept for step in plan.schedule], dtype=float)
    while len(shape) > 1 and plan.kept // multiple < len(shape):
        shape = shape[1:]  # the first rounds are the smallest
    total = max(multiple, plan.kept - plan.kept % multiple)
    return whole_schedule(shape, total, multiple)
