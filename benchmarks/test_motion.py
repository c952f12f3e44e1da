"""The physics corrector: simulated seconds a second, against the simulator with no drive at all.

What the corrector costs beyond `mj_step` on the same humanoid (its aim, its torques, the checks)
is the ratio; the table says what it does to made-up clips, good and spoiled.
"""

import os
import statistics
import time

import numpy as np
import pytest

mujoco = pytest.importorskip("mujoco")
pytest.importorskip("torch")

from benchmarks import motion_effect  # noqa: E402
from empirical.motion import _humanoid, physics, skeleton  # noqa: E402

pytestmark = pytest.mark.timeout(900)

TARGET = 100.0  # simulated seconds a second on two cores


@pytest.fixture
def walks(size):
    found = motion_effect.made_up(4 if size == "tiny" else 64)
    return motion_effect.padded(found)


def test_correction_against_the_bare_simulator(ratio, walks):
    """Ratio below one: the share of our time that the simulator alone needs."""
    poses, lengths = walks
    made = physics.model()
    data = mujoco.MjData(made)

    def bare():
        for length in lengths:
            mujoco.mj_resetData(made, data)
            data.qpos[:] = skeleton.REST[_humanoid.COLUMNS]
            for _ in range((int(length) - 1) * _humanoid.SUBSTEPS):
                mujoco.mj_step(made, data)

    ratio(lambda: physics.correct(poses, lengths), bare, rounds=3)


def test_simulated_seconds_a_second(note, size, walks):
    """On the clock, which feels what else the machine does, and in processor time, which does not.
    """
    start = time.process_time()
    seconds = physics.correct(*walks)[1].seconds
    note(f"corrector: {seconds / (time.process_time() - start):.0f} simulated seconds a second of "
         "processor time, one process")
    found = motion_effect.made_up(4 if size == "tiny" else 400)
    for processes in (1, 2):
        speeds = [motion_effect.table("", found, processes)[1]
                  for _ in range(1 if size == "tiny" else 3)]
        note(f"corrector: {statistics.median(speeds):.0f} simulated seconds a second in "
             f"{processes} process(es), starting them included (target on two cores "
             f"{TARGET:.0f}; load {os.getloadavg()[0]:.1f})")


def test_effect(note, size):
    found = motion_effect.made_up(4 if size == "tiny" else 120)
    rng = np.random.default_rng(motion_effect.SEED)
    bad = [motion_effect.spoiled(clip, rng) for clip in found]
    note(motion_effect.HEAD)
    for name, motions in (("made-up", found), ("made-up, spoiled", bad)):
        for line in motion_effect.table(name, motions)[0]:
            note(line)
