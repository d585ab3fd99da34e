from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from bcc.datasets import load
from bcc.errors import UserError
from bcc.evaluation.rows import choose_rows
from bcc.evaluation.run_dataset import open_for_run, own_data
from bcc.runs import Run, write_json

TinyNpz = Callable[..., Path]


@pytest.fixture
def run(finished_run_folder: Path, tmp_path: Path) -> Run:
    return Run(shutil.copytree(finished_run_folder, tmp_path / "run"))


def say(run: Run, **changes: object) -> None:
    """Change what the run says about its data."""
    write_json(run.dataset, {**run.read_json(run.dataset), **changes})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Photographs of 40 x 50 pixels, two a class."""
    rng = np.random.default_rng(0)
    for name in ("amber", "blue"):
        place = tmp_path / "cells" / name
        place.mkdir(parents=True)
        for i in range(2):
            cv2.imwrite(str(place / f"{i}.png"), rng.integers(0, 256, (40, 50, 3), dtype=np.uint8))
    return tmp_path / "cells"


def test_files_are_made_into_images_as_the_runs_own_were(run: Run, folder: Path) -> None:
    say(run, preprocessing="resize:24")
    assert open_for_run(run, str(folder)).image_shape == (24, 24)


def test_what_is_said_wins(run: Run, folder: Path) -> None:
    say(run, preprocessing="resize:24")
    assert open_for_run(run, str(folder), preprocessing="resize:48").image_shape == (48, 48)


def test_a_run_on_arrays_wants_nothing_special(run: Run, folder: Path, learned_npz: Path) -> None:
    assert open_for_run(run, str(folder)).image_shape == (96, 96)
    assert open_for_run(run, str(learned_npz)).image_shape == (32, 32)


def test_arrays_of_the_right_size_are_not_resized_twice(run: Run, learned_npz: Path) -> None:
    """Their images must stay the very pixels that the run has seen."""
    say(run, preprocessing="resize:32")
    opened = open_for_run(run, str(learned_npz))
    assert opened.fingerprint == load(learned_npz).fingerprint
    assert choose_rows(run, opened, "all").seen == 40


def test_arrays_of_another_size_are_prepared(run: Run, tiny_npz: TinyNpz, tmp_path: Path) -> None:
    say(run, preprocessing="resize:32")
    large = tiny_npz(tmp_path / "large.npz", rows=8, classes=4, size=64)
    assert open_for_run(run, str(large)).image_shape == (32, 32)


def test_a_set_named_by_its_fingerprint_stays_as_it_is(run: Run, learned_npz: Path) -> None:
    say(run, preprocessing="resize:24")
    fingerprint = load(learned_npz).fingerprint
    assert open_for_run(run, fingerprint).fingerprint == fingerprint


def test_class_names_are_passed_on(run: Run, tiny_npz: TinyNpz, tmp_path: Path) -> None:
    nameless = tiny_npz(tmp_path / "nameless.npz", rows=8, classes=4)
    assert open_for_run(run, str(nameless), classes="dark,cyan,blue,amber").class_names[0] == "dark"


def test_own_data_is_found_again(run: Run, learned_npz: Path) -> None:
    """From its file where the cache is empty, as it is here, and from the cache after that."""
    dataset = own_data(run)
    assert dataset.fingerprint == run.read_json(run.dataset)["fingerprint"]
    say(run, location="/gone.npz")
    assert own_data(run).fingerprint == dataset.fingerprint


def test_own_data_keeps_the_names_that_the_run_knew(run: Run) -> None:
    say(run, class_names=["a", "b", "c", "d"])
    assert own_data(run).class_names == ("a", "b", "c", "d")


def test_data_that_is_gone_is_one_sentence(run: Run) -> None:
    say(run, location="/gone.npz")
    with pytest.raises(UserError) as caught:
        own_data(run)
    assert str(caught.value) == (
        "The data of run 'run' (tiny.npz) is not here any more: open it on the Data page."
    )


def test_data_that_changed_is_one_sentence(run: Run, tiny_npz: TinyNpz, tmp_path: Path) -> None:
    other = tiny_npz(tmp_path / "tiny.npz", rows=64, classes=4, seed=3)
    say(run, location=str(other))
    with pytest.raises(UserError, match=r"^'tiny.npz' has changed since run 'run' was trained on it\.$"):
        own_data(run)


def test_data_of_unclear_folders_are_read_as_they_were(run: Run, tmp_path: Path) -> None:
    for number, name in enumerate(("fold_0/a", "fold_0/b", "fold_1/a", "fold_1/b")):
        (tmp_path / "cells" / name).mkdir(parents=True)
        image = np.full((40, 50, 3), 40 * number, np.uint8)
        cv2.imwrite(str(tmp_path / "cells" / name / "1.png"), image)
    dataset = load(tmp_path / "cells", layout="group/class")
    about = {"location": dataset.location, "fingerprint": dataset.fingerprint, "class_names": ["x", "y"]}
    shutil.rmtree(dataset.folder)
    say(run, **about, preprocessing="resize:96", layout="group/class")
    assert own_data(run).fingerprint == dataset.fingerprint
    assert own_data(run).class_names == ("x", "y")


def test_a_run_without_its_description_is_one_sentence(run: Run, learned_npz: Path) -> None:
    run.dataset.unlink()
    for read in (lambda: own_data(run), lambda: open_for_run(run, str(learned_npz))):
        with pytest.raises(UserError, match=r"Run 'run' has no dataset.json"):
            read()
