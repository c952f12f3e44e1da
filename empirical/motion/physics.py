"""Correction by physics: a motion as a simulated humanoid executes it.

The humanoid of :mod:`empirical.motion.skeleton` stands in MuJoCo (Todorov et al. 2012) on a floor,
under gravity. Each joint is driven by torque, within its limit, towards the motion it was given;
a residual force and torque on the root keep the balance that a person would keep by stepping and
leaning (Yuan and Kitani 2020). What comes back are the states of the simulated body, which can
neither sink into the floor nor hover, and whose feet stand by friction. It stands in for the
learned imitation policy of Gillman et al. 2024 (UHC of Luo et al. 2021), which uses residual
forces too, with the same contract: a motion in, the nearest one that the simulator allows out.

Driving is stable at any stiffness: torques are of the position and speed at a step's end (Tan et
al. 2011), which is inertia added in proportion to damping, and so the contacts know of it.

Everything follows from the clip: the same clip gives the same bits, alone or among others, in one
process or in many. A clip whose body falls, whose numbers are not finite, or whose contacts take
too long to solve is passed on as it came, and counted.
"""

import contextlib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import mujoco
import numpy as np

from empirical.motion import _humanoid, _plan, contacts, skeleton
from empirical.motion import quaternions as quat

__all__ = ["OUTCOMES", "PATIENCE", "PhysicsCorrector", "Report", "correct", "model"]

OUTCOMES = ("corrected", "fell", "not finite", "timed out")
AHEAD = 0.5  # share of the joints' inertial torques that the drive gives unasked: swings lag less
LIFT = 0.5  # share of its weight that the residual force takes off the figure
FAR, TILTED = 0.5, np.radians(60)  # m and rad of the root from its aim: it fell
LARGEST = 1e3  # m: farther from the origin is not a motion
PATIENCE = 12.0  # iterations of the contact solver a step, on average over the clip
_PIECE = 8  # clips that a process is given at once


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """What became of each clip.

    Attributes
    ----------
    outcome : array of int, (n,)
        Position in `OUTCOMES`; all but "corrected" were passed on as they came.
    moved : array of float, (n,)
        Mean distance of the joints from where they were, m; 0 for what was passed on.
    seconds : float
        Simulated time, of all clips that were tried.
    """

    outcome: np.ndarray
    moved: np.ndarray
    seconds: float

    @property
    def counts(self):
        """Return the number of clips by outcome, a dict."""
        return {name: int((self.outcome == number).sum()) for number, name in enumerate(OUTCOMES)}

    @property
    def corrected(self):
        """Return which clips (n,) were corrected."""
        return self.outcome == 0


@dataclass(frozen=True, slots=True)
class PhysicsCorrector:
    """A corrector of items whose clips are replaced by what the humanoid executes.

    Attributes
    ----------
    field, length : str
        Fields of the items: their clips, padded, and how many frames of each count.
    read, write : callable, optional
        From the field to poses (n, frames, 43), and from poses back to the field, where it holds
        something else, such as features. Clips that are passed on keep the field's own values.
    processes : int
        So many at once.
    """

    field: str = "pose"
    length: str = "length"
    read: Callable | None = None
    write: Callable | None = None
    processes: int = 1

    def correct(self, items):
        """Return the corrected items."""
        return self.correct_and_tell(items)[0]

    def correct_and_tell(self, items):
        """Return the corrected items and the :class:`Report`."""
        before = items[self.field]
        if not len(before):
            return items, Report(np.zeros(0, dtype=np.int64), np.zeros(0), 0.0)
        poses = self.read(before) if self.read else before
        after, report = correct(poses, items[self.length], self.processes)
        after = np.asarray(self.write(after) if self.write else after, dtype=before.dtype)
        chosen = report.corrected.reshape(-1, *(1,) * (before.ndim - 1))
        return items | {self.field: np.where(chosen, after, before)}, report


def correct(poses, lengths, processes=1, *, patience=PATIENCE):
    """Return clips as the simulated humanoid executes them.

    Parameters
    ----------
    poses : array of float, (n, frames, 43)
        Clips, padded to one length, 20 frames a second. Their quaternions are scaled to norm one.
    lengths : array of int, (n,)
        Frames that count of each, at least 2; what follows is left as it is.
    processes : int
        So many at once. Starting them takes a second: worth it from some hundred clips on.
    patience : float
        A clip is given up, "timed out", when its contacts have taken more iterations than so many
        a step. Counted and not clocked, so that a busy machine changes no result.

    Returns
    -------
    array of float32, (n, frames, 43)
        What was executed; for a clip that failed, what came.
    Report
        What became of each.

    Raises
    ------
    ValueError
        For clips of another skeleton, lengths that do not fit, no process.
    """
    poses, lengths = _checked(poses, lengths, processes)
    jobs = [poses[i, :length] for i, length in enumerate(lengths)]
    found = list(_executed(jobs, processes, patience))
    result, outcome, moved = poses.copy(), np.empty(len(jobs), dtype=np.int64), np.zeros(len(jobs))
    for i, (executed, ended) in enumerate(found):
        outcome[i] = OUTCOMES.index(ended)
        if executed is not None:
            result[i, :lengths[i]] = executed
            before = skeleton.joints(skeleton.normalised(jobs[i]))
            moved[i] = np.linalg.norm(skeleton.joints(executed) - before, axis=-1).mean()
    tried = [length for length, ended in zip(lengths, outcome) if OUTCOMES[ended] != "not finite"]
    return result, Report(outcome, moved, sum(length - 1 for length in tried) / skeleton.FPS)


def _checked(poses, lengths, processes):
    poses, lengths = np.asarray(poses, dtype=np.float32), np.asarray(lengths)
    if poses.ndim != 3 or poses.shape[2] != skeleton.WIDTH:
        raise ValueError(f"poses = shape {poses.shape}: must be (n, frames, {skeleton.WIDTH})")
    fits = lengths.shape == poses.shape[:1] and lengths.dtype.kind in "iu"
    if not fits or ((lengths < 2) | (lengths > poses.shape[1])).any():
        raise ValueError(f"lengths = {lengths}: must be {len(poses)} whole numbers from 2 to "
                         f"{poses.shape[1]}")
    if processes < 1:
        raise ValueError(f"processes = {processes}: must be at least 1")
    return poses, [int(length) for length in lengths]


def _executed(jobs, processes, patience):
    """Yield what :func:`_execute` makes of each job, in order."""
    if processes == 1 or len(jobs) <= 1:
        yield from _execute_all(jobs, patience)
        return
    pieces = [jobs[i: i + _PIECE] for i in range(0, len(jobs), _PIECE)]
    # Spawned, not forked: the caller may hold threads and locks.
    with ProcessPoolExecutor(min(processes, len(pieces)), get_context("spawn")) as pool:
        for part in pool.map(_execute_all, pieces, [patience] * len(pieces)):
            yield from part


def _execute_all(jobs, patience):
    body = _Body()
    return [_execute(body, pose, patience) for pose in jobs]


def model():
    """Return the compiled model of the humanoid, its inertia raised as the driving asks for."""
    made = mujoco.MjModel.from_xml_string(_humanoid.model_text())
    stiffness, damping, _ = _humanoid.gains()
    made.dof_armature[:] = _humanoid.STEP * (damping + _humanoid.STEP * stiffness)
    return made


class _Body:
    """The simulated humanoid and its drive."""

    def __init__(self):
        self.model = model()
        self.data = mujoco.MjData(self.model)
        self.stiffness, damping, self.limit = _humanoid.gains()
        self.damping, self.brake = damping, damping + _humanoid.STEP * self.stiffness
        self._apart, self._ahead = np.zeros(_humanoid.DOFS), np.zeros(_humanoid.DOFS)

    def start(self, place, speed):
        mujoco.mj_resetData(self.model, self.data)
        self.data.qpos[:], self.data.qvel[:] = place, speed
        mujoco.mj_forward(self.model, self.data)

    def step(self, place, speed, push):
        """Advance one step, driven towards a place and a speed; return the iterations it took."""
        data = self.data
        mujoco.mj_differentiatePos(self.model, self._apart, 1.0, data.qpos, place)
        mujoco.mj_mulM(self.model, data, self._ahead, push)
        added = self.model.dof_armature * push  # stands for the drive, and is no torque
        force = (self.stiffness * self._apart + self.damping * speed - self.brake * data.qvel
                 + self._ahead - added)
        np.clip(force, -self.limit, self.limit, out=force)
        force += added
        force[6:] += data.qfrc_bias[6:]  # limbs carry their own weight
        force[1] += LIFT * _humanoid.WEIGHT
        data.qfrc_applied[:] = force
        mujoco.mj_step(self.model, data)
        return int(data.solver_niter.sum())


def _execute(body, pose, patience):
    """Return what the body makes of one clip (frames, 43), or None; and the outcome."""
    with np.errstate(all="ignore"):  # numbers that are not finite are looked for below
        pose = skeleton.normalised(pose)
        if not np.isfinite(pose).all() or np.abs(pose[:, :3]).max() > LARGEST:
            return None, "not finite"
        aim = _plan.plan(pose)
        if not np.isfinite(aim).all():
            return None, "not finite"
    places, speeds, pushes = _plan.spread(aim)
    pushes *= AHEAD
    pushes[:, :6] = 0.0
    places[0, 1] += max(0.0, _humanoid.MARGIN - contacts.lowest(aim[0]))
    with _quiet():
        return _follow(body, places, speeds, pushes, patience * (len(places) - 1))


def _follow(body, places, speeds, pushes, patience):
    body.start(places[0], speeds[0])
    states, spent = [body.data.qpos.copy()], 0
    for number in range(1, len(places)):
        spent += body.step(places[number], speeds[number], pushes[number])
        if number % _humanoid.SUBSTEPS:
            continue
        state = body.data.qpos.copy()
        if not (np.isfinite(state).all() and np.isfinite(body.data.qvel).all()):
            return None, "not finite"
        if _fallen(state, places[number]):
            return None, "fell"
        if spent > patience:
            return None, "timed out"
        states.append(state)
    return np.array(states)[:, _humanoid.BACK].astype(np.float32), "corrected"


def _fallen(state, aim):
    """Return whether the root is far from its aim, in place or in tilt."""
    root = _humanoid.BALLS[0]
    far = np.linalg.norm(state[:3] - aim[:3]) > FAR
    return bool(far or quat.angle_between(state[root], aim[root]) > TILTED)


@contextlib.contextmanager
def _quiet():
    """Keep MuJoCo from writing its warnings to a file in the working directory."""
    before = mujoco.get_mju_user_warning()
    mujoco.set_mju_user_warning(lambda text: None)
    try:
        yield
    finally:
        mujoco.set_mju_user_warning(before)
