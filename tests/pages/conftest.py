"""What the tests of pages share: the app on a small set of its own, and one finished run for all of them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from bcc.datasets import Dataset, load
from bcc.models import ARCHITECTURES, Architecture
from bcc.models.tensorflow_start import import_tensorflow
from bcc.paths import data_folder as data_root
from bcc.paths import runs_folder
from bcc.runs import Run
from bcc.training import TrainConfig
from pages.parts.background import long_work
from pages.parts.state import tensorflow_loading

APP = Path(__file__).resolve().parents[2] / "app.py"


@pytest.fixture(scope="session", autouse=True)
def _tensorflow_before_pages() -> None:
    """TensorFlow is there before the first page is drawn, which would import it in a thread.

    pytest parses every module called `test_*.py` when it is imported, and TensorFlow has one: in that thread,
    beside a page that is being compiled, Python 3.11 counts the depth of both together and fails.
    """
    import_tensorflow()


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    """Nothing that a server remembers, or still does, passes from one test to the next."""
    st.cache_data.clear()
    st.cache_resource.clear()
    yield
    long_work.end_all()


@pytest.fixture(scope="session")
def _components() -> dict[str, Any]:
    """Which Streamlit components are installed: looking for them takes a third of a second each time."""
    return {}


@pytest.fixture
def open_page(_components: dict[str, Any]) -> Callable[..., AppTest]:
    """`open_page("train", data=..., run=...)`: the app at that address."""

    def go(name: str, **query: str) -> AppTest:
        app = AppTest.from_file(APP, default_timeout=120)
        app._bidi_component_manager = _components.get("found")
        app.query_params.update(query)
        app.run()
        _components["found"] = app._bidi_component_manager
        return app if name == "home" else app.switch_page(f"pages/{name}.py").run()

    return go


@pytest.fixture
def texts() -> Callable[[Iterable[Any]], str]:
    """All that some elements say, in one string, without the escapes of Markdown."""
    return lambda elements: " ".join(str(element.value) for element in elements).replace("\\", "")


@pytest.fixture
def html() -> Callable[[AppTest], str]:
    """All HTML on the page, where images are, without their bytes; grids to pick from as what they become."""

    def read(app: AppTest) -> str:
        bodies = " ".join(element.proto.body for element in app.get("html"))
        grids = "".join(
            f'<img src="" alt="{escape(card["alt"])}">{escape(card["title"])}<i>{escape(card["note"])}</i>'
            f"{escape(card['mark'])}"
            for element in app.get("bidi_component")
            for card in json.loads(element.proto.json)["cards"]
        )
        return re.sub(r"base64,[^\"]*", "", bodies) + grids

    return read


@pytest.fixture
def tiny(tiny_npz: Callable[..., Path], data_folder: Path) -> Dataset:
    """Four classes of coloured blobs, open in this test's own cache."""
    return load(tiny_npz(data_folder / "tiny.npz", rows=120, classes=4))


@dataclass(frozen=True)
class Finished:
    """A run that was trained to its end, and its data."""

    run: Run
    dataset: Dataset


@pytest.fixture(scope="session")
def _finished_once(
    tiny_npz: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """Data folder and runs folder with one run of a very small network on 32 px images."""
    root = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BCC_DATA", str(root / "data"))
        patch.setenv("BCC_RUNS", str(root / "runs"))
        patch.setitem(ARCHITECTURES, "atto", Architecture((1, 1, 1, 1), (8, 16, 24, 32), 0.03, False))
        from bcc.training.train import start

        (root / "data").mkdir()
        path = tiny_npz(root / "data" / "blobs.npz", rows=160, classes=4, seed=1)
        values: dict[str, Any] = {"image_size": 32, "layer_scale": 0.1, "batch_size": 16, "epochs": 2}
        start(TrainConfig(data={"source": str(path)}, **values), root / "runs" / "done")  # type: ignore[arg-type]
        # As in the app: Streamlit's collecting of garbage need not look through TensorFlow every time.
        tensorflow_loading.tensorflow()
    # Behind the patches, so that whatever comes after in the session meets no small network.
    return root / "data", root / "runs"


@pytest.fixture
def finished(_finished_once: tuple[Path, Path]) -> Finished:
    """That run and its data, copied into this test's own folders."""
    data, runs = _finished_once
    shutil.copytree(data, data_root(), dirs_exist_ok=True)
    shutil.copytree(runs, runs_folder(), dirs_exist_ok=True)
    run = Run(runs_folder() / "done")
    return Finished(run, load(run.read_json(run.dataset)["fingerprint"]))
