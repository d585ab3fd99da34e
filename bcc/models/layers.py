"""The one layer that Keras lacks. Importing this module imports keras."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="bcc")
class LayerScale(keras.layers.Layer):
    """Multiply each channel by a learned number (Touvron et al., "CaiT", 2021).

    Input and output (..., channels). The weight is called `gamma`, as in keras.applications.
    """

    def __init__(self, init_value: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.init_value = init_value

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.gamma = self.add_weight(
            shape=(input_shape[-1],),
            initializer=keras.initializers.Constant(self.init_value),
            name="gamma",
        )

    def call(self, inputs: Any) -> Any:
        return inputs * self.gamma

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "init_value": self.init_value}
