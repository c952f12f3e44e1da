"""Sizes of the summarisation comparison, one row each.

Every preset pre-trains one model (unless it has weights) and trains one stronger model, both once
for all seeds. Each seed draws the eighth of the corpus whose references its generator learns
from. The arms select from the generator's summaries of the whole corpus, and fine-tune the
pre-trained model on what they keep, as many epochs each:

    oracle-P      the P % best by ROUGE-1
    stronger-P    the P % most probable to the stronger model
    self-P        the P % most probable to the generator
    random-P      P % by lot
    WHO-each-P    the P % best of each kind of event: without a choice among articles
    references    all references instead of summaries: what labels can give

and round after round, each model summarising what the next one learns from, in 20 rounds with
equally many proposals in all:

    iterated-constant, iterated-growing     the best 12.5 % by the stronger model
    iterated-random                         12.5 % by lot
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
    arms += [Arm(f"{who}-each-12.5", HOW[who] | {
        "loop.curate": "top_of_each", "loop.fraction": 0.125}) for who in ("stronger", "self")]
    return (*arms, Arm("references", {"labels": "truth", "loop.curate": "none", "scores": ()}))


def _iterated(rounds, proposals, rate):
    """Return the arms of many rounds, which make so many proposals in all.

    The common verifier is the stronger model: one that is not perfect. Rounds are small and go on
    from each other, so that they learn at a lower rate.
    """
    common = {"loop.rounds": rounds, "loop.total": proposals, "loop.fraction": 0.125,
              "loop.start": "warm", "update.epochs": 1.0, "update.learning_rate": rate,
              "update.decay": "constant", "update.warmup": 0}
    rows = [("constant", "stronger", "constant"), ("growing", "stronger", "linear"),
            ("random", "random", "constant")]
    return tuple(
        Arm(f"iterated-{name}", common | HOW[who] | {"loop.schedule": schedule, "scores": (
            () if who == "random" else (who,))})
        for name, who, schedule in rows)


TABLE = """
name   width layers heads  texts corpus  test pretrain judge epochs rate batch
smoke     32      1     2   4000    512   100     4000  4000      6 1e-2    16
desk      64      2     4  48000   6144   300    48000 20000      2 4e-3    16
night    128      4     4 200000  24576  2000   300000 200000     2 2e-3    16
"""
# pretrain, judge: other texts that the model and the stronger one look at before any reference;
# epochs: of all fine-tuning.


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
    for part, looks in (("", row["pretrain"]), ("stronger.", row["judge"])):
        changes |= {f"{part}model.{key}": value for key, value in {
            "vocabulary": 2000, "width": width, "layers": int(row["layers"]),
            "heads": int(row["heads"]), "kv_heads": int(row["heads"]), "hidden": 2 * width,
            "context": 192, "block": 128}.items()}
        changes |= _training(f"{part}pretraining", rate, 32, warmup=100, steps=int(looks) // 32)
    for part in ("base", "update", "stronger.training"):
        changes |= _training(part, rate, batch, warmup=20, epochs=row["epochs"])
    return changes


def _training(part, rate, batch, **more):
    return {f"{part}.{key}": value for key, value in {
        "batch": batch, "learning_rate": rate, "decay": "cosine", "final": 0.05,
        "betas": (0.9, 0.98), "clip": 1.0, **more}.items()}


def _pretrained(weights, stronger, source, precision, **more):
    """Return the dotted keys of a comparison of pre-trained models, trained as in the paper."""
    changes = {"source": source, "model.weights": weights, "stronger.model.weights": stronger,
               "pretraining.epochs": 0.0, "stronger.pretraining.epochs": 0.0,
               "loop.unit": "proposed", "loop.start": "scratch"}
    for part, rate, decay in (("base", 5e-5, "cosine"), ("update", 2e-5, "constant"),
                              ("stronger.training", 5e-5, "cosine")):
        changes |= {f"{part}.{key}": value for key, value in {
            "epochs": 1.0, "batch": 32, "learning_rate": rate, "decay": decay,
            "optimizer": "adamw", "clip": 1.0, "precision": precision}.items()}
    return changes | more


def _shape(context, block, pieces, checkpointing, **more):
    """Return how both models read and train: tokens at most, items at once, memory saved."""
    keys = {"context": context, "block": block, "pieces": pieces, "precision": "bfloat16",
            "checkpointing": checkpointing, **more}
    return {f"{part}model.{key}": value for part in ("", "stronger.")
            for key, value in keys.items()}


PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            "smoke", "a tiny model: the machinery, not the result; 2 CPU cores",
            _changes("smoke"), (*_once((0.125,)), *_iterated(2, 512, 1e-3)), seeds=1, minutes=1.0,
        ),
        Preset(
            "desk", "made-up reports, a model of 190,000 weights from scratch; 2 CPU cores",
            _changes("desk"), (*_once(), *_iterated(20, 8192, 2e-4)), seeds=6, minutes=15.0,
        ),
        Preset(
            "night", "the same with a model of 900,000 weights; 2 CPU cores",
            _changes("night"), (*_once(), *_iterated(20, 40960, 1e-4)), seeds=6, minutes=240.0,
        ),
        Preset(
            "gpu", "XSum by SmolLM2-135M, judged by SmolLM2-360M; one GPU",
            _pretrained("HuggingFaceTB/SmolLM2-135M", "HuggingFaceTB/SmolLM2-360M",
                        "EdinburghNLP/xsum", "bfloat16",
                        corpus=65_536, test=2_000, longest_article=512, longest_summary=64,
                        **{"loop.total": 65_536}) | _shape(600, 128, 1, False),
            (*_once(), *_iterated(20, 65_536, 1e-5)), seeds=3,
        ),
        Preset(
            "paper", "XLSum by Llama-2-7B, judged by Llama-3-8B; several large GPUs",
            _pretrained("meta-llama/Llama-2-7b-hf", "meta-llama/Meta-Llama-3-8B",
                        "csebuetnlp/xlsum:english", "bfloat16",
                        corpus=306_522, test=11_535, longest_article=900, longest_summary=110,
                        **{"loop.total": 306_522})
            | _shape(1024, 64, 8, True), _once(), seeds=1,
        ),
    )
}
