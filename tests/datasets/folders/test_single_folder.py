"""A single folder: one around the classes is passed through, one with images of its own is a class."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bcc.datasets import load

Classes = Callable[..., tuple[str, ...]]


@pytest.fixture
def classes(tmp_path: Path) -> Classes:
    """`classes("a/1.png", ...)`: what the classes of a folder with such files are called."""

    def of(*files: str) -> tuple[str, ...]:
        root = tmp_path / str(len(list(tmp_path.iterdir())))
        for number, file in enumerate(files):
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            pixels = np.full((32, 32, 3), 20 * number + 40, np.uint8)
            Image.fromarray(pixels).save(root / file)
        return load(root).class_names

    return of


def test_folders_around_the_classes_are_passed_through(classes: Classes) -> None:
    assert classes("a/1.png", "b/1.png") == ("a", "b")
    assert classes("all/a/1.png", "all/b/1.png") == ("a", "b")
    assert classes("all/of/them/a/1.png", "all/of/them/b/1.png") == ("a", "b")


def test_a_single_folder_with_images_is_a_class(classes: Classes) -> None:
    assert classes("cells/1.png", "cells/2.png") == ("cells",)
    assert classes("all/cells/1.png", "all/cells/2.png") == ("cells",)


def test_a_single_folder_with_images_stays_one_class_whatever_lies_below_it(classes: Classes) -> None:
    """Further images below it are images of the same class, not classes that hide it."""
    assert classes("cells/1.png", "cells/first/2.png", "cells/second/3.png") == ("cells",)
    assert classes("all/cells/1.png", "all/cells/first/2.png", "all/cells/second/3.png") == ("cells",)


def test_a_image_beside_the_single_folder_is_left_out_and_named(tmp_path: Path) -> None:
    """The folder around the classes is passed through all the same: a lone image has no class."""
    for number, file in enumerate(("loose.png", "cells/a/1.png", "cells/b/2.png")):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((32, 32, 3), 20 * number + 40, np.uint8)).save(tmp_path / file)
    dataset = load(tmp_path)
    assert dataset.class_names == ("a", "b")
    assert len(dataset) == 2
    assert any("loose.png" in str(one) for one in (*dataset.skipped, *dataset.notes))
