"""Plans: they spend the budget, they are what the theory says, and they beat their rivals."""

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loopcert import cli
from loopcert._plan_record import first_rise, fitting_rounds, tuned_rounds
from loopcert._plan_selection import whole_samples
from loopcert.plan import Prices, plan_law, plan_selection

SELECTION = ["--sigma", "1", "--kappa", "1", "--start-distance", "4"]
LAW = ["--contraction", "0.8", "--noise", "3", "--initial", "0.5"]


def selection_gap(counts, sigma, kappa, start, dim):
    """Relative gap to the best reward, written from the model: one coordinate after another."""
    mean, variance = start, 0.0
    rho = kappa**2 / (kappa**2 + sigma**2)
    for n in counts:
        mean, variance = rho * mean, rho**2 * variance + rho * sigma**2 / n
    s0 = sigma**2 + kappa**2
    log_ratio = -dim / 2 * math.log1p(variance / s0) - mean**2 / (2 * (s0 + variance))
    return -math.expm1(log_ratio)


def law_error(counts, contraction, noise, initial, bias2):
    """Squared error to the truth, one round after another: bias and spread apart."""
    bias, spread = 0.0, initial
    centre = math.sqrt(bias2)
    for n in counts:
        bias = contraction * bias + (1 - contraction) * centre
        spread = contraction**2 * spread + noise / n
    return bias**2 + spread


def compositions(total, parts):
    """All ways to write `total` as an ordered sum of `parts` positive whole numbers."""
    for cuts in itertools.combinations(range(1, total), parts - 1):
        edges = (0, *cuts, total)
        yield tuple(b - a for a, b in itertools.pairwise(edges))


class TestSelection:
    @given(
        budget=st.integers(1, 10**6), sigma=st.floats(0.05, 20), kappa=st.floats(0.05, 20),
        start=st.floats(0, 50), dim=st.integers(1, 40),
    )
    @example(budget=1, sigma=1.0, kappa=1.0, start=0.0, dim=1)
    @example(budget=10**6, sigma=0.05, kappa=20.0, start=50.0, dim=1)
    def test_spends_the_budget_and_predicts_what_the_model_does(
        self, budget, sigma, kappa, start, dim
    ):
        plan = plan_selection(budget, sigma, kappa, start, dim)
        counts = [step.kept for step in plan.schedule]
        assert plan.rounds == len(counts)
        assert plan.helps == bool(counts)
        if counts:
            assert sum(counts) == budget == plan.kept
            assert min(counts) >= 1
        expected = selection_gap(counts, sigma, kappa, start, dim)
        assert plan.outcomes["gap"].value == pytest.approx(expected, rel=1e-9, abs=1e-13)

    @pytest.mark.parametrize("rounds", [1, 2, 3, 4])
    def test_no_whole_schedule_is_better(self, rounds):
        plan = plan_selection(14, 1.0, 1.3, 2.0, 2, rounds)
        ours = selection_gap([s.kept for s in plan.schedule], 1.0, 1.3, 2.0, 2)
        best = min(selection_gap(c, 1.0, 1.3, 2.0, 2) for c in compositions(14, rounds))
        assert ours == pytest.approx(best, rel=1e-14)

    @pytest.mark.parametrize(("budget", "start"), [(14, 2.0), (12, 9.0), (9, 0.7)])
    def test_no_other_number_of_rounds_is_better(self, budget, start):
        plan = plan_selection(budget, 1.0, 1.0, start)
        gaps = {
            rounds: selection_gap(
                [s.kept for s in plan_selection(budget, 1.0, 1.0, start, 1, rounds).schedule],
                1.0, 1.0, start, 1,
            )
            for rounds in range(1, budget + 1)
        }
        assert gaps[plan.rounds] == min(gaps.values())

    def test_rounds_are_told_one_by_one(self):
        plan = plan_selection(300, 1.0, 2.0, 5.0, 3)
        counts = [step.kept for step in plan.schedule]
        for t, step in enumerate(plan.schedule):
            assert step.round == t
            expected = selection_gap(counts[: t + 1], 1.0, 2.0, 5.0, 3)
            assert step.after == pytest.approx(expected, rel=1e-10)
        assert plan.schedule[-1].after == pytest.approx(plan.outcomes["gap"].value)

    def test_first_round_expects_one_over_the_acceptance(self):
        # the start is known: the share accepted is rho^(d/2) exp(-r^2 / (2 s0)), s0 = 5
        plan = plan_selection(100, 1.0, 2.0, 3.0, 2, 5)
        accepted = 0.8 * math.exp(-9 / 10)
        assert plan.schedule[0].proposals == pytest.approx(plan.schedule[0].kept / accepted)

    def test_rivals_cost_the_same_and_lose(self):
        plan = plan_selection(1000, 1.0, 1.0, 4.0)
        same = {r.name: r for r in plan.rivals if r.budget_for_same}
        constant = selection_gap([1000 / plan.rounds] * plan.rounds, 1.0, 1.0, 4.0, 1)
        assert same["constant"].value == pytest.approx(constant, rel=1e-10)
        shape = np.arange(1, plan.rounds + 1)
        linear = selection_gap(1000 * shape / shape.sum(), 1.0, 1.0, 4.0, 1)
        assert same["linear"].value == pytest.approx(linear, rel=1e-10)
        assert all(rival.value > plan.outcomes["gap"].value for rival in plan.rivals)
        more = same["constant"].budget_for_same
        scaled = selection_gap([more / plan.rounds] * plan.rounds, 1.0, 1.0, 4.0, 1)
        assert scaled == pytest.approx(plan.outcomes["gap"].value, rel=1e-9)

    def test_a_tuned_rival_is_no_worse_than_untuned(self):
        by_name = {r.name: r.value for r in plan_selection(1000, 1.0, 1.0, 4.0).rivals}
        assert by_name["constant, its best rounds"] <= by_name["constant"]
        assert by_name["linear, its best rounds"] <= by_name["linear"]

    def test_says_when_least_variance_is_not_most_reward(self):
        far = plan_selection(20, 1.0, 1.0, 10.0, 1, 2)
        near = plan_selection(20, 1.0, 1.0, 1.0, 1, 2)
        assert any("SW-08" in note for note in far.notes)
        assert not any("SW-08" in note for note in near.notes)

    def test_stays_at_the_centre(self):
        plan = plan_selection(100, 1.0, 1.0, 0.0)
        assert (plan.rounds, plan.schedule, plan.helps, plan.rivals) == (0, (), False, ())
        forced = plan_selection(100, 1.0, 1.0, 0.0, 1, 3)
        assert forced.kept == 100
        assert not forced.helps

    def test_large_dimension_does_not_underflow(self):
        plan = plan_selection(10**9, 1.0, 1.0, 100.0, 10**6)
        assert plan.outcomes["reward"].value == 0.0  # 2^-500000
        counts = [step.kept for step in plan.schedule]
        assert plan.helps
        assert plan.outcomes["gap"].value == pytest.approx(
            selection_gap(counts, 1.0, 1.0, 100.0, 10**6), rel=1e-8
        )

    def test_far_beyond_reach(self):
        plan = plan_selection(3, 1.0, 10.0, 1e6)
        assert plan.rounds == 0
        assert "earn nothing" in plan.notes[0]


class TestPrices:
    @given(
        budget=st.floats(50, 1e6), generate=st.floats(0, 2), train=st.floats(0, 2),
        start=st.floats(0, 3),
    )
    def test_stays_within_the_budget(self, budget, generate, train, start):
        if generate + train < 1e-3:
            return
        plan = plan_selection(budget, 1.0, 1.0, start, prices=Prices(generate, train))
        spent = sum(step.spend for step in plan.schedule)
        assert spent <= budget * (1 + 1e-12)
        if plan.rounds:
            cheapest = min(step.spend / step.kept for step in plan.schedule)
            assert budget - spent < cheapest * (1 + 1e-9)

    def test_spend_prices_proposals_at_the_mean_and_training(self):
        plan = plan_selection(100, 1.0, 1.0, 4.0, prices=Prices(0.01, 0.2))
        # s0 = 2, rho = 1/2: in round t the share accepted is sqrt(1/2) exp(-(4/2^t)^2 / 4)
        for step in plan.schedule:
            accepted = math.sqrt(0.5) * math.exp(-((4 / 2**step.round) ** 2) / 4)
            assert step.spend == pytest.approx(step.kept * (0.2 + 0.01 / accepted))

    def test_training_alone_is_the_unpriced_problem(self):
        priced = plan_selection(1000, 1.0, 1.0, 4.0, 1, 6, Prices(0.0, 2.0))
        free = plan_selection(500, 1.0, 1.0, 4.0, 1, 6)
        ours = np.array([step.kept for step in priced.schedule])
        assert np.abs(ours - [step.kept for step in free.schedule]).max() <= 1
        assert ours.sum() == 500

    def test_dear_proposals_are_put_off(self):
        dear = plan_selection(1e5, 1.0, 1.0, 4.0, 1, 6, Prices(1.0, 1.0))
        cheap = plan_selection(1e5, 1.0, 1.0, 4.0, 1, 6, Prices(0.0, 1.0))

        def first_share(plan):
            return plan.schedule[0].kept / plan.kept

        assert first_share(dear) < 0.8 * first_share(cheap)

    @given(st.lists(st.floats(0.01, 50), min_size=1, max_size=8), st.floats(0.1, 30))
    def test_whole_samples(self, wanted, price):
        wanted = np.array(wanted)
        prices = np.full(len(wanted), price)
        budget = max(wanted @ prices, prices.sum())
        counts = whole_samples(wanted, prices, budget)
        assert counts.min() >= 1
        assert counts @ prices <= budget * (1 + 1e-12)

    def test_impossible(self):
        with pytest.raises(ValueError, match="budget = 1: must be at least"):
            plan_selection(1, 1.0, 1.0, 4.0, prices=Prices(1.0, 0.0))
        with pytest.raises(ValueError, match="no budget pays"):
            plan_selection(1e9, 1.0, 1.0, 1e3, prices=Prices(1.0, 0.0))


class TestLaw:
    @given(
        total=st.integers(1, 10**6), contraction=st.floats(0.01, 0.99), noise=st.floats(1e-3, 1e3),
        initial=st.floats(0, 100), bias2=st.floats(0, 10),
    )
    @example(total=1, contraction=0.5, noise=1.0, initial=0.0, bias2=0.0)
    @example(total=10**6, contraction=0.99, noise=1e-3, initial=100.0, bias2=0.0)
    def test_spends_the_budget_and_predicts_what_the_law_does(
        self, total, contraction, noise, initial, bias2
    ):
        plan = plan_law(total, contraction, noise, initial, bias2)
        counts = [step.kept for step in plan.schedule]
        if counts:
            assert sum(counts) == total
            assert min(counts) >= 1
        expected = law_error(counts, contraction, noise, initial, bias2)
        assert plan.outcomes["error"].value == pytest.approx(expected, rel=1e-9)
        assert plan.outcomes["bound"].value <= expected * (1 + 1e-9)
        assert plan.helps == (expected < initial) == bool(counts)

    @pytest.mark.parametrize("rounds", [1, 2, 3, 4])
    def test_no_whole_schedule_is_better(self, rounds):
        plan = plan_law(13, 0.6, 2.0, 1.0, 0.02, rounds)
        ours = law_error([s.kept for s in plan.schedule], 0.6, 2.0, 1.0, 0.02)
        best = min(law_error(c, 0.6, 2.0, 1.0, 0.02) for c in compositions(13, rounds))
        assert ours == pytest.approx(best, rel=1e-14)

    @pytest.mark.parametrize("bias2", [0.0, 0.01, 0.3])
    def test_no_other_number_of_rounds_is_better(self, bias2):
        plan = plan_law(60, 0.6, 2.0, 1.0, bias2)
        errors = {
            rounds: law_error(
                [s.kept for s in plan_law(60, 0.6, 2.0, 1.0, bias2, rounds).schedule],
                0.6, 2.0, 1.0, bias2,
            )
            for rounds in range(1, 30)
        }
        assert errors[plan.rounds] == min(errors.values())

    def test_constant_stopping_round_is_where_the_error_is_least(self):
        plan = plan_law(20000, 0.8, 3.0, 0.5, 0.01)
        per_round = 20000 / plan.rounds
        errors = [law_error([per_round] * t, 0.8, 3.0, 0.5, 0.01) for t in range(60)]
        stop = plan.outcomes["constant_stop"].value
        assert int(np.argmin(errors)) in (math.floor(stop), math.ceil(stop))
        reversal = errors[-1] - min(errors)
        assert plan.outcomes["constant_reversal"].value == pytest.approx(reversal, rel=0.05)

    def test_without_bias_running_on_never_hurts(self):
        assert plan_law(20000, 0.8, 3.0, 0.5).outcomes["constant_stop"].value == math.inf

    def test_selection_is_one_of_its_loops(self):
        # sigma = kappa = 1 in one dimension: K = 1/2, c = rho sigma^2 = 1/2
        law = plan_law(500, 0.5, 0.5, 16.0, rounds=6)
        selection = plan_selection(500, 1.0, 1.0, 4.0, rounds=6)
        assert [s.kept for s in law.schedule] == [s.kept for s in selection.schedule]
        distance = selection.outcomes["squared_distance"].value
        assert law.outcomes["error"].value == pytest.approx(distance)

    def test_price_buys_samples(self):
        plan = plan_law(100.0, 0.5, 1.0, 4.0, price=0.3)
        assert plan.kept == 333
        assert sum(step.spend for step in plan.schedule) == pytest.approx(99.9)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"total": 2.5}, "budget = 2.5: must be a whole number"),
            ({"total": 4, "rounds": 5}, "rounds = 5: must be at most 4"),
            ({"total": 1, "price": 2.0}, "budget = 1: must be at least 2"),
            ({"total": 1e20}, r"must buy at most 2\^53"),
        ],
    )
    def test_impossible(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            plan_law(**{"contraction": 0.5, "noise": 1.0, "initial": 1.0, **arguments})


class TestSearch:
    @given(st.integers(1, 40), st.integers(1, 40))
    def test_first_rise(self, low, bottom):
        assert first_rise(lambda t: abs(t - bottom), low, 50) == max(low, bottom)

    def test_falling_to_the_end(self):
        assert first_rise(lambda t: -t, 1, 9) == 9

    @given(st.integers(1, 60), st.integers(1, 60))
    def test_fitting_rounds(self, bottom, preferred):
        assert fitting_rounds(lambda t: abs(t - bottom), preferred) == min(bottom, preferred)

    def test_tuned_rounds_looks_past_bumps(self):
        losses = {1: 5, 2: 4, 3: 6, 4: 7, 5: 1}
        assert tuned_rounds(lambda t: losses.get(t, 9), 500) == 5
        assert tuned_rounds(lambda t: -t, 12) == 12


class TestVerb:
    def test_text(self, capsys):
        assert cli.main(["plan", "--budget", "1000", *SELECTION]) == 0
        out = capsys.readouterr().out
        assert out.startswith("1000 kept samples over 12 rounds (the best number, SW-17)")
        for claim in ("SW-04", "SW-05", "SW-17", "SW-18", "SW-21", "constant", "linear"):
            assert claim in out

    def test_json_round_trips(self, capsys):
        assert cli.main(["plan", "--budget", "1e3", *LAW, "--json"]) == 0
        text = capsys.readouterr().out
        plan = json.loads(text, parse_constant=pytest.fail)
        assert sum(step["kept"] for step in plan["schedule"]) == plan["kept"] == 1000
        assert plan["outcomes"]["constant_stop"]["value"] is None  # no bias: infinite
        assert text == json.dumps(plan, indent=2, sort_keys=True) + "\n"

    def test_long_schedules_are_cut_in_text_alone(self, capsys):
        arguments = ["plan", "--budget", "1000", *LAW, "--rounds", "100"]
        cli.main(arguments)
        assert "\n  ...  " in capsys.readouterr().out
        cli.main([*arguments, "--json"])
        assert len(json.loads(capsys.readouterr().out)["schedule"]) == 100

    def test_status_when_nothing_helps(self, capsys):
        arguments = ["--contraction", "0.9", "--noise", "1000", "--initial", "0.1"]
        assert cli.main(["plan", "--budget", "10", *arguments]) == 1
        assert "NOT improve" in capsys.readouterr().out

    def test_acceptance_prices_proposals(self, capsys):
        prices = ["--price-generate", "0.1", "--acceptance", "0.25", "--price-train", "0.6"]
        assert cli.main(["plan", "--budget", "500", *LAW, *prices, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["kept"] == 500

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ([], "missing: --budget N"),
            (["--budget", "10"], "which loop?"),
            (["--budget", "0", *LAW], "--budget '0': must be a number in (0, inf)"),
            (["--budget", "-3", *LAW], "--budget '-3': must be"),
            (["--budget", "nan", *LAW], "--budget 'nan': must be"),
            (["--budget", "inf", *LAW], "--budget 'inf': must be"),
            (["--budget", "ten", *LAW], "--budget 'ten': must be"),
            (["--budget", "1.5", *LAW], "must be a whole number of kept samples"),
            (["--budget", "1e30", *LAW], "must buy at most 2^53"),
            (["--budget", "1e30", *SELECTION], "must be at most 2^53"),
            (["--budget", "9", *LAW, "--rounds", "10"], "rounds = 10: must be at most 9"),
            (["--budget", "9", *SELECTION, "--rounds", "10"], "rounds = 10: must be at most"),
            (["--budget", "9", *LAW, "--rounds", "0"], "--rounds '0': must be a whole number"),
            (["--budget", "9", *LAW, "--rounds", "2.5"], "--rounds '2.5': must be"),
            (["--budget", "9", *LAW, "--sigma", "1"], "different models"),
            (["--budget", "9", "--sigma", "1"], "missing: --kappa, --start-distance"),
            (["--budget", "9", "--dim", "3"], "missing: --sigma, --kappa, --start-distance"),
            (["--budget", "9", "--noise", "1"], "missing: --contraction, --initial"),
            (["--budget", "9", *LAW, "--contraction", "1"], "--contraction '1': must be"),
            (["--budget", "9", *LAW, "--noise", "0"], "--noise '0': must be"),
            (["--budget", "9", *LAW, "--bias2", "-1"], "--bias2 '-1': must be"),
            (["--budget", "9", *LAW, "--acceptance", ".5"], "needs --price-generate"),
            (["--budget", "9", *LAW, "--price-generate", "1"], "needs --acceptance"),
            (["--budget", "9", *LAW, "--price-train", "0"], "one must be in (0, inf)"),
            (["--budget", "9", *LAW, "--price-train", "10"], "must be at least 10"),
            (["--budget", "9", *SELECTION, "--kappa", "0"], "--kappa '0': must be"),
            (["--budget", "9", *SELECTION, "--dim", "0"], "--dim '0': must be"),
        ],
    )
    def test_misuse_is_one_line(self, capsys, arguments, message):
        assert cli.main(["plan", *arguments]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("loopcert: error: ")
        assert err.count("\n") == 1
        assert message in err
