"""Sizes of the denoising comparison, one row each.

Every preset has one base model a seed; its arms spend the same number of kept images over their
rounds, all in whole batches:

    constant-N     N kept in every round
    linear-N       about N in the first round, 2 N in the second, 3 N in the third, ...
    exponential-G  about FIRST in the first round, and G times as many in each as in the last
    unverified     constant, and whatever is proposed is kept

Three sizes of constant and linear schedules, as in the paper's Table 2, and several growth rates,
as in its Figure 6; in `desk` and `paper` the middle ones again at a second noise level. Kept
images cost what it takes to have them proposed, which falls as a model improves; so arms are
compared by interpolation at equal numbers of network evaluations.
"""

import math

from empirical.task import Arm, Preset

__all__ = ["PRESETS"]

TABLE = """
name   size channels layers strokes  steps rate  kept batch update first test
smoke     8      8,16      1    1000    150 3e-3   512    32   1e-3    32   64
desk      8     16,32      1    4000    600 2e-3  3072    32   1e-3    64  128
night    16     32,64      1   20000   6000 1e-3 16384    32   5e-4   128  256
gpu      32 64,128,128     2   60000  20000 2e-4 65536    64   1e-4   256 1000
paper    32         -      2       0      0    -  65536    64   2e-5   256 1000
"""
# strokes, steps, rate: images of strokes that the base model is pre-trained on, batches of 64 of
# them, and the learning rate; kept, batch, update: images kept over all rounds, how many are an
# optimizer step, and its learning rate; first: kept in the first round of exponential schedules,
# about; test: held-out digits. The paper's own numbers for the columns from `kept` on, its noise
# levels and its reward are not legible in the text that we have; these are ours. The rewards of
# the two presets for a GPU were not tried out: begin with one arm and `--set psnr_low=...`.

CHAIN = {"steps": 100, "beta_start": 1e-3, "beta_end": 0.2, "chain": 10}  # of 100 steps, every one
FULL = {"steps": 1000, "beta_start": 1e-4, "beta_end": 0.02, "chain": 0}  # that counts: 10 of 15


def _row(name):
    """Return the row of TABLE called `name`, as texts by column."""
    head, *rows = (line.split() for line in TABLE.strip().splitlines())
    return next(dict(zip(head, row)) for row in rows if row[0] == name)


def _changes(name, **more):
    """Return the dotted keys of a row of TABLE, and `more`."""
    row = _row(name)
    changes = {
        "size": int(row["size"]), "layers": int(row["layers"]), "strokes": int(row["strokes"]),
        "test": int(row["test"]), "focus": True, "base.steps": int(row["steps"]),
        "base.epochs": 0.0, "base.batch": 64, "update.epochs": 1.0,
        "update.batch": int(row["batch"]),
        "update.learning_rate": float(row["update"]), "loop.total": int(row["kept"]),
        "loop.multiple": int(row["batch"]), "loop.curate": "reward",
    }
    if row["channels"] != "-":
        changes["channels"] = tuple(map(int, row["channels"].split(",")))
        changes |= {"base.learning_rate": float(row["rate"]), "base.decay": "cosine"}
    return changes | more


def _constant(total, size):
    return Arm(f"constant-{size}", {"loop.schedule": "constant", "loop.rounds": total // size})


def _linear(total, first):
    """Return the arm whose rounds grow by `first`, and whose number makes the total."""
    rounds = max(1, round((math.sqrt(1 + 8 * total / first) - 1) / 2))
    return Arm(f"linear-{first}", {"loop.schedule": "linear", "loop.rounds": rounds})


def _exponential(total, growth, first):
    """Return the arm that begins with about `first`; its rounds are as many as make the total."""
    rounds = max(1, round(math.log1p(total * (growth - 1) / first) / math.log(growth)))
    return Arm(f"exponential-{growth:g}", {
        "loop.schedule": "exponential", "loop.growth": growth, "loop.rounds": rounds})


def _arms(name, constants, linears, growths):
    row = _row(name)
    total, first = int(row["kept"]), int(row["first"])
    middle = constants[len(constants) // 2]
    return (
        *(_constant(total, size) for size in constants),
        *(_linear(total, size) for size in linears),
        *(_exponential(total, growth, first) for growth in growths),
        Arm("unverified", _constant(total, middle).changes | {"loop.curate": "none"}),
    )


def _again(arms, names, suffix, **changes):
    """Return the arms of these names again, under other settings."""
    chosen = {arm.name: arm for arm in arms}
    return tuple(Arm(f"{name}{suffix}", chosen[name].changes | changes) for name in names)


NEAR = {"noise": 0.25, "psnr_low": 13.0, "psnr_high": 17.0}  # the stronger noise
FAR = {"noise": 0.15, "psnr_low": 16.0, "psnr_high": 20.0}
SMOOTH = {"noise": 0.25, "psnr_low": 16.0, "psnr_high": 20.0}  # enlarged images tell more
MNIST = {"noise": 0.25, "psnr_low": 19.0, "psnr_high": 25.0}

DESK = _arms("desk", (128, 256, 512), (32, 64, 128), (1.1, 1.3, 1.7, 2.5))
NIGHT = _arms("night", (256, 512, 2048), (64, 128, 256), (1.05, 1.1, 1.3, 1.7, 2.5))
LARGE = _arms("gpu", (512, 2048, 8192), (128, 256, 512), (1.05, 1.1, 1.3, 1.7, 2.5))
PAPER = {"noise": 0.06, "psnr_low": 35.0, "psnr_high": 40.0}
PAPER_2 = {"noise": 0.03, "psnr_low": 39.0, "psnr_high": 44.0}

PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            "smoke", "8 x 8, a tiny model: the machinery, not the result; 2 CPU cores",
            _changes("smoke", **CHAIN, **NEAR) | {"psnr_low": 11.5, "psnr_high": 14.5},
            _arms("smoke", (128,), (64,), (1.7,)), seeds=1, minutes=0.5,
        ),
        Preset(
            "desk", "8 x 8 real digits after strokes, two noise levels; 2 CPU cores",
            _changes("desk", **CHAIN, **NEAR),
            (*DESK, *_again(DESK, ("constant-256", "linear-64", "exponential-1.7"), "/weak",
                            **FAR)),
            seeds=6, minutes=15.0,
        ),
        Preset(
            "night", "16 x 16, a larger network, the same comparison; 2 CPU cores",
            _changes("night", **CHAIN, **SMOOTH), NIGHT, seeds=6, minutes=400.0,
        ),
        Preset(
            "gpu", "MNIST at 32 x 32 after strokes; one GPU",
            _changes("gpu", source="mnist", **FULL, **MNIST)
            | {"base.precision": "bfloat16", "update.precision": "bfloat16"},
            LARGE, seeds=3,
        ),
        Preset(
            "paper", "google/ddpm-cifar10-32 on MNIST, two noise levels, as Table 2; one GPU",
            _changes("paper", source="mnist", pretrained="google/ddpm-cifar10-32", colours=3,
                     seen=1, variance="fixed_large", **FULL, **PAPER),  # nothing is trained on it
            (*LARGE, *_again(LARGE, [arm.name for arm in LARGE], "/weak", **PAPER_2)), seeds=1,
        ),
    )
}
