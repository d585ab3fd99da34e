"""The Predict page: what a run says of images that somebody brings, with warnings, whatever they bring."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from pages.parts.predict import differential


def coded(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def test_it_says_what_it_is_not_and_what_to_do(open_page: Callable, finished: Any, texts: Callable) -> None:
    app = open_page("predict", data=finished.dataset.fingerprint, run="done")
    assert not app.exception
    assert not app.error
    assert "not a medical device" in texts(app.warning)


def test_a_run_that_still_trains_is_no_broken_one(
    open_page: Callable, finished: Any, texts: Callable
) -> None:
    """It has a model from its first epoch on, and is scored when it ends."""
    for file in (finished.run.predictions, finished.run.metrics):
        file.unlink()
    finished.run.write_state(finished.run.read_state().now(status="running").mine())
    app = open_page("predict", data=finished.dataset.fingerprint, run="done", way_in="Examples")
    assert not app.exception
    assert not app.error
    assert "is still training; come back when it has finished" in texts(app.info)


def test_files_get_answers_saliency_and_warnings(
    open_page: Callable, finished: Any, texts: Callable, html: Callable
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    app = open_page("predict", data=finished.dataset.fingerprint, run="done")
    app.file_uploader(key="predict_files").set_value(
        [
            ("cell.png", coded(finished.dataset.images[0]), "image/png"),
            ("noise.png", coded(noise), "image/png"),
            ("text.png", b"no image", "image/png"),
        ]
    ).run()
    assert not app.exception
    assert "text.png: no jpg, png, bmp, tif or webp image." in texts(app.error)
    table = app.dataframe[0].value.set_index("file")
    assert list(table.index) == ["cell.png", "noise.png"]
    assert "looks like no cell of the training set" in table.loc["noise.png", "warning"]
    names = list(finished.dataset.class_names)
    assert np.allclose(table[names].sum(axis=1), 1, atol=1e-4)
    assert table.loc["cell.png", "probability"] == table.loc["cell.png", names].max()
    assert "noise.png" in html(app)
    assert finished.run.familiarity.exists(), "looked at once and kept with the run"


def test_many_refused_files_are_one_box_and_nothing_else(
    open_page: Callable, finished: Any, texts: Callable
) -> None:
    app = open_page("predict", data=finished.dataset.fingerprint, run="done")
    app.file_uploader(key="predict_files").set_value(
        [(f"{place}.png", b"no image", "image/png") for place in range(11)]
    ).run()
    assert not app.exception
    assert len(app.error) == 1
    assert "7.png: no jpg" in texts(app.error)
    assert "And 3 more." in texts(app.error)
    assert not app.dataframe
    assert "predict_method" not in [one.key for one in app.selectbox]


def test_the_saliency_beside_answers_can_be_chosen(
    open_page: Callable, finished: Any, texts: Callable
) -> None:
    app = open_page("predict", data=finished.dataset.fingerprint, run="done")
    app.file_uploader(key="predict_files").set_value(
        [("cell.png", coded(finished.dataset.images[0]), "image/png")]
    ).run()
    assert "Grad-CAM at stage 1 (8 x 8)" in texts(app.caption)
    app.selectbox(key="predict_method").set_value("gradient").run()
    assert not app.exception
    assert "gradient at the pixels" in texts(app.caption)


def test_images_of_the_set_can_be_tried(open_page: Callable, finished: Any) -> None:
    app = open_page("predict", data=finished.dataset.fingerprint, run="done")
    app.session_state["way_in"] = "Examples"
    app.run()
    assert not app.exception
    assert not app.error
    assert len(app.dataframe[0].value) == 12


def test_without_its_data_it_still_answers(
    open_page: Callable, finished: Any, tiny: Any, texts: Callable, data_folder: Any
) -> None:
    import shutil

    from bcc.runs import write_json

    shutil.rmtree(finished.dataset.folder)
    (data_folder / "blobs.npz").unlink()
    info = finished.run.read_json(finished.run.dataset)
    write_json(finished.run.dataset, {**info, "location": str(data_folder / "blobs.npz")})
    app = open_page("predict", data=tiny.fingerprint, run="done")
    app.file_uploader(key="predict_files").set_value([("a.png", coded(tiny.images[0]), "image/png")]).run()
    assert not app.exception
    assert not app.error
    assert "cannot be determined" in texts(app.info)
    assert len(app.dataframe[0].value) == 1


def test_images_and_answers_survive_other_pages_and_a_reload(
    open_page: Callable, finished: Any, texts: Callable
) -> None:
    address = {"data": finished.dataset.fingerprint, "run": "done"}
    app = open_page("predict", **address)
    app.file_uploader(key="predict_files").set_value(
        [(f"{row}.png", coded(finished.dataset.images[row]), "image/png") for row in range(3)]
    ).run()
    said = app.dataframe[0].value
    token = app.query_params.pop("handed")
    app.switch_page("pages/runs.py").run()
    # Links carry the choices alone.
    assert app.query_params == address
    app.switch_page("pages/predict.py").run()
    assert app.query_params["handed"] == token
    assert app.dataframe[0].value.equals(said)

    again = open_page("predict", **address, handed=token)
    assert again.dataframe[0].value.equals(said)
    again.button(key="put_away").click().run()
    assert not again.exception
    assert not again.dataframe
    assert "handed" not in again.query_params
    app.run()
    assert "no longer available" in texts(app.info)


def test_files_taken_out_again_are_not_kept(open_page: Callable, finished: Any) -> None:
    app = open_page("predict", data=finished.dataset.fingerprint, run="done")
    uploader = app.file_uploader(key="predict_files")
    uploader.set_value([("cell.png", coded(finished.dataset.images[0]), "image/png")]).run()
    assert len(app.dataframe[0].value) == 1
    app.file_uploader(key="predict_files").set_value([]).run()
    assert not app.dataframe
    assert "handed" not in app.query_params


def test_a_made_up_address_leads_to_nobodys_images(
    open_page: Callable, finished: Any, texts: Callable
) -> None:
    address = {"data": finished.dataset.fingerprint, "run": "done"}
    app = open_page("predict", **address, handed="../../etc/passwd")
    assert not app.exception
    assert "no longer available" in texts(app.info)
    uploader = app.file_uploader(key="predict_files")
    uploader.set_value([("cell.png", coded(finished.dataset.images[0]), "image/png")]).run()
    assert len(app.dataframe[0].value) == 1
    assert app.query_params["handed"] != "../../etc/passwd"


def test_the_nearest_training_cells_are_shown(open_page: Callable, finished: Any, html: Callable) -> None:
    app = open_page("predict", data=finished.dataset.fingerprint, run="done")
    train = np.flatnonzero(finished.run.read_split()[0] == 0)
    row = int(train[0])
    files = [("known.png", coded(finished.dataset.images[row]), "image/png")]
    app.file_uploader(key="predict_files").set_value(files).run()
    assert not app.exception
    table = next(frame.value for frame in app.dataframe if "nearest" in frame.value)
    label = finished.dataset.class_names[finished.dataset.labels[row]]
    assert table["nearest"].iloc[0].startswith(label), "a training cell lies among its own class"
    text = html(app)
    first = text.index("The image and its nearest training cells")
    assert "distance 0.0" in text[first:], "and is its own nearest neighbour"
    assert f"row {row:,}" in text[first:]


def test_a_corrected_count_can_be_taken_back() -> None:
    """What a person chooses counts; what the run says again is no correction any more."""
    said = pd.Series(["a", "b", "b"])
    known = differential.corrected({}, ["x", "y", "z"], said, pd.Series(["a", "a", "unsure"]))
    assert known == {"y": "a", "z": "unsure"}
    assert differential.corrected(known, ["x", "y", "z"], said, pd.Series(["b"], index=[1])) == {
        "z": "unsure"
    }
