"""Without torch the other tests of this folder are left out, and this one says so."""

import pytest


def test_torch_is_installed():
    pytest.importorskip("torch", reason="needs torch: pip install -e '.[empirical]'")
