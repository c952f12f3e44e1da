"""Training that can be stopped after any step and goes on bit for bit.

Batch k of a training is a function of the stream and k alone: an epoch's permutation is drawn
from the epoch's own stream, the loss's noise from the step's own. So the whole state is the
weights, the optimizer's moments and the number of the step.
"""

import dataclasses
import math

__all__ = ["Training", "TrainingConfig"]

OPTIMIZERS = ("adam", "adamw")
DECAYS = ("constant", "linear", "cosine", "inverse_sqrt")
PRECISIONS = ("float32", "bfloat16")


@dataclasses.dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How a model is trained.

    Attributes
    ----------
    steps : int
        Optimizer steps; 0 means that `epochs` decides.
    epochs : float
        Passes over the items, when `steps` is 0.
    batch : int
        Items a step; the last batch of an epoch runs over into the next.
    learning_rate : float
        The peak.
    warmup : int
        Steps of linear increase up to the peak.
    decay : str
        After the warm-up: "constant", "linear" (to `final`), "cosine" (to `final`) or
        "inverse_sqrt".
    final : float
        Learning rate at the end (where a further step would be) as a share of the peak, for
        "linear" and "cosine".
    optimizer : str
        "adam" or "adamw".
    weight_decay : float
        Of adamw; 0 with adam, which has none.
    betas : tuple of float
        Of the optimizer's moments.
    clip : float
        Largest norm of the gradient; 0 does not clip.
    precision : str
        "float32", or "bfloat16" for autocast.
    average : float
        Decay of an exponential moving average of the weights, which is then what training
        returns; 0 keeps none.
    """

    steps: int = 0
    epochs: float = 1.0
    batch: int = 64
    learning_rate: float = 1e-3
    warmup: int = 0
    decay: str = "constant"
    final: float = 0.0
    optimizer: str = "adam"
    weight_decay: float = 0.0
    betas: tuple[float, ...] = (0.9, 0.999)
    clip: float = 0.0
    precision: str = "float32"
    average: float = 0.0

    def __post_init__(self):
        _at_least("steps", self.steps, 0)
        _at_least("epochs", self.epochs, 0)
        _at_least("batch", self.batch, 1)
        _at_least("warmup", self.warmup, 0)
        _at_least("weight_decay", self.weight_decay, 0)
        _at_least("clip", self.clip, 0)
        if not (self.learning_rate > 0 and math.isfinite(self.learning_rate)):
            raise ValueError(f"learning_rate = {self.learning_rate}: must lie in (0, inf)")
        if not 0 <= self.final <= 1:
            raise ValueError(f"final = {self.final}: must lie in [0, 1]")
        if not 0 <= self.average < 1:
            raise ValueError(f"average = {self.average}: must lie in [0, 1)")
        if len(self.betas) != 2 or not all(0 <= beta < 1 for beta in self.betas):
            raise ValueError(f"betas = {self.betas}: must be two numbers in [0, 1)")
        _one_of("decay", self.decay, DECAYS)
        _one_of("optimizer", self.optimizer, OPTIMIZERS)
        _one_of("precision", self.precision, PRECISIONS)
        if self.optimizer == "adam" and self.weight_decay:
            raise ValueError(f"weight_decay = {self.weight_decay}: must be 0 unless optimizer is "
                             "adamw")

    def total_steps(self, n):
        """Return how many optimizer steps a training on `n` items takes."""
        return self.steps or math.ceil(self.epochs * n / self.batch * (1 - 1e-12))

    def rate(self, step, total):
        """Return the learning rate of step 0, 1, ... of `total`."""
        if step < self.warmup:
            return self.learning_rate * (step + 1) / self.warmup
        if self.decay == "inverse_sqrt":
            return self.learning_rate * math.sqrt(max(self.warmup, 1) / max(step + 1, 1))
        if self.decay == "constant":
            return self.learning_rate
        share = (step - self.warmup) / max(1, total - self.warmup)
        if self.decay == "cosine":
            share = (1 - math.cos(math.pi * share)) / 2
        return self.learning_rate * (1 - (1 - self.final) * share)


def _at_least(name, value, low):
    if not value >= low or math.isinf(value):
        raise ValueError(f"{name} = {value}: must lie in [{low}, inf)")


def _one_of(name, value, allowed):
    if value not in allowed:
        raise ValueError(f"{name} = {value!r}: must be one of {', '.join(allowed)}")


class Training:
    """One training of one model on fixed items.

    Parameters
    ----------
    model : torch.nn.Module
        Changed in place.
    items : dict of arrays
        What to train on, at least one item.
    config : TrainingConfig
        How.
    loss : callable
        loss(model, batch, generator) -> scalar tensor.
    streams : Streams
        Of this training alone.
    device : str
        Torch device of the batches.

    Attributes
    ----------
    step, steps : int
        Steps done, and in all.
    last_loss : float
        Loss of the last step; NaN before the first.
    """

    def __init__(self, model, items, config, loss, streams, device="cpu"):
        from empirical.items import count

        self._model, self._items, self._config = model, items, config
        self._loss, self._streams, self._device = loss, streams, device
        self._n = count(items)
        if not self._n:
            raise ValueError("items = none: training needs at least one item")
        self.step, self.steps = 0, config.total_steps(self._n)
        self.last_loss = math.nan
        self._optimizer = self._make_optimizer()
        self._average = self._copy() if config.average else None
        self._epoch, self._order = -1, None

    def _make_optimizer(self):
        import torch

        config = self._config
        trained = [p for p in self._model.parameters() if p.requires_grad]
        kind = torch.optim.AdamW if config.optimizer == "adamw" else torch.optim.Adam
        return kind(
            trained, lr=config.learning_rate, betas=config.betas, fused=True,
            weight_decay=config.weight_decay if config.optimizer == "adamw" else 0.0,
        )

    def _copy(self):
        return {name: value.detach().clone() for name, value in self._model.state_dict().items()}

    @property
    def visits(self):
        """Items that all steps look at."""
        return self.steps * self._config.batch

    @property
    def done(self):
        """Whether all steps are taken."""
        return self.step >= self.steps

    def indices(self, step):
        """Return which items batch `step` holds: `batch` places of the epochs' permutations."""
        import numpy as np

        size = self._config.batch
        places = np.arange(step * size, (step + 1) * size)
        chosen = np.empty(size, dtype=np.int64)
        for epoch in range(places[0] // self._n, places[-1] // self._n + 1):
            mine = places // self._n == epoch
            chosen[mine] = self._permutation(epoch)[places[mine] % self._n]
        return chosen

    def _permutation(self, epoch):
        if epoch != self._epoch:
            order = self._streams.child("epoch", epoch).numpy().permutation(self._n)
            self._epoch, self._order = epoch, order
        return self._order

    def advance(self):
        """Take one step."""
        import torch

        config = self._config
        for group in self._optimizer.param_groups:
            group["lr"] = config.rate(self.step, self.steps)
        chosen = self.indices(self.step)
        batch = {
            name: torch.from_numpy(values[chosen]).to(self._device)
            for name, values in self._items.items()
        }
        self._model.train()
        self._optimizer.zero_grad(set_to_none=True)
        loss = self._backward(batch, self._streams.child("noise", self.step))
        if config.clip:
            torch.nn.utils.clip_grad_norm_(self._model.parameters(), config.clip)
        self._optimizer.step()
        self._follow()
        self.last_loss = loss.detach()
        self.step += 1

    def _backward(self, batch, streams):
        import torch

        kind, half = torch.device(self._device).type, self._config.precision == "bfloat16"
        with streams.child("layers").under(self._device):
            with torch.autocast(kind, torch.bfloat16, enabled=half):
                loss = self._loss(self._model, batch, streams.torch(self._device))
            loss.backward()
        return loss

    def _follow(self):
        if self._average is None:
            return
        decay = min(self._config.average, (1 + self.step) / (10 + self.step))
        for name, value in self._model.state_dict().items():
            mean = self._average[name]
            if mean.is_floating_point():
                mean.lerp_(value.detach(), 1 - decay)
            else:
                mean.copy_(value)

    def finish(self):
        """Leave the averaged weights, if any were kept, in the model."""
        if self._average is not None:
            self._model.load_state_dict(self._average)

    def state(self):
        """Return all that the next step depends on, as a flat dict of tensors."""
        import torch

        tensors = {f"model/{k}": v for k, v in self._model.state_dict().items()}
        slots = self._optimizer.state_dict()["state"]
        for slot, moments in slots.items():
            tensors |= {f"optimizer/{slot}/{k}": v for k, v in moments.items()}
        if self._average is not None:
            tensors |= {f"average/{k}": v for k, v in self._average.items()}
        tensors["step"] = torch.tensor(self.step)
        tensors["loss"] = torch.as_tensor(self.last_loss, dtype=torch.float64)
        return {k: v.detach().contiguous() for k, v in tensors.items()}

    def restore(self, tensors):
        """Go back to a `state`.

        Raises
        ------
        ValueError
            When the state is of another model.
        """
        part = _by_prefix(tensors)
        try:
            self._model.load_state_dict(part["model"])
        except (KeyError, RuntimeError) as error:
            first = str(error).splitlines()[0]
            raise ValueError(f"state = of another model: {first}") from None
        slots = {}
        for name, value in part.get("optimizer", {}).items():
            slot, _, moment = name.partition("/")
            slots.setdefault(int(slot), {})[moment] = value
        groups = self._optimizer.state_dict()["param_groups"]
        self._optimizer.load_state_dict({"state": slots, "param_groups": groups})
        if self._average is not None:
            for name, mean in self._average.items():
                mean.copy_(part["average"][name])
        self.step = int(tensors["step"])
        self.last_loss = tensors["loss"]


def _by_prefix(tensors):
    parts = {}
    for name, value in tensors.items():
        head, _, rest = name.partition("/")
        if rest:
            parts.setdefault(head, {})[rest] = value
    return parts
