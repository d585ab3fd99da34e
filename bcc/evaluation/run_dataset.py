"""Open the data of a run, or any other set the way that a run wants its images."""

from __future__ import annotations

from pathlib import Path

from bcc.datasets import Dataset, Preprocessing, import_selection, load, open_cached, with_labels
from bcc.datasets.file_names import files_of
from bcc.errors import UserError
from bcc.progress import Progress
from bcc.runs import Run, is_shipped


def open_for_run(
    run: Run,
    source: str,
    classes: str | None = None,
    preprocessing: str | None = None,
    progress: Progress | None = None,
    layout: str | None = None,
) -> Dataset:
    """Open any set so that its images are made as the run's own were.

    What is said wins. Else files get the run's own preprocessing. Left as they are: built-in sets, sets
    named by their fingerprint, and arrays that already have the size that the preprocessing would make
    (doing it twice would blur them, and hide that they are images the run has seen).

    Args:
        run: whose preprocessing counts.
        source: see `bcc.datasets.load`.
        classes: names for the set's classes.
        preprocessing: "challenge", "resize:96" or "none", to overrule the run's.
        progress: called with (share done, sentence).
        layout: what the folders are, see `bcc.datasets.load`.
    """
    own = Preprocessing.parse(run.read_json(run.dataset)["preprocessing"])
    if preprocessing or own.kind == "none":
        return load(source, classes=classes, preprocessing=preprocessing, progress=progress, layout=layout)
    if Path(source).suffix.lower() == ".npz":
        plain = load(source, classes=classes, progress=progress, layout=layout)
        if plain.image_shape == own.output_size(*plain.image_shape):
            return plain
        return load(source, classes=classes, preprocessing=own, progress=progress, layout=layout)
    made_of_files = Path(source).suffix.lower() == ".zip" or "/" in source or Path(source).is_dir()
    recipe = own if made_of_files else None
    return load(source, classes=classes, preprocessing=recipe, progress=progress, layout=layout)


def files_of_run(run: Run) -> tuple[str, ...] | None:
    """Names of the files of its dataset's rows; `None` where they have none, or nobody wrote them down.

    Runs of earlier versions have them where their set is in the cache with its names.
    """
    info = run.read_json(run.dataset)
    if not run.files.exists():
        return files_of(str(info["fingerprint"]))
    names = run.read_files()
    # Names of other rows are none.
    return tuple(names) if len(names) == info["rows"] else None


def own_data(run: Run) -> Dataset:
    """The very rows that a run was trained and scored on.

    Raises:
        UserError: they are neither in the cache nor where they were.
    """
    if is_shipped(run):
        raise UserError(
            "The photographs that the shipped model was trained on are not part of BCC: choose a dataset to "
            "use it on."
        )
    info = run.read_json(run.dataset)
    names = tuple(info["class_names"])
    try:
        return with_labels_of(run, open_cached(info["fingerprint"])).named(names)
    except UserError:
        pass
    try:
        dataset = load(
            info["location"], preprocessing=info["preprocessing"], layout=info.get("layout") or None
        )
    except UserError as error:
        raise UserError(
            f"The data of run '{run.id}' ({info['source']}) is not here any more: open it on the Data page."
        ) from error
    if dataset.fingerprint != info["fingerprint"]:
        raise UserError(f"'{info['source']}' has changed since run '{run.id}' was trained on it.")
    return with_labels_of(run, dataset).named(names)


def with_labels_of(run: Run, dataset: Dataset) -> Dataset:
    """The dataset of a run with the labels that the run learned; another one with its own, unlabelled rows
    as -1.

    Raises:
        UserError: the run's copy of its selection is damaged.
    """
    if not run.selection.exists() or dataset.fingerprint != run.read_json(run.dataset)["fingerprint"]:
        return with_labels(dataset)
    return with_labels(dataset, import_selection(dataset, run.selection))
