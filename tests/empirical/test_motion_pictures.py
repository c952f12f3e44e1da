"""Pictures of motion: that they show what is there, and are files that others can open."""

import dataclasses
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from empirical import comparison
from empirical._files import pack, sha256
from empirical.config import changed
from empirical.engine import Cell
from empirical.motion import pictures, skeleton
from empirical.motion.config import Config
from empirical.motion.task import TASK


def clip(frames=6, pace=0.0, height=0.0):
    found = np.tile(skeleton.rest(), (frames, 1))
    found[:, 0] += pace * np.arange(frames)
    found[:, 1] += height
    return found


def shown(pose, **options):
    """Return the outlines and colours that a pose is drawn with, shadows first."""
    axes = Figure().subplots()
    shadows, body = pictures.draw(axes, pose, **options)
    return [[path.vertices for path in part.get_paths()] for part in (shadows, body)], body


def extent(outlines):
    points = np.concatenate(outlines)
    return points.min(axis=0), points.max(axis=0)


def test_a_figure_is_as_tall_as_it_is():
    (shadows, body), _ = shown(skeleton.REST)
    low, high = extent(body)
    assert high[1] - low[1] == pytest.approx(1.6 * np.cos(pictures._ELEVATION), abs=0.08)
    assert len(shadows) == len(body) == 15 + 5
    lifted, _ = shown(clip(height=0.3)[0])
    for before, after in zip(shadows, lifted[0]):  # shadows lie on the floor
        assert after == pytest.approx(before)
    assert extent(lifted[1])[0][1] - low[1] == pytest.approx(0.3 * np.cos(pictures._ELEVATION))


def test_what_is_below_the_floor_is_red():
    red = to_rgb(pictures.BELOW)
    for height, count in ((0.0, 0), (-0.02, 2), (-0.2, 4)):  # feet, then shanks too
        colours = shown(clip(height=height)[0])[1].get_facecolors()[:, :3]
        assert sum(np.allclose(colour, red) for colour in colours) == count


def test_past_poses_fade():
    bright = shown(skeleton.REST, weight=1.0)[1].get_facecolors()[:, :3].mean()
    assert shown(skeleton.REST, weight=0.3)[1].get_facecolors()[:, :3].mean() > bright + 0.2
    axes = Figure().subplots()
    pictures.strip(axes, clip(30, 0.02), poses=5)
    bodies = [part for part in axes.collections if part.get_zorder() >= 2]
    assert len(bodies) == 5
    shades = [part.get_facecolors()[:, :3].mean() for part in bodies]
    assert shades == sorted(shades, reverse=True)


def test_strips_share_one_view():
    still, moving = clip(20), clip(20, 0.1)
    figure = pictures.strips([still, moving], ["ground truth", "iterative"], "stand", apart=0)
    first, second = figure.axes
    assert first.get_xlim() == second.get_xlim()
    assert first.get_ylim() == second.get_ylim()
    words = [text.get_text() for text in figure.findobj(matplotlib.text.Text)]
    assert "“stand”" in words
    assert "iterative" in words
    ends = [max(part.get_paths()[0].vertices[:, 0].max() for part in axes.collections)
            for axes in figure.axes]
    assert ends[1] - ends[0] == pytest.approx(1.9 * np.cos(pictures._AZIMUTH), abs=0.01)


def test_a_film_has_all_frames(tmp_path):
    path = tmp_path / "film.gif"
    pictures.animate(path, [clip(3), clip(4, 0.3)], ["real", "model"], "walk", dpi=40)
    with Image.open(path) as film:
        assert film.n_frames == 4
        assert film.info["duration"] == 50
        seen = []
        for frame in range(4):
            film.seek(frame)
            seen.append(np.asarray(film.convert("L"), dtype=float))
    half = seen[0].shape[1] // 2
    assert (seen[2][:, half:] != seen[3][:, half:]).any()
    assert np.abs(seen[2][:, :half] - seen[3][:, :half]).mean() < 1  # waits at its end


def test_kinds_of_films(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match=r"must end in \.gif or \.mp4"):
        pictures.animate(tmp_path / "film.webm", [clip()], ["real"])
    monkeypatch.setattr(pictures.shutil, "which", lambda name: None)
    with pytest.raises(ValueError, match="needs ffmpeg, which is not there"):
        pictures.animate(tmp_path / "film.mp4", [clip()], ["real"])


@pytest.fixture
def stored(tmp_path):
    poses = np.stack([np.stack([clip(5), clip(5, 0.1)]), np.stack([clip(5), clip(5, 0.2)])])
    case = pictures.Showcase(("ground truth", "iterative"), ("walks", "runs"),
                             poses.astype(np.float32), np.array([5, 4]))
    case.save(tmp_path / "motions.npz")
    return tmp_path / "motions.npz"


def test_showcase_is_read_back(stored):
    found = pictures.read(stored)
    assert (found.names, found.prompts) == (("ground truth", "iterative"), ("walks", "runs"))
    assert [len(c) for c in found.clips(1)] == [4, 4]
    assert found.clips(1)[1][:, 0] == pytest.approx(0.2 * np.arange(4), abs=1e-6)


@pytest.mark.parametrize(("change", "message"), [
    ({"poses": np.zeros((2, 2, 5, 40))}, "do not fit its names"),
    ({"names": np.array(["one"])}, "do not fit its names"),
    ({"lengths": np.array([5, 9])}, "do not fit its names"),
    ({"poses": np.full((2, 2, 5, 43), np.nan)}, "do not fit its names"),
    ({"names": np.array(["a", None], dtype=object)}, "holds no motions"),
    ({"names": None}, "holds no motions"),
])
def test_a_file_that_holds_none(stored, change, message):
    with np.load(stored) as file:
        values = {key: file[key] for key in file.files} | change
    np.savez(stored, **{key: value for key, value in values.items() if value is not None})
    with pytest.raises(ValueError, match=message):
        pictures.read(stored)


def test_the_command_on_stored_motions(stored, tmp_path, capsys):
    out = tmp_path / "out"
    assert pictures.main([str(stored), "--out", str(out), "--film", "none"]) == 0
    assert {path.name for path in out.iterdir()} == {"motions.npz", "motion-0.png",
                                                     "motion-1.png"}
    assert "motion-1: runs" in capsys.readouterr().out
    assert pictures.main(["nothing", "--runs-dir", str(tmp_path), "--out", str(out)]) == 2
    assert "pictures: error: run = 'nothing': none in" in capsys.readouterr().err


TINY = {"n": 8, "test": 6, "frames": 24, "patch": 8, "width": 8, "heads": 2, "layers": 1,
        "feedforward": 8, "diffusion_steps": 4, "sampling_steps": 2, "judged": 20,
        "loop.rounds": 1, "loop.mix": "augment"}
ARMS = {"baseline": {"loop.mix": "real"}, "iterative-0.5": {"loop.ratio": 0.5},
        "iterative-1": {"loop.ratio": 1.0}, "corrected-1": {"loop.curate": "physics"},
        "identity-1": {"loop.curate": "identity"}, "shuffled": {"shuffled": True}}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Return a comparison whose models are as they were built, each in its run directory."""
    cells, names, records = [], [], {}
    root = tmp_path_factory.mktemp("runs")
    for number, (arm, changes) in enumerate(ARMS.items()):
        cells.append(Cell("empirical.motion.task:TASK", arm, 0, changed(Config(), TINY | changes)))
        names.append(f"motion-{number}")
        model = TASK(cells[-1].config).build(torch.Generator().manual_seed(number))
        content = pack(model.state_dict())
        (root / names[-1]).mkdir()
        (root / names[-1] / "weights").write_bytes(content)
        event = {"event": "trained", "file": "weights", "sha256": sha256(content)}
        records[arm, 0] = SimpleNamespace(finished=True, path=root / names[-1], events=[event])

    class Finished(comparison.Comparison):
        def records(self):
            return records

    return Finished("motion", "smoke", {}, tuple(cells), tuple(names), root)


class TestGather:
    def test_the_same_prompts_under_each_arm(self, finished):
        found = pictures.gather(finished, prompts=2)
        assert found.names == ("ground truth", "baseline", "iterative-1", "corrected-1")
        assert found.poses.shape == (2, 4, 24, skeleton.WIDTH)
        cell = finished.cells[0]
        told = TASK(cell.config).library.captions["test"]
        assert set(found.prompts) <= set(told)
        for pose in found.poses.reshape(-1, 24, skeleton.WIDTH):
            skeleton.check_pose(pose)
        apart = found.poses[:, 2] - found.poses[:, 3]
        assert np.abs(apart).max() > 0  # other weights
        again = pictures.gather(finished, prompts=2)
        assert (again.poses == found.poses).all()

    def test_the_command(self, finished, tmp_path, monkeypatch, capsys):
        monkeypatch.setattr("empirical.export.find", lambda root, name: finished)
        arguments = ["motion-smoke", "--out", str(tmp_path / "out"), "--prompts", "1"]
        assert pictures.main([*arguments, "--film", "none"]) == 0
        assert pictures.read(tmp_path / "out" / "motions.npz").names[1] == "baseline"
        monkeypatch.setattr("empirical.export.find", lambda root, name: object())
        assert pictures.main(arguments) == 2
        assert "is a run, must be a comparison" in capsys.readouterr().err

    def test_what_cannot_be_shown(self, finished):
        with pytest.raises(ValueError, match="seed = 9: must be one of which a run has ended"):
            pictures.gather(finished, seed=9)
        other = dataclasses.replace(finished, task="eigen")
        with pytest.raises(ValueError, match="task = 'eigen': must be motion"):
            pictures.gather(other)
