"""Load TensorFlow behind the scenes while a run trains, so that its saliency opens at once afterwards.

Called only by the live view of a run that is really training; a page that merely stands there never
loads TensorFlow.
"""

from __future__ import annotations

import os
import threading

import streamlit as st


@st.cache_resource(show_spinner=False)
def tensorflow() -> threading.Thread:
    """Start loading, once a server."""
    thread = threading.Thread(target=_load, name="load-tensorflow", daemon=True)
    thread.start()
    return thread


def _load() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras  # noqa: F401
    import tf_keras_vis.gradcam  # noqa: F401
