"""The phase diagrams rest on claims and functions that exist."""

import importlib
import math

import numpy as np
import pytest

from loopcert.ledger import claims
from loopcert.phases import PANELS, shown


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.name)
class TestEachPanel:
    def test_names(self, panel):
        sliders = {slider.name for slider in panel.sliders}
        assert {panel.x, panel.y} <= sliders
        assert set(panel.shades) <= {value.name for value in panel.values}
        assert shown(panel).keys() == {value.name for value in panel.values}

    def test_claims_and_functions_exist(self, panel):
        names = {claim.id for claim in claims()}
        for value in panel.values:
            module, _, name = value.function.rpartition(".")
            assert hasattr(importlib.import_module(module), name)
            assert value.claim in names

    def test_sliders(self, panel):
        for slider in panel.sliders:
            assert slider.low <= slider.start <= slider.high
            share = slider.position
            back = (slider.low * (slider.high / slider.low) ** share if slider.log
                    else slider.low + (slider.high - slider.low) * share)
            assert back == pytest.approx(slider.start)

    def test_every_corner_has_values(self, panel):
        for corner in np.ndindex(*(2,) * len(panel.sliders)):
            settings = {
                slider.name: (slider.low, slider.high)[end]
                for slider, end in zip(panel.sliders, corner)
            }
            assert not any(math.isnan(v) for v in shown(panel, settings).values()), settings
