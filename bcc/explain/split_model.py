"""A model split at a stage: images to feature maps, feature maps to scores, on the same weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bcc.errors import UserError
from bcc.explain.stages import Stage

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Parts:
    """The two halves of a model; weights are shared, not copied, so that they change with the model.

    Attributes:
        trunk: from images (batch, side, side, 3), values 0..255, to the stage's maps (batch, h, w,
            channels).
        rest: from the stage's maps to scores (batch, classes).
        whole: from images to scores.
        side: of the images, in pixels.
        channels: of the stage.
    """

    trunk: keras.Model
    rest: keras.Model
    whole: keras.Model
    side: int
    channels: int


def part(model: keras.Model, stage: Stage) -> Parts:
    """Split a flat model at the end of a stage.

    Scores are those before the softmax: behind it, a sure model has hardly any gradient left.

    Raises:
        UserError: the model's last layer hides the scores.
    """
    import keras

    from bcc.models.fast_gradients import lean

    cheap = lean(keras.Model(model.input, [model.get_layer(stage.layer).output, scores_of(model)]))
    maps, scores = cheap.outputs
    return Parts(
        trunk=keras.Model(cheap.input, maps),
        rest=keras.Model(maps, scores),
        whole=keras.Model(cheap.input, scores),
        side=int(model.input_shape[1]),
        channels=int(maps.shape[-1]),
    )


def scores_of(model: keras.Model) -> Any:
    """The tensor before the softmax.

    Raises:
        UserError: the last layer hides it.
    """
    import keras

    last = model.layers[-1]
    if any(layer.name == "logits" for layer in model.layers):
        return model.get_layer("logits").output
    if isinstance(last, keras.layers.Softmax) or (
        isinstance(last, keras.layers.Activation) and last.activation is keras.activations.softmax
    ):
        return last.input
    if getattr(last, "activation", keras.activations.linear) is keras.activations.linear:
        return last.output
    raise UserError(
        f"The model's last layer '{last.name}' holds its scores and their softmax in one: let the softmax "
        "stand in a layer of its own."
    )
