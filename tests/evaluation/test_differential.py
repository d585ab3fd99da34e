"""Counts, their intervals, and the correction for known confusion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bcc.datasets import CLASS_PRESETS
from bcc.evaluation.differential import (
    Confusion,
    confusion_of,
    count_cells,
    ruemke_table,
    unfold,
)
from bcc.evaluation.reports.differential_report import NOT_MEDICAL, differential_report
from bcc.wilson import wilson


def sure(labels: list[int], classes: int, chance: float = 0.98) -> np.ndarray:
    said = np.full((len(labels), classes), (1 - chance) / (classes - 1))
    said[np.arange(len(labels)), labels] = chance
    return said


def test_every_image_has_exactly_one_fate() -> None:
    said = sure([0, 0, 1, 1, 2, 2], 3)
    said[3] = [0.3, 0.4, 0.3]
    found = count_cells(
        said,
        ("a", "b", "c"),
        unsure_below=0.9,
        strange=np.array([0, 0, 0, 1, 1, 0], bool),
        held=np.array([1, 0, 1, 1, 0, 1], bool),
    )
    assert found.table["count"].tolist() == [1, 1, 1]
    # No cell goes before unfamiliar, unfamiliar before unsure.
    assert found.others == {"no cell": 2, "unfamiliar": 1, "unsure": 0}
    assert (found.counted, found.total) == (3, 6)


def test_shares_have_wilsons_interval() -> None:
    found = count_cells(sure([0] * 7 + [1] * 3, 2), ("a", "b"))
    low, high = wilson(np.array([0.7, 0.3]), np.array([10, 10]))
    assert found.table["share"].tolist() == [0.7, 0.3]
    assert found.table["low"].to_numpy() == pytest.approx(low)
    assert found.table["high"].to_numpy() == pytest.approx(high)
    assert any("Fewer than 100 cells" in note for note in found.notes)


def test_a_reviewers_word_counts_whatever_the_run_says() -> None:
    said = sure([0, 0, 1], 2)
    found = count_cells(
        said, ("a", "b"), held=np.array([True, False, True]), corrections={1: "b", 2: "smudge"}
    )
    assert dict(zip(found.table["class"], found.table["count"], strict=True)) == {"a": 1, "b": 1, "smudge": 1}
    assert found.others["no cell"] == 0
    assert found.corrected == 2


def test_confusion_counts_unsure_answers_apart() -> None:
    said = sure([0, 1, 1, 0], 2)
    said[3] = [0.55, 0.45]
    found = confusion_of(np.array([0, 0, 1, 1]), said, 0.9, "4 images")
    assert found.counts.tolist() == [[1, 1, 0], [0, 1, 1]]
    assert confusion_of(np.array([-1, -1, -1, -1]), said, 0.9, "").counts.sum() == 0


def test_unfolding_recovers_the_truth_behind_known_confusion() -> None:
    answers = np.array([[0.9, 0.05, 0.0, 0.05], [0.1, 0.7, 0.1, 0.1], [0.0, 0.02, 0.95, 0.03]])
    truth = np.array([700.0, 50.0, 250.0])
    found = unfold((truth @ answers)[None], answers[None], steps=3000)[0]
    assert found == pytest.approx(truth, abs=0.5)


def test_adjusted_counts_are_nearer_to_the_truth_and_their_intervals_hold() -> None:
    rng = np.random.default_rng(3)
    answers = np.array([[0.93, 0.07, 0.0], [0.2, 0.78, 0.02], [0.01, 0.01, 0.98]])
    measured = np.stack([rng.multinomial(1000, line) for line in answers])
    confusion = Confusion(np.hstack([measured, np.zeros((3, 1))]), "3,000 images")
    truth, covered, raw_off, off = np.array([0.85, 0.05, 0.10]), 0, 0.0, 0.0
    for trial in range(40):
        labels = rng.choice(3, 1500, p=truth)
        said = np.array([rng.choice(3, p=answers[label]) for label in labels])
        table = count_cells(sure(said.tolist(), 3), ("a", "b", "c"), confusion=confusion, seed=trial).table
        covered += ((table["adjusted_low"] <= truth) & (truth <= table["adjusted_high"])).sum()
        raw_off += np.abs(table["share"] - truth).sum()
        off += np.abs(table["adjusted_share"] - truth).sum()
    assert off < raw_off / 2
    assert covered / 120 > 0.9


@given(
    observed=st.lists(st.integers(0, 50), min_size=4, max_size=4),
    seed=st.integers(0, 50),
)
def test_unfolding_keeps_the_sum_and_goes_nowhere_below_zero(observed: list[int], seed: int) -> None:
    answers = np.random.default_rng(seed).dirichlet(np.ones(4), 3)
    found = unfold(np.array([observed], float), answers[None])[0]
    assert (found >= 0).all()
    assert found.sum() == pytest.approx(sum(observed))


def test_erythroblasts_are_counted_per_100_leukocytes() -> None:
    names = CLASS_PRESETS["pbc"]
    labels = [names.index("neutrophil")] * 40 + [names.index("lymphocyte")] * 10
    labels += [names.index("erythroblast")] * 5 + [names.index("platelet")] * 20
    found = count_cells(sure(labels, 8), names)
    table = found.table.set_index("class")
    assert table.loc["neutrophil", "share_of_leukocytes"] == pytest.approx(0.8)
    assert np.isnan(table.loc["platelet", "share_of_leukocytes"])
    assert found.erythroblasts_per_100 == pytest.approx(10)


def test_nothing_to_count_claims_nothing() -> None:
    found = count_cells(np.zeros((0, 2)), ("a", "b"), confusion=Confusion(np.zeros((2, 3)), "0 images"))
    assert found.total == 0
    assert found.table["share"].isna().all()


def test_ruemkes_table_narrows_with_the_number_of_cells() -> None:
    table = ruemke_table()
    assert table["share"].tolist() == [0.01, 0.05, 0.1, 0.2, 0.5]
    assert table.loc[4, "100 cells"] == "40.4 to 59.6 %"
    assert table.loc[4, "1000 cells"] == "46.9 to 53.1 %"


def test_the_report_names_everything_and_escapes_it() -> None:
    found = count_cells(
        sure([0, 1, 1], 2), ("a<b>", "b"), confusion=Confusion(np.eye(2, 3) * 50, "100 test images")
    )
    page = differential_report(
        found,
        run="run <1>",
        images="3 images",
        reviewer="<script>Ann",
        notes="seen & done",
        when="2026-01-02",
    )
    assert NOT_MEDICAL in page
    for text in (
        "a&lt;b&gt;",
        "run &lt;1&gt;",
        "&lt;script&gt;Ann",
        "seen &amp; done",
        "2026-01-02",
        "100 test images",
    ):
        assert text in page
    assert "<script" not in page
