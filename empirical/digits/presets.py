"""Sizes of the digits comparison, one row each.

Correctors (Gillman et al. 2024, appendices E and F); a diffusion model goes on training, a
generation at a time, on the real images and lambda of its own for each of them:

    baseline          the real images alone
    iterative-L       and L of its own for each, as they are
    corrected-L       the same, moved to the nearest of 16 anchors of their digit
    corrected-L-K     the same with K anchors a digit

Verifiers (our reconstruction of the MNIST experiment of Yi et al. 2025); an autoencoder that began
with few real images is trained on what a verifier keeps of its own, the best tenth by digit:

    none              as many, kept without looking
    strong            by a discriminator that has seen the whole pool, and learns anew in each
                      round to tell it from that round's images
    weak              by one that has seen few real images
    biased            by one that has seen no image of one digit
    fixed             by a strong one that learnt once, before the loop
    strong-linear     with growing batches of the same total; so with other verifiers
"""

from empirical.task import Arm, Preset

__all__ = ["PRESETS"]

BIASED = 8  # the digit that the biased verifier has never seen

EMBEDDED = {  # scikit-learn's digits
    "source": "digits8", "size": 8, "features": 32, "reader.epochs": 20.0, "block": 250,
    "sampler": "ddim", "channels": (16, 32), "layers": 1, "base.batch": 128,
    "base.learning_rate": 2e-3, "base.decay": "linear", "base.final": 0.05,
    "update.batch": 128, "update.learning_rate": 2e-3, "update.decay": "linear",
    "update.final": 0.1,
}
SCANNED = {  # MNIST
    "source": "mnist", "size": 28, "channels": (32, 64, 64), "layers": 1, "block": 500,
    "base.batch": 128, "base.learning_rate": 1e-3, "base.decay": "linear", "base.final": 0.05,
    "update.batch": 128, "update.learning_rate": 5e-4, "update.decay": "linear",
    "update.final": 0.1, "sampler": "ddim", "sampling_steps": 20,
}


def _correctors(ratios, sweep=(), at=None, common=()):
    """Return the arms of the correctors: `sweep` are further K, at lambda = `at`."""
    common = dict(common)

    def loop(name, ratio, curate, **own):
        return Arm(name, common | {"loop.mix": "augment", "loop.ratio": ratio,
                                   "loop.curate": curate} | own)

    arms = [Arm("baseline", common | {"loop.mix": "real"})]
    arms += [loop(f"iterative-{ratio:g}", ratio, "none") for ratio in ratios]
    arms += [loop(f"corrected-{ratio:g}", ratio, "anchors") for ratio in ratios]
    arms += [loop(f"corrected-{at:g}-{k}", at, "anchors", anchors=k) for k in sweep]
    return tuple(arms)


def _verifiers(common, weak, linear=(), total=0, rounds=0, kinds=("strong", "weak", "biased",
                                                                  "fixed")):
    """Return the arms of the verifiers; `weak` is how many real images the weak one has seen."""
    common = common | {
        "model": "cvae", "anchors": 0, "loop.mix": "replace", "loop.ratio": -1.0,
        "loop.curate": "top_fraction", "loop.score": "realism", "loop.fraction": 0.1,
        "judge_fresh": True,
    }
    known = {"strong": {}, "weak": {"judge_real": weak}, "biased": {"judge_without": BIASED},
             "fixed": {"judge_fresh": False}}
    arms = [Arm("none", common | {"loop.curate": "none"})]
    arms += [Arm(kind, common | known[kind]) for kind in kinds]
    growing = {"loop.schedule": "linear"} | ({"loop.total": total, "loop.rounds": rounds}
                                              if total else {})
    arms += [Arm(f"{name}-linear", common | known[name] | growing) for name in linear]
    return tuple(arms)


def _small_cvae(**changes):
    """Return the autoencoder of the small presets: few pixels, so the prior weighs less."""
    return {
        "channels": (32, 64), "beta": 0.25, "real": 200, "judge_widths": (128, 64, 64),
        "judge.steps": 300, "judge.batch": 128, "sampled": 1000, "loop.start": "cold",
        "base.batch": 64, "update.batch": 64, "update.learning_rate": 2e-3,
    } | changes


SMOKE = _correctors((1.5,), common={"base.steps": 60, "sampling_steps": 3, "sampled": 250,
                                    "loop.rounds": 2, "pool": 500})
SMOKE += _verifiers(_small_cvae(**{
    "base.steps": 60, "update.steps": 40, "judge.steps": 60, "loop.rounds": 2, "loop.total": 200,
    "pool": 500, "real": 100, "sampled": 250}), 50)

DESK = _correctors((0.5, 1.5), (1, 128), 0.5, {
    "base.steps": 500, "sampling_steps": 5, "sampled": 400, "loop.rounds": 10})
DESK += _verifiers(_small_cvae(**{
    "base.steps": 500, "update.steps": 250, "sampled": 500, "loop.rounds": 8,
    "loop.total": 4000}), 100,
    ("strong",))

NIGHT = _correctors((0.5, 1.5), common={
    "pool": 2000, "channels": (16, 32, 32), "base.steps": 1500, "sampled": 500,
    "loop.rounds": 10})
NIGHT += _verifiers({
    "channels": (32, 64), "pool": 10_000, "real": 500, "binarise": True, "base.steps": 1000,
    "update.steps": 500, "judge.epochs": 5.0, "sampled": 1000, "loop.start": "scratch",
    "base.learning_rate": 1e-3, "update.learning_rate": 1e-3,
    "loop.rounds": 10, "loop.total": 10_000}, 500, ("strong",))

GPU = _correctors((0.2, 0.5, 1.0, 1.5), (1, 4, 64, 256, 1024), 1.5, {
    "pool": 12_000, "channels": (64, 128, 256), "layers": 2, "base.epochs": 60.0,
    "base.batch": 256, "base.learning_rate": 3e-4, "update.batch": 256,
    "update.learning_rate": 1e-4, "sampled": 10_000, "block": 1000, "loop.rounds": 50})

# Their learning rates and epochs; where the paper is silent (the widths of its network, which
# of its autoencoder's trainings stop early) the choice is ours.
PAPER = _correctors((0.2, 0.5, 1.0, 1.5), (1, 2, 4, 8, 32, 64, 128, 256, 512, 1024), 1.5, {
    "pool": 12_000, "channels": (64, 128, 256), "layers": 2, "sampler": "ddpm",
    "sampling_steps": 0, "base.epochs": 20.0, "base.batch": 256, "base.learning_rate": 1e-4,
    "update.batch": 256, "update.learning_rate": 1e-4 / 400, "update.decay": "constant",
    "sampled": 10_000, "block": 1000, "loop.rounds": 50})
AUTHORS = {
    "channels": (32, 64), "real": 500, "binarise": True, "base.epochs": 200.0,
    "base.learning_rate": 1e-3, "update.epochs": 30.0, "update.learning_rate": 1e-3,
    "base.decay": "constant", "update.decay": "constant", "judge.epochs": 80.0, "block": 1000,
    "sampled": 10_000, "loop.start": "scratch", "loop.rounds": 40, "loop.total": 800_000,
}
PAPER += _verifiers(AUTHORS, 1000, ("strong", "biased"), 10_500_000, 20)
GPU += _verifiers(AUTHORS | {"loop.rounds": 20, "loop.total": 400_000, "judge.epochs": 20.0},
                  1000, ("strong", "biased"))

PRESETS = {
    preset.name: preset
    for preset in (
        Preset("smoke", "8 x 8 digits, tiny models: the machinery, not the result; 2 CPU cores",
               EMBEDDED, SMOKE, seeds=1, minutes=2.0),
        Preset("desk", "8 x 8 digits: drift and its absence, gain and reversal; 2 CPU cores",
               EMBEDDED, DESK, seeds=6, minutes=18.0),
        Preset("night", "MNIST, 2,000 images, ten generations; 2 CPU cores", SCANNED, NIGHT,
               seeds=6, minutes=660.0),
        Preset("gpu", "MNIST, 12,000 images, fifty generations by DDIM; one GPU",
               SCANNED | {"base.precision": "bfloat16", "update.precision": "bfloat16"}, GPU,
               seeds=3),
        Preset("paper", "MNIST as in appendices E and F, all 400 diffusion steps; one GPU",
               SCANNED, PAPER, seeds=3),
    )
}
