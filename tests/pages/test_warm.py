"""What stays in memory between the reruns of a page."""

from __future__ import annotations

from pages.parts.state import tensorflow_loading


def test_a_rerun_keeps_compiled_functions() -> None:
    """Streamlit calls this after every rerun; it must not clear the state of Keras."""
    from streamlit.runtime.scriptrunner.script_runner import _clean_problem_modules

    tensorflow_loading.tensorflow()
    import keras

    first = keras.layers.Dense(1).name
    _clean_problem_modules()
    # A cleared session would count the names anew.
    second = keras.layers.Dense(1).name
    assert first != second
    keras.utils.clear_session()
    assert keras.layers.Dense(1).name == "dense"
