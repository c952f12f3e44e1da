"""The eigenvalue task of Feng et al. (2025, sections 3 and 6.1) and Charton (2022).

A transformer reads a symmetric matrix as tokens and writes its eigenvalues as tokens. It makes
synthetic data by answering for fresh random matrices; a verifier that can compute eigenvalues
says which answers are right; a new model is trained on what the verifier keeps.
"""

import copy

import numpy as np
import torch

from empirical.eigen import config, data, presets
from empirical.eigen.decode import beam_search
from empirical.eigen.model import Transformer
from empirical.task import Generated, Measurement, Task

__all__ = ["TASK", "TOLERANCES", "relative_errors"]

TOLERANCES = (0.05, 0.02, 0.01, 0.005)


def relative_errors(predicted, true):
    """Return sum |v - p| / sum |v| of predictions (..., k) of eigenvalues (..., k).

    NaN where a prediction holds a NaN, and infinite or NaN where all eigenvalues are 0: neither
    is below any tolerance.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.abs(true - predicted).sum(axis=-1) / np.abs(true).sum(axis=-1)


class TASK(Task):
    """Eigenvalues of symmetric matrices, one answer an item.

    An item holds `source`, the tokens of all entries of a matrix row by row, and `target`, the
    tokens of the eigenvalues that somebody (the truth, or a model) wrote for it.
    """

    name = "eigen"
    summary = "transformers that predict eigenvalues (Feng et al., sections 3, 6.1 and B)"
    Config = config.Config
    presets = presets.PRESETS
    after_base = ("tolerance", "labels", "beams", "pick", "report_beams", "precision")
    shard = data.BLOCK
    block = 256  # matrices evaluated at once, always the same neighbours together

    @property
    def code(self):
        """The encoding of numbers."""
        return self.config.code

    def build(self, generator):
        """Return a fresh :class:`~empirical.eigen.model.Transformer`."""
        return Transformer(self.config.shape, generator).to(self.device)

    def real(self, split, streams):
        """Return matrices with their true eigenvalues: "train" or "test"."""
        counts = {"train": self.config.real, "test": self.config.test}
        if split not in counts:
            raise ValueError(f"split = {split!r}: must be one of {', '.join(counts)}")
        return self._answered(np.arange(counts[split]), streams.child("real", split))

    def _answered(self, indices, streams):
        full = data.matrices(self.config.size, indices, streams, self.code)
        return {"source": self._source(full), "target": self.code.encode(data.eigenvalues(full))}

    def _source(self, full):
        return self.code.encode(full.reshape(len(full), -1))

    def generate(self, model, indices, streams):
        """Return the model's answers for fresh matrices number `indices`.

        Every matrix is answered in an aligned block of `block` neighbours, whichever of them are
        asked for, so that the last bits cannot depend on the request. With `config.labels` =
        "truth" the model is not asked, and the answers are the true eigenvalues.
        """
        indices = np.asarray(indices, dtype=np.int64)
        if self.config.labels == "truth":
            return Generated(self._answered(indices, streams), 0)
        blocks = np.unique(indices // self.block)
        wanted = (blocks[:, None] * self.block + np.arange(self.block)).ravel()
        full = data.matrices(self.config.size, wanted, streams, self.code)
        items = {"source": self._source(full)}
        items["target"] = self._answers(model, items["source"], data.eigenvalues(full))
        rows = np.searchsorted(wanted, indices)
        return Generated({name: values[rows] for name, values in items.items()},
                         len(indices) * self.config.beams)

    def _answers(self, model, source, true):
        """Return one answer a matrix: the model's favourite, or the best of its beam."""
        answers, _ = self.beams(model, source, self.config.beams)
        if self.config.pick == "model":
            return answers[:, 0]
        errors = relative_errors(self.code.decode(answers), true[:, None])
        best = np.argmin(np.where(np.isnan(errors), np.inf, errors), axis=1)
        return answers[np.arange(len(answers)), best]

    def beams(self, model, source, beams):
        """Return what beam search finds for input tokens (n, source).

        Returns
        -------
        tokens : array of int32, (n, found, target)
            Best first.
        scores : array of float32, (n, found)
            Log-probabilities.
        """
        model, tokens, scores = self._ready(model), [], []
        for part, size in self._parts(source):
            found, score = beam_search(model, part, beams)
            tokens.append(found[:size].to(torch.int32).cpu().numpy())
            scores.append(score[:size].cpu().numpy())
        return np.concatenate(tokens), np.concatenate(scores)

    def _parts(self, source):
        """Yield blocks of one shape, the last one padded, and how many rows of each count."""
        for start in range(0, len(source), self.block):
            rows = np.arange(start, start + self.block)
            part = torch.from_numpy(source[np.minimum(rows, len(source) - 1)].astype(np.int64))
            yield part.to(self.device), min(self.block, len(source) - start)

    def _ready(self, model):
        """Return the model that decodes: itself, or a copy with bfloat16 weights."""
        model.eval()
        if self.config.precision == "float32":
            return model
        return copy.deepcopy(model).to(torch.bfloat16)

    def errors(self, items):
        """Return the relative L1 error of each item's eigenvalues."""
        full = self.matrices(items)
        return relative_errors(self.code.decode(items["target"]), data.eigenvalues(full))

    def matrices(self, items):
        """Return the matrices of items, (n, k, k)."""
        k = self.config.size
        return self.code.decode(items["source"]).reshape(-1, k, k)

    def quality(self, items):
        """Return 1.0 where the relative L1 error is below `config.tolerance`, else 0.0."""
        return (self.errors(items) < self.config.tolerance).astype(float)

    def score(self, model, items, name):
        """Return "likelihood" (the model's log-probability of a target) or "closeness"."""
        if name == "likelihood":
            return -self._surprise(model, items)
        if name == "closeness":  # falls from 1 at no error; 0 for what is no number
            return np.nan_to_num(1 / (1 + self.errors(items)), nan=0.0)
        raise ValueError(f"score = {name!r}: must be likelihood or closeness")

    def _surprise(self, model, items):
        """Return minus the log-probability of each item's target, in nats a token."""
        model.eval()
        parts = zip(self._parts(items["source"]), self._parts(items["target"]))
        losses = []
        for (source, size), (target, _) in parts:
            with torch.inference_mode():
                losses.append(model.losses(source, target)[:size].double().cpu().numpy())
        return np.concatenate(losses)

    def loss(self, model, batch, generator):
        """Return the cross entropy of the targets, in nats a token."""
        return model.losses(batch["source"].long(), batch["target"].long()).mean()

    def evaluate(self, model, test, streams):
        """Return accuracies at each tolerance, for greedy decoding and for beams; and the loss.

        "accuracy@1%" is of greedy decoding; "accuracy@1%/beam10/best" of the model's favourite
        among ten beams and ".../all" of the closest one, as an oracle would pick.
        """
        true = data.eigenvalues(self.matrices(test))
        rows = [_mean("loss", self._surprise(model, test))]
        for beams in sorted({1, *self.config.report_beams}):
            answers, _ = self.beams(model, test["source"], beams)
            errors = relative_errors(self.code.decode(answers), true[:, None])  # (n, found)
            errors = np.where(np.isnan(errors), np.inf, errors)
            if beams == 1:
                rows += self._accuracies(errors[:, 0], "")
            else:
                rows += self._accuracies(errors.min(axis=1), f"/beam{beams}/all")
                rows += self._accuracies(errors[:, 0], f"/beam{beams}/best")
        return rows

    def _accuracies(self, errors, suffix):
        levels = sorted({*TOLERANCES, self.config.tolerance}, reverse=True)
        return [_mean(f"accuracy@{100 * level:g}%{suffix}", errors < level) for level in levels]

    def flops(self, visits):
        """Return about how many floating-point operations `visits` forward passes take."""
        return visits * self.config.shape.flops()


def _mean(metric, values):
    values = np.asarray(values, dtype=float)
    spread = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else float("nan")
    return Measurement(metric, float(values.mean()), float(spread), len(values))
