"""The driver: generate -> curate -> update -> evaluate, round after round, under a schedule.

Everything that a step needs is on disk or follows from the seed, so that a loop that was killed
goes on where its record ends, and ends in the same bits. Three kinds of directory share the work:

    base    a base model, trained on real items; one for all arms of a seed
    first   what that model does before any round: its evaluation and proposals
    run     the rounds of one arm
"""

import dataclasses
import time

from empirical import identity, runs
from empirical.choice import Choice, row
from empirical.config import to_dict
from empirical.items import count, join
from empirical.schedule import LoopConfig
from empirical.streams import Streams
from empirical.training import Training, TrainingConfig

__all__ = ["LoopConfig", "Settings", "Stopped", "identity_of", "run_loop"]

KEEP = 2  # checkpoints and models: the latest, and the one before it should a file be damaged


class Stopped(Exception):
    """The loop was asked to stop; its directory can be resumed."""


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """Where and how loops run; apart from `device` and `threads` nothing here changes a result.

    Attributes
    ----------
    root : path
        Folder of all runs.
    device : str
        Torch device.
    threads : int
        Threads of one model.
    checkpoint_seconds : float
        A training under way is saved so often.
    stop : callable
        stop() -> str: empty to go on, else why to stop. Asked before every step and shard.
    report : callable
        report(phase, done, total), called often.
    """

    root: object = "runs"
    device: str = "cpu"
    threads: int = 1
    checkpoint_seconds: float = 60.0
    stop: object = lambda: ""
    report: object = lambda phase, done, total: None


def identity_of(task_class, config, seed, settings, kind="run"):
    """Return the identity of a loop's directory of one `kind`; see :func:`runs.identity`."""
    values = to_dict(_config_of(task_class, config, kind))
    if kind != "run":
        values = {k: v for k, v in values.items() if k not in ("loop", "update", "other")}
    if kind == "base":
        seed = config.loop.base_seed if config.loop.base_seed >= 0 else seed
        for name in task_class.after_base:
            del values[name]
    if kind == "first":
        values["base_seed"] = config.loop.base_seed
    return runs.identity(
        task_class.name, kind, seed, values, identity.code_hash(task_class.__module__),
        identity.arithmetic(settings.device, settings.threads),
    )


def _config_of(task_class, config, kind):
    """Return the config with all that a directory of this kind must not depend on at default."""
    if kind == "run":
        return config
    plain = {"loop": LoopConfig(), "update": TrainingConfig()}
    default = {f.name: f for f in dataclasses.fields(config)}
    if "other" in default:
        plain["other"] = TrainingConfig()
    if kind == "base":
        plain |= {name: default[name].default for name in task_class.after_base}
    return dataclasses.replace(config, **plain)


def run_loop(task_class, config, seed, settings=None):
    """Run one loop to its end, going on from what is on disk.

    Parameters
    ----------
    task_class : type
        A :class:`~empirical.task.Task`.
    config : dataclass
        An instance of its `Config`.
    seed : int
        Seed of all streams.
    settings : Settings, optional
        Where and how.

    Returns
    -------
    runs.Record
        Of the finished run.

    Raises
    ------
    Stopped
        When `settings.stop` said so; the directory can be resumed.
    runs.Busy, runs.Changed
        When another process works in the directory, or it holds another config.
    OSError
        When the disk is full or read-only; what was written is still sound.
    """
    import torch

    settings = settings or Settings()
    threads = torch.get_num_threads()
    torch.set_num_threads(settings.threads)
    try:
        return _Loop(task_class, config, seed, settings).run()
    finally:
        torch.set_num_threads(threads)


class _Worker:
    """What base models, first proposals and rounds have in common: a directory and a clock."""

    def __init__(self, task_class, config, seed, settings, kind):
        self.config = _config_of(task_class, config, kind)
        self.task = task_class(self.config, settings.device)
        self.streams, self.settings = Streams(seed), settings
        self.wanted = identity_of(task_class, config, seed, settings, kind)
        self._clock = time.monotonic()

    @property
    def name(self):
        """Name of the directory."""
        return runs.run_name(self.wanted)

    def open(self, pause=None):
        environment = identity.surroundings()
        directory = runs.Run(self.settings.root, self.wanted, environment, pause)
        for warning in directory.warnings:
            directory.log("damaged", what=warning)
        self.lap()
        return directory

    def pause(self):
        """Wait a moment for another process that works in the directory."""
        self.settings.report(f"wait for {self.name}", 0, 1)
        reason = self.settings.stop()
        if reason:
            raise Stopped(reason)
        time.sleep(0.05)

    def build(self, streams):
        """Return a fresh model with weights from `streams`."""
        with streams.child("layers").under(self.task.device):
            return self.task.build(streams.torch(self.task.device))

    def lap(self):
        """Return the seconds since the last call: of work since the last event."""
        now = time.monotonic()
        seconds, self._clock = now - self._clock, now
        return round(seconds, 3)

    def heed(self, directory):
        """Raise Stopped when it is time to."""
        reason = self.settings.stop()
        if reason:
            directory.log("stopped", reason=reason, seconds=self.lap())
            raise Stopped(reason)

    def train(self, directory, training, round_, label):
        """Take a training to its end, from the latest sound checkpoint."""
        self._restore(directory, training, round_)
        last = time.monotonic()
        while not training.done:
            reason = self.settings.stop()
            if reason or time.monotonic() - last > self.settings.checkpoint_seconds:
                self._checkpoint(directory, training, round_)
                last = time.monotonic()
            if reason:
                directory.log("stopped", reason=reason, seconds=self.lap())
                raise Stopped(reason)
            training.advance()
            self.settings.report(label, training.step, training.steps)
        training.finish()

    def _restore(self, directory, training, round_):
        damaged = []
        for event in reversed(directory.events):
            if event["event"] == "checkpoint" and event["round"] == round_:
                if directory.sound(event):
                    training.restore(_tensors(directory.load(event)))
                    break
                damaged.append(event["file"])
        directory.drop(damaged)  # so that it is not taken for the one to fall back on

    def _checkpoint(self, directory, training, round_):
        place = f"checkpoints/round-{round_:03d}-step-{training.step:08d}.safetensors"
        directory.save(place, training.state(), "checkpoint", round=round_, step=training.step,
                       seconds=self.lap())
        saved = [e["file"] for e in reversed(directory.events) if e["event"] == "checkpoint"]
        there = [place for place in dict.fromkeys(saved) if directory.holds(place)]
        directory.drop(there[KEEP:])

    def save_model(self, directory, model, round_, training):
        visits = training.visits
        rows = [
            row("train", "loss", float(training.last_loss), n=training.steps),
            row("cost", "visits", visits),
            # A step costs a forward pass and a backward pass of twice its work.
            row("cost", "training_flops", 3 * self.task.flops(visits)),
        ]
        directory.save(f"models/round-{round_:03d}.safetensors", model.state_dict(), "trained",
                       round=round_, measured=rows, seconds=self.lap())
        directory.drop(e["file"] for e in directory.events if e["event"] == "checkpoint")

    def evaluate(self, model, real_test):
        model.eval()
        streams = self.streams.child("evaluate")
        with streams.child("layers").under(self.task.device):
            found = self.task.evaluate(model, real_test, streams)
        return [row(m.split, m.metric, m.value, m.stderr, m.n) for m in found]


class _Base(_Worker):
    """The base model."""

    def __init__(self, task_class, config, seed, settings):
        super().__init__(task_class, config, seed, settings, "base")

    def real(self, split):
        """Return the real items of a split."""
        return self.task.real(split, self.streams.child("real"))

    def weights(self):
        """Return the weights, trained now unless they are on disk."""
        with self.open(self.pause) as directory:
            done = directory.last("trained")
            if not directory.sound(done):
                self._train(directory)
                done = directory.last("trained")
            return _tensors(directory.load(done))

    def _train(self, directory):
        streams = self.streams.child("base")
        model = self.build(streams.child("build"))
        training = Training(model, self.real("train"), self.config.base, self.task.loss,
                            streams.child("train"), self.task.device)
        self.train(directory, training, 0, "base model")
        self.save_model(directory, model, 0, training)
        directory.log("finished", seconds=self.lap())


class _First(_Worker):
    """The base model's evaluation and proposals, which the arms of a seed share."""

    def __init__(self, task_class, config, seed, settings):
        super().__init__(task_class, config, seed, settings, "first")

    def measured(self, model, test):
        """Return the rows of the base model's evaluation."""
        with self.open(self.pause) as directory:
            event = directory.last("evaluated")
            if event is None:
                self.heed(directory)
                rows = self.evaluate(model, test)
                event = directory.log("evaluated", round=0, measured=rows, seconds=self.lap())
            return event["measured"]

    def shard(self, model, number):
        """Return the proposals of shard `number`, and what they cost."""
        with self.open(self.pause) as directory:
            return _shard(self, directory, model, 1, number)


def _shard(worker, directory, model, round_, number):
    """Return shard `number` of a round's proposals: from disk, or generated and saved."""
    import numpy as np

    event = directory.last("proposed", round=round_, shard=number)
    if directory.sound(event):
        return directory.load(event), event["evaluations"]
    worker.heed(directory)
    size = worker.task.shard
    indices = np.arange(number * size, (number + 1) * size)
    model.eval()
    streams = worker.streams.child("round", round_, "generate")
    with streams.child("layers", number).under(worker.task.device):
        made = worker.task.generate(model, indices, streams)
    if count(made.items) != size:
        raise ValueError(f"items = {count(made.items)}: {worker.task.name} must generate {size}")
    directory.save(f"samples/round-{round_:03d}-shard-{number:05d}.safetensors", made.items,
                   "proposed", round=round_, shard=number, evaluations=made.evaluations,
                   seconds=worker.lap())
    return made.items, made.evaluations


def _other(task_class, config, base_seed):
    """Return task, config and seed of the base model that rounds of start "other" begin with."""
    if not hasattr(config, "other"):
        raise ValueError(f"loop.start = 'other': task {task_class.name} has no other base model")
    loop = dataclasses.replace(config.loop, base_seed=-1)
    seed = config.loop.other_seed if config.loop.other_seed >= 0 else base_seed
    return task_class, dataclasses.replace(config, base=config.other, loop=loop), seed


class _Loop(_Worker):
    """The rounds of one arm."""

    def __init__(self, task_class, config, seed, settings):
        super().__init__(task_class, config, seed, settings, "run")
        base_seed = seed if config.loop.base_seed < 0 else config.loop.base_seed
        self._base = _Base(task_class, config, base_seed, settings)
        self._first = _First(task_class, config, seed, settings)
        self._other = None
        if config.loop.start == "other":
            self._other = _Base(*_other(task_class, config, base_seed), settings)
        self._real = None

    def run(self):
        """Run all rounds that are not done; return the record."""
        with self.open() as directory:
            if directory.last("finished") is None or not self._whole(directory):
                self._rounds(directory)
            else:
                directory.mend()
        return runs.read(directory.path)

    def _whole(self, directory):
        """Return whether the last model of a finished run is still sound."""
        done = directory.last("trained")
        return done is None or directory.sound(done)

    def real(self):
        if self._real is None:
            self._real = self._base.real("train")
        return self._real

    def _rounds(self, directory):
        shared = {"base": self._base.name, "first": self._first.name}
        if self._other is not None:
            shared["other"] = self._other.name
        directory.log("session", **shared, **identity.surroundings())
        if self.config.loop.mix != "real":
            # A wrong name is said before the base model is made.
            self.task.curator(self._base.streams)
        self._weights = self._base.weights()
        self._start = self._weights if self._other is None else self._other.weights()
        needs_real = self.config.loop.mix in ("augment", "real", "accumulate")
        wanted = self.config.loop.wanted(count(self.real()) if needs_real else 0)
        test = self.task.real("test", self._base.streams.child("real"))
        model = self.build(self.streams.child("base", "build"))
        model.load_state_dict(self._weights)
        if directory.last("evaluated", round=0) is None:
            directory.log("evaluated", round=0, measured=self._first.measured(model, test))
        self.lap()  # the seconds of the shared directories are in their own records
        for round_ in range(self._resume(directory, model, len(wanted)), len(wanted) + 1):
            if not self._round(directory, model, round_, wanted[round_ - 1], test):
                break
        directory.finish(seconds=self.lap())

    def _resume(self, directory, model, rounds):
        """Put the latest sound weights into the model; return the round to go on with."""
        for round_ in range(rounds, 0, -1):
            trained = directory.last("trained", round=round_)
            if trained is None or not directory.sound(trained):
                continue
            if not all(self._kept(directory, r) for r in range(1, round_ + 1)):
                continue
            model.load_state_dict(_tensors(directory.load(trained)))
            if directory.last("evaluated", round=round_) is not None:
                return round_ + 1
            return round_  # trained, but not yet measured
        return 1

    def _kept(self, directory, round_):
        """Return whether what a round kept is there, if this or later rounds need it."""
        if self.config.loop.mix != "accumulate":
            return True
        return directory.sound(directory.last("curated", round=round_))

    def _round(self, directory, model, round_, wanted, test):
        """Do what is left of a round; return whether the loop can go on."""
        trained = directory.last("trained", round=round_)
        if not (directory.sound(trained) and self._kept(directory, round_)):
            if wanted and not directory.sound(directory.last("curated", round=round_)):
                if not self._curate(directory, model, round_, wanted):
                    return False
            self._update(directory, model, round_, wanted)
        else:
            model.load_state_dict(_tensors(directory.load(trained)))
        self.heed(directory)
        self.settings.report(f"round {round_}: evaluate", 0, 1)
        rows = self.evaluate(model, test)
        directory.log("evaluated", round=round_, measured=rows, seconds=self.lap())
        directory.publish()
        return True

    def _curate(self, directory, model, round_, wanted):
        """Propose and choose the items of a round; return whether there were enough."""
        model.eval()  # a task's score may ask it, also where all proposals are on disk
        chosen = Choice(self.task, self.streams, model, round_, wanted)
        while chosen.wants_more:
            self.settings.report(f"round {round_}: generate", chosen.kept, wanted)
            number = chosen.shards
            if round_ > 1:
                chosen.add(*_shard(self, directory, model, round_, number))
            else:
                chosen.add(*self._first.shard(model, number))
                self.lap()
        items, rows = chosen.finish()
        enough = chosen.enough
        directory.save(f"samples/round-{round_:03d}.safetensors", items,
                       "curated" if enough else "exhausted",
                       round=round_, measured=rows, seconds=self.lap())
        directory.drop(e["file"] for e in directory.events if e["event"] == "proposed")
        return enough

    def _update(self, directory, model, round_, wanted):
        """Train the model on the round's items."""
        loop, streams = self.config.loop, self.streams.child("round", round_)
        items = self._mixed(directory, round_, wanted)
        if loop.start in ("cold", "other"):
            model.load_state_dict(self._start)
        elif loop.start == "scratch":
            model.load_state_dict(self.build(streams.child("build")).state_dict())
        training = Training(model, items, self.config.update, self.task.loss,
                            streams.child("train"), self.task.device)
        self.train(directory, training, round_, f"round {round_}: train")
        self.save_model(directory, model, round_, training)
        directory.drop(f"models/round-{r:03d}.safetensors" for r in range(1, round_ + 1 - KEEP))

    def _mixed(self, directory, round_, wanted):
        mix = self.config.loop.mix
        if mix == "real" or not wanted:
            return self.real()
        first = 1 if mix == "accumulate" else round_
        kept = [
            directory.load(directory.last("curated", round=r)) for r in range(first, round_ + 1)
        ]
        if mix == "replace":
            return join(kept)
        parts = [self.real(), *kept]
        shared = [field for field in parts[0] if all(field in part for part in parts)]
        return join({field: part[field] for field in shared} for part in parts)


def _tensors(arrays):
    import torch

    return {name: torch.from_numpy(values.copy()) for name, values in arrays.items()}
