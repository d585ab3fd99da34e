"""Photographs that a person hands over; they stay in the server's memory, as on Predict."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.datasets.images.decode import UnreadableImageError, read_image
from pages.parts.state import server_memory
from pages.parts.text import formatting

Photographs = tuple[tuple[str, np.ndarray], ...]
"""Name and uint8 (H, W, 3) of each."""
MEMORY = "fields"
KEY = "fields_upload"


def show() -> Photographs:
    """Draw the uploader; returns what was handed over, also before a reload."""
    st.file_uploader(
        "Photographs of fields",
        type=["jpg", "jpeg", "png", "bmp", "tif", "tiff", "webp"],
        accept_multiple_files=True,
        max_upload_size=100,
        key=KEY,
        on_change=_take,
        help="Up to 12.5 megapixels each. They stay in the memory of this app and are not written to disk "
        "until you open their cells as a dataset.",
    )
    for problem in st.session_state.pop("fields.problems", ()):
        st.error(formatting.plain(problem), icon=":material/broken_image:")
    kept = server_memory.read(MEMORY)
    return kept if isinstance(kept, tuple) else ()


def _take() -> None:
    taken, problems = [], []
    for file in st.session_state[KEY] or ():
        try:
            taken.append((file.name, np.ascontiguousarray(read_image(file.getvalue()).pixels)))
        except UnreadableImageError as reason:
            problems.append(f"{file.name}: {reason}.")
    st.session_state["fields.problems"] = problems
    if taken:
        server_memory.write(MEMORY, tuple(taken), sum(image.nbytes for _, image in taken))
