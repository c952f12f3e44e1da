"""Every claim of the ledger is a test: its evidence holds and its mutants are rejected."""

import pytest

from loopcert import ledger
from loopcert.claim import THEOREM_LIKE
from loopcert.examine import examine

CLAIMS = {claim.id: claim for claim in ledger.claims()}

REQUIRED = """
    SW-01 SW-04 SW-06 SW-07 SW-08 SW-18 SC-A8 SC-T43 SC-A5.B SCX-A5.B-fixed SCX-SHARP SCX-A8-STRICT
    SCX-EXIST BP-4.2 BP-E3 BP-23 BP-E6 BP-6a BP-6b BPX-U KV-TN-01 KV-RHO KV-RHO-BOUNDS
    UL-SCHED UL-COST UL-STOP UL-BUDGET
""".split()


@pytest.mark.parametrize("name", REQUIRED)
def test_the_headline_claims_are_there(name):
    assert name in CLAIMS


@pytest.mark.parametrize("name", CLAIMS)
def test_claim(name):
    claim = CLAIMS[name]
    library = {used: CLAIMS[used].statement for used in claim.uses}
    found = examine(claim, library)
    failed = [(r.kind, r.detail) for r in found.results if not r.holds]
    assert not failed
    assert not found.accepted
    assert claim.loose or not found.mutants.get("survived")


@pytest.mark.parametrize("name", CLAIMS)
def test_links_lead_somewhere(name):
    claim = CLAIMS[name]
    assert set(claim.uses) | set(claim.corrects) <= set(CLAIMS)
    assert claim.title.endswith(".")
    assert claim.source


def test_every_assertion_has_evidence():
    without = [c.id for c in CLAIMS.values() if c.kind in THEOREM_LIKE and not c.evidence]
    assert not without
