"""The command that cuts the cells out of photographs of whole fields."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bcc.cli.app import app
from bcc.cli.options import Progress, say_left_out
from bcc.cli.outputs import Force, claim
from bcc.cli.terminal import say
from bcc.errors import UserError
from bcc.safe_text import shown


@app.command("find-cells")
def find_cells(
    photographs: Annotated[
        list[str], typer.Argument(metavar="PHOTOGRAPH...", help="Fields of view: files, folders or patterns.")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE.npz", help="The dataset of cells to write.")],
    size: Annotated[int, typer.Option(min=16, max=512, help="Side of the images made, in pixels.")] = 96,
    red_cell_radius: Annotated[
        float | None,
        typer.Option(
            min=2, max=500, help="Radius of a red cell in pixels; measured on each field otherwise."
        ),
    ] = None,
    platelets: Annotated[bool, typer.Option(help="Cut out platelets too.")] = True,
    force: Force = False,
) -> None:
    """Find the cells in photographs of whole fields, and write them as a dataset without labels."""
    from bcc.cells.field_set import cut_fields

    if out.suffix.lower() != ".npz":
        raise UserError(f"'{out}' is no .npz: give the name of an .npz file.")
    out = claim(out, "set", force, *photographs)
    found = cut_fields(photographs, size, red_cell_radius, platelets, Progress())
    found.save(out)
    for name, (nucleated, small) in list(found.counts.items())[:20]:
        say(f"  {shown(name)}: {nucleated:,} nucleated cells, {small:,} platelets")
    if len(found.counts) > 20:
        say(f"  and {len(found.counts) - 20:,} more fields")
    say(f"{out}: {len(found.images):,} cells of {len(found.counts):,} fields; count them with 'count'")
    say_left_out(found.skipped)
