"""One painted cell, described in haematological terms.

Every field of `CellSpec` is a continuous quantity (or a small count) with bounds, a unit and a line
of help, so that a page can put a slider on each. No field says which class the cell belongs to: the
class only decides from which ranges `draw_spec` draws, and any mixture in between can be painted.
Painting itself is `bcc.datasets.synthetic.paint`.
"""

from __future__ import annotations

from bcc.specs import Spec, option

FIELD_WIDTH = 24.0
"""Width of the image in micrometres. A red cell, 7.2 um across, spans about 29 of 96 pixels on the
PBC photographs, which makes a pixel 0.25 um."""

PIXELS_PER_UM = 96.0 / FIELD_WIDTH
"""Pixels of a 96-pixel image in one micrometre; lengths inside the painter are in these pixels."""


class CellSpec(Spec):
    """A single-cell crop of a May-Gruenwald-Giemsa stained smear."""

    seed: int = option(
        0,
        "Where granules, neighbours and noise fall; every other field leaves them in place.",
        ge=0,
        le=2**31 - 1,
        topic="Cell",
    )
    cell_size: float = option(
        15.0, "Diameter of a circle as large as the cell.", unit="um", ge=3.0, le=22.0, topic="Cell"
    )
    elongation: float = option(
        1.1, "Length of the cell over its width.", unit="x", ge=1.0, le=1.8, topic="Cell"
    )
    orientation: float = option(
        0.0, "Direction of the cell's long axis.", unit="degrees", ge=0.0, le=360.0, topic="Cell"
    )
    irregularity: float = option(
        0.2, "How far the outline departs from an ellipse: bulges and dents.", ge=0.0, le=1.0, topic="Cell"
    )
    fringe: float = option(0.1, "Fine ruffles and hairs along the membrane.", ge=0.0, le=1.0, topic="Cell")
    shift_right: float = option(
        0.0, "Centre of the cell, right of the image's centre.", unit="um", ge=-4.0, le=4.0, topic="Cell"
    )
    shift_down: float = option(
        0.0, "Centre of the cell, below the image's centre.", unit="um", ge=-4.0, le=4.0, topic="Cell"
    )

    nucleus_size: float = option(
        0.45, "Share of the cell's area that the nucleus covers; 0 is no nucleus.", ge=0.0, le=0.95,
        topic="Nucleus",
    )  # fmt: skip
    lobes: int = option(3, "Segments of the nucleus.", ge=1, le=5, topic="Nucleus")
    lobe_pinch: float = option(
        0.0,
        "How thin the nucleus gets between two lobes: 0 an even band, 1 threads.",
        ge=0.0,
        le=1.0,
        topic="Nucleus",
    )
    nucleus_length: float = option(
        0.5,
        "Length of the nucleus's axis over its width: 0 round, 1 bean, 4 a long band.",
        unit="x",
        ge=0.0,
        le=7.0,
        topic="Nucleus",
    )
    nucleus_bend: float = option(
        90.0,
        "How far the axis turns: 0 straight, 120 kidney, 240 horseshoe.",
        unit="degrees",
        ge=0.0,
        le=330.0,
        topic="Nucleus",
    )
    nucleus_disorder: float = option(
        0.2, "How far lobes stray from a smooth arc.", ge=0.0, le=1.0, topic="Nucleus"
    )
    nucleus_irregularity: float = option(
        0.2, "Waviness of the nucleus's outline.", ge=0.0, le=1.0, topic="Nucleus"
    )
    nucleus_eccentricity: float = option(
        0.3, "0 in the middle of the cell, 1 against the membrane.", ge=0.0, le=1.0, topic="Nucleus"
    )
    nucleus_angle: float = option(
        0.0, "Direction in which the nucleus lies.", unit="degrees", ge=0.0, le=360.0, topic="Nucleus"
    )
    nucleus_density: float = option(
        1.8, "Optical density of the chromatin in green light.", unit="OD", ge=0.2, le=2.8, topic="Nucleus"
    )
    chromatin_clumping: float = option(
        0.4, "Contrast between dark clumps and pale flecks.", ge=0.0, le=1.0, topic="Nucleus"
    )
    chromatin_grain: float = option(0.25, "Size of the clumps.", unit="um", ge=0.1, le=0.8, topic="Nucleus")

    cytoplasm_blue: float = option(
        0.25,
        "Azure in the cytoplasm (ribonucleic acid), optical density in green light.",
        unit="OD",
        ge=0.0,
        le=1.2,
        topic="Cytoplasm",
    )
    cytoplasm_pink: float = option(
        0.15,
        "Eosin in the cytoplasm (protein), optical density in green light.",
        unit="OD",
        ge=0.0,
        le=0.8,
        topic="Cytoplasm",
    )
    cytoplasm_mottle: float = option(0.3, "Unevenness of the cytoplasm.", ge=0.0, le=1.0, topic="Cytoplasm")
    cytoplasm_rim: float = option(
        0.2,
        "How much deeper the stain is at the membrane than around the nucleus.",
        ge=0.0,
        le=1.0,
        topic="Cytoplasm",
    )
    vacuoles: float = option(0.0, "Clear bubbles in the cytoplasm.", ge=0.0, le=1.0, topic="Cytoplasm")

    orange_granules: float = option(
        0.0, "Share of the cytoplasm under eosinophilic granules.", ge=0.0, le=1.0, topic="Granules"
    )
    orange_granule_size: float = option(
        0.5, "Diameter of an orange granule.", unit="um", ge=0.2, le=1.2, topic="Granules"
    )
    orange_granule_density: float = option(
        0.6, "Optical density of an orange granule in green light.", unit="OD", ge=0.0, le=1.5,
        topic="Granules",
    )  # fmt: skip
    dark_granules: float = option(
        0.1, "Share of the cytoplasm under violet to black granules.", ge=0.0, le=1.0, topic="Granules"
    )
    dark_granule_size: float = option(
        0.4, "Diameter of a dark granule.", unit="um", ge=0.2, le=1.2, topic="Granules"
    )
    dark_granule_density: float = option(
        0.5, "Optical density of a dark granule in green light.", unit="OD", ge=0.0, le=2.5, topic="Granules"
    )
    granules_over_nucleus: float = option(
        0.0, "Share of the granules above the nucleus that hide it.", ge=0.0, le=1.0, topic="Granules"
    )
    granules_towards_centre: float = option(
        0.0, "0 spread evenly, 1 heaped in the middle of the cell.", ge=0.0, le=1.0, topic="Granules"
    )

    stain_strength: float = option(
        1.0, "Multiplies every optical density: time in the stain.", unit="x", ge=0.4, le=1.8, topic="Stain"
    )
    stain_balance: float = option(
        0.0,
        "Below 0 the eosin prevails (redder), above 0 the azure (bluer): acidity of the buffer.",
        ge=-1.0,
        le=1.0,
        topic="Stain",
    )

    red_cells: int = option(
        7, "Red cells in the field, where there is room.", ge=0, le=20, topic="Neighbours"
    )
    red_cell_size: float = option(
        7.2, "Diameter of the red cells.", unit="um", ge=4.0, le=10.0, topic="Neighbours"
    )
    red_cell_pallor: float = option(
        0.5, "How pale the middle of a red cell is.", ge=0.0, le=1.0, topic="Neighbours"
    )
    red_cell_density: float = option(
        0.3, "Optical density of a red cell in green light.", unit="OD", ge=0.05, le=0.8, topic="Neighbours"
    )
    red_cell_irregularity: float = option(
        0.25, "How far red cells depart from round.", ge=0.0, le=1.0, topic="Neighbours"
    )
    platelets_nearby: int = option(0, "Small platelets beside the cell.", ge=0, le=4, topic="Neighbours")

    illumination: float = option(1.0, "Brightness of the lamp.", unit="x", ge=0.1, le=1.3, topic="Camera")
    warmth: float = option(
        0.0, "Below 0 a bluer lamp, above 0 a yellower one.", ge=-1.0, le=1.0, topic="Camera"
    )
    vignetting: float = option(0.02, "How much darker the far corner is.", ge=0.0, le=0.6, topic="Camera")
    blur: float = option(
        0.1, "Spread of a point when out of focus.", unit="um", ge=0.0, le=2.0, topic="Camera"
    )
    sharpening: float = option(0.5, "Edge enhancement by the camera.", ge=0.0, le=1.5, topic="Camera")
    noise: float = option(
        0.7, "Spread of the sensor noise at 96 pixels.", unit="grey levels", ge=0.0, le=20.0, topic="Camera"
    )
