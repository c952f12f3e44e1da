"""What is measured on motions: against held-out ones, against captions, against physics."""

import functools

import numpy as np

from empirical import frechet
from empirical.items import count, take
from empirical.motion import contacts, measures
from empirical.motion.correction import Physics
from empirical.motion.library import to_poses
from empirical.task import Measurement

__all__ = ["corrected_rows", "held_out_rows", "motion_rows", "soundness"]

TOPS = (1, 2, 3)
SLACK = 0.01  # m of penetration, or of sliding in a frame, that a sound frame may have


def motion_rows(judge, items, test, dealt, split="test"):
    """Return the measurements of motions for the captions of the held-out items.

    "fid" is the Frechet distance to the held-out motions in the embedding, corrected for the
    small samples, and "fid/mean", "fid/covariance" its parts; "diversity", "matching" and
    "r_precision@k" are those of :mod:`empirical.motion.measures`, and
    "r_precision@3/shuffled" has the captions dealt out to the motions by chance.
    "penetration", "floating" and "skating" are in mm, "self_collision" a share of frames.

    Parameters
    ----------
    judge : Embedding
    items : dict of arrays
        Motions, item i for the caption of test item i.
    test : dict of arrays
        Held-out items.
    dealt : array of int, (n,)
        Whose caption each motion gets in the shuffled measure.
    split : str
        Of the measurements.
    """
    mine = judge.motions(items["features"], items["length"])
    real = _embedded(judge, test)
    n = len(mine)
    mean, covariance = frechet.parts(mine, real, corrected=True)
    rows = [Measurement("fid", mean + covariance, n=n, split=split),
            Measurement("fid/mean", mean, n=n, split=split),
            Measurement("fid/covariance", covariance, n=n, split=split)]
    value, spread = measures.diversity(mine)
    rows.append(Measurement("diversity", float(value), float(spread), n, split))
    rows += _text_rows(mine, judge.texts(items["words"]), dealt, split)
    return rows + _physics_rows(to_poses(items["features"], items["length"]), items["length"],
                                split)


def _embedded(judge, test):
    return judge.motions(test["features"], test["length"])


def _text_rows(motions, texts, dealt, split):
    apart = measures.distances(motions, texts)
    rows = [_mean("matching", measures.matching(apart), split)]
    rows += [_mean(f"r_precision@{top}", measures.r_precision(apart, top), split) for top in TOPS]
    wrong = measures.distances(motions, texts[dealt])
    return [*rows, _mean("r_precision@3/shuffled", measures.r_precision(wrong, 3), split)]


def _physics_rows(poses, lengths, split):
    return [_mean(name, values, split)
            for name, values in contacts.measure(poses, lengths).items()]


def _mean(metric, values, split):
    values, n = np.asarray(values, dtype=float), len(values)
    spread = values.std(ddof=1) / np.sqrt(n) if n > 1 else float("nan")
    return Measurement(metric, float(values.mean()), float(spread), n, split)


@functools.lru_cache(maxsize=4)
def _held_out(judge, key):
    test = key.items
    dealt = np.random.Generator(np.random.PCG64(0)).permutation(count(test))
    rows = [row for row in motion_rows(judge, test, test, dealt, "real")
            if not row.metric.startswith("fid")]
    half = count(test) // 2  # of the held-out motions among themselves: what FID 0 looks like
    if half > 1:
        parts = [_embedded(judge, take(test, slice(k, None, 2))) for k in (0, 1)]
        rows.append(Measurement("fid", frechet.distance(*parts, corrected=True), n=half,
                                split="real"))
    return rows


class _Key:
    """Items as a key of a cache: the same arrays, or others."""

    def __init__(self, items):
        self.items = items

    def __hash__(self):
        return id(self.items["features"])

    def __eq__(self, other):
        return self.items["features"] is other.items["features"]


def held_out_rows(judge, test):
    """Return the same measurements of the held-out motions themselves, split "real".

    Their "fid" is that of one half of them to the other.
    """
    return list(_held_out(judge, _Key(test)))


def corrected_rows(items, processes=1):
    """Return what the physics corrector does to motions, split "corrected".

    The physics of them after correction, and under "before/" before it; "moved", the mean
    distance of the joints from where they were, in mm, of those that were corrected; "failed",
    the share that was passed on as it came.
    """
    lengths = items["length"]
    after, report = Physics(processes).correct_and_tell(items)
    rows = _physics_rows(to_poses(after["features"], lengths), lengths, "corrected")
    before = contacts.measure(to_poses(items["features"], lengths), lengths)
    rows += [_mean(f"before/{name}", values, "corrected") for name, values in before.items()]
    if report.corrected.any():
        rows.append(_mean("moved", 1000 * report.moved[report.corrected], "corrected"))
    return [*rows, _mean("failed", ~report.corrected, "corrected")]


def soundness(items):
    """Return the share of each motion's frames that break no law on the floor, (n,).

    In a sound frame nothing is more than 1 cm below the floor, and no corner of a sole that
    stands on it then and in the next frame slides by more than 1 cm.
    """
    lengths = np.asarray(items["length"])
    poses = to_poses(items["features"], lengths)
    sunk = contacts.lowest(poses) < -SLACK
    corners = contacts.soles(poses)
    low = corners[..., 1] < contacts.TOUCHING
    moved = np.linalg.norm(np.diff(corners[..., [0, 2]], axis=1), axis=-1)
    slid = ((moved > SLACK) & low[:, 1:] & low[:, :-1]).any(axis=(2, 3))
    wrong = sunk
    wrong[:, :-1] |= slid
    there = np.arange(poses.shape[1]) < lengths[:, None]
    return 1 - (wrong & there).sum(axis=1) / lengths
