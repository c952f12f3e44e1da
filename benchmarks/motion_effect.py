"""What the physics corrector does to motions, in a table: good ones, spoiled ones, recorded ones.

    python -m benchmarks.motion_effect [--clips 120] [--data FOLDER] [--processes 2]

Spoiled motions sink, hover, slide and shake, as those of bad models do: to a clip's path and joint
angles it adds slow noise (Gaussian, over about ten frames), fast noise, and a steady slide. FOLDER
holds recorded clips in the npz format. "aim" is what the simulated figure was given to follow;
"out" is what it executed, which is what the corrector returns.
"""

import argparse
import time

import numpy as np
from scipy.ndimage import gaussian_filter1d

from empirical.motion import _plan, clips, contacts, physics, skeleton
from empirical.motion import quaternions as quat
from empirical.motion.synthetic import law

__all__ = ["made_up", "padded", "recorded", "spoiled", "table"]

SLOW_METRES, SLOW_RADIANS, FAST_METRES, FAST_RADIANS, SLIDE = 0.04, 0.08, 0.006, 0.02, 0.3
SEED = 7
HEAD = (f"{'motions':30s} {'clips':>5s} {'measure':14s} {'before':>8s} {'aim':>8s} {'out':>8s}"
        "  gone")


def padded(found):
    """Return clips as (n, frames, 43) and their lengths."""
    lengths = np.array([len(clip) for clip in found])
    poses = np.empty((len(found), lengths.max(), skeleton.WIDTH), dtype=np.float32)
    for row, clip in zip(poses, found):
        row[:len(clip)], row[len(clip):] = clip, clip[-1]
    return poses, lengths


def _slow(rng, frames, width, size):
    noise = gaussian_filter1d(rng.standard_normal((frames + 40, width)), 4.0, axis=0)[20:-20]
    return size * noise / 0.2655  # the filter's own standard deviation


def spoiled(clip, rng):
    """Return a clip (frames, 43) that sinks, hovers, slides and shakes."""
    frames, angles = len(clip), skeleton.to_angles(clip)
    place = clip[:, :3] + _slow(rng, frames, 3, SLOW_METRES)
    place += FAST_METRES * rng.standard_normal((frames, 3))
    slide = SLIDE * rng.standard_normal(2) / skeleton.FPS
    place[:, [0, 2]] += np.arange(frames)[:, None] * slide
    tilt = _slow(rng, frames, 3, SLOW_RADIANS) + FAST_RADIANS * rng.standard_normal((frames, 3))
    angles = angles + _slow(rng, frames, 28, SLOW_RADIANS)
    angles += FAST_RADIANS * rng.standard_normal(angles.shape)
    root = quat.multiply(clip[:, skeleton.POSE["root"]], quat.from_vector(tilt))
    return skeleton.to_pose(place, root, angles)


def made_up(count):
    """Return made-up clips."""
    return [law.draw(np.random.default_rng([SEED, k])).pose for k in range(count)]


def recorded(folder, count, action=None):
    """Return recorded clips that need no props, evenly from all, or of one action."""
    found = [clip for clip in clips.read(folder) if action in (None, clip.action)]
    return [clip.pose for clip in found[:: max(1, len(found) // count)][:count]]


def _aims(poses, lengths):
    aims = [_plan.plan(clip[:length]) for clip, length in zip(poses, lengths)]
    return padded(aims)[0]


def table(name, found, processes=1):
    """Return the lines for some clips, and simulated seconds per second."""
    poses, lengths = padded(found)
    start = time.perf_counter()
    out, report = physics.correct(poses, lengths, processes)
    speed = report.seconds / (time.perf_counter() - start)
    before, aim, after = (contacts.measure(x, lengths)
                          for x in (poses, _aims(poses, lengths), out))
    lines = []
    for measure, values in before.items():
        first, middle, last = (x[measure].mean() for x in (before, aim, after))
        gone = f"{100 * (1 - last / first):5.1f} %" if first > 1e-3 else "     -"
        lines.append(f"{name:30s} {len(found):5d} {measure:14s} {values.mean():8.3f} "
                     f"{middle:8.3f} {last:8.3f}  {gone}")
    failed = {kind: n for kind, n in report.counts.items() if n and kind != "corrected"}
    moved = 100 * report.moved[report.corrected].mean()
    lines.append(f"{name:30s} {len(found):5d} joints moved by {moved:.1f} cm on average; "
                 f"{failed or 'none failed'}; {speed:.0f} simulated s/s")
    return lines, speed


def _main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.motion_effect")
    parser.add_argument("--clips", type=int, default=120)
    parser.add_argument("--data", help="folder of recorded clips")
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    sets = {"made-up": made_up(chosen.clips)}
    if chosen.data:
        sets["recorded walks"] = recorded(chosen.data, chosen.clips, "walk")
        sets["recorded, all actions"] = recorded(chosen.data, chosen.clips)
    print(HEAD)
    for name, found in sets.items():
        rng = np.random.default_rng(SEED)
        bad = [spoiled(np.asarray(clip, dtype=float), rng) for clip in found]
        for words, motions in ((name, found), (f"{name}, spoiled", bad)):
            print("\n".join(table(words, motions, chosen.processes)[0]), flush=True)


if __name__ == "__main__":
    _main()
