"""What is wrong with the pictures of a set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bcc.cli.app import app
from bcc.cli.options import AsJson, Classes, DataArgument, Preprocess, Progress, make_parent


@app.command()
def scan(
    data: DataArgument,
    out: Annotated[Path | None, typer.Option(metavar="FILE.csv", help="A line per finding.")] = None,
    seed: Annotated[int, typer.Option(help="Of every draw.")] = 0,
    classes: Classes = None,
    preprocess: Preprocess = None,
    as_json: AsJson = False,
) -> None:
    """Look for duplicates, pictures that are no cells, badly taken ones and doubtful labels."""
    from bcc.datasets import load
    from bcc.quality import scan as scan_set

    if out is not None:
        make_parent(out)
    dataset = load(data, classes=classes, preprocessing=preprocess, progress=Progress())
    findings = scan_set(dataset, progress=Progress(), seed=seed)
    if out is not None:
        findings.to_csv(out)
    facts = findings.summary()
    if as_json:
        print(json.dumps(facts, indent=2))
        return
    print(f"{dataset.source}  {dataset.fingerprint}")
    for kind, count in facts["kinds"].items():
        print(f"  {kind.replace('_', ' '):<22} {count:>7}")
    print(f"suggested: drop {facts['drop']} of {facts['pictures']} pictures, review {facts['review']}")
