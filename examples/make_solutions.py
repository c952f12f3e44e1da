"""Write solutions.csv: what a small model wrote, and what three verifiers said of it.

A model of 70 thousand weights learns from worked solutions for 350 steps and then writes 512
solutions to fresh word problems. For each: whether every step holds and leads to the answer
(`right`, by the step checker, which knows the template), whether the final number is right
(`answer`, an answer-only verifier), and the model's own confidence in what it wrote
(`confidence`, the geometric mean of its tokens' probabilities). About a minute on one core:

    python examples/make_solutions.py > examples/solutions.csv
"""

import csv
import math
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

import empirical
from empirical._files import unpack
from empirical.config import from_dict
from empirical.items import join
from empirical.reasoning.task import TASK
from empirical.runs import find

CHANGES = {
    "templates": ("cookies_shared", "muffin_trays", "two_things_left", "chairs_in_rows",
                  "pizza_slices", "soup_bowls"),
    "mixture": (0.6, 0.3, 0.1), "real": 1500, "base.steps": 350, "base.learning_rate": 3e-3,
    "loop.total": 512, "loop.rounds": 1, "test": 20,
}


def written(root):
    """Return the task, the model and what it wrote, from a run under `root`."""
    made = empirical.run("reasoning", "smoke", seeds=1, arms=("none",), runs_dir=root, **CHANGES)
    run = find(root, made.outcomes[0].run)
    task = TASK(from_dict(TASK.Config, run.wanted["config"]))
    shards = sorted(root.glob("reasoning-first-*/samples/*.safetensors"))
    (weights,) = root.glob("reasoning-base-*/models/*.safetensors")
    model = task.build(torch.Generator().manual_seed(0))
    state = unpack(weights.read_bytes())
    model.load_state_dict({name: torch.from_numpy(state[name]) for name in model.state_dict()})
    return task, model, join(unpack(shard.read_bytes()) for shard in shards)


def main():
    """Train, write, judge; rows go to the standard output."""
    with tempfile.TemporaryDirectory() as folder:
        task, model, items = written(Path(folder))
        answer = task.right(items)
        right = task.sound(items, answer)
        confidence = np.exp(task.score(model, items, "likelihood"))
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(("id", "difficulty", "right", "answer", "confidence"))
    for number, level in enumerate(items["difficulty"]):
        sure = math.floor(confidence[number] * 1e4) / 1e4
        rows.writerow((number, task.source.levels[level], int(right[number]),
                       int(answer[number]), f"{sure:.4f}"))


if __name__ == "__main__":
    main()
