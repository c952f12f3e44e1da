"""The doctor: what it finds, what it says is missing, and how to mend it."""

import json
import os
import stat
import sys

import pytest

from loopcert import _install, cli, doctor


def finding(name, findings=None):
    """Return the finding of that name."""
    return next(f for f in findings or doctor.examine() if f.name == name)


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Return a function that puts a program of that name and script first on the path."""

    def put(name, script):
        file = tmp_path / "bin" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{file.parent}{os.pathsep}{os.environ['PATH']}")

    return put


class TestVerb:
    def test_text(self, capsys, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert cli.main(["doctor"]) == 0
        out = capsys.readouterr().out
        for name in ("python", "package theory", "core packages", "threads", "gpu"):
            assert f" {name} " in out
        assert list(tmp_path.iterdir()) == []  # looking leaves nothing behind

    def test_json(self, capsys, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert cli.main(["doctor", "--json"]) == 0
        text = capsys.readouterr().out
        record = json.loads(text)
        assert record["ok"] is True
        assert {f["state"] for f in record["findings"]} <= {"ok", "note", "fail"}
        assert all(set(f) == {"name", "state", "detail", "repair"} for f in record["findings"])
        assert text == json.dumps(record, indent=2, sort_keys=True) + "\n"

    def test_loads_no_torch(self):
        import subprocess

        program = (
            "import sys\nfrom loopcert.cli import main\nmain(['doctor'])\n"
            "heavy = {'torch', 'numpy', 'sympy', 'numba', 'theory', 'sims'} & set(sys.modules)\n"
            "print(sorted(heavy), file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
        )
        assert done.stderr == "[]\n"

    def test_something_broken(self, capsys, tmp_path):
        taken = tmp_path / "file"
        taken.write_text("")
        assert cli.main(["doctor", "--report", str(taken / "report")]) == 1
        out = capsys.readouterr().out
        assert "fail  report folder" in out
        assert "report folder: choose another folder" in out


class TestFolders:
    def test_writable(self, tmp_path):
        found = finding("report folder", doctor.examine(tmp_path / "a" / "b"))
        assert found.state == "ok"
        assert "can be made" in found.detail
        assert not (tmp_path / "a").exists()

    def test_runs_folder_from_the_environment(self, tmp_path, monkeypatch):
        monkeypatch.setenv("LOOPCERT_RUNS", str(tmp_path / "mine"))
        assert str(tmp_path / "mine") in finding("runs folder").detail
        assert str(tmp_path / "x") in finding("runs folder", doctor.examine(
            runs=tmp_path / "x")).detail


class TestGpu:
    def test_none(self, monkeypatch):
        monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
        assert finding("gpu").state == "note"

    def test_found(self, program, monkeypatch):
        program("nvidia-smi", "echo 'NVIDIA H100, 81559 MiB'")
        monkeypatch.setattr(doctor, "_installed", lambda name: True)
        found = finding("gpu")
        assert (found.state, found.detail) == ("ok", "NVIDIA H100, 81559 MiB")

    def test_found_without_torch(self, program, monkeypatch):
        program("nvidia-smi", "echo 'NVIDIA H100, 81559 MiB'")
        monkeypatch.setattr(doctor, "_installed", lambda name: False)
        found = finding("gpu")
        assert "no torch" in found.detail
        assert "[empirical]" in found.repair

    def test_driver_that_fails(self, program):
        program("nvidia-smi", "echo 'NVIDIA-SMI has failed'; exit 9")
        assert "finds none" in finding("gpu").detail


class TestPackages:
    def test_ours(self):
        assert finding("package theory").state == "ok"
        assert finding("package empirical").state == "ok"

    def test_newer_than_the_installation(self, monkeypatch):
        place = _install._place  # an editable install finds the bare folder of a new package
        monkeypatch.setattr(
            _install, "_place",
            lambda name: _install.home() / name if name == "empirical" else place(name),
        )
        found = finding("package empirical")
        assert (found.state, found.detail) == ("note", "is newer than this installation")
        assert "pip install" in found.repair

    def test_foreign(self, monkeypatch, tmp_path, capsys):
        monkeypatch.setattr(_install, "_place", lambda name: tmp_path)
        found = finding("package sims")
        assert found.state == "fail"
        assert str(tmp_path) in found.detail
        assert cli.main(["doctor"]) == 1  # reported, not refused
        assert "to mend:" in capsys.readouterr().out

    def test_absent(self, monkeypatch):
        monkeypatch.setattr(_install, "_place", lambda name: None)
        found = finding("package theory")
        assert found.state == "fail"
        assert "pip install" in found.repair


class TestExtras:
    def test_core_is_complete(self):
        core = next(extra for extra in _install.extras() if not extra.name)
        assert {"numpy", "scipy", "tyro"} <= {need.name for need in core.requirements}
        assert core.missing == ()

    def test_names_are_those_of_the_package(self):
        names = {extra.name for extra in _install.extras()}
        assert {"", "empirical", "figures", "ray", "test"} <= names

    @pytest.mark.parametrize(
        ("text", "name", "minimum"),
        [("numpy>=2.1", "numpy", "2.1"), ("rouge_score>=0.1.2", "rouge_score", "0.1.2"),
         ("rich", "rich", ""), ("ray[default]>=2.60", "ray", "2.60")],
    )
    def test_requirement(self, text, name, minimum):
        need = _install._requirement(text)
        assert (need.name, need.minimum) == (name, minimum)

    @pytest.mark.parametrize(
        ("minimum", "version", "met"),
        [("2.1", "2.10.0", True), ("2.10", "2.9.9", False), ("", "0.1", True),
         ("1.0", None, False), ("2.13", "2.13.0+cu126", True)],
    )
    def test_versions_are_compared_as_numbers(self, minimum, version, met):
        assert _install.Requirement("x", minimum, version).met is met

    def test_missing_extra_names_its_command(self, monkeypatch):
        need = _install.Requirement("ray", "2.60", "2.5")
        monkeypatch.setattr(
            doctor, "extras", lambda: (_install.Extra("", ()), _install.Extra("ray", (need,)))
        )
        found = finding("extra ray")
        assert found.state == "note"
        assert found.detail == "missing: ray >= 2.60 (found 2.5)"
        assert found.repair.startswith(f"{sys.executable} -m pip install ")
        assert "[ray]" in found.repair

    def test_missing_core_fails(self, monkeypatch):
        need = _install.Requirement("numpy", "2.1", None)
        monkeypatch.setattr(doctor, "extras", lambda: (_install.Extra("", (need,)),))
        assert finding("core packages").state == "fail"

    def test_command_without_a_checkout(self, monkeypatch):
        monkeypatch.setattr(_install, "_editable_root", lambda: None)
        assert _install.install_command("ray").endswith(" -m pip install 'loopcert[ray]'")


def test_usable_cores():
    assert 1 <= doctor.usable_cores() <= (os.cpu_count() or 1)
