"""The page in a browser: every number it shows is theory's, and its controls do what they say."""

import html
import json
import math
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from loopcert import report
from loopcert.phases import PANELS, shown

PROBE = Path(__file__).with_name("page_probe.js")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1200,1600", "--virtual-time-budget=20000", "--dump-dom",
)

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")


@pytest.fixture(scope="module")
def seen(small, tmp_path_factory):
    """Return what the probe saw of the page of a small ledger, opened from disk."""
    folder = tmp_path_factory.mktemp("page")
    page = report.write(small, folder)
    probe = f"<script>{PROBE.read_text('utf-8')}</script></body>"
    page.write_text(page.read_text("utf-8").replace("</body>", probe), "utf-8")
    done = subprocess.run(
        [BROWSER, *FLAGS, f"--user-data-dir={folder / 'profile'}", page.as_uri()],
        capture_output=True, text=True, timeout=100, check=True,
    )
    found = re.search(r'<pre id="probe">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stderr[-2000:]
    return json.loads(html.unescape(found[1]))


def test_nothing_fails(seen):
    assert seen["errors"] == []


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.name)
def test_interactive_values_are_those_of_theory(seen, panel):
    settings = [row for row in seen["settings"] if row["panel"] == panel.name]
    assert len(settings) == 200
    worst = 0.0
    for row in settings:
        at = {slider.name: value_of(slider, row["positions"][slider.name])
              for slider in panel.sliders}
        expected = shown(panel, at)
        assert expected.keys() == row["values"].keys()
        for name, (exact, text) in row["values"].items():
            found = math.inf if exact == "Infinity" else float(exact)
            if math.isinf(expected[name]):
                assert (found, text) == (expected[name], "∞"), (name, at)
                continue
            worst = max(worst, abs(found - expected[name]) / max(1.0, abs(expected[name])))
            assert float(text) == pytest.approx(found, rel=6e-3 if "e" in text else 6e-4)
    assert worst < 1e-9  # a thousandth of what is promised


def value_of(slider, share):
    """Return the value at a place of a slider, from 0 to 1."""
    if slider.log:
        return slider.low * (slider.high / slider.low) ** share
    return slider.low + (slider.high - slider.low) * share


def test_settings_cover_the_sliders(seen):
    for panel in PANELS:
        rows = [row["positions"] for row in seen["settings"] if row["panel"] == panel.name]
        for slider in panel.sliders:
            places = [row[slider.name] for row in rows]
            assert min(places) < 0.05 < 0.95 < max(places)
    printed = [row["values"]["printed"][0] for row in seen["settings"]
               if row["panel"] == "correction"]
    assert 0 < printed.count("Infinity") < 200


def test_maps_are_painted_and_follow_the_pointer(seen):
    (good, bad) = seen["colours"]
    assert good[3] == bad[3] == 255
    assert good[2] > good[0]  # blue where generator and verifier are good
    assert bad[0] > bad[2]  # red where they are not
    assert seen["pointed"] == pytest.approx([0.5, 0.75], abs=0.02)
    assert all(len(text) > 20 for text in seen["readings"])


def test_filters(seen):
    assert seen["all"] == ["X-1", "X-2", "X-3", "SW-07"]
    assert seen["found"] == ["X-1"]
    assert seen["nothing"] == [[], False, "0 of 4"]
    assert seen["refuted"] == seen["errata"] == ["X-2"]
    assert "X-1" in seen["z3"]
    assert "X-2" not in seen["z3"]


def test_a_link_opens_what_it_points_to(seen):
    assert seen["opened"] == ["SW-07"]
    assert "assert" in seen["question"]
    assert seen["pictures"] >= 1


def test_graph(seen):
    whole, nearer, again = seen["zoom"]
    assert whole == again
    assert float(nearer.split()[2]) == pytest.approx(float(whole.split()[2]) / 1.4)
    assert seen["near"] == ["X-1", "X-2", "X-3"]
    assert "The corrected one." in seen["choice"]
    assert "It rests on 2; 0 rest on it." in seen["choice"]
    assert seen["typed"] == "X-2"


def test_light_and_dark(seen):
    assert seen["light"] == "rgb(255, 255, 255)"
    assert seen["dark"] == "rgb(20, 23, 26)"
