"""The audit of an answer-only verifier by the step checker, on solutions whose truth is known."""

import numpy as np
import pytest
from scipy.stats import binom

from empirical.reasoning import problems
from empirical.reasoning.audit import audit, calibration, confusion
from empirical.reasoning.faults import KINDS, rewritten
from empirical.streams import Streams
from theory import pruning


@pytest.fixture(scope="module")
def items():
    return [item for level in problems.DIFFICULTIES
            for item in problems.problems(Streams(1), range(30), level)]


@pytest.fixture(scope="module")
def table(items):
    return calibration(items)


@pytest.mark.parametrize("kind", KINDS)
def test_both_verifiers_judge_known_faults_rightly(table, kind):
    """The answer verifier looks at the answer, the step checker at everything."""
    answered, sound = table[kind]
    truth = KINDS[kind]
    assert answered.n == sound.n
    assert answered.hits == (answered.n if truth.answer and kind != "in words" else 0)
    assert sound.hits == (sound.n if truth.reasoning else 0)
    if kind not in ("sign", "commas", "in words"):  # not for every answer
        assert sound.n >= 60


def mixed(items, share):
    """Return solutions of which this share is lucky, and the others are right."""
    texts, lucky = [], []
    for index, item in enumerate(items):
        draw = Streams(5, ("mixed", index)).numpy()
        text = rewritten(item, "lucky", draw) if draw.random() < share else None
        lucky.append(text is not None)
        texts.append(item.solution if text is None else text)
    return texts, np.array(lucky)


def test_the_audit_counts_what_was_put_in(items):
    texts, lucky = mixed(items, 0.4)
    texts += ["I do not know.", f"{items[0].solution.partition('####')[0]}#### so many"]
    found = audit([*items, items[0], items[0]], texts)
    by_steps = found.by_steps
    assert by_steps.wrong_kept == lucky.sum() > 10
    assert by_steps.right_kept == (~lucky).sum()
    assert (by_steps.wrong_dropped, by_steps.right_dropped) == (1, 1)
    assert found.faults["false"] == lucky.sum()
    assert found.faults["none"] == (~lucky).sum()
    assert found.by_answers.reject_right.hits == lucky.sum()
    assert found.by_answers.accept_wrong.hits == 1  # right steps, no answer that can be read
    assert by_steps.accept_wrong.low < by_steps.accept_wrong.value <= by_steps.accept_wrong.high


def test_the_rates_are_those_of_theory(items):
    texts, lucky = mixed(items, 0.4)
    found = audit(items, texts).by_steps
    want = pruning.audit((~lucky).sum(), 0, lucky.sum(), 0, method="exact")
    assert found.theory == want
    assert found.theory.verdict == "below"
    assert found.precision.value == pytest.approx((~lucky).mean())
    assert float(found.theory.p_star) == 0.5  # accepts every lucky guess: no better than none


def test_intervals_are_exact():
    found = confusion([False] * 40 + [True] * 10, [True] * 7 + [False] * 33 + [True] * 10)
    rate = found.accept_wrong
    assert (rate.hits, rate.n, rate.value) == (7, 40, 7 / 40)
    assert binom.sf(6, 40, rate.low) == pytest.approx(0.025, abs=1e-9)
    assert binom.cdf(7, 40, rate.high) == pytest.approx(0.025, abs=1e-9)
    assert found.reject_right.value == 0
    assert found.reject_right.low == 0
    assert found.reject_right.high == pytest.approx(1 - 0.025 ** (1 / 10))


def test_without_wrong_items_nothing_is_said_of_them():
    found = confusion([True, True], [True, False])
    assert np.isnan(found.accept_wrong.value)
    assert (found.accept_wrong.low, found.accept_wrong.high) == (0, 1)


def test_a_strict_verifier_rejects_right_solutions_without_a_marker(items):
    texts = [item.solution.replace("####", "The answer is") for item in items]
    loose, strict = audit(items, texts), audit(items, texts, strict=True)
    assert loose.by_steps.reject_right.value == 0
    assert strict.by_steps.reject_right.value == 1


@pytest.mark.parametrize("call", [
    lambda: confusion([True], [True, False]),
    lambda: confusion([[True]], [[True]]),
    lambda: audit([], ["a"]),
])
def test_sizes_must_agree(call):
    with pytest.raises(ValueError, match="must be"):
        call()
