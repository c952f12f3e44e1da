"""Sizes of the motion comparison, one row each.

Every preset trains one base model a seed on n captioned clips, and goes on from it in arms that
see equally many batches in every generation (Gillman et al. 2024, section 7.3):

    baseline        the real clips alone
    iterative-L     and L n motions of the last generation's model
    corrected-L     and L n such motions as the physics simulator executes them
    identity-L      and L n such motions "corrected" by nothing: bit for bit iterative-L
    shuffled        a base model whose captions belong to other clips: knows nothing of text

Small presets use made-up clips unless `--set data=FOLDER` names recorded ones, and a model of
half a million weights that holds four frames in a token.
"""

from empirical.task import Arm, Preset

__all__ = ["PRESETS"]

SHUFFLED = Arm("shuffled", {"shuffled": True, "loop.rounds": 0})
BASELINE = Arm("baseline", {"loop.mix": "real"})


def _loops(kind, curate, ratios):
    return tuple(Arm(f"{kind}-{ratio:g}", {"loop.curate": curate, "loop.ratio": ratio})
                 for ratio in ratios)


def _arms(*ratios):
    """Return the arms: baseline, and with and without correction at each lambda."""
    return (BASELINE, *_loops("iterative", "none", ratios),
            *_loops("corrected", "physics", ratios))


TABLE = """
name   width layers heads feedforward patch frames steps sampling  base batch rate generations
smoke     48      2     2          96     8     64    50       10   120    32 2e-3           2
desk      96      4     4         192     4     80    50       10   600    32 1e-3          12
night    128      4     4         256     4    160    50       10  2000    64 5e-4          50
gpu      512      8     4        1024     1    160   100       50 20000    64 1e-4          50
paper    512      8     4        1024     1    196  1000        0    78    64 1e-4          50
"""
# width to frames: the network; steps, sampling: noise levels, and how many a sample passes (0:
# all); base, batch, rate: training of the base model; each generation then sees 16 batches of 64.


def _row(name):
    """Return the row of TABLE called `name`, as texts by column."""
    head, *rows = (line.split() for line in TABLE.strip().splitlines())
    return next(dict(zip(head, row)) for row in rows if row[0] == name)


def _changes(name, **more):
    """Return the dotted keys of a row of TABLE, and `more`."""
    row = _row(name)
    sizes = ("width", "layers", "heads", "feedforward", "patch", "frames")
    rate = float(row["rate"])
    return {size: int(row[size]) for size in sizes} | {
        "diffusion_steps": int(row["steps"]), "sampling_steps": int(row["sampling"]),
        "sampler": "ddpm" if name == "paper" else "ddim", "block": 16,
        "base.steps": int(row["base"]), "base.batch": int(row["batch"]),
        "base.learning_rate": rate, "update.steps": 16, "update.batch": 64,
        "update.learning_rate": rate, "loop.rounds": int(row["generations"]),
        "loop.mix": "augment", "loop.start": "warm", "loop.total": 10**6,
    } | more


SMALL = {
    "base.warmup": 30, "base.decay": "cosine", "base.final": 0.1, "base.clip": 1.0,
    "base.average": 0.99, "update.clip": 1.0, "judged": 1000, "embedding.steps": 250,
    "embedding.batch": 64,
}


def _paper_arms():
    """Return the arms of all four training sets, each with its own lambdas and batches."""
    arms = []
    for n, base, update, ratios in (
        *((64 * k, 78 * k, 16, (0.25, 0.5, 0.75, 1.0)) for k in (1, 2, 4)),
        (2794, 3125, 625, (0.05, 0.1, 0.15, 0.2, 0.25)),
    ):
        sizes = {"n": n, "base.steps": base, "update.steps": update}
        arms += [Arm(f"{n}-{arm.name}", arm.changes | sizes) for arm in _arms(*ratios)]
    return tuple(arms)


PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            "smoke", "made-up clips, a tiny model: the machinery, not the result; 2 CPU cores",
            _changes("smoke", n=32, test=48) | SMALL
            | {"judged": 300, "embedding.steps": 100, "report_corrected": 8, "block": 8},
            (BASELINE, *_loops("iterative", "none", (1.0,)),
             *_loops("corrected", "physics", (1.0,)), *_loops("identity", "identity", (1.0,))),
            seeds=1, minutes=1.0,
        ),
        Preset(
            "desk", "64 clips, a model of 0.5M weights, 12 generations; 2 CPU cores",
            _changes("desk", n=64) | SMALL | {"update.learning_rate": 3e-4,
                                              "report_corrected": 8},
            (*_arms(0.5, 1.0), SHUFFLED), seeds=6, minutes=14.0,
        ),
        Preset(
            "night", "64 clips of up to 8 s, a model of 0.8M weights, 50 generations; 2 CPU cores",
            _changes("night", n=64) | SMALL | {"judged": 2000, "embedding.steps": 600,
                                               "update.learning_rate": 2e-4},
            (*_arms(0.25, 0.5, 0.75, 1.0), SHUFFLED), seeds=6, minutes=300.0,
        ),
        Preset(
            "gpu", "64 clips of up to 8 s, MDM at full size, 50 generations; one GPU",
            _changes("gpu", n=64, block=128, judged=4000, processes=8)
            | {"base.warmup": 200, "base.average": 0.999, "embedding.steps": 2000,
               "report_corrected": 64},
            (*_arms(0.25, 0.5, 0.75, 1.0), SHUFFLED), seeds=4,
        ),
        Preset(
            "paper", "the paper's four training sets and batches; HumanML3D by --set data=FOLDER, "
            "CLIP from the hub; one GPU",
            _changes("paper", block=64, judged=4000, processes=8,
                     text="openai/clip-vit-base-patch32") | {"embedding.steps": 2000},
            _paper_arms(), seeds=4,
        ),
    )
}
