"""Ten layers of keras-cv that a policy draws from, all of one magnitude, all drawing by one image's key."""

from __future__ import annotations

from typing import Any

from bcc.augment.keras_cv.step import Draws, Turn

WHOLE = (0, 255)


def some_layers(layers: Any, key: Any, magnitude: Any, name: str, turn: Turn) -> list[Any]:
    """Make them.

    Args:
        layers: `keras_cv.layers`.
        key: int32 (2,), the image's.
        magnitude: float32 (), 0..1.
        name: of the policy.
        turn: of its draws.
    """
    made = []

    def add(kind: str, **factors: Any) -> None:
        draws = Draws(key, f"{name} {kind}", turn)
        arguments = {
            field: draws.between(*value) if isinstance(value, Range) else value
            for field, value in factors.items()
        }
        layer = draws.given_to(getattr(layers, kind)(**arguments, dtype="float32"))
        if hasattr(layer, "random_rotate"):
            draws.given_to(layer.random_rotate)
        made.append(layer)

    def up_to(most: float) -> Range:
        return Range((0.0, most * magnitude))

    add("RandomHue", factor=up_to(0.2), value_range=WHOLE)
    add("RandomSaturation", factor=Range((0.5 - 0.3 * magnitude, 0.5 + 0.2 * magnitude)))
    add("RandomSharpness", factor=up_to(1.0), value_range=WHOLE)
    add("RandomChannelShift", factor=up_to(0.4), value_range=WHOLE)
    add("RandomColorDegeneration", factor=up_to(1.0))
    add(
        "Solarization",
        addition_factor=up_to(110.0),
        threshold_factor=Range((256 - 128 * magnitude, 256.0)),
        value_range=WHOLE,
    )
    add("RandomGaussianBlur", factor=up_to(2.0), kernel_size=7)
    add("RandomShear", x_factor=up_to(0.4), y_factor=up_to(0.4))
    add("RandomCutout", height_factor=up_to(0.5), width_factor=up_to(0.5), fill_value=128.0)
    add("GridMask", ratio_factor=up_to(0.6), fill_value=128)
    return made


class Range(tuple):
    """From the first to the second, drawn evenly."""
