"""What can be chosen about a model, as one spec that forms, commands and configs share."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_validator

from bcc.models.sizes import ARCHITECTURES, Size
from bcc.specs import Spec, option


class ModelOptions(Spec):
    """A ConvNeXt backbone and the head on top of it."""

    model: Size = option(
        "atto",
        "Member of the ConvNeXt family; atto trains on a laptop, base and larger want a GPU.",
        topic="Model",
    )
    weights: str = option(
        "none",
        "Where training starts: 'none' (random), 'imagenet' (tiny and larger), or the path of a run "
        "or .keras file.",
        topic="Model",
    )
    image_size: int = option(
        96, "Side of the square picture that the model sees.", unit="px", topic="Model", ge=32, le=512
    )
    stem_stride: Literal[2, 4] = option(
        4,
        "Step of the first convolution; 2 doubles the resolution of every stage for small pictures.",
        topic="Model",
    )
    pooling: Literal["avg", "max"] = option(
        "avg", "How the last feature map becomes one vector.", topic="Head"
    )
    dropout: float = option(
        0.0, "Share of pooled features switched off in each training step.", topic="Head", ge=0, le=0.9
    )
    l1: float = option(0.0, "L1 penalty on the head's weights.", topic="Head", ge=0, le=1)
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

    @model_validator(mode="before")
    @classmethod
    def _fitting_defaults(cls, values: Any) -> Any:
        """Sizes that have ImageNet weights start from them unless something else is said, and what starts
        from random weights gets the layer scale that learns in a few epochs."""
        if not isinstance(values, dict):
            return values
        given = {name: value for name, value in values.items() if value is not None}
        with_imagenet = [size for size, about in ARCHITECTURES.items() if about.imagenet]
        weights = given.get("weights", "imagenet" if given.get("model") in with_imagenet else "none")
        scale = 0.1 if weights == "none" else 1e-6
        return {"layer_scale": scale, **given, "weights": weights}

    @model_validator(mode="after")
    def _imagenet_exists(self) -> ModelOptions:
        if self.weights == "imagenet" and not ARCHITECTURES[self.model].imagenet:
            raise ValueError(
                f"there are no ImageNet weights for '{self.model}': choose weights 'none', or a model "
                "from tiny up"
            )
        return self
