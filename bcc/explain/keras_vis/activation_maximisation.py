"""Activation maximisation by tf-keras-vis, with its regularisers and modifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.explain.keras_vis.seeded import numpy_seeded
from bcc.explain.split_model import part
from bcc.explain.stages import find_stage
from bcc.progress import Progress
from bcc.specs import Spec, option

if TYPE_CHECKING:
    import keras

LEARNING_RATE = 4.0
"""Levels that a pixel moves in a first step, of Adam; the library's own optimiser hardly leaves the grey."""


class MadeUpOptions(Spec):
    """Options of generated images: two regularisers and two modifiers of the library."""

    total_variation: float = option(
        0.05, "TotalVariation2D: what rough neighbours cost; more is smoother.", ge=0, le=0.5
    )
    norm: float = option(0.005, "Norm: what bright pixels cost; more is darker.", ge=0, le=0.1)
    jitter: int = option(4, "Jitter: maximum shift of the image before each step.", unit="px", ge=0, le=16)
    rotation: float = option(1.0, "Rotate2D: maximum rotation before each step.", unit="degrees", ge=0, le=15)


def class_images_of_library(
    model: keras.Model,
    classes: np.ndarray,
    steps: int = 160,
    seed: int = 0,
    options: MadeUpOptions | None = None,
    progress: Progress | None = None,
) -> np.ndarray:
    """Generate one image per class; arguments and result as for BCC's `class_images`.

    Args:
        options: weights of the regularisers, sizes of the modifiers; the usual ones when missing. 0 leaves
            one out.
    """
    import keras
    import tensorflow as tf
    from tf_keras_vis.activation_maximization import ActivationMaximization
    from tf_keras_vis.activation_maximization.callbacks import Callback
    from tf_keras_vis.utils.scores import CategoricalScore

    parts = part(model, find_stage(model, None))
    start = tf.random.stateless_normal((len(classes), parts.side, parts.side, 3), (seed & 0x7FFFFFFF, 0))
    glass = 255 * tf.sigmoid(1.5 + 0.1 * start)
    if steps == 0:
        return _as_uint8(glass)

    class Telling(Callback):
        def __call__(self, i: int, *values: Any, **more: Any) -> None:
            if progress and i % 4 == 0:
                progress(i / steps, f"Making up images, step {i} of {steps}")

    chosen = options or MadeUpOptions()
    with numpy_seeded(seed):
        made = ActivationMaximization(_Compiled(parts.whole))(
            CategoricalScore([int(label) for label in classes]),
            seed_input=glass,
            input_range=(0, 255),
            input_modifiers=_modifiers(chosen, seed),
            regularizers=_regularisers(chosen),
            steps=steps,
            optimizer=keras.optimizers.Adam(LEARNING_RATE),
            callbacks=[Telling()],
        )
    if progress:
        progress(1, "Generated")
    return _as_uint8(made)


def _as_uint8(tensor: Any) -> np.ndarray:
    """Round values of 0..255 to whole ones."""
    whole: np.ndarray = np.rint(np.asarray(tensor)).astype(np.uint8)
    return whole


def _regularisers(options: MadeUpOptions) -> list[Any]:
    from tf_keras_vis.activation_maximization.regularizers import Norm, TotalVariation2D

    found = [
        TotalVariation2D(options.total_variation) if options.total_variation else None,
        Norm(options.norm, p=2) if options.norm else None,
    ]
    return [one for one in found if one is not None]


def _modifiers(options: MadeUpOptions, seed: int) -> list[Any]:
    from tf_keras_vis.activation_maximization.input_modifiers import Jitter, Rotate2D

    found: list[Any] = [Jitter(options.jitter)] if options.jitter else []
    if options.rotation:
        turned = Rotate2D(options.rotation)
        # Its own generator begins anywhere.
        turned.random_generator = np.random.default_rng(seed)
        found.append(turned)
    return found


class _Compiled:
    """A model whose call is one graph: the library asks for nothing else, and waits half as long."""

    def __init__(self, model: keras.Model) -> None:
        import tensorflow as tf

        self._model = model
        self._call = tf.function(
            lambda images: model(images, training=False), autograph=False, jit_compile=False
        )

    def __call__(self, inputs: list[Any], training: bool = False) -> Any:
        return self._call(inputs[0])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)
