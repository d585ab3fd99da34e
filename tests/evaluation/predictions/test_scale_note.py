"""Cells that are smaller or larger than in training are said."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bcc.evaluation.predictions.predict_images import predict
from bcc.evaluation.predictions.scale_note import FEWEST, scale_note
from bcc.runs import Run, open_run


@pytest.fixture(scope="module")
def photographs(shared_data: Path) -> list[Path]:
    names = ("basophil", "eosinophil", "ig", "lymphocyte", "monocyte", "neutrophil")
    return [path for name in names for path in sorted((shared_data / "pbc" / name).glob("*.jpg"))[:3]]


def seen(paths: list[Path], share: float) -> np.ndarray:
    """The middle of each photograph, brought to 96 px."""
    images = []
    for path in paths:
        image = cv2.imread(str(path))[..., ::-1]
        half, y, x = round(share * 180), image.shape[0] // 2, image.shape[1] // 2
        part = image[y - half : y + half, x - half : x + half]
        images.append(cv2.resize(part, (96, 96), interpolation=cv2.INTER_AREA))
    return np.stack(images)


def test_photographs_scaled_down_whole_are_said_and_cropped_ones_are_not(photographs: list[Path]) -> None:
    run = open_run("pbc")
    assert scale_note(run, seen(photographs, 200 / 360)) == ""
    assert "Crop the middle" in scale_note(run, seen(photographs, 1.0))


def test_predicting_a_folder_says_it(photographs: list[Path]) -> None:
    sources = [str(path) for path in photographs]
    run = open_run("pbc")
    assert any("times as large" in note for note in predict(run, sources).notes)
    assert not any(
        "times as large" in note for note in predict(run, sources, preprocessing="challenge").notes
    )


def test_a_few_images_and_a_run_without_a_profile_say_nothing(tmp_path: Path) -> None:
    images = np.zeros((FEWEST, 32, 32, 3), np.uint8)
    assert scale_note(open_run("pbc"), images[:-1]) == ""
    assert scale_note(Run(tmp_path), images) == ""
