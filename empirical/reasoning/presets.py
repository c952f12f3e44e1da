"""Sizes of the reasoning comparison.

Every preset trains one base model a seed on worked solutions (or takes a pre-trained one), and
compares loops that keep as many solutions in as many rounds, and so cost as much training:

    exponential, linear, constant   kept if the final answer is right; by schedule
    none                            everything kept
    coin                            half of everything kept, by lot
    ...-0.7                         sampled at temperature 0.7 instead of 0.3
    growth-B                        exponential schedules that grow by a factor of B

"paper" compares what the paper's Table 3 lists: three constant and three linear schedules, small
to large, and an exponential one; its batch, learning rate and sizes of rounds are not in the
text that we had, so these are ours.
"""

from empirical.task import Arm, Preset

__all__ = ["PRESETS"]

# Small numbers and few words, most of them learned in a minute by a model of 0.2 million weights,
# some half learned: what a loop can build on. The last one is held out.
FEW = (
    "animal_legs", "boxes_packed", "chairs_in_rows", "cinema_tickets", "cookies_shared",
    "garden_area", "half_given", "hen_eggs", "muffin_trays", "pens_bought", "savings_weeks",
    "times_as_many", "soup_bowls",
)
SCHEDULES = ("exponential", "linear", "constant")


def _verified(suffix="", **changes):
    return [
        Arm(f"{name}{suffix}", {"loop.schedule": name, "loop.curate": "answer"} | changes)
        for name in SCHEDULES
    ]


def _controls():
    return [
        Arm("none", {"loop.schedule": "exponential", "loop.curate": "none"}),
        Arm("coin", {"loop.schedule": "exponential", "loop.curate": "coin"}),
    ]


def _growths(*growths):
    return [
        Arm(f"growth-{growth:g}", {"loop.schedule": "exponential", "loop.growth": growth,
                                   "loop.curate": "answer"})
        for growth in growths
    ]


def _warmer():
    return _verified("-0.7", temperature=0.7)


def _training(part, batch, rate, **more):
    common = {"batch": batch, "learning_rate": rate, "betas": (0.9, 0.98), "clip": 1.0}
    return {f"{part}.{key}": value for key, value in (common | more).items()}


def _own(width, layers, heads, hidden):
    return {"model.width": width, "model.layers": layers, "model.heads": heads,
            "model.kv_heads": heads // 2, "model.hidden": hidden}


def _loop(total, rounds, batch, growth=2.0, proposals=50):
    """Return a loop of one epoch a round on what it kept, whole batches of it."""
    return {"loop.total": total, "loop.rounds": rounds, "loop.multiple": batch,
            "loop.growth": growth, "loop.start": "warm", "loop.mix": "replace",
            "loop.proposals": proposals, "update.epochs": 1.0}


SMOKE = {
    "templates": ("muffin_trays", "soup_bowls"), "real": 3200, "test": 40, "held": 10,
    "question_tokens": 192, "solution_tokens": 128, "model.block": 64, "model.pieces": 4,
} | _own(64, 2, 4, 128) | _loop(128, 2, 32, proposals=20) | _training(
    "base", 16, 4e-3, steps=200, warmup=20, decay="cosine", final=0.1
) | _training("update", 32, 4e-4)

# One epoch on worked solutions: a model that has seen none twice is not sure of what it has not
# learned, and a loop lives on what its model finds now and then.
DESK = {
    "templates": FEW, "real": 16_000, "test": 240, "held": 20, "question_tokens": 192,
    "solution_tokens": 128, "model.block": 128, "model.pieces": 4,
} | _own(96, 2, 4, 256) | _loop(6400, 5, 32) | _training(
    "base", 32, 4e-3, steps=500, warmup=50, decay="cosine", final=0.1
) | _training("update", 32, 4e-4)

NIGHT = {
    "templates": ("short",), "real": 192_000, "test": 300, "held": 100, "question_tokens": 192,
    "solution_tokens": 160, "model.block": 256, "model.pieces": 4,
} | _own(192, 6, 6, 512) | _loop(20_480, 6, 64) | _training(
    "base", 64, 2e-3, steps=3000, warmup=100, decay="cosine", final=0.1
) | _training("update", 64, 5e-4)

GPU = {
    "model.weights": "HuggingFaceTB/SmolLM2-135M", "model.context": 2048, "model.block": 512,
    "model.precision": "bfloat16", "templates": ("all",), "test": 500, "shots": 4,
    "question_tokens": 320, "solution_tokens": 256, "base.epochs": 0.0,
} | _loop(32_768, 8, 64) | _training("update", 64, 2e-5, precision="bfloat16")

PAPER = GPU | {
    "model.weights": "meta-llama/Meta-Llama-3-8B", "model.context": 8192, "model.block": 256,
    "model.engine": "vllm", "model.pieces": 8, "model.checkpointing": True, "model.spread": True,
    "shots": 8, "data": "ml-gsm-symbolic/templates", "question_tokens": 512,
    "solution_tokens": 512,
} | _loop(64_000, 8, 64) | _training("update", 64, 1e-6, precision="bfloat16")


def _sized():
    """Return the arms of Table 3: small, medium and large rounds of one total."""
    constant = [
        Arm(f"constant-{rounds}", {"loop.schedule": "constant", "loop.rounds": rounds})
        for rounds in (32, 16, 8)
    ]
    linear = [
        Arm(f"linear-{rounds}", {"loop.schedule": "linear", "loop.rounds": rounds})
        for rounds in (24, 16, 8)
    ]
    return (*constant, *linear, Arm("exponential", {"loop.schedule": "exponential"}))


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("smoke", "one template, a tiny model: the machinery; 2 CPU cores", SMOKE,
               (*_verified(), *_controls()), seeds=1, minutes=1.5),
        Preset("desk", "twelve templates, 0.2 million weights: schedules, and loops without a "
               "verifier; 2 CPU cores", DESK, (*_verified(), *_controls(), *_warmer()), seeds=6,
               minutes=18.0),
        Preset("night", "short templates, 3 million weights, both temperatures, growth rates; 2 "
               "CPU cores", NIGHT,
               (*_verified(), *_controls(), *_warmer(), *_growths(1.5, 3.0)), seeds=6,
               minutes=600.0),
        Preset("gpu", "SmolLM2-135M with worked examples, all templates; one GPU", GPU,
               (*_verified(), *_controls(), *_warmer(), *_growths(1.5, 3.0)), seeds=3),
        Preset("paper", "Llama-3-8B on GSM-Symbolic templates, Table 3; eight GPUs of 80 GB, vLLM",
               PAPER, _sized(), seeds=1),
    )
}
