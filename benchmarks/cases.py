"""What is measured: each simulator, the program that one would write instead, and the draws.

`ours(rng, workers, **size)` returns one number or vector a replicate and the draws that it needed
(None where a law makes the count meaningless); `theirs(rng, **size)` returns the same quantity.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit

import sims
from benchmarks.baselines import classifier, correction, regression, selection
from benchmarks.limits import Draws
from theory.pruning import rates_mixture

SIGMA, KAPPA, START = 1.0, 2.0, [1.0, 1.0]
ANGLES = (0.8, 0.3, 0.9)
SEPARATION = 1.5


@dataclass(frozen=True, slots=True)
class Case:
    """One comparison.

    Attributes
    ----------
    name : str
        Short name, unique.
    ours, theirs : callable
        See the module.
    full, tiny : dict
        Arguments of both, `replicates` among them; tiny ones take milliseconds.
    share : int
        The baseline runs one replicate for so many of ours; its time is scaled.
    target : float or None
        How many times faster than the baseline we mean to be, all cores together.
    """

    name: str
    ours: Callable
    theirs: Callable
    full: dict
    tiny: dict
    share: int = 1
    target: float | None = None


def _selection(rng, workers, n, rounds, replicates, step=None):
    options = {"replicates": replicates, "rng": rng, "workers": workers}
    if step is None:
        loop = sims.simulate_selection_loop(START, [n] * rounds, SIGMA, KAPPA, **options)
    else:
        loop = sims.simulate_descent(
            START, [n] * rounds, SIGMA, KAPPA, steps=step, **options)
    tried = int(loop.proposals.sum())
    return loop.parameters[:, -1], Draws(normals=2 * tried, exponentials=tried)


def _selection_baseline(rng, n, rounds, replicates, step=1.0):
    return selection.selection_loop(START, [n] * rounds, SIGMA, KAPPA, replicates, rng, step)


@njit
def _near(squared):
    return squared < 4.0


def _own_reward(rng, workers, n, replicates):
    loop = sims.simulate_selection_loop(
        START, [n], SIGMA, KAPPA, reward=_near, replicates=replicates, rng=rng, workers=workers)
    tried = int(loop.proposals.sum())
    return loop.parameters[:, -1], Draws(normals=2 * tried, uniforms=tried)


def _own_reward_baseline(rng, n, replicates):
    final = []
    for _ in range(replicates):
        kept = np.empty((0, 2))
        while len(kept) < n:
            x = np.asarray(START) + SIGMA * rng.standard_normal((2 * n, 2))
            kept = np.concatenate([kept, x[np.einsum("ij,ij->i", x, x) < 4.0]])
        final.append(kept[:n].mean(axis=0))
    return np.array(final)


def _selection_law(rng, workers, n, rounds, replicates):
    loop = sims.simulate_selection_loop(
        START, [n] * rounds, SIGMA, KAPPA, level="law", replicates=replicates, rng=rng,
        workers=workers)
    return loop.parameters[:, -1], None


def _selection_law_baseline(rng, n, rounds, replicates):
    return selection.selection_law(START, [n] * rounds, SIGMA, KAPPA, replicates, rng)


def _passage(rng, workers, n0, rounds, replicates):
    schedule = sims.policy_schedule("exponential", n0, rounds, 1.25)
    found = sims.simulate_passage(
        START, schedule, SIGMA, KAPPA, 0.1, level="law", replicates=replicates, rng=rng,
        workers=workers)
    return found.rounds.astype(float), None


def _passage_baseline(rng, n0, rounds, replicates):
    schedule = sims.policy_schedule("exponential", n0, rounds, 1.25)
    return selection.passage_law(START, schedule, SIGMA, KAPPA, 0.1, replicates, rng)


def _correction(rng, workers, n, m, rounds, policy, replicates):
    loop = sims.simulate_correction_loop(
        n, m, 1.0, rounds, policy=policy, replicates=replicates, rng=rng, workers=workers)
    points = replicates * rounds * m  # each is generated, chosen, and half of them replaced
    return loop.covariances[:, -1].reshape(replicates, 4), Draws(
        normals=2 * replicates * n + 3 * points, uniforms=points)


def _correction_baseline(rng, n, m, rounds, policy, replicates):
    return correction.correction_loop(n, m, 1.0, rounds, policy, replicates, rng).reshape(-1, 4)


def _synthetic(rng, workers, n, rounds, replicates, level="sample", dim=2):
    loop = sims.simulate_synthetic_loop(
        n, rounds, dim=dim, level=level, replicates=replicates, rng=rng, workers=workers)
    draws = Draws(normals=replicates * (rounds + 1) * n * dim) if level == "sample" else None
    return loop.covariances[:, -1, 0, 0], draws


def _synthetic_baseline(rng, n, rounds, replicates):
    return correction.synthetic_loop(n, rounds, 2, replicates, rng)[:, 0, 0]


def _synthetic_law(rng, workers, **size):
    return _synthetic(rng, workers, level="law", dim=1, **size)


def _synthetic_law_baseline(rng, n, rounds, replicates):
    return correction.synthetic_law(n, rounds, replicates, rng)


def _wright_fisher(rng, workers, n, rounds, level, replicates):
    path = sims.simulate_wright_fisher(
        0.3, n, rounds, level=level, replicates=replicates, rng=rng, workers=workers)
    draws = Draws(uniforms=replicates * (rounds + 1) * n) if level == "sample" else None
    return path[:, -1] * (1.0 - path[:, -1]), draws


def _wright_fisher_baseline(rng, n, rounds, level, replicates):
    share = correction.wright_fisher(0.3, n, rounds, level, replicates, rng)
    return share * (1.0 - share)


def _point_correction(rng, workers, n, assignment, replicates):
    found = sims.simulate_point_correction(
        n, 1.0, dim=2, bins=8, assignment=assignment, replicates=replicates, rng=rng,
        workers=workers)
    distances = np.linalg.norm(found.points - found.corrected, axis=2).mean(axis=1)
    return distances, Draws(normals=3 * replicates * n, uniforms=replicates * n * 5 // 2)


def _point_correction_baseline(rng, n, assignment, replicates):
    return correction.point_correction(n, 1.0, 2, 8, assignment, replicates, rng)


def _pointwise(rng, workers, n, m, rounds, replicates):
    loop = sims.simulate_pointwise_loop(
        n, m, 1.0, rounds, bins=8, replicates=replicates, rng=rng, workers=workers)
    points = replicates * rounds * m
    return loop.covariances[:, -1].reshape(replicates, 4), Draws(
        normals=2 * replicates * n + 3 * points, uniforms=points * 7 // 2)


def _pointwise_baseline(rng, n, m, rounds, replicates):
    return correction.pointwise_loop(n, m, 1.0, rounds, 8, replicates, rng).reshape(-1, 4)


def _pruned(rng, workers, dim, n, replicates):
    found = sims.simulate_pruned_classifier(
        SEPARATION, dim, n, *ANGLES, ridge=0.1, replicates=replicates, rng=rng, workers=workers)
    kept = float(rates_mixture(SEPARATION, *ANGLES).retention) * n
    return found, Draws(normals=int(replicates * (3 * n + kept * (dim - 3))))


def _pruned_baseline(rng, dim, n, replicates):
    return classifier.pruned_classifier(SEPARATION, dim, n, ANGLES, 0.1, replicates, rng)


def _pruned_pipeline(rng, dim, n, replicates):
    return classifier.pruned_pipeline(SEPARATION, dim, n, ANGLES, 0.1, replicates, rng)


def _random(rng, workers, dim, n, replicates):
    found = sims.simulate_random_pruning(
        SEPARATION, dim, n, 0.3, 0.8, 0.4, ridge=0.1, replicates=replicates, rng=rng,
        workers=workers)
    kept = 0.7 * 0.8 + 0.3 * 0.4
    return found, Draws(
        normals=int(replicates * n * kept * dim), uniforms=2 * replicates * n)


def _random_baseline(rng, dim, n, replicates):
    return classifier.random_pruning(SEPARATION, dim, n, 0.3, 0.8, 0.4, 0.1, replicates, rng)


def _generated(rng, workers, dim, n_real, n_kept, replicates):
    found = sims.simulate_generated_training(
        SEPARATION, dim, n_real, n_kept, 0.3, ridge=0.1, replicates=replicates, rng=rng,
        workers=workers)
    return found, Draws(  # at least: refused items are not counted
        normals=replicates * dim * (n_real + n_kept), uniforms=replicates * n_kept)


def _generated_baseline(rng, dim, n_real, n_kept, replicates):
    return classifier.generated_training(
        SEPARATION, dim, n_real, n_kept, 0.3, 0.1, replicates, rng)


def _verified(rng, workers, dim, m, rounds, replicates):
    path = sims.simulate_verified_regression(
        np.full(dim, 1.0), 0.0, 2.0, [m] * rounds, replicates=replicates, rng=rng,
        workers=workers)
    return path[:, -1], Draws(normals=replicates * rounds * dim * m)  # at least: kept ones


def _verified_baseline(rng, dim, m, rounds, replicates):
    return regression.verified_regression(
        np.full(dim, 1.0), 0.0, 2.0, [m] * rounds, replicates, rng)


def _gaussian_rows(rng, workers, dim, n, rounds, replicates):
    loop = sims.simulate_filtered_regression(
        np.full(dim, 0.5), 0.0, 1.5, [n] * rounds, rule="soft", design="gaussian",
        replicates=replicates, rng=rng, workers=workers)
    tried = int(loop.proposals.sum())
    return loop.parameters[:, -1], Draws(normals=tried * (dim + 1), exponentials=tried)


def _gaussian_rows_baseline(rng, dim, n, rounds, replicates):
    return regression.gaussian_rows(
        np.full(dim, 0.5), 0.0, 1.5, [n] * rounds, replicates, rng)


def _top(rng, workers, dim, n, rounds, replicates):
    loop = sims.simulate_top_fraction(
        np.full(dim, 1.0), 0.0, 0.1, [n] * rounds, replicates=replicates, rng=rng,
        workers=workers)
    return loop.parameters[:, -1], Draws(normals=int(loop.proposals.sum()) * dim)


def _top_baseline(rng, dim, n, rounds, replicates):
    return regression.top_fraction(
        np.full(dim, 1.0), 0.0, 0.1, [n] * rounds, replicates, rng)


def _label_pruning(rng, workers, n, rounds, replicates):
    found = sims.simulate_pruning_rounds(
        0.4, 0.9, 0.6, [n] * rounds, replicates=replicates, rng=rng, workers=workers)
    return found.error_rates[:, -1], Draws(uniforms=2 * int(found.proposals.sum()))


def _label_pruning_baseline(rng, n, rounds, replicates):
    return regression.pruning_rounds(0.4, 0.9, 0.6, [n] * rounds, replicates, rng)


def _size(replicates, **rest):
    return {"replicates": replicates, **rest}


CASES = (
    Case("selection", _selection, _selection_baseline, _size(1000, n=1000, rounds=20),
         _size(400, n=20, rounds=2), share=20, target=10.0),
    Case("selection, reward of one's own", _own_reward, _own_reward_baseline,
         _size(1000, n=10_000), _size(400, n=20), share=20),
    Case("selection, law", _selection_law, _selection_law_baseline,
         _size(200_000, n=10**9, rounds=5), _size(400, n=10**9, rounds=2)),
    Case("descent", _selection, _selection_baseline, _size(1000, n=1000, rounds=20, step=0.5),
         _size(400, n=20, rounds=2, step=0.5), share=20),
    Case("first passage, law", _passage, _passage_baseline, _size(100_000, n0=100, rounds=40),
         _size(400, n0=100, rounds=40)),
    Case("correction, replace", _correction, _correction_baseline,
         _size(2000, n=50, m=25, rounds=50, policy="replace"),
         _size(400, n=10, m=6, rounds=3, policy="replace")),
    Case("correction, accumulate", _correction, _correction_baseline,
         _size(2000, n=50, m=25, rounds=50, policy="accumulate"),
         _size(400, n=10, m=6, rounds=3, policy="accumulate")),
    Case("correction, ramp", _correction, _correction_baseline,
         _size(2000, n=50, m=25, rounds=50, policy="ramp"),
         _size(400, n=10, m=6, rounds=3, policy="ramp")),
    Case("synthetic", _synthetic, _synthetic_baseline, _size(2000, n=100, rounds=50),
         _size(400, n=10, rounds=3)),
    Case("synthetic, law", _synthetic_law, _synthetic_law_baseline,
         _size(20_000, n=10**9, rounds=50), _size(400, n=10**9, rounds=3)),
    Case("Wright-Fisher", _wright_fisher, _wright_fisher_baseline,
         _size(1000, n=1000, rounds=50, level="sample"),
         _size(400, n=20, rounds=3, level="sample")),
    Case("Wright-Fisher, law", _wright_fisher, _wright_fisher_baseline,
         _size(20_000, n=10**6, rounds=50, level="law"),
         _size(400, n=20, rounds=3, level="law")),
    Case("point correction, random", _point_correction, _point_correction_baseline,
         _size(2000, n=500, assignment="random"), _size(400, n=12, assignment="random")),
    Case("point correction, nearest", _point_correction, _point_correction_baseline,
         _size(200, n=200, assignment="nearest"), _size(400, n=12, assignment="nearest")),
    Case("point-wise loop", _pointwise, _pointwise_baseline,
         _size(2000, n=50, m=25, rounds=50), _size(400, n=10, m=6, rounds=3)),
    Case("pruned classifier, scikit-learn", _pruned, _pruned_pipeline,
         _size(16, dim=50, n=100_000), _size(60, dim=5, n=300), share=4, target=10.0),
    Case("pruned classifier, NumPy", _pruned, _pruned_baseline,
         _size(16, dim=50, n=100_000), _size(60, dim=5, n=300), share=4),
    Case("random pruning", _random, _random_baseline,
         _size(16, dim=50, n=100_000), _size(60, dim=5, n=300), share=4),
    Case("generated training", _generated, _generated_baseline,
         _size(16, dim=50, n_real=1000, n_kept=50_000),
         _size(60, dim=5, n_real=40, n_kept=300), share=4),
    Case("verified regression", _verified, _verified_baseline,
         _size(1000, dim=8, m=100, rounds=20), _size(400, dim=2, m=10, rounds=2)),
    Case("filtered regression, Gaussian rows", _gaussian_rows, _gaussian_rows_baseline,
         _size(1000, dim=8, n=200, rounds=20), _size(400, dim=2, n=20, rounds=2), share=20),
    Case("top fraction", _top, _top_baseline, _size(200, dim=8, n=200, rounds=10),
         _size(400, dim=2, n=20, rounds=2), share=4),
    Case("label pruning", _label_pruning, _label_pruning_baseline,
         _size(1000, n=1000, rounds=10), _size(400, n=20, rounds=2), share=4),
)
