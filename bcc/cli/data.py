"""Commands that describe a dataset, and join several."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from bcc.cli.app import app
from bcc.cli.options import (
    DATA_HELP,
    AsJson,
    Classes,
    DataArgument,
    Layout,
    Preprocess,
    Progress,
    open_data,
)
from bcc.cli.outputs import Force, claim
from bcc.cli.terminal import say, say_to_programs
from bcc.errors import UserError
from bcc.safe_text import shown


@app.command()
def info(
    data: DataArgument,
    classes: Classes = None,
    preprocess: Preprocess = None,
    layout: Layout = None,
    as_json: AsJson = False,
) -> None:
    """Describe a dataset: images per class, size, balance, duplicates, unreadable files."""
    from bcc.datasets import class_balance, first_of_each, imbalance_ratio, load
    from bcc.datasets.classes import renamed

    dataset = load(data, classes=classes, preprocessing=preprocess, progress=Progress(), layout=layout)
    balance = class_balance(dataset.labels, dataset.class_names, dataset.split)
    counts = {name: int(count) for name, count in zip(balance["class"], balance["count"], strict=True)}
    height, width = dataset.image_shape
    facts: dict[str, Any] = {
        "source": dataset.source,
        "fingerprint": dataset.fingerprint,
        "pictures": len(dataset),
        "picture_size": [height, width],
        "classes": counts,
        "imbalance_ratio": round(float(imbalance_ratio(list(counts.values()))), 3),
        "exact_duplicates": int((~first_of_each(dataset.row_hashes)).sum()),
        "has_split": dataset.split is not None,
        "synthetic": dataset.is_synthetic,
        "preprocessing": dataset.preprocessing.text,
        "renamed": renamed(dataset.class_names, dataset.given_names),
        "notes": list(dataset.notes),
        "skipped": [{"file": name, "reason": reason} for name, reason in dataset.skipped],
    }
    if as_json:
        say_to_programs(json.dumps(facts, indent=2))
        return
    say(f"{dataset.source}  {dataset.fingerprint}")
    say(f"{len(dataset)} images of {width} x {height} px, {len(counts)} classes")
    longest = max(len(shown(name)) for name in counts)
    for name, count in counts.items():
        old = f"  renamed, was {shown(facts['renamed'][name])}" if name in facts["renamed"] else ""
        say(f"  {shown(name):<{longest}}  {count:>7}  {count / len(dataset):6.1%}{old}")
    say(f"largest class / smallest class: {facts['imbalance_ratio']:g}")
    say(f"exact duplicates: {facts['exact_duplicates']}")
    # Of folders and masks the notes speak.
    files = [one for one in dataset.skipped if not one[0].endswith("/") and "a mask of" not in one[1]]
    if files:
        say(f"unreadable files left out: {len(files)}")
        for name, reason in files[:10]:
            say(f"  {name}: {reason}")
    for note in dataset.reading_notes():
        say(f"note: {note}")


@app.command()
def join(
    data: Annotated[list[str], typer.Argument(metavar="DATA DATA...", help=DATA_HELP)],
    out: Annotated[Path, typer.Option(metavar="FILE.npz", help="The file to write.")],
    rename_class: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OLD=NEW", help="Another name for a class of any of them; may be given several times."
        ),
    ] = None,
    preprocess: Preprocess = None,
    force: Force = False,
) -> None:
    """Write several datasets as one: classes matched by name, a column 'source' with the dataset of each
    row."""
    from bcc.datasets.join import join as join_all
    from bcc.datasets.join import plan_join

    if out.suffix.lower() != ".npz":
        raise UserError(f"'{out}' is no .npz: give the name of an .npz file.")
    renamed = {}
    for pair in rename_class or []:
        old, sign, new = pair.partition("=")
        if not (sign and old.strip() and new.strip()):
            raise UserError(f"'{pair[:80]}' does not name two classes; write --rename-class OLD=NEW.")
        renamed[old.strip()] = new.strip()
    out = claim(out, "set", force, *data)
    datasets = [open_data(one, None, preprocess, None) for one in data]
    plan = plan_join(datasets, renamed)
    for source, old, new in plan.table(datasets):
        say(f"  {shown(source)}: {shown(old)} -> {shown(new)}")
    rows = join_all(datasets, out, plan, Progress())
    say(f"{out}: {rows:,} images of {len(datasets)} datasets, {len(plan.class_names)} classes")
