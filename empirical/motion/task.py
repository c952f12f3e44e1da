"""Text-to-motion diffusion that eats its own motions, with a physics simulator as the corrector.

The experiment of Gillman et al. (2024, section 7 and appendices G-I): MDM is trained on n
captioned clips; in each generation it makes lambda n clips for captions drawn from the training
set, which are corrected (or not) and mixed with the real ones to train it further. Motions are
20 frames a second on one humanoid (:mod:`empirical.motion.skeleton`).

Data: made-up captioned motions of known law by default (18 actions in styles, no file needed);
with `--set data=FOLDER` recorded clips in the npz format, or a HumanML3D folder
(:mod:`empirical.motion.clips`). Arms: "baseline" (mix = real), "iterative" (mix = augment,
curate = none), "corrected" (curate = physics), at several lambda (`loop.ratio`).
"""

import functools

import numpy as np
import torch

from empirical import diffusion
from empirical.items import take
from empirical.motion import config, embedding, evaluation, library, presets
from empirical.motion.captions import PLACES
from empirical.motion.correction import Physics
from empirical.motion.features import GROUPS, SIZE
from empirical.motion.model import MDM
from empirical.task import Generated, Task

__all__ = ["TASK", "scheduler"]

# Of the squared error: what carries the whole body counts more than one joint of many.
WEIGHTS = {"heading": 4.0, "travel": 4.0, "height": 4.0, "tilt": 2.0, "contacts": 0.5}
FARTHEST = 20.0  # spreads from the mean that a sampled feature may be


@functools.lru_cache(maxsize=8)
def scheduler(sampler, steps):
    """Return diffusers' scheduler of a sampler, "ddpm" or "ddim", with so many noise levels."""
    from diffusers import DDIMScheduler, DDPMScheduler

    kind = {"ddpm": DDPMScheduler, "ddim": DDIMScheduler}[sampler]
    return kind(num_train_timesteps=steps, beta_schedule="squaredcos_cap_v2",
                prediction_type="sample", clip_sample=False, timestep_spacing="trailing")


class TASK(Task):
    """Motions for captions, one clip an item; for the fields see :mod:`empirical.motion.library`.

    The real motions are the same for all seeds: seeds differ in weights, noise and batches.
    """

    name = "motion"
    summary = "text-to-motion diffusion with a physics corrector (Gillman et al., section 7)"
    Config = config.Config
    presets = presets.PRESETS
    after_base = ("test", "sampler", "sampling_steps", "guidance", "block", "features", "judged",
                  "embedding", "report_corrected", "processes")
    shard = 16

    @property
    def library(self):
        """All motions of the config, made once a process."""
        c = self.config
        return library.library(c.data, c.n, c.test, c.frames)

    @property
    def judge(self):
        """The embedding, trained once a process."""
        c, found = self.config, self.library
        items = library.judged(c.data, c.n, c.frames, c.judged)
        return embedding.fit(items, found.vocabulary.size, (found.mean, found.scale), c.features,
                             c.embedding, self.device)

    def build(self, generator):
        """Return a fresh :class:`~empirical.motion.model.MDM`, drawn as torch's layers draw."""
        clip = self._clip("train").shape[1] if self.config.text != "words" else 0
        return MDM(self.config, SIZE, self.library.vocabulary.size, PLACES, clip).to(self.device)

    def real(self, split, streams):
        """Return the real items, "train" or "test": the same for all seeds unless shuffled."""
        if split not in ("train", "test"):
            raise ValueError(f"split = {split!r}: must be one of train, test")
        items = dict(getattr(self.library, split))
        if self.config.text != "words":
            items["clip"] = self._clip(split)
        if split == "train" and self.config.shuffled:
            order = streams.child("shuffled").numpy().permutation(len(items["words"]))
            items |= {name: items[name][order] for name in ("words", "clip") if name in items}
        return items

    def _clip(self, split):
        from empirical.motion.text import clip_vectors

        return clip_vectors(self.library.captions[split], self.config.text, self.device)

    def generate(self, model, indices, streams):
        """Return motions for captions drawn from the training set, with these clips' lengths."""
        indices, train = np.asarray(indices, dtype=np.int64), self.real("train", streams)
        # Where captions are shuffled it is the prompts alone that are dealt out anew.
        drawn = streams.child("prompt").uniform(indices, 1)[:, 0] * len(train["length"])
        asked = take(train, drawn.astype(np.int64))
        made, evaluations = self.sample(model, indices, asked, streams.child("noise"))
        return Generated(asked | {"features": made}, evaluations)

    def sample(self, model, indices, asked, streams):
        """Return features, float32 (n, frames, 81), for the captions and lengths of items.

        Parameters
        ----------
        model : MDM
        indices : array of int, (n,)
            Numbers of the motions: each has its own noise.
        asked : dict of arrays
            `length`, and `words` or `clip`.
        streams : Streams

        Returns
        -------
        array, int
            The features, 0 after a motion's end; and evaluations of the network.
        """
        c = self.config
        model.eval()
        made, evaluations = diffusion.sample(
            self._guided(model, asked), scheduler(c.sampler, c.diffusion_steps), indices,
            (c.frames, SIZE), streams, steps=c.sampling_steps or c.diffusion_steps,
            batch=c.block, device=self.device,
        )
        made = np.clip(np.nan_to_num(made), -FARTHEST, FARTHEST)
        values = made * self.library.scale + self.library.mean
        there = np.arange(c.frames) < asked["length"][:, None]
        values = np.where(there[..., None], values, 0.0).astype(np.float32)
        return values, evaluations * (1 if c.guidance == 1 else 2)

    def _guided(self, model, asked):
        """Return predict(x, time, rows) of :func:`diffusion.sample`, with guidance."""
        scale, field = self.config.guidance, "clip" if "clip" in asked else "words"
        known = {}  # the texts of the rows at hand, read once and not at every step

        def read(rows):
            if not np.array_equal(known.get("rows"), rows):
                text = model.read(torch.from_numpy(asked[field][rows]).to(self.device))
                length = torch.from_numpy(asked["length"][rows]).to(self.device)
                known.update(rows=rows.copy(), text=text, length=length)
            return known["text"], known["length"]

        def predict(x, time, rows):
            text, length = read(rows)
            times = torch.full((len(x),), time, device=x.device)
            if scale == 1:
                return model(x, times, text, length)
            both = model(torch.cat([x, x]), torch.cat([times, times]),
                         torch.cat([text, torch.zeros_like(text)]), torch.cat([length, length]))
            told, untold = both.chunk(2)
            return untold + scale * (told - untold)

        return predict

    def curator(self, streams):
        """Return "physics" or a verifier or corrector that every task has."""
        if self.config.loop.curate == "physics":
            return Physics(self.config.processes)
        return super().curator(streams)

    def quality(self, items):
        """Return the share of each motion's frames that are sound (`evaluation.soundness`)."""
        return evaluation.soundness(items)

    def score(self, model, items, name):
        """Return "matching" (minus the distance to the caption) or "soundness"."""
        if name == "soundness":
            return evaluation.soundness(items)
        if name == "matching":
            motions = self.judge.motions(items["features"], items["length"])
            return -np.linalg.norm(motions - self.judge.texts(items["words"]), axis=1)
        raise ValueError(f"score = {name!r}: must be matching or soundness")

    def loss(self, model, batch, generator):
        """Return the mean squared error of the clean motion, over the frames that count."""
        x, length = batch["features"], batch["length"]
        mean, scale, weights = (torch.as_tensor(values, dtype=torch.float32, device=x.device)
                                for values in (self.library.mean, self.library.scale, _weights()))
        x = (x - mean) / scale
        noise = torch.randn(x.shape, generator=generator, device=x.device)
        time, drop = torch.rand(2, len(x), generator=generator, device=x.device)
        time = (time * self.config.diffusion_steps).long()
        kept = scheduler("ddpm", self.config.diffusion_steps).alphas_cumprod.to(x.device)[time]
        noisy = kept.sqrt()[:, None, None] * x + (1 - kept).sqrt()[:, None, None] * noise
        text = model.read(batch["clip"] if "clip" in batch else batch["words"])
        text = text * (drop >= self.config.drop)[:, None]
        gap = (model(noisy, time, text, length) - x).square() * weights
        there = torch.arange(x.shape[1], device=x.device) < length[:, None]
        return (gap.mean(dim=2) * there).sum() / there.sum()

    def evaluate(self, model, test, streams):
        """Return what is measured on motions sampled for the held-out captions.

        See :mod:`empirical.motion.evaluation`: split "test" for the sampled motions, "real" for
        the held-out motions themselves, "corrected" for what the corrector does to some of them.
        """
        made, _ = self.sample(model, np.arange(len(test["length"])), test, streams.child("noise"))
        items = test | {"features": made}
        dealt = streams.child("dealt").numpy().permutation(len(made))
        rows = evaluation.motion_rows(self.judge, items, test, dealt)
        rows += evaluation.held_out_rows(self.judge, self.library.test)
        if self.config.report_corrected:
            some = take(items, slice(self.config.report_corrected))
            rows += evaluation.corrected_rows(some, self.config.processes)
        return rows

    def flops(self, visits):
        """Return about how many floating-point operations `visits` forward passes take."""
        c = self.config
        tokens = c.frames // c.patch + 1
        weights = c.layers * (4 * c.width**2 + 2 * c.width * c.feedforward)
        weights += 2 * c.patch * SIZE * c.width
        return visits * 2.0 * tokens * (weights + 2 * c.layers * tokens * c.width)


def _weights():
    """Return the weight (81,) of each feature's squared error; 1 on average."""
    weights = np.ones(SIZE)
    for name, weight in WEIGHTS.items():
        weights[GROUPS[name]] = weight
    return weights / weights.mean()
