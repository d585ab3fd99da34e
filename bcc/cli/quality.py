"""Commands that find faulty images in a dataset, and write the dataset without them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bcc.cli.app import app
from bcc.cli.options import AsJson, Classes, DataArgument, Layout, Preprocess, Progress, agree, open_data
from bcc.cli.outputs import Force, claim
from bcc.cli.terminal import say, say_aside, say_to_programs
from bcc.errors import UserError
from bcc.safe_text import shown
from bcc.trash import discard

if TYPE_CHECKING:
    import numpy as np

    from bcc.datasets import Dataset, Selection

CERTAIN, SUGGESTED = "certain", "suggested"
"""In place of a selection's name: copies, which are certain, or all that a scan suggests."""
Seed = Annotated[int, typer.Option(help="Random seed.")]


@app.command()
def scan(
    data: DataArgument,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="File for the table, one line per finding.")
    ] = None,
    selection: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Save what the scan suggests to drop as a selection of this name."),
    ] = None,
    features: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.npy", help="A model's features, one row per image, to judge the labels by."
        ),
    ] = None,
    probabilities: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.npy",
            help="Class probabilities, one row per image, to judge the labels by; from models that were not "
            "trained on the image, NaN where there are none.",
        ),
    ] = None,
    seed: Seed = 0,
    classes: Classes = None,
    preprocess: Preprocess = None,
    layout: Layout = None,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """Find duplicates, images that are not cells, bad exposures and doubtful labels."""
    from bcc.datasets.selection import selection_path
    from bcc.quality import save_scan, selection_from
    from bcc.quality import scan as scan_set

    if out is not None:
        out = claim(out, "table:suggested", force, data, features, probabilities)
    numbers, chances = _array(features), _array(probabilities)
    dataset = open_data(data, classes, preprocess, layout)
    # A bad name is refused before any work.
    saved = selection_path(dataset.fingerprint, selection) if selection is not None else None
    if saved is not None and saved.exists():
        agree(f"There is a selection '{selection}' of this set already. Replace it?", force, "--force")
    findings = scan_set(dataset, None, Progress(), seed, numbers, chances)
    if out is not None:
        findings.to_csv(out, dataset.files)
    facts = findings.summary()
    if selection is not None and saved is not None:
        if saved.exists():
            discard(saved)
        selection_from(findings, dataset.source).save(selection)
        facts["selection"] = str(saved)
    try:
        save_scan(findings, dataset, _judges(features, probabilities))
    except UserError as error:
        # The results are written; only training cannot put near copies on the same side of its split.
        say_aside(f"bcc: {error}")
    _report(dataset, facts, as_json)
    if saved is not None and not as_json:
        say(f"saved as the selection '{selection}': {saved}")


def _report(dataset: Dataset, facts: dict[str, Any], as_json: bool) -> None:
    """Print the findings per kind, what is suggested, and notes about the dataset."""
    if as_json:
        say_to_programs(json.dumps(facts, indent=2))
        return
    say(f"{dataset.source}  {dataset.fingerprint}")
    for kind, count in facts["kinds"].items():
        say(f"  {kind.replace('_', ' '):<22} {count:>7,}")
    say(
        f"suggested: drop {facts['drop']:,}, review {facts['review']:,}, keep {facts['keep']:,} "
        f"of {facts['pictures']:,} images"
    )
    for note in facts["notes"]:
        say(f"note: {note}")


@app.command()
def clean(
    data: DataArgument,
    out: Annotated[Path, typer.Option(metavar="FILE.npz", help="The file to write.")],
    selection: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE.json|certain|suggested",
            help="Which images are left out: a selection saved for the dataset, the file of one; 'certain' "
            "for exact copies and images repeated very often, 'suggested' for all that a scan suggests.",
        ),
    ] = CERTAIN,
    seed: Seed = 0,
    classes: Classes = None,
    preprocess: Preprocess = None,
    layout: Layout = None,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """Write the images of a dataset that a selection keeps; the dataset itself is not changed."""
    from bcc.datasets import export_npz, find_selection
    from bcc.quality import CERTAIN_KINDS, selection_from
    from bcc.quality import scan as scan_set
    from bcc.quality.exact_duplicates import ExactDuplicates

    if out.suffix.lower() != ".npz":
        raise UserError(f"'{out}' is no .npz: give the name of an .npz file.")
    out = claim(out, "set", force, data, selection)
    dataset = open_data(data, classes, preprocess, layout)
    if selection == CERTAIN:
        copies = scan_set(dataset, [ExactDuplicates()], Progress(), seed)
        chosen = selection_from(copies, dataset.source, CERTAIN_KINDS)
    elif selection == SUGGESTED:
        chosen = selection_from(scan_set(dataset, progress=Progress(), seed=seed), dataset.source)
    else:
        chosen = find_selection(dataset, selection)
    kept = export_npz(chosen.relabelled(dataset), out, chosen.apply(dataset), Progress())
    reasons = _reasons(chosen)
    if as_json:
        facts = {"file": str(out), "kept": kept, "left_out": len(dataset) - kept, "reasons": reasons}
        say_to_programs(json.dumps(facts, indent=2))
        return
    say(f"{out}: {kept:,} of {len(dataset):,} images")
    for reason, count in reasons.items():
        say(f"  left out: {shown(reason):<22} {count:>7,}")
    if selection == CERTAIN:
        say(
            "Only copies were left out, which are certain; --selection suggested leaves out all that a scan "
            "suggests to drop."
        )


def _reasons(selection: Selection) -> dict[str, int]:
    """Reason -> how many rows are left out for it, the commonest first."""
    from collections import Counter

    return dict(Counter(one.reason for one in selection.decisions.values() if one.left_out).most_common())


def _judges(features: Path | None, probabilities: Path | None) -> str:
    """Describe what judged the labels."""
    if probabilities is not None:
        return f"the answers in {probabilities.name}"
    return "models of colours, edges and shapes" if features is None else f"models of {features.name}"


def _array(path: Path | None) -> np.ndarray | None:
    """An array of numbers from an .npy; nothing in it is unpickled."""
    import numpy as np

    if path is None:
        return None
    try:
        values = np.load(path, allow_pickle=False, mmap_mode="r")
    except FileNotFoundError:
        raise UserError(f"There is no file '{path}'.") from None
    except (OSError, ValueError, EOFError) as error:
        raise UserError(f"'{path}' is no array of numbers; give an .npy with a line per image.") from error
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiu":
        raise UserError(f"'{path}' is no array of numbers; give an .npy with a line per image.")
    return values
