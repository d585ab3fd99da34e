"""The runs that there are."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Annotated

import typer

from bcc.advice import command
from bcc.cli.app import app
from bcc.cli.options import AsJson
from bcc.errors import UserError
from bcc.folders import runs_folder


@app.command()
def runs(
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where runs are; the runs folder by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List runs: id, status, epoch, best validation accuracy."""
    from bcc.runs import list_runs

    if root is not None and not root.is_dir():
        raise UserError(f"There is no folder '{root}' with runs.")
    rows = [
        {
            "id": summary.run.id,
            "status": summary.state.status if summary.state else "damaged",
            "epoch": summary.state.epoch if summary.state else None,
            "epochs": summary.state.epochs if summary.state else None,
            "best_validation_accuracy": summary.state.best_validation_accuracy if summary.state else None,
            "accuracy": summary.accuracy,
            "scored_on": summary.scored_on,
            "problem": summary.problem,
        }
        for summary in list_runs(root)
    ]
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    if not rows:
        first = shlex.quote(str((root or runs_folder()) / "first"))
        print(f"No runs yet: {command(f'train --preset quick --run {first}')}")
        return
    longest = max(len(str(row["id"])) for row in rows)
    print(f"{'id':<{longest}}  {'status':<9} {'epoch':>9}  best validation accuracy")
    for row in rows:
        best = row["best_validation_accuracy"]
        epoch = f"{row['epoch']}/{row['epochs']}" if row["epochs"] else ""
        shown = f"{best:.1%}" if best is not None else row["problem"] or ""
        print(f"{row['id']:<{longest}}  {row['status']:<9} {epoch:>9}  {shown}")
