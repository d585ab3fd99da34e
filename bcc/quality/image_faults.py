"""Images that were badly taken: out of focus, too dark, too light, flat, or with nothing on them.

Every limit is relative to the class that an image is labelled with: a platelet on a plain background has
little contrast and little information, and nothing is wrong with it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from bcc.quality.context import Check, Result, ScanContext
from bcc.quality.findings import findings_frame
from bcc.quality.robust import Usual, score_beyond
from bcc.specs import option

FLOORS = {
    "sharpness": 0.1,
    "softness": 0.1,
    "evenness": 0.2,
    "brightest": 2.5,
    "darkest": 4.0,
    "middle": 6.0,
    "information": 0.25,
    "detail": 0.35,
    "contrast": 0.01,
}
"""The measurements that are judged, and the smallest spread that each is given."""


class ImageFaults(Check):
    """Blurred, dark, light, low contrast and low information, each by how far it is from its class."""

    blur_limit: float = option(
        3.3, "Spreads below the class's usual share of fine detail from which on an image is blurred", gt=0
    )
    exposure_limit: float = option(
        5.0, "Spreads from the usual brightness from which on an image is dark or light", gt=0
    )
    contrast_limit: float = option(
        0.5, "Share of the class's usual contrast below which an image has too little", gt=0, lt=1
    )
    information_limit: float = option(
        5.0, "Spreads below the class's usual entropy from which on an image has too little", gt=0
    )
    far_beyond: float = option(2.0, "Times the limit from which on dropping is suggested", ge=1)

    @property
    def name(self) -> str:
        """Name of the check."""
        return "image faults"

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of findings that it reports."""
        return ("blurred", "dark", "light", "low_contrast", "low_information")

    def run(self, context: ScanContext) -> Result:
        """Compare every image with its class."""
        numbers = _judged_numbers(context)
        usual = {name: Usual.of(values, context.labels) for name, values in numbers.items()}
        distance = self._distances(numbers, usual, context.labels)
        everywhere = np.full(len(context.labels), np.inf)
        for label in np.unique(context.labels):
            as_if = self._distances(numbers, usual, np.full(len(context.labels), label))
            everywhere = np.minimum(everywhere, np.max(list(as_if.values()), axis=0))
        # What would be a fault in any class says nothing about the label, nor about what cells look like.
        context.suspects |= everywhere >= 1

        frames, scores = [], {}
        for kind, far in distance.items():
            score = score_beyond(far, 1.0)
            rows = context.all_rows(far >= 1)
            line = context.groups[rows]
            suggested = np.where(far[line] >= self.far_beyond, "drop", "review")
            detail = [_sentence(kind, int(one), numbers, usual, int(context.labels[one])) for one in line]
            frames.append(findings_frame(rows, kind, score[line], suggested, detail))
            scores[kind] = context.spread(score)
        shown = {name: numbers[name] for name in ("sharpness", "contrast", "information")}
        shown["brightness"] = context.measures["brightness"].astype(float)
        return Result(
            pd.concat(frames, ignore_index=True),
            scores,
            {name: context.spread(values) for name, values in shown.items()},
        )

    def _distances(
        self, numbers: dict[str, np.ndarray], usual: dict[str, Usual], labels: np.ndarray
    ) -> dict[str, np.ndarray]:
        """How far each image is from a class, in units of the limit: from 1 on it is a finding."""
        far = {name: usual[name].deviation(numbers[name], labels, floor) for name, floor in FLOORS.items()}
        usual_contrast = usual["contrast"].middle[labels]
        # Focus takes away fine detail first, movement all detail along one direction.
        unfocused = np.minimum(far["sharpness"] / 1.06, (far["sharpness"] + 0.5 * far["softness"]) / 1.5)
        # A veil over everything lightens the dark parts most; where those are few, the background must tell.
        veiled = np.minimum(1.8 * far["brightest"], 2.3 * far["darkest"])
        return {
            "blurred": -np.minimum(unfocused, far["evenness"]) / self.blur_limit,
            # A lamp turned down darkens the background; a steep tone curve what is dark already.
            "dark": np.maximum(-far["brightest"] / 1.75, np.minimum(-far["darkest"], -2 * far["middle"]))
            / self.exposure_limit,
            "light": np.maximum(veiled, 1.3 * far["brightest"]) / self.exposure_limit,
            "low_contrast": self.contrast_limit * usual_contrast / np.maximum(numbers["contrast"], 1e-3),
            "low_information": np.maximum(-far["information"], -far["detail"]) / self.information_limit,
        }


def _judged_numbers(context: ScanContext) -> dict[str, np.ndarray]:
    """The measurements named in `FLOORS`, float64 (D,) each."""
    measures = context.measures
    fine, medium, coarse = (measures[name].astype(np.float64) + 1e-3 for name in ("fine", "medium", "coarse"))
    return {
        "sharpness": np.log2(fine / medium),
        "softness": np.log2(medium / coarse),
        "evenness": np.log2(measures["evenness"].astype(np.float64)),
        "brightest": measures["brightest"].astype(np.float64),
        "darkest": measures["darkest"].astype(np.float64),
        "middle": measures["middle"].astype(np.float64),
        "information": measures["information"].astype(np.float64),
        "detail": np.log2(medium + coarse),
        "contrast": (measures["contrast"] / np.maximum(measures["brightest"], 1)).astype(np.float64),
    }


def _sentence(
    kind: str, one: int, numbers: dict[str, np.ndarray], usual: dict[str, Usual], label: int
) -> str:
    def pair(name: str) -> tuple[float, float]:
        return float(numbers[name][one]), float(usual[name].middle[label])

    if kind == "blurred":
        own, typical = pair("sharpness")
        if own > typical - 0.3:
            return "It has hardly any detail along one direction, as if it had moved."
        return f"It has {2 ** (own - typical):.0%} of the fine detail that is usual in its class."
    if kind == "dark":
        own, typical = pair("brightest")
        if own > 0.95 * typical:
            own, typical = pair("middle")
            return f"Half of it is darker than {own:.0f} of 255; usual in its class is {typical:.0f}."
        return f"Its background has brightness {own:.0f} of 255; usual in its class is {typical:.0f}."
    if kind == "light":
        own, typical = pair("darkest")
        return f"Its darkest parts have brightness {own:.0f} of 255; usual in its class is {typical:.0f}."
    if kind == "low_contrast":
        own, typical = pair("contrast")
        return f"It has {own / max(typical, 1e-3):.0%} of the contrast that is usual in its class."
    own, typical = pair("information")
    return f"Its grey levels hold {own:.1f} bits; usual in its class are {typical:.1f}."
