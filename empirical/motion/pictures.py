"""Motions as pictures: strips of faded past poses, and films; the same prompt under several arms.

    python -m empirical.motion.pictures COMPARISON --runs-dir runs --out figures/motion

samples from the last models of a comparison's arms for the same held-out prompts, beside the real
motions, and writes a strip (PNG), a film (GIF, or MP4 where ffmpeg is there) for each prompt, and
the motions themselves (`motions.npz`), from which the figures of the paper are drawn again.

A figure is drawn from its bodies' own shapes in a fixed camera. Its shadow lies straight below it
on the floor: feet that do not meet their shadow float. What is below the floor is red.
"""

import argparse
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from empirical.motion import contacts, skeleton
from empirical.motion import quaternions as quat

__all__ = ["Showcase", "animate", "draw", "gather", "read", "strip", "strips"]

COLOURS = ("#555555", "#0072B2", "#D55E00", "#009E73", "#CC79A7")  # Okabe and Ito 2008, and grey
BELOW = "#C00000"
SUNK = 0.01  # m below the floor from which a body is red
_AZIMUTH, _ELEVATION = np.radians(28), np.radians(14)  # of the camera, from the figure's right
_ROUND = np.linspace(0, 2 * np.pi, 17)[:-1]
_CIRCLE = np.stack([np.cos(_ROUND), np.sin(_ROUND)], axis=1)
# What joins the trunk's spheres, hips and shoulders: from, to, how far, radius.
_FLESH = (("root", "chest", 1.0, 0.075), ("chest", "neck", 1.0, 0.075),
          ("right_hip", "left_hip", 1.0, 0.06), ("right_shoulder", "left_shoulder", 1.0, 0.05),
          ("neck", "head_top", 0.5, 0.045))
MAXIMUM = 20_000_000  # bytes of a file of motions


def _axes_of_camera():
    a, e = _AZIMUTH, _ELEVATION
    right = np.array([np.cos(a), 0, -np.sin(a)])
    up = np.array([-np.sin(a) * np.sin(e), np.cos(e), -np.cos(a) * np.sin(e)])
    return np.stack([right, up], axis=1), np.cross(right, up)


_PLANE, _TOWARDS = _axes_of_camera()


def _hull(points):
    """Return the corners of the convex hull of points (n, 2), in order."""
    from scipy.spatial import ConvexHull

    return points[ConvexHull(points).vertices]


def _pieces(pose):
    """Return what a pose (43,) is drawn of: points (k, 3), radius, body; far ones first."""
    turned, places = skeleton.global_rotations(pose), skeleton.joints(pose)
    found = []
    for first, second, share, radius in _FLESH:
        start, end = (places[skeleton.NAMES.index(name)] for name in (first, second))
        found.append((np.stack([start, start + share * (end - start)]), radius, None))
    for number, body in enumerate(skeleton.BODIES):
        if body.shape == "box":
            corners = np.stack(np.meshgrid(*[[-1, 1]] * 3), axis=-1).reshape(-1, 3) * body.size
            spots, radius = np.array(body.centre) + corners, 0.0
        else:
            half = np.array([0, body.size[1] if body.shape == "capsule" else 0.0, 0])
            spots = np.array(body.centre) + [half, -half]
            radius = body.size[0]
        spots = places[number] + quat.rotate(turned[number], spots)
        found.append((spots, radius, number))
    return sorted(found, key=lambda piece: piece[0].mean(axis=0) @ _TOWARDS)


def _outline(points, radius):
    """Return the outline (k, 2) on the picture of what is `radius` around points (n, 3)."""
    flat = points @ _PLANE
    if radius:
        flat = (flat[:, None] + radius * _CIRCLE).reshape(-1, 2)
    return _hull(flat)


def _mixed(colour, weight):
    """Return a colour with so much of white in it that `weight` of it is left."""
    from matplotlib.colors import to_rgb

    return tuple(1 - weight * (1 - part) for part in to_rgb(colour))


def draw(axes, pose, *, colour=COLOURS[1], weight=1.0, at=(0.0, 0.0)):
    """Draw one pose and its shadow.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Of equal scales, in metres on the picture.
    pose : array, (43,)
    colour : color
        Of the body; its left is lighter.
    weight : float
        1 for the colour itself, less for a faded one.
    at : (float, float)
        Shift on the picture, to the right and up, m.

    Returns
    -------
    list
        What was added.
    """
    from matplotlib.collections import PolyCollection

    pieces, low = _pieces(np.asarray(pose, dtype=float)), contacts.clearance(pose)
    shift, shapes, faces, shadows = np.asarray(at), [], [], []
    for points, radius, body in pieces:
        shapes.append(_outline(points, radius) + shift)
        left = body is not None and skeleton.NAMES[body].startswith("left")
        shade = _mixed(colour, 0.72 if left else 1.0)
        if body is not None and low[body] < -SUNK:
            shade = BELOW
        faces.append(_mixed(shade, weight))
        ground = points * [1, 0, 1]
        rim = radius * _CIRCLE[:, :1] * [[1.0, 0, 0]] + radius * _CIRCLE[:, 1:] * [[0, 0, 1.0]]
        ground = (ground[:, None] + (rim if radius else np.zeros((1, 3)))).reshape(-1, 3)
        shadows.append(_hull(ground @ _PLANE) + shift)
    grey = _mixed("#888888", 0.35 * weight)
    added = [PolyCollection(shadows, facecolors=[grey], edgecolors="none", zorder=1),
             PolyCollection(shapes, facecolors=faces, edgecolors=_mixed("#222222", 0.6 * weight),
                            linewidths=0.35, zorder=2 + weight)]
    for part in added:
        axes.add_collection(part)
    return added


def _floor(axes, low, high, level=False):
    """Draw the floor's lines along x, or level ones, and show from `low` to `high`."""
    for z in (-0.6, 0.0, 0.6):
        slope = 0.0 if level else _PLANE[0, 1] / _PLANE[0, 0]
        axes.axline(np.array([0, 0, z]) @ _PLANE, slope=slope, color="#DDDDDD", linewidth=0.6,
                    zorder=0)
    axes.set(xlim=(low, high), aspect="equal")
    axes.axis("off")


def strip(axes, clip, *, poses=12, colour=COLOURS[1], apart=0.7):
    """Draw poses of a clip from its first frame to its last, past ones faded.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    clip : array, (frames, 43)
        The frames that count.
    poses : int
        How many are drawn, as far from each other in time as can be.
    colour : color
    apart : float
        Metres to the right that each is drawn from the one before, besides what it moved, all on
        one line; 0 draws all where they are.
    """
    clip = np.asarray(clip, dtype=float)
    chosen = np.unique(np.linspace(0, len(clip) - 1, poses).round().astype(int))
    spots = []
    for number, frame in enumerate(chosen):
        weight = 0.3 + 0.7 * (number + 1) / len(chosen)
        ground = (clip[frame, :3] * [1, 0, 1]) @ _PLANE
        at = np.array([apart * number, -ground[1] if apart else 0.0])
        draw(axes, clip[frame], colour=colour, weight=weight, at=at)
        spots.append(clip[frame, :3] @ _PLANE + at)
    spots = np.array(spots)
    _floor(axes, spots[:, 0].min() - 0.6, spots[:, 0].max() + 0.6, level=apart > 0)
    axes.set_ylim(min(-0.25, spots[:, 1].min() - 0.95), max(1.7, spots[:, 1].max() + 0.85))


def strips(clips, names, prompt="", *, poses=12, apart=0.7, width=7.0):
    """Return a figure of clips below each other: one prompt under several arms.

    Parameters
    ----------
    clips : list of array, (frames, 43)
    names : list of str
        What each is.
    prompt : str
        What all were made for.
    poses, apart : int, float
        As for :func:`strip`.
    width : float
        Inches.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, 1.0), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, hspace=0.0)
    rows = figure.subplots(len(clips), 1, squeeze=False)[:, 0]
    for axes, clip, name, colour in zip(rows, clips, names, _cycle(len(clips))):
        strip(axes, clip, poses=poses, colour=colour, apart=apart)
        axes.set_title(name, loc="left", fontsize=8, color=colour, pad=1)
    shape = _same_view(rows)
    figure.set_figheight(0.35 + len(clips) * (0.2 + width * shape))
    if prompt:
        figure.suptitle(f"“{prompt}”", fontsize=9, style="italic")
    return figure


def _cycle(count):
    return [COLOURS[k % len(COLOURS)] for k in range(count)]


def _same_view(rows):
    """Give all axes one scale and one place, so that drift shows; return height over width."""
    low, high = (f(axes.get_xlim()[k] for axes in rows) for k, f in ((0, min), (1, max)))
    bottom, top = (f(axes.get_ylim()[k] for axes in rows) for k, f in ((0, min), (1, max)))
    for axes in rows:
        axes.set(xlim=(low, high), ylim=(bottom, top))
    return (top - bottom) / (high - low)


def _writer(path):
    from matplotlib import animation

    suffix = Path(path).suffix.lower()
    if suffix == ".gif":
        return animation.PillowWriter(fps=skeleton.FPS)
    if suffix != ".mp4":
        raise ValueError(f"path = {path}: must end in .gif or .mp4")
    if not shutil.which("ffmpeg"):
        raise ValueError(f"path = {path}: needs ffmpeg, which is not there: write a .gif")
    return animation.FFMpegWriter(fps=skeleton.FPS)


def animate(path, clips, names, prompt="", *, dpi=80, panel=2.2):
    """Write a film of clips side by side, 20 frames a second; the shorter ones wait at their end.

    Parameters
    ----------
    path : path
        Ends in .gif, or in .mp4, which needs ffmpeg.
    clips, names, prompt
        As for :func:`strips`.
    dpi : int
        Points an inch.
    panel : float
        Inches, of one clip's width.

    Raises
    ------
    ValueError
        For another kind of file, or where ffmpeg is not there.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    writer, clips = _writer(path), [np.asarray(clip, dtype=float) for clip in clips]
    figure = Figure(figsize=(panel * len(clips), panel + 0.4))
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(clips), squeeze=False)[0]
    figure.subplots_adjust(0.01, 0.01, 0.99, 0.86, wspace=0.02)
    spots = np.concatenate([clip[:, :3] @ _PLANE for clip in clips])
    middle = (spots[:, 0].min() + spots[:, 0].max()) / 2
    reach = max(1.1, (spots[:, 0].max() - spots[:, 0].min()) / 2 + 0.8)
    for axes, name, colour in zip(panels, names, _cycle(len(clips))):
        _floor(axes, middle - reach, middle + reach)
        axes.set_ylim(-0.55 * reach, 1.45 * reach)
        axes.set_title(name, fontsize=8, color=colour, pad=1)
    figure.suptitle(f"“{prompt}”" if prompt else "", fontsize=9, style="italic")
    with writer.saving(figure, str(path), dpi):
        for frame in range(max(map(len, clips))):
            parts = [part for axes, clip, colour in zip(panels, clips, _cycle(len(clips)))
                     for part in draw(axes, clip[min(frame, len(clip) - 1)], colour=colour)]
            writer.grab_frame()
            for part in parts:
                part.remove()


@dataclass(frozen=True, slots=True, eq=False)
class Showcase:
    """The same prompts under several arms.

    Attributes
    ----------
    names : tuple of str
        What each arm is; the first is the real motion.
    prompts : tuple of str
    poses : array of float32, (prompts, arms, frames, 43)
        Motions, padded.
    lengths : array of int, (prompts,)
        Frames that count.
    """

    names: tuple
    prompts: tuple
    poses: np.ndarray
    lengths: np.ndarray

    def clips(self, number):
        """Return the clips (arms) of a prompt, each (frames, 43)."""
        return [clip[:self.lengths[number]] for clip in self.poses[number]]

    def save(self, path):
        """Write the motions to an .npz file."""
        import io

        from empirical._files import write

        buffer = io.BytesIO()
        np.savez_compressed(buffer, names=np.array(self.names), prompts=np.array(self.prompts),
                            poses=self.poses.astype(np.float32), lengths=self.lengths)
        write(Path(path), buffer.getvalue())


def read(path):
    """Return the :class:`Showcase` in an .npz file.

    Raises
    ------
    ValueError
        When it holds none.
    """
    path = Path(path)
    if path.stat().st_size > MAXIMUM:
        raise ValueError(f"{path} = {path.stat().st_size} bytes: must be at most {MAXIMUM}")
    try:
        with np.load(path) as file:
            names, prompts = (tuple(map(str, file[key])) for key in ("names", "prompts"))
            poses, lengths = file["poses"].astype(np.float32), file["lengths"].astype(np.int64)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"{path}: holds no motions ({type(error).__name__})") from None
    fits = (poses.ndim == 4 and poses.shape[3] == skeleton.WIDTH and np.isfinite(poses).all()
            and poses.shape[:2] == (len(prompts), len(names)) and lengths.shape == poses.shape[:1]
            and ((lengths > 0) & (lengths <= poses.shape[2])).all())
    if not fits:
        raise ValueError(f"{path}: holds motions of shape {poses.shape} that do not fit its names")
    return Showcase(names, prompts, poses, lengths)


def _kind(config):
    """Return what an arm is in the figures, "" for one that they do not show."""
    loop = config.loop
    if config.shuffled:
        return ""
    if loop.mix == "real":
        return "baseline"
    return {"none": "iterative", "physics": "corrected"}.get(loop.curate, "")


def gather(found, prompts=3, seed=None):
    """Sample the same held-out prompts from the last model of each arm of a comparison.

    Of arms of one kind (baseline, iterative, corrected) that with the largest lambda is shown.

    Parameters
    ----------
    found : Comparison
        Of the motion task, whose runs have ended.
    prompts : int
        How many: the first of the test split, of different actions where there are enough.
    seed : int, optional
        Of the runs; by default the first.

    Raises
    ------
    ValueError
        For another task, or when no arm has ended.
    """
    if found.task != "motion":
        raise ValueError(f"task = {found.task!r}: must be motion")
    seed = found.seeds[0] if seed is None else seed
    cells, records = {}, found.records()
    for cell in found.cells:
        done = (cell.arm, cell.seed) in records and records[cell.arm, cell.seed].finished
        kind = _kind(cell.config)
        if cell.seed == seed and done and kind:
            ratio = cells[kind].config.loop.ratio if kind in cells else -1.0
            cells |= {kind: cell} if cell.config.loop.ratio > ratio else {}
    if not cells:
        raise ValueError(f"seed = {seed}: must be one of which a run has ended")
    kinds = [kind for kind in ("baseline", "iterative", "corrected") if kind in cells]
    from empirical.motion.library import to_poses

    chosen, asked, captions = _asked(cells[kinds[0]].config, prompts, seed)
    poses = [to_poses(asked["features"], asked["length"])]
    for kind in kinds:
        cell = cells[kind]
        poses.append(to_poses(_sampled(cell, records[cell.arm, seed], chosen, asked),
                              asked["length"]))
    names = ("ground truth", *(cells[kind].arm for kind in kinds))
    return Showcase(names, captions, np.stack(poses, axis=1).astype(np.float32), asked["length"])


def _asked(config, prompts, seed):
    """Return numbers, items and captions of the test clips that are shown."""
    from empirical.items import take
    from empirical.motion.task import TASK
    from empirical.streams import Streams

    task = TASK(config)
    test = task.real("test", Streams(seed))
    _, first = np.unique(test["group"], return_index=True)
    rest = np.setdiff1d(np.arange(len(test["group"])), first)
    chosen = np.concatenate([np.sort(first), rest])[:prompts]
    captions = tuple(task.library.captions["test"][number] for number in chosen)
    return chosen, take(test, chosen), captions


def _sampled(cell, record, numbers, asked):
    """Return the features that the last model of a run makes for the items."""
    import torch

    from empirical import runs
    from empirical.motion.task import TASK
    from empirical.streams import Streams

    task, streams = TASK(cell.config), Streams(cell.seed)
    trained = [event for event in record.events if event["event"] == "trained"][-1]
    model = task.build(torch.Generator().manual_seed(0))
    weights = runs.load(record.path, trained)
    model.load_state_dict({name: torch.from_numpy(v.copy()) for name, v in weights.items()})
    return task.sample(model, numbers, asked, streams.child("pictures"))[0]


def _found(arguments):
    from empirical import comparison
    from empirical.export import find
    from empirical.runs import default_root

    found = find(arguments.runs_dir or default_root(), arguments.comparison)
    if not isinstance(found, comparison.Comparison):
        raise ValueError(f"comparison = {arguments.comparison!r}: is a run, must be a comparison")
    return gather(found, arguments.prompts, arguments.seed)


def main(arguments=None):
    """Write strips and films of a comparison; see the module."""
    parser = argparse.ArgumentParser(prog="python -m empirical.motion.pictures",
                                     description="Strips and films of the same prompts.")
    parser.add_argument("comparison", help="name of a comparison, or a motions.npz")
    parser.add_argument("--runs-dir", help="folder of all runs")
    parser.add_argument("--out", default="figures/motion", help="folder for the pictures")
    parser.add_argument("--prompts", type=int, default=3, help="how many prompts")
    parser.add_argument("--seed", type=int, help="of the runs; by default the first")
    parser.add_argument("--film", choices=("gif", "mp4", "none"), default="gif")
    chosen = parser.parse_args(arguments)
    try:
        stored = chosen.comparison.endswith(".npz")
        shown = read(chosen.comparison) if stored else _found(chosen)
        folder = Path(chosen.out)
        folder.mkdir(parents=True, exist_ok=True)
        shown.save(folder / "motions.npz")
        for number, prompt in enumerate(shown.prompts):
            clips, name = shown.clips(number), folder / f"motion-{number}"
            strips(clips, shown.names, prompt).savefig(f"{name}.png", dpi=150)
            if chosen.film != "none":
                animate(f"{name}.{chosen.film}", clips, shown.names, prompt)
            sys.stdout.write(f"{name}: {prompt}\n")
    except (ValueError, OSError) as error:
        sys.stderr.write(f"pictures: error: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
