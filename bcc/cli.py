"""The same actions as the app's, from a shell: `python -m bcc --help`.

Commands are thin: they read arguments, call `bcc` and print. Bad input ends with one sentence and exit
status 2. docs/command-line.md is the reference; options keep their names and meanings.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from bcc.errors import UserError

app = typer.Typer(
    name="bcc",
    help="Explore, train and explain blood-cell image classifiers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

DATA_HELP = (
    "Pictures: an .npz, a folder of one folder per class, a .zip of that, 'synthetic', 'synthetic-clean', "
    "'bloodmnist', or the fingerprint of a set opened before."
)
Data = Annotated[str, typer.Option(help=DATA_HELP)]
DataArgument = Annotated[str, typer.Argument(metavar="DATA", help=DATA_HELP)]
RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="A run directory, or its id in the runs folder.")
]
Classes = Annotated[
    str | None,
    typer.Option(help="Names for the classes: 'pbc' for the eight blood cells, or a comma-separated list."),
]
Preprocess = Annotated[
    str | None,
    typer.Option(
        metavar="challenge|resize:N|none",
        help="How files become pixels. Without it: none for an .npz, resize:96 for folders and zips; a run's "
        "own where a run predicts.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def main() -> None:
    """Run the command line; a `UserError` becomes one sentence and exit status 2."""
    try:
        app()
    except UserError as error:
        print(f"bcc: {error}", file=sys.stderr)
        sys.exit(2)


class Progress:
    """A line on the terminal that rewrites itself; silent where no one is watching."""

    def __init__(self) -> None:
        self._watched = sys.stderr.isatty()
        self._last = 0.0

    def __call__(self, share: float, text: str) -> None:
        if self._watched and (share >= 1 or time.monotonic() - self._last > 0.1):
            self._last = time.monotonic()
            print(
                f"\r\033[K{share:4.0%}  {text}", end="\n" if share >= 1 else "", file=sys.stderr, flush=True
            )


@app.command()
def info(
    data: DataArgument,
    classes: Classes = None,
    preprocess: Preprocess = None,
    as_json: AsJson = False,
) -> None:
    """Say what a data set holds: pictures per class, size, balance, duplicates, unreadable files."""
    from bcc.datasets import class_balance, first_of_each, imbalance_ratio, load

    dataset = load(data, classes=classes, preprocessing=preprocess, progress=Progress())
    balance = class_balance(dataset.labels, dataset.class_names, dataset.split)
    counts = {name: int(count) for name, count in zip(balance["class"], balance["count"], strict=True)}
    height, width = dataset.picture_size
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
        "skipped": [{"file": name, "reason": reason} for name, reason in dataset.skipped],
    }
    if as_json:
        print(json.dumps(facts, indent=2))
        return
    print(f"{dataset.source}  {dataset.fingerprint}")
    print(f"{len(dataset)} pictures of {width} x {height} px, {len(counts)} classes")
    longest = max(map(len, counts))
    for name, count in counts.items():
        print(f"  {name:<{longest}}  {count:>7}  {count / len(dataset):6.1%}")
    print(f"largest class / smallest class: {facts['imbalance_ratio']:g}")
    print(f"exact duplicates: {facts['exact_duplicates']}")
    if dataset.skipped:
        print(f"unreadable files left out: {len(dataset.skipped)}")
        for name, reason in dataset.skipped[:10]:
            print(f"  {name}: {reason}")


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
        _make_parent(out)
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


@app.command()
def train(
    run: Annotated[Path | None, typer.Option(metavar="DIR", help="Directory for the new run.")] = None,
    preset: Annotated[
        str | None, typer.Option(metavar="NAME", help="Start from a preset: quick, real-cells.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON with fields of the config.")
    ] = None,
    data: Annotated[str | None, typer.Option(help=DATA_HELP)] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="One field, e.g. --set epochs=3; may be repeated."),
    ] = None,
    classes: Classes = None,
    preprocess: Preprocess = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Go on with a run that ended early.")
    ] = None,
) -> None:
    """Train a model. Preset, file, --data and --set are laid over one another; later ones win."""
    from bcc.training import assemble

    if resume is not None:
        if run or preset or config or data or settings or classes or preprocess:
            raise UserError("--resume takes everything from the run itself: give it alone.")
        from bcc.training import train as training

        _show_log()
        training.resume(resume)
        return
    if run is None:
        raise UserError("Say where the run goes: --run DIR (a new directory), or --resume DIR.")
    from bcc.datasets import Preprocessing

    how = Preprocessing.parse(preprocess).model_dump() if preprocess else None
    whole = assemble(
        preset, config, settings or (), {"source": data, "classes": classes, "preprocessing": how}
    )
    from bcc.training import train as training

    _show_log()
    training.start(whole, run)


@app.command()
def fields() -> None:
    """List every field of a training config: name, default, what is allowed, what it is."""
    from bcc.specs import describe
    from bcc.training import TrainConfig

    for row in describe(TrainConfig):
        print(
            f"{row['field']} = {row['default'] or 'empty'}"
            + (f"  [{row['allowed']}]" if row["allowed"] else "")
        )
        print(f"    {row['help']}")


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
            "problem": summary.problem,
        }
        for summary in list_runs(root)
    ]
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    if not rows:
        print("No runs yet: python -m bcc train --preset quick --run runs/first")
        return
    longest = max(len(str(row["id"])) for row in rows)
    print(f"{'id':<{longest}}  {'status':<9} {'epoch':>9}  best validation accuracy")
    for row in rows:
        best = row["best_validation_accuracy"]
        epoch = f"{row['epoch']}/{row['epochs']}" if row["epochs"] else ""
        shown = f"{best:.1%}" if best is not None else row["problem"] or ""
        print(f"{row['id']:<{longest}}  {row['status']:<9} {epoch:>9}  {shown}")


@app.command()
def evaluate(
    run: RunArgument,
    data: Data,
    out: Annotated[Path, typer.Option(metavar="FILE.json", help="Where the scores go.")],
    split: Annotated[
        str | None,
        typer.Option(
            metavar="all|train|validation|test",
            help="Rows to score. Without it: the run's test split on its own data (validation where there is "
            "none), all rows of any other set. Rows that the run was trained on are left out unless 'all'.",
        ),
    ] = None,
    classes: Classes = None,
    preprocess: Preprocess = None,
) -> None:
    """Score a run on a data set."""
    from bcc.evaluation import evaluate as score
    from bcc.runs import write_json

    if split not in (None, "all", "train", "validation", "test"):
        raise UserError(f"--split takes all, train, validation or test, not '{split}'.")
    chosen, dataset = _run_and_data(run, data, classes, preprocess)
    _make_parent(out)
    result = score(chosen, dataset, split or "default", Progress())  # type: ignore[arg-type]
    write_json(out, result)
    print(
        f"accuracy {result['accuracy']:.4f}  macro F1 {result['macro_f1']:.4f}  "
        f"{result['n']} pictures ({result['split']})"
    )
    for note in result["notes"]:
        print(note)


@app.command()
def predict(
    run: RunArgument,
    data: Data,
    out: Annotated[Path, typer.Option(metavar="FILE.csv", help="Where the table goes.")],
    classes: Classes = None,
    preprocess: Preprocess = None,
) -> None:
    """Predict every picture of a data set: index, predicted class, one column of probability per class."""
    from bcc.evaluation import run_classes
    from bcc.models.prediction import Predictor
    from bcc.models.saving import load_model

    chosen, dataset = _run_and_data(run, data, classes, preprocess)
    names = run_classes(chosen)
    _make_parent(out)
    probabilities = Predictor(load_model(chosen.model))(dataset.images, progress=Progress())
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["index", "predicted", *names])
        for index, row in enumerate(probabilities):
            writer.writerow([index, names[int(row.argmax())], *(f"{p:.6f}" for p in row)])
    print(f"{len(probabilities)} pictures predicted: {out}")


@app.command()
def explain(
    run: RunArgument,
    data: Data,
    indices: Annotated[str, typer.Option(metavar="0,1,...", help="Rows of the data set to explain.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the maps and pictures go.")],
    method: Annotated[str, typer.Option(help="How: gradcam.")] = "gradcam",
    target: Annotated[
        str,
        typer.Option("--class", metavar="NAME", help="Class to explain: predicted, true, or a class's name."),
    ] = "predicted",
    layer: Annotated[
        str | None,
        typer.Option(help="Layer that ends the stage to look at; the deepest of at least 6 x 6 by default."),
    ] = None,
    classes: Classes = None,
    preprocess: Preprocess = None,
) -> None:
    """Show what a run looks at: <index>_<method>.npy (height x width, 0..1) and .png per picture."""
    from bcc.explain import METHODS

    if method not in METHODS:
        raise UserError(f"There is no method '{method}': choose one of {', '.join(METHODS)}.")
    chosen, dataset = _run_and_data(run, data, classes, preprocess)
    import cv2
    import numpy as np

    from bcc.evaluation import run_classes
    from bcc.explain import Explainer, enlarge
    from bcc.explain.targets import target_classes
    from bcc.figures import overlay
    from bcc.models.prediction import Predictor
    from bcc.models.saving import load_model

    rows = _rows(indices, len(dataset))
    model = load_model(chosen.model)
    names = run_classes(chosen)
    probabilities = Predictor(model)(dataset.images, rows)
    wanted = target_classes(target, names, probabilities, dataset, rows)
    explainer = Explainer(model, layer)
    pictures = np.asarray(dataset.images[rows])
    maps = enlarge(explainer(pictures, wanted, Progress()), *dataset.picture_size)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"The folder '{out}' cannot be made: {error.strerror}.") from error
    for row, picture, heat, label in zip(rows, pictures, maps, wanted, strict=True):
        np.save(out / f"{row}_{method}.npy", heat.astype(np.float32))
        cv2.imwrite(str(out / f"{row}_{method}.png"), overlay(picture, heat)[:, :, ::-1])
        print(f"{row}: {names[label]}, {explainer.stage.label}")


def _run_and_data(run: str, data: str, classes: str | None, preprocess: str | None) -> tuple[Any, Any]:
    """A run, and a set prepared as the run wants its pictures."""
    from bcc.evaluation.run_data import open_for_run
    from bcc.runs import open_run

    chosen = open_run(run)
    return chosen, open_for_run(chosen, data, classes, preprocess, Progress())


def _rows(text: str, count: int) -> Any:
    """ "0,5,7" -> rows, checked against the size of the set."""
    import numpy as np

    try:
        rows = [int(part) for part in text.split(",")]
    except ValueError as error:
        raise UserError(f"--indices takes row numbers separated by commas, not '{text}'.") from error
    outside = [row for row in rows if not 0 <= row < count]
    if outside:
        raise UserError(f"There is no row {outside[0]}: the set has rows 0 to {count - 1}.")
    return np.array(rows, np.int64)


def _make_parent(path: Path) -> None:
    if path.is_dir():
        raise UserError(f"'{path}' is a folder: give the name of a file.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"'{path}' cannot be written: {error.strerror}.") from error


def _show_log() -> None:
    """Print the training log to the terminal as well."""
    import logging

    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(asctime)s  %(message)s", "%H:%M:%S"))
    logging.getLogger("bcc").addHandler(handler)


if __name__ == "__main__":
    main()
