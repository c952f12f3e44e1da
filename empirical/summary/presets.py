"""Sizes of the summarisation comparison, one row each.

Every preset pre-trains one model (unless it has weights) and trains one stronger model, both once
for all seeds. Each seed draws the eighth of the corpus whose references its generator learns
from. The arms select from the generator's summaries of the whole corpus, and fine-tune the
pre-trained model on what they keep, as many epochs each:

    oracle-P      the P % best by ROUGE-1
    stronger-P    the P % most probable to the stronger model
    self-P        the P % most probable to the generator
    random-P      P % by lot
    references    all references instead of summaries: what labels can give

and round after round, each model summarising what the next one learns from, in 20 rounds with
equally many proposals in all:

    iterated-constant, iterated-growing     the best 12.5 % by the stronger model
    iterated-oracle                         ... by ROUGE-1
    iterated-random                         ... by lot
"""

from empirical.task import Arm, Preset

__all__ = ["PRESETS"]

SHARES = (0.125, 0.25, 0.5)
HOW = {
    "oracle": {"loop.curate": "top_fraction", "loop.score": "quality"},
    "stronger": {"loop.curate": "top_fraction", "loop.score": "stronger"},
    "self": {"loop.curate": "top_fraction", "loop.score": "self"},
    "random": {"loop.curate": "random"},
}


def _once(shares=SHARES):
    """Return the arms of one round: each verifier at each share, and all references."""
    arms = [Arm(f"{who}-{100 * share:g}", how | {"loop.fraction": share})
            for share in shares for who, how in HOW.items()]
    return (*arms, Arm("references", {"labels": "truth", "loop.curate": "none", "scores": ()}))


def _iterated(rounds, proposals):
    """Return the arms of many rounds, which make so many proposals in all."""
    common = {"loop.rounds": rounds, "loop.total": proposals, "loop.fraction": 0.125,
              "loop.start": "warm"}
    rows = [("constant", "stronger", "constant"), ("growing", "stronger", "linear"),
            ("oracle", "oracle", "constant"), ("random", "random", "constant")]
    return tuple(
        Arm(f"iterated-{name}", common | HOW[who] | {"loop.schedule": schedule})
        for name, who, schedule in rows)


TABLE = """
name   width layers heads vocabulary  texts corpus  test pretrain  base update  rate batch
smoke     32      1     2       1200    600    512   100      600     2      1  5e-3    32
desk      64      2     4       2000  48000   4096   500    48000     6      2  4e-3    32
night    128      4     4       2000 200000  16384  2000   300000     6      2  2e-3    32
"""
# pretrain: texts that a fresh model looks at; base, update: epochs of fine-tuning.


def _row(name):
    """Return the row of TABLE called `name`, as numbers by column."""
    head, *rows = (line.split() for line in TABLE.strip().splitlines())
    row = next(row for row in rows if row[0] == name)
    return {key: float(value) for key, value in zip(head[1:], row[1:])}


def _changes(name):
    """Return the dotted keys of a row of TABLE."""
    row = _row(name)
    batch, rate, width = int(row["batch"]), row["rate"], int(row["width"])
    changes = {name: int(row[name]) for name in ("texts", "corpus", "test")}
    changes |= {"longest_article": 90, "longest_summary": 28, "loop.total": int(row["corpus"]),
                "loop.unit": "proposed", "loop.start": "scratch"}
    for part in ("", "stronger."):
        changes |= {f"{part}model.{key}": value for key, value in {
            "vocabulary": int(row["vocabulary"]), "width": width, "layers": int(row["layers"]),
            "heads": int(row["heads"]), "kv_heads": int(row["heads"]), "hidden": 2 * width,
            "context": 160, "block": 128}.items()}
        changes |= _training(f"{part}pretraining", int(row["pretrain"]) // batch, batch, rate)
    for part, epochs, factor in (("base", row["base"], 0.5), ("update", row["update"], 0.5),
                                 ("stronger.training", row["base"], 0.5)):
        changes |= _training(part, 0, batch, factor * rate) | {f"{part}.epochs": epochs}
    return changes


def _training(part, steps, batch, rate):
    return {f"{part}.{key}": value for key, value in {
        "steps": steps, "batch": batch, "learning_rate": rate, "warmup": min(100, steps // 4),
        "decay": "cosine", "final": 0.05, "betas": (0.9, 0.98), "clip": 1.0}.items()}


PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            "smoke", "a tiny model: the machinery, not the result; 2 CPU cores",
            _changes("smoke"), (*_once((0.125,)), *_iterated(2, 512)), seeds=1, minutes=1.0,
        ),
    )
}
