"""Hand images over: files or a zip, the camera, or some of the chosen dataset to try it out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import numpy as np
import streamlit as st

from bcc.datasets import Preprocessing
from bcc.datasets.images.decode import SUFFIXES
from bcc.datasets.uploaded_images import MOST, UploadedImage, read_uploaded
from bcc.evaluation.rows import choose_rows
from bcc.runs import Run
from pages.parts.background import waiting
from pages.parts.context import chosen
from pages.parts.state import server_memory
from pages.parts.text import formatting

EXAMPLES = 12
RAW = (355, 370)
"""Sides in pixels of the PBC set's photographs."""
MADE = (96, 96)
"""What the challenge made of them."""
OWN = "as in training"
HANDED = "handed"
"""Under which the images are kept."""
READ = "handed_files"
"""Where the session has the ids of the files that were read into them."""
DRAW = "example_draw"
"""Where session and address have which examples are shown."""


def show(run: Run) -> list[UploadedImage]:
    """Draw the three ways in, and give what was handed over."""
    ways = ["Files", "Camera", "Examples"]
    files, camera, examples = st.tabs(ways, key="way_in", on_change="rerun", bind="query-params")
    if files.open:
        with files:
            return _files()
    if camera.open:
        with camera:
            return _camera()
    with examples:
        return _examples(run)


def preprocessing(run: Run, handed: Sequence[UploadedImage]) -> Preprocessing:
    """Let the person say how files become pixels; raw photographs of PBC are recognised by their size."""
    info = run.read_json(run.dataset)
    own = Preprocessing.parse(info["preprocessing"])
    height, width = info["picture_size"]
    sides = [side for one in handed if one.image is not None for side in one.image.shape[:2]]
    raw = (
        own.kind == "none"
        and (height, width) == MADE
        and bool(sides)
        and RAW[0] <= min(sides) <= max(sides) <= RAW[1]
    )
    choice = st.selectbox(
        "Preprocessing",
        [OWN, "challenge", "centre square"],
        1 if raw else 0,
        key=f"predict_making:{raw}",
        persist_state="session",
        width=220,
        help=f"The run's own: {own.text}, {width} x {height} px; with 'none', an image of another size is "
        "cropped to its centre square and scaled. 'challenge' crops the middle 200 px first: right for raw "
        "photographs of the PBC set and a run on the challenge's images. A cell must be about as large in "
        "the image as it was in training.",
    )
    if choice == OWN:
        return own
    return (
        Preprocessing(kind="challenge")
        if choice == "challenge"
        else Preprocessing(kind="resize", size=max(int(min(height, width)), 8))
    )


def _files() -> list[UploadedImage]:
    files = st.file_uploader(
        "Images, or a .zip of images",
        type=[suffix.removeprefix(".") for suffix in SUFFIXES] + ["zip"],
        accept_multiple_files=True,
        max_upload_size=200,
        key="predict_files",
        on_change=_put_away_where_none,
        args=("predict_files",),
        help=f"jpg, png, bmp, tif or webp, up to {MOST} at once. Of an animation the first frame is used.",
    )
    if not files:
        return _of_before()
    return _read([(file.name, file) for file in files], tuple(file.file_id for file in files))


def _camera() -> list[UploadedImage]:
    shot = st.camera_input(
        "Through the eyepiece, or from a screen",
        key="predict_camera",
        on_change=_put_away_where_none,
        args=("predict_camera",),
        help="The centre square of the image is used: place one cell in the middle.",
    )
    return _read([("camera.jpg", shot)], (shot.file_id,)) if shot else _of_before()


def _read(files: Sequence[tuple[str, BinaryIO]], ids: tuple[str, ...]) -> list[UploadedImage]:
    """Decode what was just handed over, once, and keep it for when the page was left or reloaded."""
    if st.session_state.get(READ) == ids and (before := server_memory.read(HANDED)) is not None:
        result: list[UploadedImage] = before
        return result
    with waiting.progress("Reading the images") as report:
        handed = read_uploaded(files, report)
    server_memory.write(HANDED, handed, sum(one.image.nbytes for one in handed if one.image is not None))
    st.session_state[READ] = ids
    return handed


def _of_before() -> list[UploadedImage]:
    """What was handed over before the page was left or reloaded."""
    before: list[UploadedImage] | None = server_memory.read(HANDED)
    if before is None:
        if server_memory.is_lost(HANDED):
            st.info(
                "The earlier images are no longer available, because the app was restarted or needed "
                "the memory: upload them again.",
                icon=":material/history:",
            )
            server_memory.forget(HANDED)
        return []
    with st.container(horizontal=True, vertical_alignment="center"):
        several = f"The {len(before):,} images" if len(before) != 1 else "The image"
        st.caption(f"{several} of before. New ones replace them.", width="content")
        st.button(
            "Remove",
            icon=":material/close:",
            key="put_away",
            type="tertiary",
            on_click=server_memory.forget,
            args=(HANDED,),
            help="Remove the images from the app's memory.",
        )
    return before


def _put_away_where_none(widget: str) -> None:
    """Whoever takes the last file out again does not want its answers either."""
    if not st.session_state[widget]:
        server_memory.forget(HANDED)


def _examples(run: Run) -> list[UploadedImage]:
    dataset = chosen.dataset()
    if dataset is None:
        return []
    st.caption(
        f"{EXAMPLES} images of {formatting.plain(dataset.source)}, "
        "the set in the sidebar, that the run was not "
        "trained on."
    )
    chosen_rows = choose_rows(run, dataset)
    text = st.query_params.get(DRAW, "")
    draw = int(text) if text.isdecimal() and len(text) < 7 else st.session_state.get(DRAW, 0)
    rows = np.random.default_rng(draw).permutation(chosen_rows.rows)[:EXAMPLES]
    if st.button(
        "Others", icon=":material/casino:", key="example_others", help="Draw other images of the dataset."
    ):
        st.session_state[DRAW] = draw + 1
        st.query_params[DRAW] = str(draw + 1)
        st.rerun()
    return [
        UploadedImage(
            f"{formatting.row(dataset, row)} ({dataset.class_names[dataset.labels[row]]})",
            dataset.images[row],
        )
        for row in rows
    ]
