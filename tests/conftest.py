"""What all tests share: folders of their own, a small set that can be learned, the real photographs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

# The same examples on every machine, however slow it is, and no folder left in the project.
settings.register_profile("bcc", deadline=None, derandomize=True, database=None)
settings.load_profile("bcc")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "session_folders: keep BCC_DATA and BCC_RUNS as they are for the whole session, for tests that share "
        "what a module- or session-wide fixture made.",
    )


@pytest.fixture(scope="session", autouse=True)
def _session_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing that a wide fixture writes lands in the project's own folders."""
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("bcc")
        patch.setenv("BCC_DATA", str(root / "data"))
        patch.setenv("BCC_RUNS", str(root / "runs"))
        yield


@pytest.fixture(autouse=True)
def _own_folders(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every test has a data and a runs folder of its own, unless marked `session_folders`."""
    if request.node.get_closest_marker("session_folders") is None:
        root = tmp_path_factory.mktemp("own")
        monkeypatch.setenv("BCC_DATA", str(root / "data"))
        monkeypatch.setenv("BCC_RUNS", str(root / "runs"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder that holds `pbc/<class>/*.jpg` and `make_training_set.py`."""
    if not (SHARED_DATA / "pbc").is_dir():
        pytest.skip("the real photographs are not here (expected in ../shared/data/pbc)")
    return SHARED_DATA


TinyNpz = Callable[..., Path]


@pytest.fixture(scope="session")
def tiny_npz(tmp_path_factory: pytest.TempPathFactory) -> TinyNpz:
    """Make a small labelled .npz: `tiny_npz(path, rows=160, size=32, classes=8, seed=0, **more arrays)`.

    Every class is a blob of its own colour and size at a random place on noise, so that a model can learn
    it within a few steps. Labels go round the classes. Further arrays are saved beside `images` and
    `labels`, or replace them; `None` leaves one out.
    """

    def make(
        path: Path | None = None,
        *,
        rows: int = 160,
        size: int = 32,
        classes: int = 8,
        seed: int = 0,
        **more: Any,
    ) -> Path:
        path = path or tmp_path_factory.mktemp("tiny") / "tiny.npz"
        arrays = {**blobs(rows, size, classes, seed), **more}
        np.savez(path, **{name: values for name, values in arrays.items() if values is not None})
        return path

    return make


def blobs(rows: int, size: int, classes: int, seed: int) -> dict[str, np.ndarray]:
    """Coloured blobs: `images` uint8 (rows, size, size, 3) and `labels` int64 (rows,)."""
    rng = np.random.default_rng(seed)
    labels = np.arange(rows, dtype=np.int64) % classes
    hues = np.linspace(0, 2 * np.pi, classes, endpoint=False)
    colours = 128 + 100 * np.stack([np.cos(hues), np.cos(hues - 2.1), np.cos(hues + 2.1)], axis=1)
    radius = size * (0.15 + 0.15 * (labels % 2) + rng.uniform(0, 0.05, rows))
    centre = rng.uniform(0.35 * size, 0.65 * size, (2, rows))
    y, x = np.mgrid[:size, :size]
    inside = np.hypot(y - centre[0, :, None, None], x - centre[1, :, None, None]) < radius[:, None, None]
    images = np.where(inside[..., None], colours[labels][:, None, None], 225.0)
    images = images + rng.normal(0, 6, images.shape)
    return {"images": np.clip(images, 0, 255).astype(np.uint8), "labels": labels}


@pytest.fixture
def data_folder() -> Path:
    """This test's data folder, made."""
    folder = Path(os.environ["BCC_DATA"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder


CLASS_NAMES = ("amber", "blue", "cyan", "dark")


@pytest.fixture(scope="session")
def learned_npz(tiny_npz: TinyNpz) -> Path:
    """64 rows of four named classes, 32 px: what `finished_run_folder` was trained on."""
    return tiny_npz(rows=64, classes=4, class_names=np.array(CLASS_NAMES))


@pytest.fixture(scope="session")
def finished_run_folder(_session_folders: None, learned_npz: Path) -> Path:
    """A run on `learned_npz` that was trained to its end, made once for all tests: copy it to change it."""
    from bcc.training import TrainConfig
    from bcc.training.train import start

    config = TrainConfig(
        data={"source": str(learned_npz), "train": 0.6, "validation": 0.2, "test": 0.2},
        image_size=32,
        layer_scale=0.1,
        batch_size=16,
        epochs=2,
    )
    return start(config, Path(os.environ["BCC_RUNS"]) / "finished-run").folder
