"""Audits: files as people have them, the numbers against slow twins, and misuse."""

import json
import math
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from loopcert import cli
from loopcert._columns import read_columns
from loopcert._decisions import Decisions, read_decisions
from loopcert._shares import Share, weighted_share
from loopcert._usage import UserError

CELLS = (60, 30, 20, 40)  # right kept, right dropped, wrong kept, wrong dropped


def decisions(cells=CELLS):
    """Return 0/1 decisions with the given four counts."""
    truth = np.repeat([1.0, 1.0, 0.0, 0.0], cells)
    kept = np.repeat([True, False, True, False], cells)
    return Decisions(truth, kept)


def audit(*arguments, **options):
    from loopcert.audit import audit_decisions

    return audit_decisions(*arguments, **options)


def csv_file(folder, text, name="labels.csv"):
    """Write a table; return its path."""
    path = folder / name
    path.write_text(text)
    return path


@pytest.fixture
def labels(tmp_path):
    """A CSV of the counts CELLS."""
    rows = ["id,right,kept,score"]
    found = decisions()
    for i, (truth, kept) in enumerate(zip(found.truth, found.kept)):
        rows.append(f"{i},{int(truth)},{int(kept)},{0.8 if kept else 0.2}")
    return csv_file(tmp_path, "\n".join(rows))


def refused(capsys, *arguments):
    """Return the one line of a command that must exit with 2."""
    assert cli.main(["audit", *map(str, arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("loopcert: error: ")
    assert err.count("\n") == 1
    return err


class TestFiles:
    TABLE = (("correct", (1, 0, 1)), ("kept", (True, False, True)), ("name", ("a", "b", "c")))

    def written(self, folder, suffix):
        path = folder / f"table{suffix}"
        columns = dict(self.TABLE)
        rows = list(zip(*columns.values()))
        if suffix in (".csv", ".tsv", ".CSV"):
            mark = "\t" if suffix == ".tsv" else ","
            lines = [mark.join(columns), *(mark.join(map(str, row)) for row in rows)]
            path.write_text("\n".join(lines) + "\n")
        elif suffix in (".jsonl", ".ndjson"):
            path.write_text("".join(json.dumps(dict(zip(columns, row))) + "\n" for row in rows))
        else:
            pyarrow.parquet.write_table(pyarrow.table(columns), path)
        return path

    @pytest.mark.parametrize("suffix", [".csv", ".CSV", ".tsv", ".jsonl", ".ndjson", ".parquet",
                                        ".pq"])
    def test_all_formats_say_the_same(self, tmp_path, suffix):
        found = read_decisions(self.written(tmp_path, suffix), "correct", kept="kept")
        assert found.truth.tolist() == [1.0, 0.0, 1.0]
        assert found.kept.tolist() == [True, False, True]
        assert found.weight is None

    def test_byte_order_mark_blank_lines_quotes_and_spaces(self, tmp_path):
        path = tmp_path / "x.csv"
        path.write_bytes(
            b'\xef\xbb\xbf correct , text,kept\r\n1,"two\nlines, quoted",yes\r\n\r\n 0 ,b, no \r\n'
        )
        found = read_decisions(path, "correct", kept="kept")
        assert found.truth.tolist() == [1.0, 0.0]
        assert found.kept.tolist() == [True, False]
        assert read_columns(path, ["kept"]).lines == [3, 5]

    def test_a_quoted_newline_does_not_shift_the_row_named(self, tmp_path):
        path = csv_file(tmp_path, 'correct,text,kept\n1,"a\nb",1\nmaybe,c,0\n')
        with pytest.raises(UserError, match=r"row 2 \(line 4\): 'maybe'"):
            read_decisions(path, "correct", kept="kept")

    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("x.csv", b"", "x.csv: is empty"),
            ("x.csv", b"correct,kept\n", "x.csv: has no rows"),
            ("x.jsonl", b"\n\n", "x.jsonl: has no rows"),
            ("x.csv", b"correct,kept\n1\n", r"row 1 \(line 2\) has 1 cells: must have 2"),
            ("x.csv", b"correct,kept\n1,1,1\n", "has 3 cells: must have 2"),
            ("x.csv", b"correct,kept\n1,\xff\n", "is not UTF-8 text: byte "),
            ("x.csv", b'correct,kept\n1,"1\n', "line 2: unexpected end of data"),
            ("x.csv", b"correct,kept,kept\n1,1,1\n", "has 2 columns named 'kept': must be one"),
            ("x.jsonl", b'{"kept": 1, "kept": 0}\n', "line 1 has two columns named 'kept'"),
            ("x.jsonl", b'{"kept": 1\n', "line 1 is not JSON"),
            ("x.jsonl", b"[1, 0]\n", "line 1 must be an object"),
            ("x.jsonl", b"[" * 100_000, "line 1 is not JSON"),
            ("x.parquet", b"PAR1 not really", "is not a Parquet file"),
            ("x.xlsx", b"x", "must end in one of .csv, .tsv, .jsonl"),
            ("table", b"x", "must end in one of"),
        ],
    )
    def test_damage_is_one_line(self, tmp_path, name, content, message):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(UserError, match=message) as caught:
            read_decisions(path, "correct", kept="kept")
        assert "\n" not in str(caught.value)

    def test_duplicate_columns_that_nobody_asked_for_do_not_matter(self, tmp_path):
        path = csv_file(tmp_path, "x,correct,x,kept\n1,1,2,1\n")
        assert read_decisions(path, "correct", kept="kept").kept.tolist() == [True]

    def test_missing_folder_and_forbidden(self, tmp_path):
        with pytest.raises(UserError, match=r"no\.csv: cannot be read: No such file"):
            read_columns(tmp_path / "no.csv", ["a"])
        (tmp_path / "folder.csv").mkdir()
        with pytest.raises(UserError, match="cannot be read: Is a directory"):
            read_columns(tmp_path / "folder.csv", ["a"])

    def test_json_lines_that_differ(self, tmp_path):
        path = csv_file(
            tmp_path, '{"kept": false}\n{"correct": 1, "kept": true}\n', "x.jsonl"
        )
        found = read_decisions(path, "correct", kept="kept")
        assert np.isnan(found.truth[0])
        assert found.truth[1] == 1

    def test_parquet_types(self, tmp_path):
        from decimal import Decimal

        path = tmp_path / "x.parquet"
        columns = {
            "correct": pyarrow.array([True, None, False]),
            "kept": pyarrow.array([1, 0, 1], pyarrow.int8()),
            "weight": pyarrow.array([Decimal("1.5"), Decimal("2.0"), Decimal("3.0")]),
        }
        pyarrow.parquet.write_table(pyarrow.table(columns), path)
        found = read_decisions(path, "correct", kept="kept", weight="weight")
        assert found.kept.tolist() == [True, False, True]
        assert found.weight == pytest.approx([0.5, 2 / 3, 1.0])
        with pytest.raises(UserError, match="has no column 'right'"):
            read_decisions(path, "right", kept="kept")


class TestCells:
    @pytest.mark.parametrize(
        ("truth", "value"),
        [("1", 1.0), ("0", 0.0), ("true", 1.0), ("FALSE", 0.0), ("yes", 1.0), ("0.25", 0.25),
         (" 1.0 ", 1.0), ("1e-3", 1e-3)],
    )
    def test_truth(self, tmp_path, truth, value):
        path = csv_file(tmp_path, f"c,k\n{truth},1\n")
        assert read_decisions(path, "c", kept="k").truth.tolist() == [value]

    @pytest.mark.parametrize("cell", ["", "NaN", "null", "NA", "none"])
    def test_truth_may_be_missing_where_rejected(self, tmp_path, cell):
        path = csv_file(tmp_path, f"c,k\n1,1\n{cell},0\n")
        assert np.isnan(read_decisions(path, "c", kept="k").truth[1])

    @pytest.mark.parametrize(
        ("row", "message"),
        [
            ("maybe,1,1,1", r"column 'c', row 2 \(line 3\): 'maybe': must be 0 or 1"),
            ("2,1,1,1", r"column 'c', row 2 \(line 3\): '2': must be"),
            ("-0.1,1,1,1", "column 'c', row 2"),
            ("inf,1,1,1", "column 'c', row 2"),
            (",1,1,1", "column 'c', row 2.*missing, and only rejected rows may lack it"),
            ("nan,1,1,1", "column 'c', row 2.*missing"),
            ("1,,1,1", "column 'k', row 2.*it is missing"),
            ("1,0.5,1,1", "column 'k', row 2.*use --verifier-score"),
            ("1,keep,1,1", "column 'k', row 2.*'keep': must be 0 or 1"),
            ("1,1_0,1,1", "column 'k', row 2"),
            ("1,1,-1,1", r"column 'w', row 2.*'-1': must be a number in \[0, inf\)"),
            ("1,1,inf,1", "column 'w', row 2"),
            ("1,1,,1", "column 'w', row 2.*missing"),
            ("1,1,much,1", "column 'w', row 2.*'much'"),
        ],
    )
    def test_a_bad_cell_is_named(self, tmp_path, row, message):
        path = csv_file(tmp_path, f"c,k,w,s\n1,1,1,0.5\n{row}\n")
        with pytest.raises(UserError, match=message):
            read_decisions(path, "c", kept="k", weight="w")

    @pytest.mark.parametrize(
        ("cell", "message"),
        [("high", "'high': must be a number"), ("", "must be a number; it is missing")],
    )
    def test_a_bad_score_is_named(self, tmp_path, cell, message):
        path = csv_file(tmp_path, f"c,s\n1,0.5\n1,{cell}\n")
        with pytest.raises(UserError, match=rf"column 's', row 2 \(line 3\): .*{message}"):
            read_decisions(path, "c", score="s", threshold=0.1)

    def test_threshold_keeps_what_reaches_it(self, tmp_path):
        path = csv_file(tmp_path, "c,s\n1,0.5\n1,0.4999\n0,0.9\n")
        found = read_decisions(path, "c", score="s", threshold=0.5)
        assert found.kept.tolist() == [True, False, True]

    def test_json_number_beyond_the_floats(self, tmp_path):
        path = csv_file(tmp_path, '{"c": 1' + "0" * 400 + ', "k": 1}\n', "x.jsonl")
        with pytest.raises(UserError, match="must be 0 or 1"):
            read_decisions(path, "c", kept="k")

    def test_rows_of_weight_zero_are_left_out(self, tmp_path):
        path = csv_file(tmp_path, "c,k,w\n1,1,2\n0,1,0\n0,0,1\n")
        found = read_decisions(path, "c", kept="k", weight="w")
        assert found.truth.tolist() == [1.0, 0.0]
        assert found.weight.tolist() == [1.0, 0.5]

    @pytest.mark.parametrize(
        ("text", "options", "message"),
        [
            ("c,k\n1,0\n0,0\n", {"kept": "k"}, "column 'k' is 0 in every row: no item is accep"),
            ("c,k\n1,.5\n0,.5\n", {"score": "k", "threshold": 0.1}, "0.5 in every row: no thre"),
            ("c,k\n1,.5\n0,.6\n", {"score": "k", "threshold": 2.0}, r"above every.*\[0.5, 0.6\]"),
            ("c,k\n1,1\n0,0\n", {"kept": "c"}, "column 'c' is given two roles"),
            ("c,k,w\n1,1,0\n0,0,0\n", {"kept": "k", "weight": "w"}, "'w' is 0 in every row"),
            ("c,k,w\n1,1,0\n0,0,1\n", {"kept": "k", "weight": "w"}, "accepted row has weight 0"),
        ],
    )
    def test_columns_that_decide_nothing(self, tmp_path, text, options, message):
        with pytest.raises(UserError, match=message):
            read_decisions(csv_file(tmp_path, text), "c", **options)


class TestShares:
    @given(st.integers(0, 40), st.integers(0, 40), st.sampled_from([0.8, 0.95, 0.999]))
    def test_equal_weights_give_clopper_and_pearson(self, hits, misses, confidence):
        n = hits + misses
        if n == 0:
            return
        share = weighted_share(np.repeat([1.0, 0.0], [hits, misses]), np.ones(n))
        low, high = share.exact(confidence)
        expected = stats.binomtest(hits, n).proportion_ci(confidence, method="exact")
        assert share.value == pytest.approx(hits / n)
        assert share.size == pytest.approx(n)
        assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12)

    @given(
        st.lists(st.tuples(st.floats(0, 1), st.floats(0.01, 10)), min_size=2, max_size=20),
        st.floats(1e-3, 1e3),
    )
    def test_laws(self, items, scale):
        outcome, weight = np.array(items).T
        share = weighted_share(outcome, weight)
        assert outcome.min() - 1e-12 <= share.value <= outcome.max() + 1e-12
        assert 0 < share.size <= len(items) * (1 + 1e-12)
        again = weighted_share(outcome, weight * scale)
        assert again.size == pytest.approx(share.size, rel=1e-6)
        assert again.value == pytest.approx(share.value)
        low, high = share.exact(0.9)
        assert 0 <= low <= share.value + 1e-9
        assert share.value - 1e-9 <= high <= 1
        wider = share.exact(0.99)
        assert wider[0] <= low
        assert high <= wider[1]

    def test_effective_size_of_unequal_weights(self):
        # by hand: weights 1, 3, 3 on outcomes 0, 1, 0: m = 3/7, variance = (9 + 144 + 81)/7^4
        share = weighted_share(np.array([0.0, 1.0, 0.0]), np.array([1.0, 3.0, 3.0]))
        assert share.value == pytest.approx(3 / 7)
        assert share.variance == pytest.approx(234 / 2401)
        assert share.size == pytest.approx(588 / 234)
        # outcomes that agree have no variance: Kish's size, 49/19
        assert weighted_share(np.ones(3), np.array([1.0, 3.0, 3.0])).size == pytest.approx(49 / 19)

    def test_nothing_is_known_without_weight(self):
        share = weighted_share(np.ones(2), np.zeros(2))
        assert math.isnan(share.value)
        assert share.exact(0.9) == (0.0, 1.0)

    @pytest.mark.parametrize("outcome", [0.0, 1.0])
    def test_certainty_is_never_claimed(self, outcome):
        share = weighted_share(np.full(10, outcome), np.ones(10))
        low, high = share.exact(0.95)
        assert (low > 0 and high == 1) if outcome else (low == 0 and high < 1)
        assert all(map(math.isnan, share.delta(0.95)))

    def test_intervals_cover(self):
        # null: weight 4 on right items, 1 on wrong ones; 2,000 samples of 300 items, nominal
        # 0.9, standard error 0.0067, threshold 4.5 of them. Clopper-Pearson at the number of
        # rows, which ignores the weights, must be rejected.
        rng = np.random.default_rng(5)
        covered = {"delta": 0, "exact": 0, "naive": 0}
        truth = 0.1 * 4 / (0.1 * 4 + 0.9)
        for _ in range(2000):
            outcome = (rng.random(300) < 0.1).astype(float)
            share = weighted_share(outcome, np.where(outcome == 1, 4.0, 1.0))
            naive = Share(share.value, share.variance, 300.0)
            for name, (low, high) in (("delta", share.delta(0.9)), ("exact", share.exact(0.9)),
                                      ("naive", naive.exact(0.9))):
                covered[name] += low <= truth <= high
        rate = {name: count / 2000 for name, count in covered.items()}
        error = 4.5 * math.sqrt(0.09 / 2000)
        assert abs(rate["delta"] - 0.9) < error
        assert 0.9 - error < rate["exact"] < 0.95
        assert rate["naive"] < 0.9 - error


class TestCounts:
    def test_rates(self):
        report = audit(decisions())
        assert report.scope == "full"
        assert report.p.value == pytest.approx(60 / 150)
        assert report.phi.value == pytest.approx(60 / 90)
        assert report.psi.value == pytest.approx(20 / 60)
        assert report.p_star.value == pytest.approx((2 / 3) / (2 / 3 + 1 / 3))
        assert report.precision.value == pytest.approx(0.75)
        assert report.counts == {
            "rows": 150, "accepted": 80, "rejected": 70, "unlabelled": 0, "right_kept": 60,
            "right_dropped": 30, "wrong_kept": 20, "wrong_dropped": 40,
        }
        assert report.effective_accepted == 80
        assert report.verdict == "below"
        assert report.labels_needed is None

    def test_intervals_of_the_rates_are_exact(self):
        report = audit(decisions())
        for estimate, hits, n in ((report.p, 60, 150), (report.phi, 60, 90), (report.psi, 20, 60)):
            expected = stats.binomtest(hits, n).proportion_ci(0.95, method="exact")
            assert estimate.exact == pytest.approx((expected.low, expected.high))

    def test_exact_precision_is_clopper_and_pearson(self):
        expected = stats.binomtest(60, 80).proportion_ci(0.95, method="exact")
        assert audit(decisions()).precision.exact == pytest.approx((expected.low, expected.high))

    @pytest.mark.parametrize("cells", [CELLS, (60, 0, 20, 0)])
    def test_delta_precision_is_the_log_odds(self, cells):
        half = 1.959963984540054 * math.sqrt(1 / 60 + 1 / 20)
        expected = [1 / (1 + math.exp(half) / 3), 1 / (1 + math.exp(-half) / 3)]
        assert audit(decisions(cells)).precision.delta == pytest.approx(expected)

    def test_delta_breakdown_point_is_the_log_ratio(self):
        half = 1.959963984540054 * math.sqrt((1 - 2 / 3) / 60 + (1 - 1 / 3) / 20)
        expected = [1 / (1 + 0.5 * math.exp(half)), 1 / (1 + 0.5 * math.exp(-half))]
        assert audit(decisions()).p_star.delta == pytest.approx(expected)

    def test_exact_breakdown_point_shares_the_error(self):
        phi = stats.binomtest(60, 90).proportion_ci(0.975, method="exact")
        psi = stats.binomtest(20, 60).proportion_ci(0.975, method="exact")
        expected = (phi.low / (phi.low + psi.high), phi.high / (phi.high + psi.low))
        assert audit(decisions()).p_star.exact == pytest.approx(expected)

    def test_warns_of_stratified_samples(self):
        assert any("unstratified" in w for w in audit(decisions()).warnings)

    def test_verdicts(self):
        assert audit(decisions((20, 10, 80, 10))).verdict == "above"
        assert audit(decisions((11, 5, 9, 5))).verdict == "undecided"

    def test_labels_needed_decide(self):
        report = audit(decisions((33, 5, 22, 5)))
        assert report.verdict == "undecided"
        n = report.labels_needed
        assert report.more_labels == n - 55

        def power(size):
            critical = stats.binom.isf(0.025, size, 0.5) + 1  # least count that decides
            return stats.binom.sf(critical - 1, size, 0.6)

        assert power(n) >= 0.9
        assert all(power(size) < 0.9 for size in range(1, n))

    def test_a_tie_needs_more_than_anybody_could_label(self):
        report = audit(decisions((50, 5, 50, 5)))
        assert (report.verdict, report.labels_needed, report.more_labels) == (
            "undecided", None, None,
        )

    def test_confidence_widens(self):
        narrow, wide = audit(decisions(), confidence=0.8), audit(decisions(), confidence=0.99)
        assert wide.precision.exact[0] < narrow.precision.exact[0]
        assert wide.p_star.delta[1] > narrow.p_star.delta[1]

    def test_no_wrong_item(self):
        report = audit(decisions((40, 10, 0, 0)))
        assert math.isnan(report.psi.value)
        assert report.verdict == "below"
        assert any("no wrong item" in w for w in report.warnings)

    def test_no_right_item(self):
        report = audit(decisions((0, 0, 40, 10)))
        assert math.isnan(report.phi.value)
        assert report.verdict == "above"

    def test_few_labels(self):
        assert any("only 4 accepted" in w for w in audit(decisions((3, 2, 1, 2))).warnings)


class TestPrecisionOnly:
    def test_no_rejected_rows(self):
        report = audit(decisions((60, 0, 20, 0)))
        full = audit(decisions())
        assert report.scope == "precision only"
        assert report.precision.value == full.precision.value
        assert report.precision.exact == full.precision.exact
        assert report.verdict == full.verdict
        assert math.isnan(report.p_star.value)
        unknown = (report.p.value, report.phi.value, *report.psi.exact, *report.p_star.exact)
        assert all(map(math.isnan, unknown))
        assert any("no rejected row" in w for w in report.warnings)

    @pytest.mark.parametrize("known", [0, 5])
    def test_rejected_rows_without_labels(self, known):
        found = decisions()
        truth = found.truth.copy()
        hidden = np.flatnonzero(~found.kept)[known:]
        truth[hidden] = np.nan
        report = audit(Decisions(truth, found.kept))
        assert report.scope == "precision only"
        assert report.counts["unlabelled"] == 70 - known
        assert any(f"{known} of 70 rejected rows carry a label" in w for w in report.warnings)


class TestShadesAndWeights:
    def test_equal_weights_change_nothing(self):
        plain = audit(decisions())
        weighted = audit(Decisions(decisions().truth, decisions().kept, np.ones(150)))
        assert weighted.verdict == plain.verdict
        for name in ("p", "phi", "psi", "p_star", "precision"):
            one, other = getattr(weighted, name), getattr(plain, name)
            assert one.value == pytest.approx(other.value)
            assert one.exact == pytest.approx(other.exact, abs=1e-9)
        assert weighted.p_star.delta == pytest.approx(plain.p_star.delta)

    @pytest.mark.parametrize("cells", [(60, 30, 20, 40), (20, 10, 80, 10), (33, 5, 22, 5)])
    def test_the_verdict_of_equal_weights_is_that_of_counts(self, cells):
        found = decisions(cells)
        weighted = audit(Decisions(found.truth, found.kept, np.ones(len(found.kept))))
        assert weighted.verdict == audit(found).verdict

    @pytest.mark.parametrize("cells", [(40, 10, 0, 0), (0, 0, 40, 10)])
    def test_unknown_breakdown_point_is_anywhere(self, cells):
        found = decisions(cells)
        for report in (audit(found), audit(Decisions(found.truth, found.kept, np.ones(50)))):
            assert math.isnan(report.p_star.value)
            assert report.p_star.exact == report.p_star.delta == (0.0, 1.0)
            assert report.verdict != "undecided"

    def test_a_verifier_that_keeps_nothing_wrong(self):
        found = decisions((40, 10, 0, 30))
        for report in (audit(found), audit(Decisions(found.truth, found.kept, np.ones(80)))):
            assert report.p_star.value == 1.0
            assert 0.5 < report.p_star.exact[0] < report.p_star.exact[1] == 1.0

    def test_weights_undo_a_stratified_sample(self):
        # every accepted item labelled, one rejected item in ten, weighted by ten
        whole, thin = decisions((60, 300, 20, 400)), decisions((60, 30, 20, 40))
        weight = np.where(thin.kept, 1.0, 10.0)
        want, got = audit(whole), audit(Decisions(thin.truth, thin.kept, weight))
        for name in ("p", "phi", "psi"):
            assert getattr(got, name).value == pytest.approx(getattr(want, name).value)
        assert got.p_star.value == pytest.approx(want.p_star.value)
        assert got.effective_accepted == pytest.approx(80)
        width = np.diff(got.p_star.delta)[0]
        assert width > np.diff(want.p_star.delta)[0]

    def test_qualities_are_the_generalised_proxy(self):
        truth = np.array([0.9, 0.2, 0.7, 0.1])
        kept = np.array([True, False, True, True])
        report = audit(Decisions(truth, kept))
        mean = truth.mean()
        assert report.p.value == pytest.approx(1 - mean)
        assert report.phi.value == pytest.approx((0.9 + 0.7 + 0.1) / 4 / mean)
        assert report.psi.value == pytest.approx((0.1 + 0.3 + 0.9) / 4 / (1 - mean))
        assert report.precision.value == pytest.approx(1.7 / 3)
        assert "right_kept" not in report.counts
        assert any("BPX-P" in w for w in report.warnings)

    def test_delta_interval_of_qualities_covers_the_breakdown_point(self):
        # null: kept with probability s^2, s uniform: phi = 1/2, psi = 1/6, p* = 3/4 exactly.
        # 1,000 samples of 300 items, nominal 0.9: within 4.5 standard errors (0.043).
        rng = np.random.default_rng(11)
        covered = shifted = 0
        for _ in range(1000):
            truth = rng.random(300)
            found = Decisions(truth, rng.random(300) < truth**2)
            low, high = audit(found, confidence=0.9).p_star.delta
            covered += low <= 0.75 <= high
            shifted += low <= 0.75 * 1.05 <= high
        assert abs(covered / 1000 - 0.9) < 4.5 * math.sqrt(0.09 / 1000)
        assert shifted / 1000 < 0.9 - 4.5 * math.sqrt(0.09 / 1000)


class TestVerb:
    def test_text(self, labels, capsys):
        assert cli.main(["audit", str(labels), "--correct", "right", "--kept", "kept"]) == 0
        out = capsys.readouterr().out
        assert "150 rows, 80 accepted, 70 rejected" in out
        for words in ("p*", "phi", "psi", "precision", "0.75", "verdict: below", "helps"):
            assert words in out

    def test_score_and_threshold_say_the_same(self, labels, capsys):
        common = ["audit", str(labels), "--correct", "right", "--json"]
        cli.main([*common, "--kept", "kept"])
        first = capsys.readouterr().out
        cli.main([*common, "--verifier-score", "score", "--threshold", "0.5"])
        assert capsys.readouterr().out == first

    def test_json(self, labels, capsys):
        cli.main(["audit", str(labels), "--correct", "right", "--kept", "kept", "--json"])
        text = capsys.readouterr().out
        record = json.loads(text, parse_constant=pytest.fail)
        assert text == json.dumps(record, indent=2, sort_keys=True) + "\n"
        assert record["p_star"]["value"] == pytest.approx(2 / 3)
        assert record["precision"]["exact"]["low"] < 0.75 < record["precision"]["exact"]["high"]
        assert record["counts"]["wrong_dropped"] == 40

    def test_unknown_numbers_are_null(self, tmp_path, capsys):
        path = csv_file(tmp_path, "c,k\n" + "1,1\n" * 20)
        assert cli.main(["audit", str(path), "--correct", "c", "--kept", "k", "--json"]) == 0
        record = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
        assert record["psi"]["value"] is None
        assert record["p_star"]["exact"] == {"low": None, "high": None}
        assert record["scope"] == "precision only"

    def test_precision_only_prints_precision_only(self, tmp_path, capsys):
        path = csv_file(tmp_path, "c,k\n" + "1,1\n" * 20 + ",0\n")
        cli.main(["audit", str(path), "--correct", "c", "--kept", "k"])
        out = capsys.readouterr().out
        assert "\nprecision " in out
        assert "\nphi " not in out
        assert "note: 0 of 1 rejected rows carry a label" in out

    def test_undecided_says_how_many_more(self, tmp_path, capsys):
        path = csv_file(tmp_path, "c,k\n" + "1,1\n" * 33 + "0,1\n" * 22 + "1,0\n0,0\n")
        assert cli.main(["audit", str(path), "--correct", "c", "--kept", "k"]) == 1
        assert " more\n" in capsys.readouterr().out

    def test_above_fails(self, tmp_path, capsys):
        path = csv_file(tmp_path, "c,k\n" + "0,1\n" * 30 + "1,0\n0,0\n")
        assert cli.main(["audit", str(path), "--correct", "c", "--kept", "k"]) == 1
        assert "leads astray" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (["--correct", "right"], "neither was given: audit needs --kept COL"),
            (["--correct", "right", "--kept", "kept", "--verifier-score", "score"], "both were"),
            (["--correct", "right", "--verifier-score", "score"], "needs --threshold X"),
            (["--correct", "right", "--kept", "kept", "--threshold", "1"], "needs --verifier-s"),
            (["--correct", "rihgt", "--kept", "kept"], "no column 'rihgt'; did you mean 'right'?"),
            (["--correct", "right", "--kept", "zzz"], "(its columns: id, right, kept, score)"),
            (["--correct", "id", "--kept", "kept"], "column 'id', row 3 (line 4): '2': must be"),
            (["--correct", "right", "--kept", "score"], "use --verifier-score"),
            (["--correct", "right", "--kept", "right"], "given two roles"),
            (["--correct", "right", "--kept", "kept", "--confidence", "1"], "'1': must be"),
            (["--correct", "right", "--kept", "kept", "--confidence", "95"], "in (0, 1)"),
            (["--correct", "right", "--verifier-score", "score", "--threshold", "nan"], "'nan'"),
            (["--correct", "", "--kept", "kept"], "must not be empty"),
        ],
    )
    def test_misuse(self, labels, capsys, options, message):
        assert message in refused(capsys, labels, *options)

    def test_missing_file(self, capsys, tmp_path):
        message = refused(capsys, tmp_path / "no.csv", "--correct", "a", "--kept", "b")
        assert "no.csv: cannot be read: No such file or directory" in message

    def test_only_needs_the_file(self, labels, tmp_path, monkeypatch, capsys):
        monkeypatch.chdir(labels.parent)
        before = sorted(Path().iterdir())
        cli.main(["audit", "labels.csv", "--correct", "right", "--kept", "kept"])
        assert sorted(Path().iterdir()) == before
