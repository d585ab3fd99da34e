"""More or less azure and eosin, as from another bottle, hour or laboratory.

Smears are stained after May-Gruenwald and Giemsa: azure turns nuclei violet, eosin turns granules pink. How
much of each lies in a pixel follows from its optical density (`bcc.cells.stains`); this step changes the
amounts and keeps all that neither dye explains. The colours of the dyes that ship were estimated from the
11,951 distinct rows of the PBC challenge; `StainJitter.for_images` estimates them for any other set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import per_image
from bcc.augment.colour.pixels import clipped
from bcc.augment.drawn import either_way
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf

CHANNELS = ("red", "green", "blue")
"""The last words of the fields that hold a colour."""

_SAME_COLOUR = 1e-5
"""Squared sine of the angle between two dyes below which float32 tells them apart no more."""


class StainJitter(Augmentation):
    """Multiply the amount of each dye by a separate factor, and add a little of each everywhere."""

    name: ClassVar[str] = "stain_jitter"
    title: ClassVar[str] = "Stain jitter"
    topic: ClassVar[Topic] = "colour"
    about: ClassVar[str] = (
        "Changes how much azure (violet) and eosin (pink) the cell has taken up, each for itself."
    )
    hurts: ClassVar[str] = (
        "Hardly: this is how laboratories differ; far beyond it, pale granules vanish or become a basophil's."
    )
    paper: ClassVar[str] = (
        "Macenko et al., A method for normalizing histology slides for quantitative analysis, 2009; "
        "Tellez et al., 2018"
    )
    neutral: ClassVar[dict[str, float]] = {"azure": 0.0, "eosin": 0.0, "haze": 0.0}

    azure: float = option(0.4, "Largest change of the azure, as a share of what is there.", ge=0, le=1)
    eosin: float = option(0.4, "Largest change of the eosin, as a share of what is there.", ge=0, le=1)
    haze: float = option(
        0.05,
        "Largest amount of each dye that is added or taken away everywhere.",
        unit="optical density",
        ge=0,
        le=0.5,
    )
    azure_red: float = option(0.728, "How much red light azure takes away.", topic="Dyes", ge=0, le=1)
    azure_green: float = option(0.592, "How much green light azure takes away.", topic="Dyes", ge=0, le=1)
    azure_blue: float = option(0.345, "How much blue light azure takes away.", topic="Dyes", ge=0, le=1)
    eosin_red: float = option(0.370, "How much red light eosin takes away.", topic="Dyes", ge=0, le=1)
    eosin_green: float = option(0.924, "How much green light eosin takes away.", topic="Dyes", ge=0, le=1)
    eosin_blue: float = option(0.097, "How much blue light eosin takes away.", topic="Dyes", ge=0, le=1)
    glass_red: float = option(253.3, "Red of the bare glass.", topic="Dyes", unit="levels", ge=1, le=255)
    glass_green: float = option(227.5, "Green of the bare glass.", topic="Dyes", unit="levels", ge=1, le=255)
    glass_blue: float = option(200.7, "Blue of the bare glass.", topic="Dyes", unit="levels", ge=1, le=255)

    @classmethod
    def for_images(cls, images: np.ndarray, rows: np.ndarray | None = None, **strength: float) -> StainJitter:
        """The step for the dyes of a set of its own.

        Args:
            images: uint8 (N, H, W, 3) RGB, may be memory-mapped.
            rows: which rows to estimate from; 300 spread evenly when missing.
            strength: `azure`, `eosin` and `haze` where not the defaults.

        Raises:
            UserError: too little of the images is stained.
        """
        from bcc.cells.stain_directions import estimate_stain_directions

        found = estimate_stain_directions(images, rows)
        dyes = {"azure": found.azure, "eosin": found.eosin, "glass": found.glass}
        values = {
            f"{dye}_{channel}": value[i] for dye, value in dyes.items() for i, channel in enumerate(CHANNELS)
        }
        return cls.model_validate(strength | values)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        def colour(dye: str) -> tf.Tensor:
            channels = [per_image(parameters[f"{dye}_{channel}"], images) for channel in CHANNELS]
            return tf.stack(channels, axis=-1)

        dyes = tf.stack([colour("azure"), colour("eosin")], axis=1)
        dyes = tf.math.l2_normalize(dyes, axis=2)
        density = tf.math.log((colour("glass") + 1)[:, None, None, :] / (images + 1))
        amounts = _amounts(tf.maximum(density, 0.0), dyes)
        change = tf.concat(
            [either_way(parameters[dye], images, keys, f"stain {dye}") for dye in ("azure", "eosin")], axis=-1
        )
        haze = per_image(parameters["haze"], images)[:, None] * (2 * uniform(keys, 2, "stain haze") - 1)
        more = _mixed(change * amounts + haze[:, None, None, :], dyes)
        return clipped(images + (images + 1) * tf.math.expm1(-more)), labels


def _amounts(density: tf.Tensor, dyes: tf.Tensor) -> tf.Tensor:
    """How much of each dye explains a density best, none below 0: (N, H, W, 3), (N, 2, 3) -> (N, H, W, 2).

    Non-negative least squares. Of two dyes of unit length there are but two cases: either both are there in
    the amounts that least squares finds, or only one is, and that is the one that explains more by itself.
    Where the two have the same colour, all of it counts as azure.
    """
    import tensorflow as tf

    alone = _mixed(density, tf.transpose(dyes, [0, 2, 1]))
    azure, eosin = tf.unstack(alone, axis=-1)
    alike = tf.reduce_sum(dyes[:, 0] * dyes[:, 1], axis=-1)[:, None, None]
    apart = 1 - alike**2
    both = tf.stack([azure - alike * eosin, eosin - alike * azure], axis=-1)
    both /= tf.maximum(apart, _SAME_COLOUR)[..., None]
    one = tf.maximum(alone, 0.0) * tf.stack(
        [tf.cast(azure >= eosin, tf.float32), tf.cast(azure < eosin, tf.float32)], axis=-1
    )
    are_both = tf.reduce_all(both >= 0, axis=-1) & (apart > _SAME_COLOUR)
    return tf.where(are_both[..., None], both, one)


def _mixed(values: tf.Tensor, matrix: tf.Tensor) -> tf.Tensor:
    """Each pixel's row times its image's matrix: (N, H, W, K), (N, K, M) -> (N, H, W, M)."""
    import tensorflow as tf

    shape = tf.shape(values)
    flat = tf.reshape(values, [shape[0], shape[1] * shape[2], matrix.shape[1]])
    return tf.reshape(flat @ matrix, [shape[0], shape[1], shape[2], matrix.shape[2]])
