"""Commands for saliency maps, and whether to believe them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bcc.atomic_files import why_not_written
from bcc.cli.app import app
from bcc.cli.options import Classes, Data, Layout, Preprocess, Progress, RunArgument, run_and_data
from bcc.cli.outputs import Force, claim, claim_folder, claim_in
from bcc.cli.terminal import say, say_block
from bcc.errors import UserError

if TYPE_CHECKING:
    import numpy as np

    from bcc.datasets import Dataset
    from bcc.explain import Agreement
    from bcc.runs import Run

_KINDS = {".npy": "map", ".png": "picture"}
"""Ends of the names of what is written for each image, and of which kind each is."""


@app.command()
def explain(
    run: RunArgument,
    data: Data,
    indices: Annotated[str, typer.Option(metavar="0,1,...", help="Rows of the dataset to explain.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the maps and images.")],
    method: Annotated[
        str,
        typer.Option(
            help="Method: gradcam, gradcam++, layercam, scorecam, gradient, smoothgrad, "
            "integrated_gradients, occlusion."
        ),
    ] = "gradcam",
    target: Annotated[
        str,
        typer.Option("--class", metavar="NAME", help="Class to explain: predicted, true, or a class's name."),
    ] = "predicted",
    layer: Annotated[
        str | None,
        typer.Option(help="Layer where the map is taken; by default the deepest with at least 6 x 6 fields."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Random seed, for smoothgrad.", min=0)] = 0,
    force: Force = False,
    engine: Annotated[
        str,
        typer.Option(help="What computes the maps: bcc, or tf-keras-vis, which is then compared with bcc."),
    ] = "bcc",
    classes: Classes = None,
    preprocess: Preprocess = None,
    layout: Layout = None,
) -> None:
    """Compute saliency maps: <index>_<method>.npy (height x width, 0..1) and .png per image."""
    from bcc.explain import OURS, check_engine, find_method

    find_method(method)
    check_engine(engine, method)
    out = claim_folder(out, data, run)
    chosen, dataset = run_and_data(run, data, classes, preprocess, layout)
    rows = _rows(indices, len(dataset))
    written = {f"{row}_{method}{end}": kind for row in rows for end, kind in _KINDS.items()}
    if dataset.files is not None:
        written["files.csv"] = "table:explained"
    if engine != OURS:
        written["engines.csv"] = "table:explained"
    claim_in(out, written, force, data, run)
    explained = _explain(chosen, dataset, rows, target, method, layer, seed, engine)
    _write_maps(out, dataset, explained, method)
    _write_tables(out, dataset, explained, engine)


@dataclass(frozen=True)
class _Explained:
    """Saliency maps of some rows.

    Attributes:
        rows: int64 (n,), which rows.
        images: uint8 (n, h, w, 3).
        maps: float (n, h, w), 0..1.
        classes: n names, the class that each map explains.
        where: the stage where the maps are taken.
        agreement: of another engine's maps with those of BCC; None where BCC made them.
    """

    rows: np.ndarray
    images: np.ndarray
    maps: np.ndarray
    classes: list[str]
    where: str
    agreement: Agreement | None


def _explain(
    run: Run,
    dataset: Dataset,
    rows: np.ndarray,
    target: str,
    method: str,
    layer: str | None,
    seed: int,
    engine: str,
) -> _Explained:
    """Compute the maps, twice where another engine than BCC makes them."""
    import numpy as np

    from bcc.explain import OURS, agreement, enlarge, explainer_by
    from bcc.explain.targets import target_classes
    from bcc.models.prediction import Predictor
    from bcc.models.saving import load_model

    model = load_model(run.model)
    names = run.class_names
    wanted = target_classes(target, names, Predictor(model)(dataset.images, rows), dataset, rows)
    explainer = explainer_by(engine, model, layer, method, seed)
    images = np.asarray(dataset.images[rows])
    found = explainer(images, wanted, Progress())
    alike = None
    if engine != OURS:
        ours = explainer_by(OURS, model, layer, method, seed)
        alike = agreement(found, ours(images, wanted, Progress()))
    maps = enlarge(found, *dataset.image_shape)
    return _Explained(rows, images, maps, [names[label] for label in wanted], explainer.where, alike)


def _write_maps(out: Path, dataset: Dataset, explained: _Explained, method: str) -> None:
    """Write a map as .npy and over its image as .png per row, and say a line about each."""
    import cv2
    import numpy as np

    from bcc.figures import overlay

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(why_not_written(error, f"the folder '{out}'", done="made")) from error
    each = zip(explained.rows, explained.images, explained.maps, explained.classes, strict=True)
    for place, (row, image, heat, name) in enumerate(each):
        np.save(out / f"{row}_{method}.npy", heat.astype(np.float32))
        cv2.imwrite(str(out / f"{row}_{method}.png"), overlay(image, heat)[:, :, ::-1])
        file = dataset.file_of(row)
        line = f"{row}{f' {file}' if file else ''}: {name}, {explained.where}"
        alike = explained.agreement
        say(line if alike is None else f"{line}, correlation with bcc {alike.each[place]:.4f}")


def _write_tables(out: Path, dataset: Dataset, explained: _Explained, engine: str) -> None:
    """Write which class each map explains, with the file of its image and the agreement of two engines."""
    import pandas as pd

    from bcc.csv_tables import write_table
    from bcc.datasets import with_files

    table = pd.DataFrame({"index": explained.rows, "explained": explained.classes})
    alike = explained.agreement
    if alike is not None:
        say(f"correlation of {engine} with bcc over all maps: {alike.overall:.4f}")
        write_table(out / "engines.csv", table.assign(correlation=alike.each))
    if dataset.files is not None:
        write_table(out / "files.csv", with_files(table, dataset.files, "index"))


@app.command()
def trust(
    run: RunArgument,
    data: Data,
    out: Annotated[Path, typer.Option(metavar="FILE.csv", help="File for the table.")],
    per_class: Annotated[
        int, typer.Option(help="Images per class that the run was not trained on.", min=1)
    ] = 8,
    method: Annotated[
        list[str] | None, typer.Option(help="Only this method; may be given several times.")
    ] = None,
    layer: Annotated[
        list[str] | None, typer.Option(help="Only this stage; may be given several times.")
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Random seed of the sample, the noise and the shuffled weights.", min=0)
    ] = 0,
    force: Force = False,
    classes: Classes = None,
    preprocess: Preprocess = None,
    layout: Layout = None,
) -> None:
    """Score every saliency method at every stage: does it point at the cell, and at what the run needs?"""
    from bcc.csv_tables import write_table
    from bcc.explain import METHODS, find_method
    from bcc.explain.trust import by_class, summarise
    from bcc.explain.trust import trust as score

    for name in method or ():
        find_method(name)
    out = claim(out, "table:believable", force, run, data)
    chosen, dataset = run_and_data(run, data, classes, preprocess, layout)
    maps = score(chosen, dataset, per_class, method or METHODS, layer, seed, Progress())
    import pandas as pd

    overall = summarise(maps)
    whole = pd.concat([overall.assign(**{"class": "all"}), by_class(maps)], ignore_index=True)
    whole = whole[["class", *overall.columns]]
    write_table(out, whole, "%.4f")
    say_block(overall.to_string(index=False, float_format=lambda value: f"{value:.2f}"))


def _rows(text: str, count: int) -> np.ndarray:
    """Turn "0,5,7" into row numbers, checked against the size of the dataset."""
    import numpy as np

    try:
        rows = [int(part) for part in text.split(",")]
    except ValueError as error:
        raise UserError(f"--indices takes row numbers separated by commas, not '{text}'.") from error
    outside = [row for row in rows if not 0 <= row < count]
    if outside:
        raise UserError(f"There is no row {outside[0]}: the set has rows 0 to {count - 1}.")
    return np.array(rows, np.int64)
