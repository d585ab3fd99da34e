"""Which images the first weights have seen, through the runs that lie between."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bcc.datasets import among
from bcc.errors import UserError
from bcc.evaluation.rows import seen_before_note
from bcc.models.shipped_weights import shipped
from bcc.runs import Run, read_first_rows, write_arrays, write_first_rows
from bcc.training.inputs.rows_behind_weights import rows_behind

OWN = np.array([[1, 2], [3, 4]], np.uint64)
EARLIER = np.array([[3, 4], [5, 6]], np.uint64)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(tmp_path / "before")
    run.folder.mkdir()
    write_arrays(run.split, split=np.array([0, 0, 2], np.int8), train_hashes=OWN)
    return run


def test_nothing_is_behind_random_and_imagenet_weights() -> None:
    for weights in ("none", "imagenet"):
        found = rows_behind(weights)
        assert found is not None
        assert found.shape == (0, 2)


def test_the_shipped_weights_name_their_images() -> None:
    found = rows_behind("pbc")
    assert found is not None
    np.testing.assert_array_equal(found, shipped("pbc").row_hashes())
    assert len(found) == 11_947


def test_a_run_hands_on_what_it_and_its_own_start_have_seen(run: Run) -> None:
    np.testing.assert_array_equal(rows_behind(str(run.folder)), OWN)
    write_first_rows(run, EARLIER)
    np.testing.assert_array_equal(rows_behind(str(run.folder)), [[1, 2], [3, 4], [5, 6]])
    run.model.write_bytes(b"")
    np.testing.assert_array_equal(rows_behind(str(run.model)), [[1, 2], [3, 4], [5, 6]])


def test_nobody_knows_what_a_file_of_its_own_has_seen(tmp_path: Path) -> None:
    (tmp_path / "foreign.keras").write_bytes(b"")
    assert rows_behind(str(tmp_path / "foreign.keras")) is None


def test_a_damaged_file_is_one_sentence(run: Run) -> None:
    assert read_first_rows(run).shape == (0, 2)
    run.first_rows.write_bytes(b"PK half")
    with pytest.raises(UserError, match=r"first_rows\.npz of run 'before'"):
        read_first_rows(run)


def test_rows_are_found_and_counted() -> None:
    np.testing.assert_array_equal(among(OWN, EARLIER), [False, True])
    assert seen_before_note(0, 9) == ""
    assert seen_before_note(4, 9).startswith("4 of these 9 images were seen by the weights")
