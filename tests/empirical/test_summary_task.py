"""The task: what a proposal depends on, what is right, who selects, and whole loops."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from empirical.config import changed, to_dict
from empirical.items import count, take
from empirical.language.shape import ModelConfig
from empirical.loop import LoopConfig, Settings, run_loop
from empirical.streams import Streams
from empirical.summary import shared
from empirical.summary.config import Config, Stronger
from empirical.summary.rouge import rouge
from empirical.summary.task import TASK
from empirical.summary.verifiers import FractionOfEach, RandomFraction
from empirical.training import Training, TrainingConfig

SHAPE = ModelConfig(vocabulary=1000, width=16, layers=1, heads=2, kv_heads=2, hidden=32,
                    context=160, block=32)
QUICK = TrainingConfig(steps=6, batch=16, learning_rate=1e-2)
TINY = Config(
    corpus=256, test=24, longest_article=90, longest_summary=16, model=SHAPE, texts=64,
    pretraining=QUICK, stronger=Stronger(1, SHAPE, QUICK, QUICK),
    base=dataclasses.replace(QUICK, steps=40), update=QUICK,
    loop=LoopConfig(total=256, unit="proposed", start="scratch", curate="top_fraction",
                    score="quality", fraction=0.125),
)


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory):
    """Keep shared models in a folder of these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOOPCERT_CACHE", str(tmp_path_factory.mktemp("cache")))
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        yield
        torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def trained():
    """A tiny generator, whose summaries differ from article to article."""
    task = TASK(TINY)
    model = task.build(Streams(1).child("build").torch())
    training = Training(model, task.real("train", Streams(1)), TINY.base, task.loss, Streams(2))
    while not training.done:
        training.advance()
    return model.eval()


@pytest.fixture(scope="module")
def proposals(trained):
    return TASK(TINY).generate(trained, np.arange(256), Streams(5)).items


def with_(**changes):
    return TASK(changed(TINY, changes))


class TestItems:
    def test_the_generators_part_of_the_corpus(self):
        task = TASK(TINY)
        one, two = (task.real("train", Streams(seed)) for seed in (1, 2))
        assert count(one) == count(two) == 32
        assert len(set(one["number"])) == 32
        assert set(one["number"]) != set(two["number"])
        assert count(task.real("test", Streams(1))) == 24
        with pytest.raises(ValueError, match="split = 'valid'"):
            task.real("valid", Streams(1))

    def test_texts_come_back(self):
        """Article, frame and reference are in the tokens, word for word."""
        task = with_(longest_summary=90)
        items = task.items_of("train", np.arange(100))
        texts = task.corpus("train")
        assert task.texts(items) == list(texts.references[:100])
        words = task.writer.tokens.decode(items["prompt"][0][: items["prompt_length"][0]]).split()
        assert words[:2] == ["Article", ":"]
        assert words[-6:] == "A summary of the article :".split()
        assert "".join(words[2:-6]) == texts.articles[0].replace(" ", "")

    def test_what_is_too_long_is_cut_off(self):
        task = with_(longest_article=10, longest_summary=4)
        items = task.items_of("train", np.arange(8))
        assert (items["answer_length"] == 4).all()
        assert task.writer.tokens.end not in items["answer"]
        full = task.items_of("train", np.arange(8))
        assert len(set(full["prompt_length"])) == 1

    def test_references_are_right(self):
        task = with_(longest_summary=60)
        assert task.quality(task.items_of("train", np.arange(50))) == pytest.approx(np.ones(50))


class TestProposals:
    def test_they_do_not_depend_on_the_request(self, trained, proposals):
        """Bit for bit: alone, among few, among many, in any order; scores too."""
        task = TASK(TINY)
        assert set(proposals) == {"number", "kind", "prompt", "prompt_length", "answer",
                                  "answer_length", "self", "stronger"}
        assert len(np.unique(proposals["answer"], axis=0)) > 5
        for indices in ([0], [200, 3, 31, 32, 3], np.arange(50, 100)):
            some = task.generate(trained, np.asarray(indices), Streams(5)).items
            for name in some:
                assert (some[name] == proposals[name][indices]).all()

    def test_each_article_once_and_then_again(self, trained, proposals):
        assert sorted(proposals["number"]) == list(range(256))
        more = with_(scores=()).generate(trained, np.arange(256, 288), Streams(5)).items
        assert (more["number"] == proposals["number"][:32]).all()
        assert (more["answer"] == proposals["answer"][:32]).all()  # greedy
        other = with_(scores=()).generate(trained, np.arange(32), Streams(6)).items
        assert (other["number"] != proposals["number"][:32]).any()
        assert "self" not in other

    def test_the_truth(self):
        task = with_(labels="truth", longest_summary=60)
        made = task.generate(None, np.arange(64), Streams(5))
        assert made.evaluations == 0
        assert task.quality(made.items).min() > 1 - 1e-12

    def test_quality_is_rouge(self, proposals):
        task = TASK(TINY)
        references = [task.corpus("train").references[i] for i in proposals["number"]]
        expected = rouge(task.texts(proposals), references, "1")["1"].fmeasure
        assert (task.quality(proposals) == expected).all()
        assert 0 < expected.mean() < 1

    def test_scores_are_log_probabilities(self, trained, proposals):
        """Of the text as it is: of the generator, and of another model."""
        task = TASK(TINY)
        row = take(proposals, slice(1))
        tokens = torch.from_numpy(np.concatenate([
            row["prompt"][0][: row["prompt_length"][0]],
            row["answer"][0][: row["answer_length"][0]]]).astype(np.int64))
        judge, _ = task.stronger()
        for model, name in ((trained, "self"), (judge, "stronger")):
            with torch.no_grad():
                logs = model(tokens[None]).logits[0].log_softmax(-1)
            start, stop = int(row["prompt_length"][0]), len(tokens)
            expected = np.mean([float(logs[i - 1, tokens[i]]) for i in range(start, stop)])
            assert task.score(None, row, name)[0] == pytest.approx(expected, abs=1e-4)
        assert (proposals["self"] != proposals["stronger"]).all()
        with pytest.raises(ValueError, match="score = 'beauty'"):
            task.score(None, row, "beauty")


class TestVerifiers:
    def test_by_lot(self):
        items, quality = {"x": np.zeros(1000)}, np.linspace(0, 1, 1000)
        uniform = Streams(1).uniform(range(1000), 1)[:, 0]
        kept = RandomFraction(0.125).keep(items, quality, None, uniform)
        assert kept.sum() == 125
        assert abs(quality[kept].mean() - 0.5) < 4.5 * 0.289 / 125**0.5
        assert uniform[kept].min() > uniform[~kept].max()

    def test_the_best_of_each_kind(self):
        """Equal shares of each kind, and the best of it, however hard it is."""
        kind = np.repeat([0, 1, 2], 40)
        quality = np.linspace(0, 1, 120)  # kind 2 is the easiest
        kept = FractionOfEach("quality", 0.25).keep(
            {"kind": kind}, quality, lambda name: quality, None)
        assert list(np.bincount(kind[kept])) == [10, 10, 10]
        assert all(quality[kept & (kind == k)].min() > quality[~kept & (kind == k)].max()
                   for k in range(3))

    def test_who_is_asked(self):
        assert with_(**{"loop.curate": "random"}).curator(Streams(0)) == RandomFraction(0.125)
        assert TASK(TINY).curator(Streams(0)).score == "quality"
        each = with_(**{"loop.curate": "top_of_each", "loop.score": "self"}).curator(Streams(0))
        assert each == FractionOfEach("self", 0.125)
        with pytest.raises(ValueError, match="curate = 'none at all'"):
            with_(**{"loop.curate": "none at all"}).curator(Streams(0))


class TestShared:
    def test_pretrained_once(self, monkeypatch, tmp_path):
        """The same weights in every run, from the cache or trained anew."""
        monkeypatch.setenv("LOOPCERT_CACHE", str(tmp_path))
        shared._kept.clear()

        def weights():
            model = TASK(TINY).build(Streams(np.random.default_rng().integers(99)).torch())
            return {name: value.numpy().copy() for name, value in model.state_dict().items()}

        first = weights()
        file, = shared.folder().glob("pretrained-*.weights")
        sound = file.read_bytes()
        for damaged in (sound[:-1], sound[:100] + b"x" + sound[101:], b"", None):
            shared._kept.clear()
            file.unlink()
            if damaged is not None:
                file.write_bytes(damaged)
            again = weights()
            assert all((again[name] == first[name]).all() for name in first)
            assert file.read_bytes() == sound
        shared._kept.clear()
        monkeypatch.setattr(TASK, "_pretrain", lambda *_: pytest.fail("trained again"))
        assert all((value == first[name]).all() for name, value in weights().items())

    def test_nowhere_to_keep_them(self, monkeypatch, tmp_path):
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("LOOPCERT_CACHE", str(tmp_path / "file"))
        shared._kept.clear()
        assert with_(texts=63).build(Streams(0).torch()) is not None

    def test_no_pretraining(self):
        task = with_(**{"pretraining.steps": 0, "pretraining.epochs": 0})
        one, two = (task.build(Streams(seed).torch()).state_dict() for seed in (1, 2))
        assert any((one[name] != two[name]).any() for name in one)


def test_what_is_measured(trained):
    task = TASK(TINY)
    test = task.real("test", Streams(1))
    found = {m.metric: m for m in task.evaluate(trained, test, Streams(9))}
    assert set(found) == {"rouge1", "rouge2", "rougeL", "rouge1/valid", "valid", "words", "loss",
                          "rouge1/stronger"}
    written = task.written(trained, test)
    references = task.corpus("test").references
    scores = rouge(written, references)
    for kind in "12L":
        assert found[f"rouge{kind}"].value == pytest.approx(scores[kind].fmeasure.mean())
    assert found["rouge1"].stderr == pytest.approx(
        scores["1"].fmeasure.std(ddof=1) / 24**0.5)
    best = [max(rouge([text] * len(ways), ways, "1")["1"].fmeasure)
            for text, ways in zip(written, task.corpus("test").valid)]
    assert found["rouge1/valid"].value == pytest.approx(np.mean(best))
    assert found["rouge1/valid"].value > found["rouge1"].value
    with torch.no_grad():
        batch = {name: torch.from_numpy(values) for name, values in test.items()}
        loss = task.loss(trained, batch, None).item()
    assert found["loss"].value == pytest.approx(loss, rel=0.2)  # of items, not of tokens
    again = {m.metric: m for m in task.evaluate(trained, test, Streams(10))}
    assert again == found


def test_the_config_is_plain_and_checked():
    assert to_dict(TINY)["stronger"]["model"]["width"] == 16
    for changes, message in [
        ({"share": 0}, "share = 0.0: must lie"), ({"share": 0.001}, "share = 0.001"),
        ({"labels": "me"}, "labels = 'me'"), ({"scores": "self,me"}, "scores = 'me'"),
        ({"corpus": 0}, "corpus = 0"), ({"longest_summary": 0}, "longest_summary = 0"),
        ({"loop.score": "beauty"}, "loop.score = 'beauty': must be one of quality, self"),
        ({"loop.score": "self", "scores": ()}, "loop.score = 'self'"),
        ({"stronger.model.heads": 3}, "stronger.model.heads = 3"),
    ]:
        with pytest.raises(ValueError, match=message):
            changed(TINY, changes)


def rows_of(record, split, metric):
    rows = record.metrics
    rows = rows[(rows.metric == metric) & (rows.split == split)]
    return rows.set_index("round").value.sort_index()


@pytest.fixture(scope="module")
def loops(tmp_path_factory):
    """One round of each verifier, and two iterated rounds; all from one generator."""
    root = tmp_path_factory.mktemp("runs")
    arms = {
        "oracle": {}, "self": {"loop.score": "self"}, "stronger": {"loop.score": "stronger"},
        "random": {"loop.curate": "random"},
        "truth": {"labels": "truth", "loop.curate": "none", "scores": ()},
        "again": {"loop.rounds": 2, "loop.schedule": "64,128", "loop.start": "warm"},
    }
    return root, {name: run_loop(TASK, changed(TINY, changes), 0, Settings(root=root))
                  for name, changes in arms.items()}


class TestLoops:
    def test_what_is_kept(self, loops):
        _, records = loops
        for name in ("oracle", "self", "stronger", "random"):
            assert rows_of(records[name], "cost", "kept")[1] == 32
            assert rows_of(records[name], "cost", "proposed")[1] == 256
        assert rows_of(records["truth"], "cost", "kept")[1] == 256
        assert list(rows_of(records["again"], "cost", "kept")) == [8, 16]

    def test_one_generator(self, loops):
        _, records = loops
        begun = {rows_of(record, "test", "rouge1")[0] for record in records.values()}
        p = {rows_of(records[name], "proposed", "p")[1] for name in (
            "oracle", "self", "stronger", "random")}
        assert len(begun) == len(p) == 1

    def test_the_oracle_has_the_highest_p_star(self, loops):
        _, records = loops
        stars = {name: rows_of(records[name], "proposed", "p_star")[1] for name in (
            "oracle", "self", "stronger", "random")}
        kept = {name: rows_of(records[name], "proposed", "precision")[1] for name in stars}
        assert max(stars, key=stars.get) == "oracle"
        assert sorted(stars, key=stars.get) == sorted(kept, key=kept.get)
        p = rows_of(records["oracle"], "proposed", "p")[1]
        for name, star in stars.items():
            logit = np.log(kept[name] / (1 - kept[name])) + np.log(p / (1 - p))
            assert np.log(star / (1 - star)) == pytest.approx(logit, abs=1e-9)

    def test_killed_and_gone_on(self, loops, tmp_path):
        _, records = loops
        asked = iter(range(10**6))
        settings = Settings(root=tmp_path, stop=lambda: "enough" if next(asked) == 20 else "")
        config = changed(TINY, {"loop.score": "self"})
        from empirical.loop import Stopped

        with pytest.raises(Stopped):
            run_loop(TASK, config, 0, settings)
        record = run_loop(TASK, config, 0, Settings(root=tmp_path))
        one, two = (r.metrics[r.metrics.metric != "seconds"].drop(columns="run")
                    for r in (record, records["self"]))
        assert json.loads(one.to_json()) == json.loads(two.to_json())


def test_texts_side_by_side(tmp_path, capsys):
    """Of each arm's last model, as it writes; and of the generator that they share."""
    import pandas as pd

    from empirical import launch
    from empirical.comparison import load, saved
    from empirical.summary import exports

    made = launch.run("summary", arms=["oracle-12.5", "random-12.5"], seeds=1, runs_dir=tmp_path,
                      device="cpu", **{"pretraining.steps": 2, "stronger.pretraining.steps": 2,
                                       "corpus": 256, "loop.total": 256, "test": 32})
    assert not made.problems
    place = saved(tmp_path)[0]
    options = ["--runs-dir", str(tmp_path), "--out", str(tmp_path / "out"), "--articles", "32"]
    assert exports.main([place.stem, *options]) == 0
    frame = pd.read_csv(tmp_path / "out" / "texts.csv", dtype=str, keep_default_na=False)
    assert list(frame.number) == [str(i) for i in range(32) for _ in range(5)]
    assert list(frame.arm[:5]) == ["article", "reference", "generator", "oracle-12.5",
                                   "random-12.5"]
    found = load(place)
    known = found.cells[0].task_class(found.cells[0].config).corpus("test")
    assert list(frame.text[frame.arm == "article"]) == list(known.articles)
    assert list(frame.text[frame.arm == "reference"]) == list(known.references)
    record = found.records()["random-12.5", 0]
    # What was measured when the models were new.
    for arm, round_ in [("generator", 0), ("random-12.5", 1)]:
        written = frame.text[frame.arm == arm]
        scores = rouge(written, known.references, "1")["1"].fmeasure
        assert np.mean([len(text.split()) for text in written]) == pytest.approx(
            rows_of(record, "test", "words")[round_])
        assert scores.mean() == pytest.approx(rows_of(record, "test", "rouge1")[round_])
    for name, message in [("nothing", "no run"), (record.name, "must be a comparison of")]:
        assert exports.main([name, *options]) == 2
        assert capsys.readouterr().err.count("\n") == 1, message
