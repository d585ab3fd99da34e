"""Take a run along: as a report, a model card, or a model for another program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bcc.cli.app import app
from bcc.cli.options import RunArgument
from bcc.cli.outputs import Force, claim, claim_in
from bcc.cli.terminal import say
from bcc.errors import UserError


@app.command()
def report(
    run: RunArgument,
    out: Annotated[
        Path,
        typer.Option(metavar="FILE.html|FILE.md", help="A report for .html, a model card for .md."),
    ],
    force: Force = False,
) -> None:
    """Write a run's report (one HTML file that opens offline) or its model card (Markdown)."""
    from bcc.evaluation.reports.html_report import report as made
    from bcc.evaluation.reports.model_card import model_card
    from bcc.runs import open_run, replacing

    if out.suffix.lower() not in (".html", ".md"):
        raise UserError(f"'{out.name}' must end in .html (a report) or .md (a model card).")
    chosen = open_run(run)
    out = claim(out, "report" if out.suffix.lower() == ".html" else "card", force, chosen.folder)
    text = made(chosen) if out.suffix.lower() == ".html" else model_card(chosen)
    with replacing(out) as file:
        file.write(text.encode())
    say(f"{out}: {len(text) / 1e6:.1f} MB")


@app.command()
def export(
    run: RunArgument,
    out: Annotated[Path, typer.Option(metavar="PATH", help="File to write; a folder for a SavedModel.")],
    format: Annotated[str, typer.Option(metavar="keras|savedmodel|tflite|onnx", help="Which.")] = "keras",
    force: Force = False,
) -> None:
    """Export a run's model to another format; checked to give the same predictions."""
    from bcc.evaluation.reports.export_usage import usage_of
    from bcc.models.export import FORMATS, export_model
    from bcc.models.saving import load_model
    from bcc.runs import open_run

    if format not in FORMATS:
        raise UserError(f"There is no format '{format}': choose one of {', '.join(FORMATS)}.")
    chosen = open_run(run)
    out = claim(out, format, force, chosen.folder)
    if format != "savedmodel":
        beside = {f"{out.name}.json": "usage", f"{out.name}.example.py": "example"}
        claim_in(out.parent, beside, force, chosen.folder)
    model = load_model(chosen.model)
    usage = usage_of(chosen, int(model.input_shape[1]))
    done = export_model(model, format, out, usage=usage)
    say(f"{done.path}: {done.bytes / 1e6:.1f} MB; answers differ by at most {done.difference:.1e}")
    inside = out / "example.py" if out.is_dir() else out.with_name(f"{out.name}.example.py")
    say(f"How to use it: python {inside} cell.jpg (beside it: class names, preprocessing, temperature)")
