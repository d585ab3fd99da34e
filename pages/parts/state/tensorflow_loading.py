"""Import TensorFlow once per server, in the background as soon as the first page is drawn.

A page that uses TensorFlow calls `tensorflow` first, even if it is probably imported already: two threads
that import it from different ends would break it for the whole server.
"""

from __future__ import annotations

import functools
import gc
import threading

import streamlit as st

from bcc import jobs
from bcc.models.tensorflow_start import import_tensorflow, is_started, start_tensorflow
from bcc.paths import runs_folder

_lock = threading.Lock()


@st.cache_resource(show_spinner=False)
def behind_the_scenes() -> threading.Thread:
    """Start the import in a thread, once per server; it touches no GPU, since nobody may ever need one."""
    thread = threading.Thread(target=_import, name="load-tensorflow", daemon=True)
    thread.start()
    return thread


def tensorflow() -> None:
    """Have TensorFlow ready for predicting and explaining, off the GPUs that runs hold; seconds at first."""
    _import()
    if not is_started():
        start_tensorflow(hidden_gpus=jobs.gpus_to_keep_off(runs_folder()))


def _import() -> None:
    with _lock:
        _import_for_streamlit()


@functools.cache
def _import_for_streamlit() -> None:
    import_tensorflow()
    import keras

    # Streamlit clears the session of Keras after every rerun. With it go all compiled functions: the next
    # move of a slider would wait up to seconds for them, and a model that another thread builds would break.
    keras.backend.clear_session = _keep_session

    # Streamlit collects garbage after every rerun. All that TensorFlow brought along is there to stay, and
    # looking through it would take a fifth of a second each time.
    gc.collect()
    gc.freeze()


def _keep_session(free_memory: bool = True) -> None:
    """In place of `keras.backend.clear_session`, for Streamlit; `keras.utils.clear_session` still clears."""
