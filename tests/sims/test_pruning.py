"""Label-pruning rounds: two levels, a twin in plain NumPy, and the odds of theory."""

import numpy as np
import pytest

from sims import pruning, simulate_pruning_rounds
from sims.confidence import z_of_mean, z_of_variance
from theory.contraction import heterozygosity
from theory.one_law import prune_round

LEVELS = ["sample", "law"]


def simulate(p, phi, psi, schedule, seed=1, replicates=4000, **options):
    return simulate_pruning_rounds(
        p, phi, psi, schedule, replicates=replicates, rng=np.random.default_rng(seed), **options)


def naive_loop(p, phi, psi, schedule, rng):
    """One loop from long arrays of labels and verdicts."""
    rates, tried = [p], []
    for n in schedule:
        wrong = rng.random(200 * n) < rates[-1]
        kept = np.flatnonzero(rng.random(200 * n) < np.where(wrong, psi, phi))[:n]
        assert len(kept) == n
        rates.append(wrong[kept].mean())
        tried.append(kept[-1] + 1)
    return rates, tried


@pytest.mark.parametrize("level", LEVELS)
def test_agrees_with_a_naive_twin(level, assert_same_law):
    ours = simulate(0.5, 0.6, 0.2, [4, 6, 9], level=level, replicates=20_000)
    rng = np.random.default_rng(2)
    twins = [naive_loop(0.5, 0.6, 0.2, [4, 6, 9], rng) for _ in range(4000)]
    assert_same_law(ours.error_rates, np.array([twin[0] for twin in twins]))
    assert_same_law(ours.proposals, np.array([twin[1] for twin in twins]))


@pytest.mark.parametrize("level", LEVELS)
def test_the_compiler_changes_no_bit(interpreted, level):
    def run():
        return simulate(0.5, 0.6, 0.2, [4, 6, 90], level=level, replicates=6)

    compiled = run()
    interpreted()
    plain = run()
    np.testing.assert_array_equal(compiled.error_rates, plain.error_rates)
    np.testing.assert_array_equal(compiled.proposals, plain.proposals)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("p", "phi", "psi"), [(0.3, 0.9, 0.3), (0.2, 0.5, 0.8), (0.9, 1.0, 0.1)])
def test_one_round(level, p, phi, psi):
    # Null: UL-PRUNE, a binomial share of wrong labels around p', after n / P(kept) proposals.
    rounds = simulate(p, phi, psi, [20], level=level, replicates=60_000)
    rate, kept = float(prune_round(p, phi, psi)), p * psi + (1.0 - p) * phi
    found = rounds.error_rates[:, 1]
    assert z_of_mean(found, rate)
    assert z_of_variance(found, rate * (1.0 - rate) / 20)
    assert z_of_mean(rounds.proposals[:, 0], 20 / kept)
    assert z_of_variance(rounds.proposals[:, 0], 20 * (1.0 - kept) / kept**2)
    assert not z_of_mean(found, 1.02 * rate)
    assert not z_of_variance(found, 1.05 * rate * (1.0 - rate) / 20)
    assert not z_of_mean(rounds.proposals[:, 0], 1.02 * 20 / kept)


def test_many_labels_follow_the_odds():
    rounds = simulate(0.4, 0.9, 0.45, [10**15] * 6, level="law", replicates=20)
    odds = rounds.error_rates / (1.0 - rounds.error_rates)
    np.testing.assert_allclose(odds, np.tile(2 / 3 * 0.5 ** np.arange(7), (20, 1)), rtol=1e-5)


@pytest.mark.parametrize("level", LEVELS)
def test_a_blind_verifier_lets_labels_drift(level):
    # Null: phi = psi makes the Wright-Fisher process SCX-WF.
    rounds = simulate(0.3, 0.5, 0.5, [10] * 5, level=level, replicates=60_000)
    share = rounds.error_rates
    exact = heterozygosity(10, np.arange(6), 0.3)
    assert z_of_mean(share[:, 1:], 0.3)
    assert z_of_mean(share[:, 1:] * (1.0 - share[:, 1:]), exact[1:])
    assert not z_of_mean(share[:, 1:] * (1.0 - share[:, 1:]), 0.98 * exact[1:])


@pytest.mark.parametrize("level", LEVELS)
def test_certain_verdicts(level):
    assert (simulate(0.3, 1.0, 0.0, [5] * 2, level=level).error_rates[:, 1:] == 0.0).all()
    assert (simulate(0.3, 0.0, 1.0, [5] * 2, level=level).error_rates[:, 1:] == 1.0).all()
    everything = simulate(0.3, 1.0, 1.0, [5] * 2, level=level)
    assert (everything.proposals == 5).all()
    for certain in (0.0, 1.0):
        assert (simulate(certain, 0.7, 0.4, [5], level=level).error_rates == certain).all()


@pytest.mark.parametrize("level", LEVELS)
def test_refusing_everything_ends_in_words(level, interpreted, monkeypatch):
    interpreted()
    monkeypatch.setattr(pruning, "_PATIENCE", 1000)
    with pytest.raises(RuntimeError, match="pruning stalled"):
        simulate(0.0, 0.0, 1.0, [5], level=level, replicates=1)


@pytest.mark.parametrize(("changes", "message"), [
    ({"p": 1.5}, r"p = 1.5: must lie in \[0, 1\]"),
    ({"phi": np.nan}, r"phi = nan: must lie in \[0, 1\]"),
    ({"psi": -0.1}, r"psi = -0.1"),
    ({"schedule": [3, 0]}, r"schedule = 0: must be whole numbers >= 1"),
    ({"schedule": [2**60]}, r"schedule = 1152921504606846976: must be whole numbers <= 2\^53"),
    ({"level": "exact"}, r"level = 'exact'"),
])
def test_misuse_is_one_line(changes, message):
    arguments = {"p": 0.3, "phi": 0.9, "psi": 0.2, "schedule": [3]}
    with pytest.raises(ValueError, match=message) as error:
        simulate(**(arguments | changes))
    assert "\n" not in str(error.value)
