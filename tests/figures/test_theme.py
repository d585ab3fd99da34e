from __future__ import annotations

import ast
import itertools
from pathlib import Path

import numpy as np
import plotly.io as pio

import bcc.figures
from bcc.figures import CLASS_COLOURS, class_colours, empty
from bcc.figures.theme import TEMPLATE, with_alpha


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    channels = np.array([int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_the_classes_keep_their_colours_in_any_order_company_and_spelling() -> None:
    names = list(CLASS_COLOURS)
    assert class_colours(reversed(names)) == CLASS_COLOURS
    spelt = ["Immature granulocytes (IG)", "NEUTROPHIL", "Platelets", "immature_granulocyte"]
    assert list(class_colours(spelt).values()) == [
        CLASS_COLOURS[name] for name in ("ig", "neutrophil", "platelet", "ig")
    ]


def test_other_names_get_colours_of_their_own() -> None:
    names = ["blast", "neutrophil", "artefact", "smudge"]
    colours = class_colours(names)
    assert list(colours) == names
    assert len(set(colours.values())) == 4
    assert colours == class_colours(names)
    assert len(set(class_colours([f"class {n}" for n in range(16)]).values())) == 16
    assert len(class_colours([f"class {n}" for n in range(40)])) == 40


def test_the_class_colours_read_on_light_and_dark_paper_and_differ() -> None:
    dark = luminance("#0e1117")
    for colour in CLASS_COLOURS.values():
        assert 1.05 / (luminance(colour) + 0.05) > 2.1
        assert (luminance(colour) + 0.05) / (dark + 0.05) > 3
    for one, other in itertools.combinations(CLASS_COLOURS.values(), 2):
        apart = [int(one[start : start + 2], 16) - int(other[start : start + 2], 16) for start in (1, 3, 5)]
        assert np.linalg.norm(apart) > 60


def test_the_template_lets_the_page_show_through() -> None:
    layout = pio.templates[TEMPLATE].layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.font.color is None


def test_an_empty_figure_says_why() -> None:
    assert empty("Nothing here.").layout.annotations[0].text == "Nothing here."


def test_a_colour_can_be_thinned() -> None:
    assert with_alpha("#0c66c1", 0.5) == "rgba(12, 102, 193, 0.5)"


def test_figures_import_nothing_else_of_bcc_but_the_interval_of_a_share() -> None:
    for file in Path(bcc.figures.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bcc"):
                allowed = ("bcc.figures", "bcc.wilson")
                assert (node.module or "").startswith(allowed), file.name
