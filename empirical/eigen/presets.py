"""Sizes of the eigenvalue comparison, one row each.

Every preset trains one generator a seed on real matrices; its answers for fresh matrices are
shared by the arms, which keep what their verifier lets through and train a fresh model on it:

    oracle     right answers only                            p* = 1
    noisy-Q    wrong ones too, with probability Q            p* = 1/(1 + Q)
    none       everything                                    p* = 1/2
    clean      as many fresh matrices with true eigenvalues  (no generator: what labels can give)
    generator  no round at all: the generator's own accuracy by beam (Table 1), measured once

With a generator of accuracy 1 - p theory asks Q < (1 - p)/p. Small presets normalise before
sublayers, which lets the rate be fifty times the papers'; "paper" and "gpu" normalise after them.
"""

from empirical.task import Arm, Preset

__all__ = ["PRESETS"]


BEAMS = (5, 10, 25, 50)  # of Table 1


def _generator(beams=BEAMS):
    return Arm("generator", {"loop.rounds": 0, "report_beams": beams})


def _arms(*noise, beams=BEAMS):
    """Return the arms: oracle, noisy verifiers, none, clean data, and the generator alone."""
    noisy = [
        Arm(f"noisy-{rate:g}", {"loop.curate": "noisy", "loop.accept_wrong": rate})
        for rate in noise
    ]
    return (Arm("oracle", {"loop.curate": "oracle"}), *noisy,
            Arm("none", {"loop.curate": "none"}),
            Arm("clean", {"loop.curate": "none", "labels": "truth"}), _generator(beams))


SETS = {  # rows of Table 3: which answers the student learns from
    "rejection": {"loop.curate": "oracle"},
    "beam1": {"loop.curate": "none"},
    **{f"beam{b}": {"loop.curate": "oracle", "beams": b, "pick": "oracle"}
       for b in (5, 10, 25, 35, 50)},
}
OTHERS = {"B": 1, "C": 4, "D": 0.25}  # other models' visits of real matrices, per generator's

TABLE = """
name   size width heads layers norm    real   visits    kept  updates batch rate warmup    decay
smoke     2    48     4      1  pre   16000    32000    8000    32000    32 3e-3    100   cosine
desk      2    64     4      2  pre   20000   128000  120000   320000    64 2e-3    200   cosine
night     3   128     4      4  pre   60000   600000  150000   700000    64 1e-3    500   cosine
gpu       5   512     8      4 post  200000 13000000 1000000 20000000   128 1e-4  10000 constant
paper     5   512     8      4 post  200000 13000000 1000000 65000000    64 5e-5  10000 constant
"""
# size to norm: the network; real, visits: the generator's matrices, and how many it looks at;
# kept, updates: the student's. 13 million visits are the paper's 65 epochs; how long its students
# trained it does not say, nor the batch: 65 epochs of a million, and 64 as in the published code.


def _row(name):
    """Return the row of TABLE called `name`, as texts by column."""
    head, *rows = (line.split() for line in TABLE.strip().splitlines())
    return next(dict(zip(head, row)) for row in rows if row[0] == name)


def _changes(name, **more):
    """Return the dotted keys of a row of TABLE, and `more`."""
    row = _row(name)
    changes = {
        "size": int(row["size"]), "encoding": "p1000", "strip": False,
        "width": int(row["width"]), "heads": int(row["heads"]),
        "encoder_layers": int(row["layers"]), "decoder_layers": 1, "norm": row["norm"],
        "real": int(row["real"]), "loop.total": int(row["kept"]), "loop.rounds": 1,
        "loop.start": "scratch", "loop.mix": "replace",
    }
    for part, visits in (("base", row["visits"]), ("update", row["updates"])):
        changes |= {f"{part}.{key}": value for key, value in _training(row, int(visits)).items()}
    return changes | more


def _training(row, visits):
    batch = int(row["batch"])
    common = {
        "steps": -(-visits // batch), "batch": batch, "learning_rate": float(row["rate"]),
        "warmup": int(row["warmup"]), "decay": row["decay"],
    }
    if row["decay"] == "constant":
        return common
    return common | {"final": 0.01, "betas": (0.9, 0.98), "clip": 1.0}


def _table_3(name):
    """Return the arms of Table 3: its models, the generator tuned (A) first, by training sets."""
    row = _row(name)
    starts = {"A": {"loop.start": "cold"}}
    for model, ratio in OTHERS.items():
        training = _training(row, round(ratio * int(row["visits"])))
        starts[model] = {"loop.start": "other", "loop.other_seed": 1000 + ord(model)} | {
            f"other.{key}": value for key, value in training.items()}
    starts["scratch"] = {"loop.start": "scratch"}
    return tuple(Arm(f"{model}-{name}", start | how)
                 for model, start in starts.items() for name, how in SETS.items())


PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            "smoke", "2 x 2, a tiny model: the machinery, not the result; 2 CPU cores",
            _changes("smoke", tolerance=0.1, test=2_000),
            _arms(0.2, beams=(5,)), seeds=1, minutes=2.0,
        ),
        Preset(
            "desk", "2 x 2: collapse without verification, gain with it; 2 CPU cores",
            _changes("desk", tolerance=0.02, test=10_000),
            _arms(0.1, 0.7), seeds=6, minutes=35.0,
        ),
        Preset(
            "night", "3 x 3, the same comparison; 2 CPU cores",
            _changes("night", tolerance=0.02, test=10_000),
            _arms(0.1, 0.7), seeds=6, minutes=480.0,
        ),
        Preset(
            "gpu", "5 x 5, Table 3: training sets by beam, for models A to D and scratch; one GPU",
            _changes("gpu", tolerance=0.02, test=10_000, precision="bfloat16")
            | {f"{part}.precision": "bfloat16" for part in ("base", "update", "other")},
            (*_table_3("gpu"), _generator()), seeds=1,
        ),
        Preset(
            "paper", "5 x 5, Figure 4: one round on a million answers by verifier; one GPU",
            _changes("paper", tolerance=0.01, test=10_000),
            _arms(0.11, 0.25, 0.43, 0.67), seeds=5,
        ),
    )
}
