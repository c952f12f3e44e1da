"""`loopcert plan`: the schedule, the stopping round, the expected outcome, what it beats."""

from dataclasses import dataclass

from loopcert._options import place, real, whole, word, words
from loopcert._usage import UserError

__all__ = ["Options", "run"]

LOOSE = 2.0  # limits of K that are further apart than this factor are said to fix nothing
SHOWN = 40  # rounds of a schedule that are printed; --json has all

SELECTION = ("sigma", "kappa", "start_distance", "dim")
LAW = ("contraction", "noise", "initial", "bias2", "acceptance")
PILOT = ("metric", "better", "floor", "square", "runs_dir")


@dataclass(frozen=True)
class Options:
    """Spend a budget over the rounds of a loop: how many samples to keep in which round, when to
    stop, what to expect, and what constant and linear schedules of the same cost would give.

    Two models. A reward selects (Yang et al.): a generator of spread SIGMA, a reward of width
    KAPPA, and the distance between them. Or the one law, for any loop of which you measured how
    one round contracts the error (K), how much noise its samples add (c, over n samples), the
    initial squared error to the truth (V0), and the squared bias of the verifier (B2).

    Or the one law, fitted to finished runs of a pilot (--from-run): one, or several seeds of one
    schedule, of any task, with at least three rounds. What is fitted must be a squared error or
    fall like one (mse, loss, FID, missing accuracy); the square of a distance, with --square.

    The budget counts kept samples; with --price-generate or --price-train it is money.

    examples:
      loopcert plan --budget 1000 --sigma 1 --kappa 1 --start-distance 4
      loopcert plan --budget 5000 --sigma 1 --kappa 2 --start-distance 9 --dim 16 --rounds 12
      loopcert plan --budget 1000 --sigma 1 --kappa 1 --start-distance 4 --price-generate 0.01 \
--price-train 0.2
      loopcert plan --budget 20000 --contraction 0.8 --noise 3 --initial 0.5 --bias2 0.01
      loopcert plan --from-run denoise-3f2a --metric mse
      loopcert plan --from-run denoise-3f2a denoise-90c1 --metric mse --budget 50000

    exit status: 0 the plan improves on the start, 1 nothing does, 2 unusable input
    """

    budget: real(0, open_low=True, metavar="N", hint="(with --from-run: as the pilot)") = None
    """Kept samples to spend, a whole number; or money, with prices."""

    rounds: whole(1, 10_000, hint="(default: the best number)") = None
    """Rounds to run."""

    sigma: real(0, open_low=True, hint="(reward model)") = None
    """Standard deviation of the generator per coordinate."""

    kappa: real(0, open_low=True, hint="(reward model)") = None
    """Width of the reward exp(-r^2 / (2 KAPPA^2))."""

    start_distance: real(0, hint="(reward model)") = None
    """Distance of the generator's mean to the reward's centre."""

    dim: whole(1, 1_000_000, hint="(reward model, default: 1)") = None
    """Dimension."""

    contraction: real(0, 1, open_low=True, open_high=True, metavar="K", hint="(law)") = None
    """Factor of the error in one round."""

    noise: real(0, open_low=True, metavar="C", hint="(law)") = None
    """Squared error that a round of n samples adds, times n."""

    initial: real(0, metavar="V0", hint="(law)") = None
    """Squared error to the truth before the first round."""

    bias2: real(0, metavar="B2", hint="(law, default: 0)") = None
    """Squared distance of the loop's centre (what the verifier believes) to the truth."""

    price_generate: real(0, hint="(default: 0)") = None
    """Price of generating one proposal."""

    price_train: real(0, hint="(default: 0)") = None
    """Price of training on one kept sample."""

    acceptance: real(0, 1, open_low=True, hint="(law, with --price-generate)") = None
    """Share of the proposals that is kept."""

    from_run: words("NAME", "(pilot)") = None
    """Finished runs to learn the law from."""

    metric: word("NAME", "(pilot, default: the only one)") = None
    """Metric of the test split to fit."""

    better: word("lower|higher", "(pilot, default: known for usual metrics)") = None
    """Which way the metric improves."""

    floor: real(hint="(pilot, default: fitted)") = None
    """The best value of the metric that there is, where that is known."""

    square: bool = False
    """With --from-run: the metric is a distance; fit its square."""

    runs_dir: place("DIR", "(pilot, default: LOOPCERT_RUNS, or runs)") = None
    """Folder of all runs."""

    json: bool = False
    """Print as JSON."""


def run(options):
    """Plan and print; return 0 when the plan improves on the start, 1 otherwise."""
    if options.from_run:
        return _after(options)
    _no_pilot(options)
    model = _model(options)
    generate, train = _prices(options)
    plan = _planned(options, model, generate, train)
    _show(plan, options)
    return 0 if plan.helps else 1


def _no_pilot(options):
    """Refuse what only makes sense after a pilot, and a missing budget."""
    for name in PILOT:
        if getattr(options, name):
            raise UserError(f"{_flag(name)} goes with --from-run")
    if options.budget is None:
        raise UserError("missing: --budget N (samples to spend)")


def _after(options):
    """Plan after a pilot and print."""
    from empirical import runs
    from loopcert._plan_pilot import plan_after

    mixed = [name for name in (*SELECTION, *LAW[:-1]) if getattr(options, name) is not None]
    if mixed:
        raise UserError(f"{_flag(mixed[0])} does not go with --from-run, which fits the loop")
    if options.better not in (None, "lower", "higher"):
        raise UserError(f"--better {options.better!r}: must be lower or higher")
    root = options.runs_dir or runs.default_root()
    price = _price_of_a_sample(options, *_prices(options))
    try:
        found = plan_after(root, options.from_run, options.metric, options.better, options.floor,
                           options.square, options.budget, options.rounds, price)
    except ValueError as error:
        raise UserError(str(error)) from None
    _show_pilot(found, options)
    return 0 if found.plan.helps else 1


def _price_of_a_sample(options, generate, train):
    """Return the price of a kept sample with its proposals; None without prices."""
    if generate is None:
        return None
    if generate > 0 and options.acceptance is None:
        raise UserError("--price-generate needs --acceptance: the share that is kept")
    return train + generate / (options.acceptance or 1.0)


def _show_pilot(found, options):
    from loopcert import _json
    from loopcert._table import number, table, write

    if options.json:
        write(_json.dumps({**_json.plain(found), "plan": _machine(found.plan)}))
        return
    law = found.pilot
    source = "from rounds of different sizes" if law.noise_from == "schedule" else (
        "at least: from the scatter of the measurements alone")
    write(f"{found.task}: {found.metric} of {', '.join(found.runs)} "
          f"({law.rounds} rounds, {law.seeds} seeds)")
    table(("what the pilot says", "value", ""), [
        ("K, the factor of the error in one round", number(law.contraction),
         f"{number(law.low)} to {number(law.high)}, if it is the same in rounds of every size"),
        ("growth of the best schedule, 1/K", number(law.growth),
         f"{number(1 / law.high)} to {number(1 / law.low)}"),
        ("c, the noise of one sample", number(law.noise), source),
        ("v0, the error that rounds can remove", number(law.initial), f"in {found.metric}"),
        ("B^2, the verifier's bias", number(law.bias2),
         "no round made it worse again" if not law.bias2 else ""),
        ("best value there is", number(law.floor), ""),
        ("scatter about the curve", number(law.scatter), ""),
    ], right=(1,))
    if law.high > LOOSE * law.low:
        write("note: these rounds do not fix K; more rounds or more seeds would")
    write()
    _show(found.plan, options)
    if found.schedule:
        counts, rounds = ",".join(map(str, found.schedule)), found.plan.rounds
        if found.plan.rounds_from == "best":
            write(f"stop after {rounds} rounds: over more of them these samples would do worse")
        write(f"next: loopcert run {_task_to_run(found.task)} --set loop.schedule={counts}")


def _task_to_run(name):
    """Return what `loopcert run` calls a task; of one's own a run keeps no module."""
    from empirical.task import names

    return name if name in names() else "module:Class"


def _flag(name):
    return "--" + name.replace("_", "-")


def _model(options):
    """Return which model the options speak of, after refusing a mixture and gaps."""
    given = {name for name in (*SELECTION, *LAW) if getattr(options, name) is not None}
    selection, law = ("sigma", "kappa", "start_distance"), ("contraction", "noise", "initial")
    if given & set(SELECTION) and given & set(LAW):
        one, other = (
            _flag(next(name for name in names if name in given)) for names in (SELECTION, LAW)
        )
        raise UserError(f"{one} and {other} belong to different models: give those of one")
    if not given:
        raise UserError(
            f"which loop? give {', '.join(map(_flag, selection))} (a reward selects) or "
            f"{', '.join(map(_flag, law))} (any loop that contracts)"
        )
    name, needed = ("selection", selection) if given & set(SELECTION) else ("law", law)
    missing = [_flag(option) for option in needed if option not in given]
    if missing:
        raise UserError(
            f"missing: {', '.join(missing)} (this model needs {', '.join(map(_flag, needed))})"
        )
    return name


def _prices(options):
    """Return the prices of a proposal and of a kept sample; (None, None) without prices."""
    if options.price_generate is None and options.price_train is None:
        if options.acceptance is not None:
            raise UserError("--acceptance needs --price-generate: it prices the proposals")
        return None, None
    generate, train = options.price_generate or 0.0, options.price_train or 0.0
    if generate == train == 0:
        raise UserError("--price-generate and --price-train are 0: one must be in (0, inf)")
    return generate, train


def _planned(options, model, generate, train):
    from loopcert.plan import Prices, plan_law, plan_selection

    try:
        if model == "selection":
            prices = None if generate is None else Prices(generate, train)
            return plan_selection(
                options.budget, options.sigma, options.kappa, options.start_distance,
                options.dim or 1, options.rounds, prices,
            )
        price = _price_of_a_sample(options, generate, train)
        return plan_law(
            options.budget, options.contraction, options.noise, options.initial,
            options.bias2 or 0.0, options.rounds, price,
        )
    except ValueError as error:  # what theory cannot compute, in its one line
        raise UserError(str(error)) from None


def _show(plan, options):
    from loopcert import _json
    from loopcert._table import number, table, write

    if options.json:
        write(_json.dumps(_machine(plan)))
        return
    _show_schedule(plan)
    write()
    table(
        ("outcome", "value", "rests on"),
        [(o.meaning, number(o.value), ", ".join(o.claims)) for o in plan.outcomes.values()],
        right=(1,),
    )
    if plan.rivals:
        write()
        _show_rivals(plan)
    write()
    for note in plan.notes:
        write(f"note: {note}")
    if not plan.helps:
        write(f"this does NOT improve on the start: {plan.criterion} {number(plan.before)}")


def _machine(plan):
    from loopcert._json import plain

    return {**plain(plan), "kept": plan.kept}


def _heading(plan):
    claims = f", {', '.join(plan.rounds_claims)}" if plan.rounds_claims else ""
    origin = "given" if plan.rounds_from == "given" else f"the best number{claims}"
    from loopcert._table import number

    return (f"{number(plan.budget, 12)} {plan.unit} over {plan.rounds} rounds ({origin}); "
            f"schedule by {', '.join(plan.schedule_claims)}")


def _show_schedule(plan):
    from loopcert._table import number, table, write

    write(_heading(plan))
    if not plan.schedule:
        return
    write()
    steps = plan.schedule
    cut = steps if len(steps) <= SHOWN else (*steps[: SHOWN // 2], None, *steps[-SHOWN // 2 :])
    columns = ["round", "keep", "spend", "proposals", plan.criterion]
    rows = [
        ["..."] * 5 if step is None
        else [step.round, step.kept, number(step.spend), number(step.proposals),
              number(step.after)]
        for step in cut
    ]
    rows.append(["total", plan.kept, number(sum(s.spend for s in steps), 6), "", ""])
    unused = [2] * (plan.unit == "kept samples") + [3] * (steps[0].proposals is None)
    keep = [i for i in range(5) if i not in unused]
    table(
        [columns[i] for i in keep], [[row[i] for i in keep] for row in rows],
        right=range(len(keep)),
    )


def _show_rivals(plan):
    from loopcert._table import number, table

    ours = plan.schedule[-1].after
    rows = [("this plan", plan.rounds, number(ours), "", number(plan.budget, 6))]
    for rival in plan.rivals:
        worse = "-" if not ours > 0 else f"{100 * (rival.value / ours - 1):+.1f}%"
        rows.append((rival.name, rival.rounds, number(rival.value), worse,
                     number(rival.budget_for_same, 6)))
    table(
        ("schedule", "rounds", plan.criterion, "against this", "budget for the same variance"),
        rows, right=(1, 2, 3, 4),
    )
