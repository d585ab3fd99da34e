"""Load TensorFlow once, if wanted behind the scenes while a run trains, so that its saliency opens at once.

`behind_the_scenes` is called only by the live view of a run that is really training; a page that merely
stands there never loads TensorFlow.
"""

from __future__ import annotations

import functools
import gc
import threading

import streamlit as st

from bcc import jobs
from bcc.folders import runs_folder
from bcc.models.tensorflow_start import start_tensorflow


@st.cache_resource(show_spinner=False)
def behind_the_scenes() -> threading.Thread:
    """Start loading in a thread, once a server."""
    thread = threading.Thread(target=tensorflow, name="load-tensorflow", daemon=True)
    thread.start()
    return thread


@functools.cache
def tensorflow() -> None:
    """Load what predicting and explaining need, off the GPUs that runs hold; some seconds the first time."""
    start_tensorflow(hidden_gpus=jobs.gpus_to_keep_off(runs_folder()))
    import keras
    import tf_keras_vis.gradcam  # noqa: F401

    # Streamlit clears the session of Keras after every rerun. With it go all compiled functions: the next
    # move of a slider would wait up to seconds for them, and a model that another thread builds would break.
    keras.backend.clear_session = _keep_session

    # Streamlit collects garbage after every rerun. All that TensorFlow brought along is there to stay, and
    # looking through it would take a fifth of a second each time.
    gc.collect()
    gc.freeze()


def _keep_session(free_memory: bool = True) -> None:
    """In place of `keras.backend.clear_session`, for Streamlit; `keras.utils.clear_session` still clears."""
