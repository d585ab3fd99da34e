"""What can be chosen about a model, as one spec that forms, commands and configs share."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from bcc.models.architectures import ARCHITECTURES, ModelName
from bcc.models.shipped_weights import NAMES
from bcc.specs import Spec, option


class ModelOptions(Spec):
    """A backbone and the head on top of it."""

    model: ModelName = option(
        "atto",
        "Member of the ConvNeXt family, or the plain custom-cnn; atto trains on a laptop, base and larger "
        "want a GPU.",
        topic="Model",
    )
    weights: str = option(
        "none",
        "Where training starts: 'none' (random), 'pbc' (ships with BCC, for atto: knows real blood cells), "
        "'imagenet' (tiny and larger, needs a network once), or the path of a run or .keras file.",
        topic="Model",
    )
    image_size: int = option(
        96, "Side of the square image that the model sees.", unit="px", topic="Model", ge=32, le=512
    )
    stem_stride: Literal[2, 4] = option(
        4,
        "Step of the first convolution; 2 doubles the resolution of every stage for small images.",
        topic="Model",
    )
    pooling: Literal["avg", "max"] = option(
        "avg", "How the last feature map becomes one vector.", topic="Head"
    )
    hidden_layers: tuple[Annotated[int, Field(ge=1, le=8192)], ...] = option(
        (),
        "Sizes of dense layers between the pooled features and the answer, such as 1024, 512.",
        topic="Head",
    )
    hidden_norm: Literal["none", "batch", "layer"] = option(
        "none",
        "Normalisation after each hidden layer: over the batch, over the layer, or none.",
        topic="Head",
    )
    dropout: float = option(
        0.0,
        "Share of pooled features, and of each hidden layer, switched off in each training step.",
        topic="Head",
        ge=0,
        le=0.9,
    )
    l1: float = option(0.0, "L1 penalty on the head's weights; with L2 both count.", topic="Head", ge=0, le=1)
    l2: float = option(0.0, "L2 penalty on the head's weights.", topic="Head", ge=0, le=1)
    layer_scale: float = option(
        0.1,
        "First value of each block's learned scale; by default 0.1 from random weights, else 1e-6.",
        topic="Model",
        gt=0,
        le=1,
        log=True,
    )
    stochastic_depth: float = option(
        0.0, "Chance that the last block is skipped in a training step.", topic="Model", ge=0, le=0.9
    )

    @field_validator("hidden_layers", mode="before")
    @classmethod
    def _sizes_from_text(cls, value: Any) -> Any:
        """A form and a shell say "1024, 512"."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.strip("[]() ").split(",") if part.strip())
        return (value,) if isinstance(value, int) else value

    @model_validator(mode="before")
    @classmethod
    def _fitting_defaults(cls, values: Any) -> Any:
        """Sizes that have ImageNet weights start from them unless something else is said, and what starts
        from random weights gets the layer scale that learns in a few epochs."""
        if not isinstance(values, dict):
            return values
        given = {name: value for name, value in values.items() if value is not None}
        weights = given.get("weights", "imagenet" if given.get("model") in _with_imagenet() else "none")
        scale = 0.1 if weights == "none" else 1e-6
        return {"layer_scale": scale, **given, "weights": weights}

    @model_validator(mode="after")
    def _weights_exist(self) -> ModelOptions:
        if self.weights == "imagenet" and self.model not in _with_imagenet():
            raise ValueError(
                f"there are no ImageNet weights for '{self.model}': choose weights 'none', or a model "
                "from tiny up"
            )
        if self.weights in NAMES and (self.model, self.stem_stride) != ("atto", 4):
            raise ValueError(
                f"the shipped weights '{self.weights}' fit atto with stem_stride 4 alone: choose 'none', the "
                "path of a run, or from tiny up 'imagenet'"
            )
        return self


def _with_imagenet() -> list[str]:
    """Sizes that ImageNet weights exist for."""
    return [size for size, about in ARCHITECTURES.items() if about.imagenet]
