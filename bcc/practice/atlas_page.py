"""Two classes on one page, to print: an atlas for a student, a lesson for a teacher, an analysis of
errors."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import cv2
import numpy as np
import pandas as pd

from bcc.evaluation.reports.differential_report import NOT_MEDICAL
from bcc.evaluation.reports.html_report import escape
from bcc.figures.offline import STYLE
from bcc.practice.class_guide import guide, tell_apart
from bcc.practice.traits import in_words
from bcc.safe_text import capital

_STYLE = (
    STYLE
    + """
h1 { margin-bottom: 0.2rem; } h2 { margin: 1rem 0 0.2rem; font-size: 1.05rem; }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 0 2rem; }
.cells { display: grid; grid-template-columns: repeat(4, 1fr); gap: 4px; }
.cells img { width: 100%; border-radius: 4px; } p { margin: 0.25rem 0; } .faint { opacity: 0.7; }
@media print { body { font-size: 10pt; max-width: none; } }
"""
)


def atlas_page(
    first: str,
    second: str,
    *,
    source: str,
    cells: Sequence[tuple[str, np.ndarray, np.ndarray]],
    traits: pd.DataFrame,
    reliability: pd.DataFrame | None = None,
    run: str = "",
) -> str:
    """Write the page.

    Args:
        first, second: the classes.
        source: what the dataset is called.
        cells: title of a row of images, and for each class its images, uint8 (N, H, W, 3).
        traits: of `bcc.practice.traits.telling_apart`.
        reliability: of `bcc.practice.look_alikes.pair_reliability`.
        run: the run that it is about.
    """
    names = (first, second)
    body = [
        f"<h1>{escape(capital(first))} or {escape(second)}?</h1>",
        f'<p class="faint">Cells of {escape(source)}. {escape(NOT_MEDICAL)}</p>',
        f"<p><b>{escape(tell_apart(first, second))}</b></p>",
        _two([_words(name) for name in names]),
    ]
    for title, one, other in cells:
        body += [f"<h2>{escape(title)}</h2>", _two([_images(one), _images(other)])]
    if len(traits):
        body.append("<h2>What tells them apart, measured</h2>")
        body += [f"<p>{escape(in_words(line, first, second))}</p>" for _, line in traits.head(5).iterrows()]
    if reliability is not None and len(reliability):
        body.append(f"<h2>How reliable {escape(run)} is on this pair</h2>")
        body += [
            f"<p>{escape(capital(str(one.condition)))}: {one.right} of {one.n} right "
            f"({one.share:.0%}; {100 * one.low:.0f} to {100 * one.high:.0f} %).</p>"
            for one in reliability.itertuples()
        ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(first)} or {escape(second)}</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(body)}</body></html>\n"
    )


def _words(name: str) -> str:
    words = guide(name)
    title = f"<h2>{escape(capital(name))}</h2>"
    if words is None:
        return title
    return (
        f"{title}<p>{escape(words.giveaway)}</p><p class='faint'>Nucleus: "
        f"{escape(words.nucleus)}<br>Cytoplasm: "
        f"{escape(words.cytoplasm)}<br>Size: {escape(words.size)}.</p>"
    )


def _images(images: np.ndarray) -> str:
    return '<div class="cells">' + "".join(f'<img src="{_uri(one)}" alt="">' for one in images) + "</div>"


def _uri(image: np.ndarray) -> str:
    _, coded = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
    return f"data:image/jpeg;base64,{base64.b64encode(coded.tobytes()).decode()}"


def _two(parts: Sequence[str]) -> str:
    return '<div class="two">' + "".join(f"<div>{part}</div>" for part in parts) + "</div>"
