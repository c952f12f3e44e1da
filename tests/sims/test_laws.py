"""Laws of every loop that refits itself: a new loop gives two functions and inherits them all.

`run(rng, replicates, workers)` returns paths (R, T+1, k) from a start that treats all of the k
coordinates alike; `unguided(rng, replicates)` returns paths without selection or correction.
"""

import numpy as np
import pytest
from numba import njit

from sims import (
    _filters,
    _gaussian,
    collapse,
    pruning,
    simulate_correction_loop,
    simulate_descent,
    simulate_filtered_regression,
    simulate_pointwise_loop,
    simulate_pruning_rounds,
    simulate_selection_loop,
    simulate_synthetic_loop,
    simulate_top_fraction,
    simulate_verified_regression,
    simulate_wright_fisher,
)
from sims.confidence import z_of_mean, z_test


class RefittingLoopLaws:
    """What holds for any loop; subclasses give `run` and `unguided`."""

    continuous = True  # whether two replicates do not agree
    ties = 0  # how many replicates may have company all the same

    @staticmethod
    def run(rng, replicates, workers=None):
        raise NotImplementedError

    @staticmethod
    def unguided(rng, replicates):
        raise NotImplementedError

    def test_same_seed_same_path(self):
        first, second, other = (self.run(np.random.default_rng(seed), 50) for seed in (4, 4, 5))
        np.testing.assert_array_equal(first, second)
        differs = first[:, -1] != other[:, -1]
        assert differs.all() if self.continuous else differs.any()

    def test_workers_and_engines_change_nothing(self, other_engines, small_chunks):
        expected = self.run(np.random.default_rng(4), 3000)
        for workers in other_engines:
            np.testing.assert_array_equal(
                self.run(np.random.default_rng(4), 3000, workers), expected)

    def test_more_replicates_extend_the_earlier_ones(self):
        whole = self.run(np.random.default_rng(4), 40)
        np.testing.assert_array_equal(self.run(np.random.default_rng(4), 17), whole[:17])

    def test_replicates_are_distinct_and_finite(self):
        paths = self.run(np.random.default_rng(4), 3000)
        assert np.isfinite(paths).all()
        if self.continuous:
            assert len(np.unique(paths[:, -1, 0])) >= 3000 - self.ties

    def test_chunks_do_not_repeat_each_other(self, small_chunks):
        paths = self.run(np.random.default_rng(4), 1024).reshape(4, 256, -1)
        for first, second in zip(paths[1:], paths[:-1]):
            assert (first != second).any()

    def test_neighbours_are_uncorrelated(self):
        # Null: replicates are independent. The correlation of 3000 pairs has an error of 0.018.
        last = self.run(np.random.default_rng(4), 3001)[:, -1, 0]
        correlation = np.corrcoef(last[1:], last[:-1])[0, 1]
        assert z_test(correlation, 0.0, 1.0 / np.sqrt(3000))

    def test_coordinates_are_exchangeable(self, assert_same_law):
        paths = self.run(np.random.default_rng(4), 6000)[:, 1:]
        assert_same_law(paths[:3000, :, 0], paths[3000:, :, -1])

    def test_no_guidance_no_drift(self):
        # Null: the mean of each increment is 0.
        paths = self.unguided(np.random.default_rng(4), 4000)
        assert z_of_mean(np.diff(paths, axis=1), 0.0)

    def test_nothing_may_be_asked_for(self):
        assert len(self.run(np.random.default_rng(4), 0)) == 0


@njit
def keep_all(squared):
    return 1.0


@njit
def keep_near(squared):
    return squared < 2.0


class TestSelectionBySampling(RefittingLoopLaws):
    @staticmethod
    def run(rng, replicates, workers=None):
        return simulate_selection_loop(
            [0.5, 0.5, 0.5], [5, 10, 20], 1.0, 1.5, replicates=replicates, rng=rng,
            workers=workers).parameters

    @staticmethod
    def unguided(rng, replicates):
        return simulate_selection_loop(
            [1.0, 2.0], [5, 10], 1.0, 1.0, replicates=replicates, rng=rng,
            reward=keep_all).parameters


class TestSelectionByLaw(RefittingLoopLaws):
    @staticmethod
    def run(rng, replicates, workers=None):
        return simulate_selection_loop(
            [0.5, 0.5], [5, 10, 20], 1.0, 1.5, replicates=replicates, rng=rng, level="law",
            workers=workers).parameters

    @staticmethod
    def unguided(rng, replicates):
        return simulate_selection_loop(
            [1.0, 2.0], [5, 10], 1.0, 1e9, replicates=replicates, rng=rng,
            level="law").parameters


class TestSelectionByOwnReward(RefittingLoopLaws):
    @staticmethod
    def run(rng, replicates, workers=None):
        return simulate_selection_loop(
            [0.5, 0.5], [5, 10], 1.0, 1.0, replicates=replicates, rng=rng, reward=keep_near,
            workers=workers).parameters

    @staticmethod
    def unguided(rng, replicates):
        return TestSelectionBySampling.unguided(rng, replicates)


class TestVerifiedRegression(RefittingLoopLaws):
    @staticmethod
    def run(rng, replicates, workers=None):
        return simulate_verified_regression(
            [3.0, 3.0], 1.0, 1.5, [4, 8, 8], replicates=replicates, rng=rng,
            workers=workers)

    @staticmethod
    def unguided(rng, replicates):
        return simulate_verified_regression(
            [3.0, -2.0], 1.0, np.inf, [4, 8, 8], replicates=replicates, rng=rng)


def correction_laws(policy, bootstrap):
    class Laws(RefittingLoopLaws):
        @staticmethod
        def run(rng, replicates, workers=None):
            return simulate_correction_loop(
                6, 4, 0.3, 4, policy=policy, bootstrap=bootstrap, replicates=replicates, rng=rng,
                workers=workers).means

        @staticmethod
        def unguided(rng, replicates):
            return simulate_correction_loop(
                6, 4, 0.0, 4, policy=policy, bootstrap=bootstrap, replicates=replicates,
                rng=rng).means

        @pytest.mark.parametrize("correction", [0.0, 0.5, np.inf])
        def test_real_data_alone_stay_as_they_are(self, correction):
            loop = simulate_correction_loop(
                6, 0, correction, 4, policy=policy, bootstrap=bootstrap, replicates=20,
                rng=np.random.default_rng(4))
            np.testing.assert_allclose(
                loop.means, np.repeat(loop.means[:, :1], 5, axis=1), rtol=1e-15)
            np.testing.assert_allclose(
                loop.covariances, np.repeat(loop.covariances[:, :1], 5, axis=1), rtol=1e-14)

    return Laws


class TestReplace(correction_laws("replace", True)):
    pass


class TestReplaceAfresh(correction_laws("replace", False)):
    pass


class TestAccumulate(correction_laws("accumulate", True)):
    pass


class TestLog(correction_laws("log", False)):
    pass


class TestRamp(correction_laws("ramp", True)):
    pass


class TestDescent(RefittingLoopLaws):
    @staticmethod
    def run(rng, replicates, workers=None):
        return simulate_descent(
            [0.5, 0.5], [5, 10, 20], 1.0, 1.5, steps=[1.0, 0.5, 0.25], replicates=replicates,
            rng=rng, workers=workers).parameters

    @staticmethod
    def unguided(rng, replicates):
        return simulate_descent(
            [1.0, 2.0], [5, 10], 1.0, 1.0, steps=0.5, replicates=replicates, rng=rng,
            reward=keep_all).parameters


def synthetic_laws(level):
    class Laws(RefittingLoopLaws):
        @staticmethod
        def run(rng, replicates, workers=None):
            return simulate_synthetic_loop(
                8, 4, dim=2, correction=0.3, level=level, replicates=replicates, rng=rng,
                workers=workers).means

        @staticmethod
        def unguided(rng, replicates):
            return simulate_synthetic_loop(
                8, 4, dim=2, level=level, replicates=replicates, rng=rng).means

    return Laws


class TestSyntheticBySampling(synthetic_laws("sample")):
    pass


class TestSyntheticByLaw(synthetic_laws("law")):
    pass


def wright_fisher_laws(level, n):
    class Laws(RefittingLoopLaws):
        continuous, ties = n > 2**50, 5

        @staticmethod
        def run(rng, replicates, workers=None):
            return simulate_wright_fisher(
                0.3, n, 3, correction=0.3, level=level, replicates=replicates, rng=rng,
                workers=workers)[..., None]

        @staticmethod
        def unguided(rng, replicates):
            return simulate_wright_fisher(
                0.3, n, 3, level=level, replicates=replicates, rng=rng)[..., None]

    return Laws


class TestWrightFisherBySampling(wright_fisher_laws("sample", 20)):
    pass


class TestWrightFisherByLaw(wright_fisher_laws("law", 2**53)):
    pass


def pruning_laws(level, n):
    class Laws(RefittingLoopLaws):
        continuous, ties = n > 2**50, 5

        @staticmethod
        def run(rng, replicates, workers=None):
            return simulate_pruning_rounds(
                0.4, 0.9, 0.6, [n] * 3, level=level, replicates=replicates, rng=rng,
                workers=workers).error_rates[..., None]

        @staticmethod
        def unguided(rng, replicates):
            return simulate_pruning_rounds(
                0.4, 0.7, 0.7, [n] * 3, level=level, replicates=replicates,
                rng=rng).error_rates[..., None]

    return Laws


class TestPruningBySampling(pruning_laws("sample", 20)):
    pass


class TestPruningByLaw(pruning_laws("law", 2**53)):
    pass


def pointwise_laws(bins, assignment):
    class Laws(RefittingLoopLaws):
        @staticmethod
        def run(rng, replicates, workers=None):
            return simulate_pointwise_loop(
                6, 4, 0.5, 3, bins=bins, assignment=assignment, replicates=replicates, rng=rng,
                workers=workers).means

        @staticmethod
        def unguided(rng, replicates):
            return simulate_pointwise_loop(
                6, 4, 0.0, 3, bins=bins, assignment=assignment, replicates=replicates,
                rng=rng).means

    return Laws


class TestPermutation(pointwise_laws(None, "random")):
    pass


class TestHistogram(pointwise_laws(3, "random")):
    pass


class TestNearest(pointwise_laws(3, "nearest")):
    pass


def filter_laws(rule, design, level="sample"):
    class Laws(RefittingLoopLaws):
        @staticmethod
        def run(rng, replicates, workers=None):
            return simulate_filtered_regression(
                [1.0, 1.0], 0.5, 0.8, [6, 9], rule=rule, design=design, level=level,
                replicates=replicates, rng=rng, workers=workers).parameters

        @staticmethod
        def unguided(rng, replicates):
            return simulate_filtered_regression(
                [1.0, -1.0], 0.5, np.inf, [6, 9], rule="soft", design=design, level=level,
                replicates=replicates, rng=rng).parameters

    return Laws


class TestSoft(filter_laws("soft", "orthonormal")):
    pass


class TestSoftByLaw(filter_laws("soft", [[1.0, 0.5], [0.5, 1.0]], "law")):
    pass


class TestWindow(filter_laws("window", "gaussian")):
    pass


class TestOneSided(filter_laws("one-sided", [[1.0, 0.5], [0.5, 1.0], [1.0, 1.0]])):
    pass


class TestTopFraction(RefittingLoopLaws):
    @staticmethod
    def run(rng, replicates, workers=None):
        return simulate_top_fraction(
            [2.0, 2.0], 0.5, 0.3, [6, 9], batch=4, replicates=replicates, rng=rng,
            workers=workers).parameters

    @staticmethod
    def unguided(rng, replicates):
        return simulate_top_fraction(
            [2.0, -2.0], 0.5, 1.0, [6, 9], replicates=replicates, rng=rng).parameters


SAMPLE_KERNELS = [
    (_gaussian, ["synthetic_chunk", "_draw_points", "_draw_offset", "pointwise_chunk",
                 "correction_chunk", "_draw_targets", "_draw_from_points"]),
    (_filters, ["fixed_rows_chunk", "gaussian_rows_chunk", "_kept_sum", "_keeps", "top_chunk",
                "_gaussian_round", "_add_best", "_draw_scored"]),
    (collapse, ["_toss_chunk"]),
    (pruning, ["_sample_chunk", "_prune"]),
]


@pytest.mark.parametrize(("module", "names"), SAMPLE_KERNELS)
def test_sampling_knows_no_law(module, names):
    # The kernels draw points and count: no density, distribution function or rate of the theory.
    for name in names:
        used = set(getattr(module, name).py_func.__code__.co_names)
        assert not used & {"exp", "expm1", "log", "log1p", "erf", "erfc", "ndtr", "ndtri",
                           "binomial", "poisson", "chisquare", "standard_gamma", "tanh"}
