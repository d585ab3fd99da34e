"""The command that writes an augmented dataset as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bcc.cli.app import app
from bcc.cli.options import AsJson, Classes, DataArgument, Layout, Preprocess, Progress, open_data
from bcc.cli.outputs import Force, claim
from bcc.cli.terminal import say, say_to_programs
from bcc.errors import UserError

if TYPE_CHECKING:
    from bcc.augment.copy_plan import Copies


@app.command()
def augment(
    data: DataArgument,
    recipe: Annotated[
        str,
        typer.Option(metavar="NAME|FILE", help="How copies are augmented: a recipe's name or its JSON file."),
    ],
    out: Annotated[Path, typer.Option(metavar="FILE.npz", help="File for the augmented dataset.")],
    per_class: Annotated[
        int | None, typer.Option(metavar="N", help="Number of training images per class.")
    ] = None,
    total: Annotated[
        int | None, typer.Option(metavar="N", help="Number of training images; classes keep their shares.")
    ] = None,
    selection: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE.json", help="Rows to leave out: a selection saved for the dataset."),
    ] = None,
    split_seed: Annotated[int, typer.Option(help="Random seed of the split.", min=0)] = 0,
    split: Annotated[
        Literal["auto", "none"],
        typer.Option(
            help="auto: the file's own split, or 80/10/10, and only training rows are augmented; none: every "
            "row is."
        ),
    ] = "auto",
    seed: Annotated[int, typer.Option(help="Random seed of the augmentations.", min=0)] = 0,
    classes: Classes = None,
    preprocess: Preprocess = None,
    layout: Layout = None,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """Split a dataset, augment its training rows and write an .npz that can be trained on."""
    from bcc.augment import read_recipe
    from bcc.augment.augmented_file import check_recipe, write_augmented
    from bcc.augment.copy_plan import plan_copies
    from bcc.datasets import find_selection
    from bcc.models.tensorflow_start import start_tensorflow

    if out.suffix.lower() != ".npz":
        raise UserError(f"'{out}' is no .npz: give the name of an .npz file.")
    out = claim(out, "set", force, data, recipe, selection)
    chosen = read_recipe(recipe)
    if chosen.mixes:
        check_recipe(chosen)
    dataset = open_data(data, classes, preprocess, layout)
    copies = plan_copies(
        dataset,
        per_class=per_class,
        total=total,
        selection=find_selection(dataset, selection) if selection else None,
        split_seed=split_seed,
        divide=split == "auto",
    )
    start_tensorflow()
    resumed = write_augmented(dataset, chosen, copies, out, seed, Progress())
    _report(out, copies, resumed, as_json)


def _report(out: Path, copies: Copies, resumed: int, as_json: bool) -> None:
    """Print what was written, and how much of it an interrupted call had written before."""
    from bcc.augment.copy_plan import counts_by_side

    sides = counts_by_side(copies)
    facts = {
        "file": str(out),
        "pictures": len(copies.rows),
        **sides,
        "augmented": int((copies.copy > 0).sum()),
        "resumed_after": resumed,
        "notes": list(copies.notes),
    }
    if as_json:
        say_to_programs(json.dumps(facts, indent=2))
        return
    counts = ", ".join(f"{count:,} {side}" for side, count in sides.items())
    say(f"{out}: {len(copies.rows):,} images ({counts}), {facts['augmented']:,} of them augmented")
    if resumed:
        say(f"  {resumed:,} images were there from an earlier, interrupted call")
    for note in copies.notes:
        say(f"  {note}")
