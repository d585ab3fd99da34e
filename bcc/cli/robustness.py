"""How much a run keeps of its accuracy under twelve distortions."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bcc.cli.app import app
from bcc.cli.options import Classes, Data, Layout, Preprocess, Progress, RunArgument, run_and_data
from bcc.cli.outputs import Force, claim
from bcc.errors import UserError


@app.command()
def robustness(
    run: RunArgument,
    data: Data,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.json|FILE.csv", help="Where the table goes.")
    ] = None,
    rows: Annotated[
        str, typer.Option(metavar="N|all", help="Pictures, drawn by class with a fixed seed, or all.")
    ] = "256",
    force: Force = False,
    classes: Classes = None,
    preprocess: Preprocess = None,
    layout: Layout = None,
) -> None:
    """Score a run on twelve distortions at five strengths."""
    from bcc.evaluation.robustness_benchmark import robustness as measure
    from bcc.evaluation.scored import about_side, scored_sides
    from bcc.runs import write_json
    from bcc.tables import write_table

    if rows != "all" and not (rows.isdecimal() and int(rows)):
        raise UserError(f"--rows takes a number above 0 or 'all', not '{rows}'.")
    if out is not None:
        if out.suffix not in (".json", ".csv"):
            raise UserError(f"--out takes a .json or .csv file, not '{out.name}'.")
        out = claim(out, "robustness" if out.suffix == ".json" else "table:distortion", force, run, data)
    chosen, dataset = run_and_data(run, data, classes, preprocess, layout)
    number: Any = rows if rows == "all" else int(rows)
    result = measure(chosen, dataset, number, Progress())
    frame = result.frame()
    if out is not None and out.suffix == ".csv":
        write_table(out, frame)
    elif out is not None:
        write_json(out, {**asdict(result), "run": chosen.id, "data": dataset.fingerprint})
    wide = frame.pivot(index="distortion", columns="strength", values="accuracy")
    print("strength     " + "  ".join(f"{strength:5.0%}" for strength in wide.columns))
    for name in dict.fromkeys(frame["distortion"]):
        print(f"{name:<12} " + "  ".join(f"{value:5.1%}" for value in wide.loc[name]))
    print(
        f"clean {result.clean:.1%}  mean {result.mean:.1%}  drop {result.drop:.1%}  "
        f"({result.n} pictures, definition {result.version})"
    )
    if dataset.fingerprint == chosen.read_json(chosen.dataset).get("fingerprint"):
        for note in about_side(chosen, scored_sides(chosen)[0]):
            print(note)
