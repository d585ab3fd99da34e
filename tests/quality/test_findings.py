"""Findings on disk, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.quality import Findings, scan, selection_from
from bcc.quality.exact_duplicates import ExactDuplicates
from bcc.quality.findings import findings_frame

Make = Callable[..., Dataset]


@pytest.fixture
def dataset(as_dataset: Make, painted_cells: tuple[np.ndarray, np.ndarray]) -> Dataset:
    images = painted_cells[0][:6].copy()
    images[4] = images[1]
    return as_dataset(images, [0, 1, 0, 1, 1, 0])


@pytest.fixture
def findings(dataset: Dataset) -> Findings:
    return scan(dataset, [ExactDuplicates()])


def test_findings_come_back_from_a_file_as_they_were(
    findings: Findings, dataset: Dataset, tmp_path: Path
) -> None:
    findings.to_csv(tmp_path / "deep" / "findings.csv")
    again = Findings.from_csv(tmp_path / "deep" / "findings.csv", dataset)
    pd.testing.assert_frame_equal(again.frame, findings.frame, check_dtype=False)


def test_scores_and_numbers_are_kept_beside_them(
    findings: Findings, dataset: Dataset, tmp_path: Path
) -> None:
    findings.save(tmp_path)
    again = Findings.load(tmp_path, dataset)
    assert again.counts() == findings.counts()
    assert np.allclose(again.scores, findings.scores, atol=1e-3)
    assert list(again.numbers["copies"]) == [1, 2, 1, 1, 2, 1]


def test_findings_of_another_set_are_refused_by_name(
    findings: Findings, as_dataset: Make, painted_cells: tuple[np.ndarray, np.ndarray], tmp_path: Path
) -> None:
    findings.to_csv(tmp_path / "findings.csv")
    other = as_dataset(painted_cells[0][:8], np.arange(8) % 2, name="other")
    with pytest.raises(UserError, match=rf"findings\.csv.*{findings.fingerprint}.*other\.npz"):
        Findings.from_csv(tmp_path / "findings.csv", other)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "There is no file"),
        ("a,b\n1,2\n", "no column 'index'"),
        ("", "cannot be read"),
        ("index,kind,score,group,suggested,detail,dataset\n99,blurred,0.1,-1,drop,x,{}\n", "rows that"),
        ("index,kind,score,group,suggested,detail,dataset\n1,ugly,0.1,-1,drop,x,{}\n", "'ugly'"),
        ("index,kind,score,group,suggested,detail,dataset\n1,blurred,no,-1,drop,x,{}\n", "no numbers"),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence(
    dataset: Dataset, tmp_path: Path, content: str | None, words: str
) -> None:
    path = tmp_path / "findings.csv"
    if content is not None:
        path.write_text(content.format(dataset.fingerprint))
    with pytest.raises(UserError, match=words):
        Findings.from_csv(path, dataset)


def test_the_summary_counts_rows_once(dataset: Dataset) -> None:
    frame = pd.concat(
        [
            findings_frame(np.array([1, 2]), "blurred", np.array([0.1, 0.4]), "review", ["a.", "b."]),
            findings_frame(np.array([2]), "dark", np.array([0.2]), "drop", ["c."]),
        ],
        ignore_index=True,
    )
    empty = pd.DataFrame(index=range(6))
    findings = Findings(dataset.fingerprint, 6, frame, empty, empty)
    summary = findings.summary()
    assert (summary["drop"], summary["review"]) == (1, 1)
    selection = selection_from(findings)
    assert selection.left_out.tolist() == [2]
    assert selection.decisions[2].reason == "dark"
    both = selection_from(findings, include_review=True)
    assert both.left_out.tolist() == [1, 2]
    assert selection_from(findings, kinds=["blurred"], include_review=True).left_out.tolist() == [1, 2]
    assert selection_from(findings, kinds=["blurred"]).left_out.tolist() == []
