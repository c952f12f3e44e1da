"""Training: a function of the stream and the step, whenever it is stopped."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from empirical._files import pack, unpack
from empirical.streams import Streams
from empirical.training import Training, TrainingConfig


def network():
    """Return a small model with a buffer of each kind, and dropout."""
    model = torch.nn.Sequential(
        torch.nn.Linear(3, 8), torch.nn.BatchNorm1d(8), torch.nn.Tanh(), torch.nn.Dropout(0.25),
        torch.nn.Linear(8, 1),
    )
    with torch.no_grad():
        generator = torch.Generator().manual_seed(0)
        for parameter in model.parameters():
            parameter.normal_(generator=generator)
    model[0].bias.requires_grad_(False)
    return model


def loss(model, batch, generator):
    noise = 0.1 * torch.randn(batch["x"].shape, generator=generator)
    return (model(batch["x"] + noise) ** 2).mean()


ITEMS = {"x": np.random.default_rng(1).normal(size=(37, 3)).astype(np.float32)}
FULL = TrainingConfig(steps=7, batch=8, learning_rate=0.01, warmup=3, decay="cosine", clip=0.5,
                      optimizer="adamw", weight_decay=0.1, average=0.9)


def training(config, items=ITEMS):
    return Training(network(), items, config, loss, Streams(5).child("train"))


def run(made, steps=10**9):
    while not made.done and steps:
        made.advance()
        steps -= 1
    return made


def weights(made):
    return pack(made._model.state_dict())


@pytest.mark.parametrize("config", [
    TrainingConfig(steps=7, batch=8), FULL,
    dataclasses.replace(FULL, precision="bfloat16", decay="linear"),
    dataclasses.replace(FULL, optimizer="adam", weight_decay=0.0, decay="inverse_sqrt"),
    TrainingConfig(epochs=2.5, batch=50),
], ids=["plain", "all", "bfloat16", "inverse_sqrt", "epochs"])
def test_stopped_after_any_step_it_ends_in_the_same_bits(config):
    whole = run(training(config))
    whole.finish()
    for stop in range(whole.steps + 1):
        first = run(training(config), stop)
        state = pack(first.state())
        second = training(config)
        second.restore({k: torch.from_numpy(v) for k, v in unpack(state).items()})
        assert pack(second.state()) == state
        run(second)
        assert second.step == whole.steps
        assert pack(second._optimizer.state_dict()["state"][0]) == pack(
            whole._optimizer.state_dict()["state"][0])
        second.finish()
        assert weights(second) == weights(whole)
        assert float(second.last_loss) == float(whole.last_loss)


def test_training_changes_something_and_follows_the_stream():
    one, other = run(training(FULL)), run(training(FULL))
    assert weights(one) == weights(other) != weights(training(FULL))
    elsewhere = Training(network(), ITEMS, FULL, loss, Streams(6).child("train"))
    assert weights(run(elsewhere)) != weights(one)


@given(st.integers(1, 30), st.integers(1, 50))
def test_an_epoch_visits_each_item_once(n, batch):
    items = {"x": np.zeros((n, 3), dtype=np.float32)}
    made = training(TrainingConfig(steps=1, batch=batch), items)
    steps = math.ceil(3 * n / batch)
    visited = np.concatenate([made.indices(step) for step in range(steps)])
    for epoch in range(3):
        assert sorted(visited[epoch * n:(epoch + 1) * n]) == list(range(n))
    backwards = [made.indices(step) for step in reversed(range(steps))][::-1]
    np.testing.assert_array_equal(visited, np.concatenate(backwards))


@given(st.integers(1, 10**6), st.integers(1, 1000))
def test_steps_of_epochs(n, batch):
    assert TrainingConfig(epochs=1.0, batch=batch).total_steps(n) == -(-n // batch)
    assert TrainingConfig(epochs=3.0, batch=batch).total_steps(n) == -(-3 * n // batch)
    assert TrainingConfig(epochs=0.0, batch=batch).total_steps(n) == 0
    assert TrainingConfig(steps=7, batch=batch).total_steps(n) == 7


def test_a_rounding_error_adds_no_step():
    # In floats 1.1 * 1.1 * 100 lies a little above 121.
    assert TrainingConfig(epochs=1.1 * 1.1, batch=121).total_steps(100) == 1


def test_rates_at_both_ends():
    def rates(steps=10, **changes):
        config = TrainingConfig(learning_rate=2.0, **changes)
        return [config.rate(step, steps) for step in range(steps + 1)]

    assert rates() == [2.0] * 11
    assert rates(warmup=4)[:5] == [0.5, 1.0, 1.5, 2.0, 2.0]
    np.testing.assert_allclose(rates(decay="linear"), 2 * (1 - np.arange(11) / 10))
    np.testing.assert_allclose(rates(decay="linear", final=0.25)[-1], 0.5)
    cosine = rates(decay="cosine", warmup=2, final=0.1)
    np.testing.assert_allclose([cosine[2], cosine[6], cosine[10]], [2.0, 1.1, 0.2])
    inverse = rates(decay="inverse_sqrt", warmup=4)
    np.testing.assert_allclose([inverse[3], inverse[8]], [2.0, 2 * math.sqrt(4 / 9)])
    assert rates(decay="inverse_sqrt")[0] == 2.0
    assert rates(steps=2, warmup=5, decay="linear") == pytest.approx([0.4, 0.8, 1.2])


@given(st.sampled_from(["constant", "linear", "cosine", "inverse_sqrt"]), st.integers(0, 20),
       st.integers(1, 40), st.floats(0, 1))
def test_rates_rise_and_then_fall_within_their_range(decay, warmup, steps, final):
    config = TrainingConfig(learning_rate=1.0, decay=decay, warmup=warmup, final=final)
    rates = [config.rate(step, steps) for step in range(steps)]
    assert all(0 < rate <= 1 + 1e-12 for rate in rates)
    assert (np.diff(rates[:warmup]) > 0).all()
    assert (np.diff(rates[warmup:]) <= 1e-12).all()


def test_one_step_of_adam_by_hand():
    config = TrainingConfig(steps=1, batch=8, learning_rate=0.01, betas=(0.9, 0.99))
    made = training(config)
    before = made._model[4].weight.detach().clone()
    twin = network().train()
    batch = {"x": torch.from_numpy(ITEMS["x"][made.indices(0)])}
    noise = Streams(5).child("train", "noise", 0)
    with noise.child("layers").under():
        loss(twin, batch, noise.torch()).backward()
    slope = twin[4].weight.grad
    run(made)  # the first step of Adam is the learning rate times the gradient's sign
    expected = before - 0.01 * slope / (slope.abs() + 1e-8)
    torch.testing.assert_close(made._model[4].weight.detach(), expected)
    torch.testing.assert_close(made._model[0].bias, network()[0].bias)  # not trained


def test_clipping_bounds_what_the_optimizer_sees():
    seen = []
    config = TrainingConfig(steps=1, batch=8, clip=1e-3)
    made = training(config)
    step = made._optimizer.step
    made._optimizer.step = lambda: (seen.extend(
        p.grad.norm().item() for p in made._model.parameters() if p.grad is not None), step())
    made.advance()
    assert np.linalg.norm(seen) == pytest.approx(1e-3, rel=1e-3)


def test_averages_are_of_weights_and_keep_counts():
    config = TrainingConfig(steps=3, batch=8, learning_rate=0.1, average=0.5)
    made = training(config)
    mean = {k: v.clone() for k, v in made._model.state_dict().items()}
    for step in range(3):
        made.advance()
        decay = min(0.5, (1 + step) / (10 + step))
        for name, value in made._model.state_dict().items():
            new = decay * mean[name] + (1 - decay) * value if value.is_floating_point() else value
            mean[name] = new.clone()
    assert not torch.allclose(made._model[4].weight, mean["4.weight"])
    made.finish()
    torch.testing.assert_close(dict(made._model.state_dict()), mean)
    assert made._model[1].num_batches_tracked == 3


def test_a_state_of_another_model_is_one_line():
    state = run(training(FULL), 2).state()
    other = Training(torch.nn.Linear(3, 1), ITEMS, FULL, loss, Streams(0))
    with pytest.raises(ValueError, match="state = of another model") as caught:
        other.restore(state)
    assert "\n" not in str(caught.value)


def test_no_steps_change_nothing():
    made = training(TrainingConfig(epochs=0.0))
    assert made.done
    made.finish()
    assert weights(made) == pack(network().state_dict())
    assert made.visits == 0
    assert math.isnan(made.last_loss)


def test_training_leaves_the_global_generator_alone():
    made = training(FULL)
    state = torch.random.get_rng_state()
    run(made)
    assert torch.equal(state, torch.random.get_rng_state())


@pytest.mark.parametrize(("changes", "message"), [
    ({"steps": -1}, r"steps = -1: must lie in \[0, inf\)"), ({"epochs": math.nan}, "epochs = nan"),
    ({"batch": 0}, "batch = 0"), ({"learning_rate": 0.0}, "learning_rate = 0.0"),
    ({"learning_rate": math.inf}, "learning_rate = inf"), ({"final": 1.5}, "final = 1.5"),
    ({"average": 1.0}, "average = 1.0"), ({"betas": (0.9,)}, "betas = "),
    ({"betas": (0.9, 1.0)}, "betas = "), ({"decay": "steps"}, "decay = 'steps': must be one of"),
    ({"optimizer": "sgd"}, "optimizer = 'sgd'"), ({"precision": "half"}, "precision = 'half'"),
    ({"clip": -1.0}, "clip = -1.0"), ({"warmup": math.inf}, "warmup = inf"),
    ({"weight_decay": 0.1}, "weight_decay = 0.1: must be 0 unless optimizer is adamw"),
])
def test_impossible_trainings_are_one_line(changes, message):
    with pytest.raises(ValueError, match=message):
        TrainingConfig(**changes)


def test_no_items_are_refused():
    with pytest.raises(ValueError, match="items = none"):
        training(FULL, {"x": np.zeros((0, 3), dtype=np.float32)})
