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
from bcc.cli.terminal import say, say_to_programs
from bcc.errors import UserError
from bcc.paths import runs_folder
from bcc.safe_text import shown


@app.command()
def runs(
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the runs; the runs folder by default.")
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
            "message": summary.state.message if summary.state else "",
        }
        for summary in list_runs(root)
    ]
    if as_json:
        say_to_programs(json.dumps(rows, indent=2))
        return
    if not rows:
        first = shlex.quote(str((root or runs_folder()) / "first"))
        say(f"No runs yet: {command(f'train --preset quick --run {first}')}")
        return
    ids = [shown(row["id"]) for row in rows]
    longest = max(map(len, ids))
    say(f"{'id':<{longest}}  {'status':<9} {'epoch':>9}    best validation accuracy")
    for name, row in zip(ids, rows, strict=True):
        best = row["best_validation_accuracy"]
        epoch = f"{row['epoch']}/{row['epochs']}" if row["epochs"] else ""
        reached = f"{best:.1%}" if best is not None else ""
        remark = row["problem"] or row["message"]
        say(f"{name:<{longest}}  {row['status']:<9} {epoch:>9}  {reached:>6}  {remark}".rstrip())
