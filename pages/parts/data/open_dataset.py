"""Open a dataset: built in, uploaded, on this machine, or public; and name its classes."""

from __future__ import annotations

import streamlit as st

from bcc.datasets import CLASS_PRESETS, rename_classes
from bcc.datasets.classes import OWN_NAMES
from bcc.datasets.sources import BLOODMNIST_SIZES
from bcc.datasets.uploads import keep_upload
from pages.parts.background import long_work, waiting
from pages.parts.context import chosen
from pages.parts.data import folder_layout
from pages.parts.state import links
from pages.parts.text import errors

BUILT_IN = {
    "synthetic": "1,692 painted cells with planted faults: copies, wrong labels, bad images",
    "synthetic-clean": "1,600 painted cells without faults",
    "synthetic-shortcut": "1,600 others with a pen mark on every monocyte, for lesson 5",
}
OPENING = "opening"
"""Kind of the work that opens a set; the session keeps under it what this person wants to see."""

KEEP = "as in the dataset"
OWN = "my own list"


def show() -> None:
    """Draw the collapsed section on top of the Data page, and the progress of datasets being opened."""
    _under_way()
    folder_layout.asked(_open)
    with st.expander("Open data", icon=":material/folder_open:", key="open_data"):
        built_in, upload, path, public, names = st.tabs(
            ["Built in", "Upload", "On this machine", "Public", "Class names"], key="open_tab"
        )
        with built_in:
            _built_in()
        with upload:
            _upload()
        with path:
            _path()
        with public:
            _public()
        with names:
            _names()


def _built_in() -> None:
    name = st.radio(
        "Painted cells",
        list(BUILT_IN),
        captions=list(BUILT_IN.values()),
        help="Synthetic cells painted by this program; always the same, nothing to download.",
        key="open_built_in",
    )
    if st.button(
        "Open", key="open_built_in_button", icon=":material/folder_open:", help="Painted once, then cached."
    ):
        _open(name)


def _upload() -> None:
    file = st.file_uploader(
        "A .npz, or a .zip of one folder per class",
        type=["npz", "zip"],
        help="Up to 500 MB. For a larger dataset, put it into the data folder and open it under 'On "
        "this machine'.",
        key="open_upload",
    )
    making, layout = _preprocessing("upload"), folder_layout.choice("upload")
    if st.button(
        "Open",
        key="open_upload_button",
        icon=":material/folder_open:",
        disabled=file is None,
        help="The file is saved in the data folder.",
    ):
        assert file is not None
        with errors.shown():
            place = keep_upload(file, file.name)
        _open(str(place), making, None if place.suffix.lower() == ".npz" else layout)


def _path() -> None:
    path = st.text_input(
        "A .npz, a .zip, or a folder of one folder per class",
        placeholder="training_set.npz",
        help="A path on the machine that runs this app, or the name of something in its data folder.",
        key="open_path",
    )
    making, layout = _preprocessing("path"), folder_layout.choice("path")
    if st.button(
        "Open",
        key="open_path_button",
        icon=":material/folder_open:",
        help="The dataset is converted once; afterwards it opens instantly.",
    ):
        _open(path, making, layout)


def _public() -> None:
    size = st.segmented_control(
        "BloodMNIST, image size (px)",
        BLOODMNIST_SIZES,
        default=64,
        required=True,
        help="17,092 cells in 8 classes with a published split, from Zenodo; the larger, the longer "
        "the download.",
        key="open_size",
    )
    if st.button(
        "Download and open",
        key="open_public_button",
        icon=":material/download:",
        help="Needs a network once.",
    ):
        _open(f"bloodmnist:{size}")


def _names() -> None:
    dataset = chosen.dataset(needed=False)
    if dataset is None:
        return
    choice = st.selectbox(
        "Class names of the chosen dataset",
        [KEEP, *CLASS_PRESETS, OWN],
        help="'pbc' has the eight blood cells of the PBC set, in the order of the challenge. The first "
        "undoes any renaming.",
        key="open_names",
    )
    if choice == OWN:
        choice = st.text_input(
            "All names, separated by commas",
            ", ".join(dataset.class_names),
            help="One for each class, in the order of the labels.",
            key="open_own_names",
        )
    if st.button(
        "Name them",
        key="open_names_button",
        icon=":material/label:",
        disabled=choice == KEEP and dataset.class_names == dataset.given_names,
        help="Saved with the dataset. The images and their fingerprint stay the same.",
    ):
        with errors.shown():
            rename_classes(dataset, OWN_NAMES if choice == KEEP else choice)
        st.rerun()


def _preprocessing(key: str) -> str | None:
    """Return the chosen preprocessing in short form, `None` for the default."""
    kind = st.selectbox(
        "Preprocessing",
        ["default", "none", "resize", "challenge"],
        help="The default leaves an .npz unchanged and scales the images of folders and zips to 96 px. "
        "'resize' scales and crops to a square; 'challenge' crops 200 px and scales to 96, as the course "
        "challenge did.",
        key=f"open_kind_{key}",
    )
    if kind == "resize":
        size = st.number_input(
            "Side (px)", 8, 1024, 96, help="Side of the resulting square.", key=f"open_side_{key}"
        )
        return f"resize:{size}"
    return None if kind == "default" else kind


def _open(source: str, preprocessing: str | None = None, layout: str | None = None) -> None:
    """Load a dataset with a progress bar and choose it, or ask for its layout; this continues if the person
    leaves meanwhile."""
    folder_layout.forget()
    key = (OPENING, source, preprocessing, layout)
    st.session_state[OPENING] = key
    with errors.shown(stop=False):
        found = waiting.stay_with(
            key,
            f"Opening {source}",
            lambda report: folder_layout.opened(source, preprocessing, layout, report),
        )
        _go_on(found)


def _under_way() -> None:
    """Show datasets that were being opened when a person left this page: their progress or result."""
    for place, key in enumerate(long_work.keys(OPENING)):
        if long_work.under_way(key, f"cancel_opening:{place}"):
            continue
        work = long_work.find(key)
        if work is not None:
            long_work.forget(key, work)
            if not work.failed and st.session_state.get(OPENING) == key:
                _go_on(work.result)


def _go_on(found: str | folder_layout.Question) -> None:
    """Continue with the opened dataset, or with the question to ask first."""
    st.session_state.pop(OPENING, None)
    if isinstance(found, folder_layout.Question):
        folder_layout.ask(found)
    else:
        links.choose(data=found)
    st.rerun()
