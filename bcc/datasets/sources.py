"""`load`: one call for every kind of source.

It finds out what a source is and chooses its defaults. Reading is left to `npz`, `folders`,
`synthetic_source` and `download`, caching to `cache`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bcc.datasets.cache.cached_datasets import is_fingerprint, open_cached
from bcc.datasets.cache.open_or_convert import Provenance, fingerprint_of, open_or_convert
from bcc.datasets.classes import OWN_NAMES, fitting_classes
from bcc.datasets.conversion import ImageSource, ProgressCallback, Throttled
from bcc.datasets.dataset import PAINTED, Dataset
from bcc.datasets.folders.layout import Layout
from bcc.datasets.preprocessing import Preprocessing
from bcc.datasets.source_mark import SourceMark
from bcc.errors import UserError, shortened
from bcc.paths import cache_folder, data_folder

READING = 2
"""Goes up when folders and zips are read otherwise than before, so that they are converted again. Arrays
that come out the same are found again by their fingerprint, whatever trained on them."""

BLOODMNIST = "bloodmnist"
BLOODMNIST_SIZES = (28, 64, 128, 224)
BLOODMNIST_DEFAULT = 64

ACCEPTED = (
    "a .npz file, a folder with one folder per class, a .zip of such a folder, 'synthetic', "
    "'synthetic-clean', 'synthetic-shortcut', 'bloodmnist' (or bloodmnist:28, :64, :128, :224), or the "
    "fingerprint of a cached set"
)


def load(
    source: str | Path,
    *,
    classes: str | Sequence[str] | None = None,
    preprocessing: Preprocessing | str | None = None,
    progress: ProgressCallback | None = None,
    layout: Layout | str | None = None,
) -> Dataset:
    """Open a dataset, converting it first if it is new.

    Args:
        source: a path (tried from the working directory, then from the data folder), a known name
            ("synthetic", "synthetic-clean", "bloodmnist", "bloodmnist:64") or a fingerprint. A known name
            wins over a file of the same name; write "./synthetic" for the file.
        classes: a preset ("pbc"), a comma-separated list or the names, for what is returned; "own" for the
            names of the source, even if a person has renamed the classes. The saved names change
            only by `rename_classes`.
        preprocessing: a recipe or its short form; by default none for .npz and built-in sets, resize:96
            for folders and zips.
        progress: called with a share in 0..1 and a text, at most ten times a second.
        layout: what the folders of a folder or zip are ("split/class", "group/class", "class"), where they
            do not say it plainly.

    Raises:
        UnclearLayoutError: it is not clear which folders are the classes.
        UserError: the source is unknown or bad, in one sentence that says what to do.
    """
    said = layout if isinstance(layout, Layout) else Layout.parse(layout)
    recipe = Preprocessing.parse(preprocessing) if isinstance(preprocessing, str) else preprocessing
    report = Throttled(progress)
    name = str(source).strip()
    if said.text and (name in PAINTED or name.partition(":")[0] == BLOODMNIST):
        raise UserError(f"'{name}' has no folders, so that a layout says nothing; leave it out.")
    if name in PAINTED:
        return _called(_load_painted(name, classes, recipe, report), classes)
    if name == BLOODMNIST or name.startswith(f"{BLOODMNIST}:"):
        return _called(_load_bloodmnist(name, classes, recipe, progress), classes)
    if is_fingerprint(name) and (cache_folder() / name).is_dir():
        dataset = open_cached(name)
        if recipe is not None and recipe != dataset.preprocessing:
            raise UserError(
                f"The cached set {name} was made with preprocessing {dataset.preprocessing}; load it from "
                f"{dataset.location} to have it with {recipe}."
            )
        if said.text and said.text != dataset.layout:
            raise UserError(
                f"The cached set {name} was not read with the layout {said.text}; load it from "
                f"{dataset.location} to have it so."
            )
        return _called(dataset, classes)
    return _called(_load_path(_find(source), None, classes, recipe, report, said), classes)


def mark(
    source: str, preprocessing: Preprocessing | None = None, layout: str | None = None
) -> SourceMark | None:
    """How a file or folder looks now, by sizes and times of change; no image is read.

    `None` for what cannot change (known names, fingerprints), is not there, or cannot be looked at.
    """
    name = source.strip()
    if name in PAINTED or name.partition(":")[0] == BLOODMNIST or is_fingerprint(name):
        return None
    try:
        provenance = _provenance(_find(name), None, preprocessing, Layout.parse(layout))
    except UserError:
        return None
    return SourceMark(provenance.key, fingerprint_of(provenance))


def _called(dataset: Dataset, classes: str | Sequence[str] | None) -> Dataset:
    """The set under the names that the caller wants; what is kept with it stays."""
    if classes is None:
        return dataset
    if classes == OWN_NAMES:
        return dataset.named(dataset.given_names)
    return dataset.named(fitting_classes(classes, dataset.given_names))


def _find(source: str | Path) -> Path:
    """The absolute path of a file or folder.

    Raises:
        UserError: there is nothing there.
    """
    try:
        path = Path(source).expanduser()
    except RuntimeError:
        # "~somebody": nobody of that name is here, so that it can only be a file called so.
        path = Path(source)
    for candidate in (Path.cwd() / path, data_folder() / path):
        try:
            if str(source).strip() and candidate.exists():
                return candidate.resolve()
        except (OSError, ValueError):
            # A text that cannot be a path at all, such as one with a null byte.
            break
    raise UserError(f"There is no dataset '{shortened(str(source))}'; give {ACCEPTED}.")


def _load_path(
    path: Path,
    name: str | None,
    classes: str | Sequence[str] | None,
    recipe: Preprocessing | None,
    report: Throttled,
    layout: Layout = Layout(),
) -> Dataset:
    """Load a file or folder; `name` stands for it where the set has a known name."""
    provenance = _provenance(path, name, recipe, layout)
    chosen = provenance.preprocessing

    def read(scratch: Path) -> ImageSource:
        if path.is_dir():
            from bcc.datasets.folders.folder_listing import FolderListing

            return FolderListing(path).source(chosen, layout)
        if path.suffix.lower() == ".zip":
            from bcc.datasets.folders.zip_source import ZipSource

            return ZipSource(path, chosen, layout)
        from bcc.datasets.npz.npz_source import NpzSource

        return NpzSource(path, chosen, scratch)

    return open_or_convert(provenance, read, classes, report, lambda: _stamp(path, layout))


def _provenance(path: Path, name: str | None, recipe: Preprocessing | None, layout: Layout) -> Provenance:
    """Where the set of a file or folder comes from, and how it is made.

    Raises:
        UserError: it is no dataset, or cannot be looked at.
    """
    from bcc.datasets.folder_names import shown

    suffix = path.suffix.lower()
    # A pipe would be waited for without end, whatever it is called.
    if not path.is_dir() and (suffix not in (".npz", ".zip") or not path.is_file()):
        raise UserError(f"{shortened(path.name)} is no dataset; give {ACCEPTED}.")
    if not path.is_dir() and suffix == ".npz" and layout.text:
        raise UserError(f"{path.name} has no folders, so that a layout says nothing; leave it out.")
    is_array = not path.is_dir() and suffix == ".npz"
    making = recipe or Preprocessing(kind="none" if is_array else "resize")
    return Provenance(name or shown(path.name), name or str(path), _stamp(path, layout), making, layout.text)


def _stamp(path: Path, layout: Layout) -> str:
    """What changes whenever the content of a file or folder may have changed, or is read otherwise.

    Raises:
        UserError: it cannot be looked at.
    """
    how = f"\treading {READING}" + (f"\t{layout.text}" if layout.text else "")
    if path.is_dir():
        from bcc.datasets.folders.folder_listing import FolderListing

        return f"{FolderListing(path).stamp}{how}"
    try:
        about = path.stat()
    except OSError as error:
        raise UserError(f"{path.name} cannot be read ({error.strerror}); is it still there?") from error
    return f"{path}\t{about.st_size}\t{about.st_mtime_ns}" + (how if path.suffix.lower() == ".zip" else "")


def _load_bloodmnist(
    name: str,
    classes: str | Sequence[str] | None,
    recipe: Preprocessing | None,
    progress: ProgressCallback | None,
) -> Dataset:
    size = _bloodmnist_size(name)
    known = f"{BLOODMNIST}:{size}"
    from bcc.datasets.download import download, downloaded

    path = downloaded(BLOODMNIST, size) or download(BLOODMNIST, size, progress)
    return _load_path(path, known, classes, recipe, Throttled(progress))


def _bloodmnist_size(name: str) -> int:
    text = name.removeprefix(BLOODMNIST).removeprefix(":")
    if text == "":
        return BLOODMNIST_DEFAULT
    if text not in [str(size) for size in BLOODMNIST_SIZES]:
        raise UserError(f"There is no '{name}'; BloodMNIST comes in the sizes 28, 64, 128 and 224.")
    return int(text)


def _load_painted(
    name: str, classes: str | Sequence[str] | None, recipe: Preprocessing | None, report: Throttled
) -> Dataset:
    from bcc.datasets.synthetic_source import PaintedSource, painter_version

    chosen = recipe or Preprocessing()
    provenance = Provenance(name, name, f"painter {painter_version()}", chosen)
    return open_or_convert(provenance, lambda scratch: PaintedSource(name, chosen, report), classes, report)
