"""The page Fields: cells found in an uploaded photograph become a dataset."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from bcc.datasets import cached_sets
from pages.parts.fields import upload
from pages.parts.state import server_memory


@pytest.fixture
def field() -> np.ndarray:
    import cv2

    image = np.full((300, 500, 3), (250, 238, 214), np.uint8)
    for x, y in ((80, 80), (220, 200), (400, 120)):
        cv2.circle(image, (x, y), 30, (90, 40, 130), -1)
    return image


def test_nothing_yet_says_what_to_do(open_page: Callable, texts: Callable) -> None:
    app = open_page("fields")
    assert not app.exception
    assert "Upload one or more photographs" in texts(app.info)


def test_cells_are_found_and_opened(
    open_page: Callable, field: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        server_memory, "read", lambda name: (("a.png", field),) if name == upload.MEMORY else None
    )
    app = open_page("fields")
    app.number_input(key="fields_radius").set_value(28.0).run()
    assert not app.exception
    assert app.dataframe[0].value["nucleated"].tolist() == [3]
    app.button(key="fields_open").click().run()
    assert not app.exception
    (made,) = [one for one in cached_sets() if one.source == "a cells.npz"]
    assert made.rows == 3
