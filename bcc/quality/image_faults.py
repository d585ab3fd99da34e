"""Pictures that were badly taken: out of focus, too dark, too light, flat, or with nothing on them.

Every limit is relative to the class that a picture is labelled with: a platelet on a plain background has
little contrast and little information, and nothing is wrong with it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from bcc.quality.context import Check, Result, ScanContext
from bcc.quality.findings import findings_frame
from bcc.quality.robust import deviation, score_beyond, typical
from bcc.specs import option


class ImageFaults(Check):
    """Blurred, dark, light, low contrast and low information, each by how far it is from its class."""

    blur_limit: float = option(
        4.5, "Spreads below the class's usual share of fine detail from which on a picture is blurred", gt=0
    )
    exposure_limit: float = option(
        5.0, "Spreads from the usual brightness from which on a picture is dark or light", gt=0
    )
    contrast_limit: float = option(
        0.5, "Share of the class's usual contrast below which a picture has too little", gt=0, lt=1
    )
    information_limit: float = option(
        5.0, "Spreads below the class's usual entropy from which on a picture has too little", gt=0
    )
    far_beyond: float = option(2.0, "Times the limit from which on dropping is suggested", ge=1)

    @property
    def name(self) -> str:
        """How the check is called."""
        return "image faults"

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of findings that it makes."""
        return ("blurred", "dark", "light", "low_contrast", "low_information")

    def run(self, context: ScanContext) -> Result:
        """Compare every picture with its class."""
        measures, labels = context.measures, context.labels
        sharpness = _log_ratio(measures["fine"], measures["medium"])
        softness = _log_ratio(measures["medium"], measures["coarse"])
        contrast = measures["contrast"] / np.maximum(measures["brightest"], 1)
        usual_contrast, _ = typical(contrast, labels)
        brightest = deviation(measures["brightest"], labels, 2.5)
        darkest = deviation(measures["darkest"], labels, 4.0)
        middle = deviation(measures["middle"], labels, 6.0)
        detail = _log_ratio(measures["medium"] + measures["coarse"], np.ones(len(labels)))

        # Each distance is in units of its limit: from 1 on it is a finding.
        blur = -(deviation(sharpness, labels, 0.1) + deviation(softness, labels, 0.1) * 0.5) / 1.5
        moved = -deviation(np.log2(measures["evenness"]), labels, 0.2)
        distance = {
            "blurred": np.maximum(blur, moved) / self.blur_limit,
            "dark": np.maximum(-brightest / 2, np.minimum(-darkest, -2 * middle)) / self.exposure_limit,
            "light": np.minimum(1.6 * brightest, 2 * darkest) / self.exposure_limit,
            "low_contrast": np.where(
                usual_contrast > 0, self.contrast_limit * usual_contrast / np.maximum(contrast, 1e-3), 0
            ),
            "low_information": np.maximum(
                -deviation(measures["information"], labels, 0.25), -deviation(detail, labels, 0.35)
            )
            / self.information_limit,
        }
        sentences = {
            "blurred": ("Only {:.0%} of the fine detail of its class.", 2 ** (sharpness - typical(sharpness, labels)[0])),
            "dark": ("Its background has brightness {:.0f} of 255; usual is {usual:.0f}.", measures["brightest"]),
            "light": ("Its darkest parts have brightness {:.0f} of 255; usual is {usual:.0f}.", measures["darkest"]),
            "low_contrast": ("Its contrast is {:.0%} of what its class has.", contrast / np.maximum(usual_contrast, 1e-3)),
            "low_information": ("Its grey levels hold {:.1f} bits; usual is {usual:.1f}.", measures["information"]),
        }
        frames, scores = [], {}
        for kind, far in distance.items():
            text, values = sentences[kind]
            usual, _ = typical(values, labels)
            score = score_beyond(far, 1.0)
            chosen = far >= 1
            rows = context.all_rows(chosen)
            line = context.groups[rows]
            suggested = np.where(far[line] >= self.far_beyond, "drop", "review")
            detail_text = [text.format(values[one], usual=usual[one]) for one in line]
            frames.append(findings_frame(rows, kind, score[line], suggested, detail_text))
            scores[kind] = context.spread(score)
            context.suspects |= far >= self.far_beyond
        numbers = {
            "sharpness": sharpness,
            "brightness": measures["brightness"],
            "contrast": contrast,
            "information": measures["information"],
        }
        return Result(
            pd.concat(frames, ignore_index=True),
            scores,
            {name: context.spread(np.asarray(values, float)) for name, values in numbers.items()},
        )


def _log_ratio(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """log2 of a ratio of amounts of detail; a thousandth of a grey level keeps it finite."""
    return np.log2((one.astype(np.float64) + 1e-3) / (other.astype(np.float64) + 1e-3))
