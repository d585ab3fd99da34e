"""`load`: one call for every place where pictures come from.

It finds out what a source is, chooses the defaults that belong to it and leaves the reading to `npz`,
`folder`, `archive`, `painted` and `download`, the keeping to `keeping`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bcc.datasets.cache import is_fingerprint, open_cached, rename_classes
from bcc.datasets.conversion import PictureSource, ProgressCallback, Throttled
from bcc.datasets.dataset import PAINTED, Dataset
from bcc.datasets.keeping import Provenance, open_or_convert
from bcc.datasets.preprocessing import Preprocessing
from bcc.errors import UserError
from bcc.folders import cache_folder, data_folder

READING = 2
"""Goes up when folders and zips are read otherwise than before, so that they are converted again. Arrays
that come out the same are found again by their fingerprint, whatever trained on them."""

BLOODMNIST = "bloodmnist"
BLOODMNIST_SIZES = (28, 64, 128, 224)
BLOODMNIST_DEFAULT = 64

ACCEPTED = (
    "a .npz file, a folder with one folder per class, a .zip of such a folder, 'synthetic', "
    "'synthetic-clean', 'bloodmnist' (or bloodmnist:28, :64, :128, :224), or the fingerprint of a cached set"
)


def load(
    source: str | Path,
    *,
    classes: str | Sequence[str] | None = None,
    preprocessing: Preprocessing | str | None = None,
    progress: ProgressCallback | None = None,
) -> Dataset:
    """Open a data set, converting it first if it is new.

    Args:
        source: a path (tried from the working directory, then from the data folder), a known name
            ("synthetic", "synthetic-clean", "bloodmnist", "bloodmnist:64") or a fingerprint. A known name
            wins over a file of the same name; write "./synthetic" for the file.
        classes: a preset ("pbc"), a comma-separated list or the names; kept with the set.
        preprocessing: a recipe or its short form; by default none for .npz and built-in sets, resize:96
            for folders and zips.
        progress: called with a share in 0..1 and a text, at most ten times a second.

    Raises:
        UserError: the source is unknown or bad, in one sentence that says what to do.
    """
    recipe = Preprocessing.parse(preprocessing) if isinstance(preprocessing, str) else preprocessing
    report = Throttled(progress)
    name = str(source).strip()
    if name in PAINTED:
        return _load_painted(name, classes, recipe, report)
    if name == BLOODMNIST or name.startswith(f"{BLOODMNIST}:"):
        return _load_bloodmnist(name, classes, recipe, progress)
    if is_fingerprint(name) and (cache_folder() / name).is_dir():
        dataset = open_cached(name)
        if recipe is not None and recipe != dataset.preprocessing:
            raise UserError(
                f"The cached set {name} was made with preprocessing {dataset.preprocessing}; load it from "
                f"{dataset.location} to have it with {recipe}."
            )
        return dataset if classes is None else rename_classes(dataset, classes)
    return _load_path(_find(source), None, classes, recipe, report)


def _find(source: str | Path) -> Path:
    """The absolute path of a file or folder.

    Raises:
        UserError: there is nothing there.
    """
    path = Path(source).expanduser()
    for candidate in (Path.cwd() / path, data_folder() / path):
        try:
            if str(source).strip() and candidate.exists():
                return candidate.resolve()
        except (OSError, ValueError):
            # A text that cannot be a path at all, such as one with a null byte.
            break
    raise UserError(f"There is no data set '{source}'; give {ACCEPTED}.")


def _load_path(
    path: Path,
    name: str | None,
    classes: str | Sequence[str] | None,
    recipe: Preprocessing | None,
    report: Throttled,
) -> Dataset:
    """Load a file or folder; `name` stands for it where the set has a known name."""
    known = name or path.name
    location = name or str(path)
    if path.is_dir():
        from bcc.datasets.folder import FolderListing

        making = recipe or Preprocessing(kind="resize")
        listing = FolderListing(path)
        provenance = Provenance(known, location, f"{listing.stamp}\treading {READING}", making)
        return open_or_convert(provenance, lambda scratch: listing.source(making), classes, report)
    suffix = path.suffix.lower()
    if suffix not in (".npz", ".zip"):
        raise UserError(f"{path.name} is no data set; give {ACCEPTED}.")
    chosen = recipe or Preprocessing(kind="none" if suffix == ".npz" else "resize")
    about = path.stat()
    stamp = f"{path}\t{about.st_size}\t{about.st_mtime_ns}"
    if suffix == ".zip":
        stamp += f"\treading {READING}"
    provenance = Provenance(known, location, stamp, chosen)

    def read(scratch: Path) -> PictureSource:
        if suffix == ".zip":
            from bcc.datasets.archive import ZipSource

            return ZipSource(path, chosen)
        from bcc.datasets.npz import NpzSource

        return NpzSource(path, chosen, scratch)

    return open_or_convert(provenance, read, classes, report)


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
    from bcc.datasets.painted import PaintedSource, painter_version

    chosen = recipe or Preprocessing()
    provenance = Provenance(name, name, f"painter {painter_version()}", chosen)
    return open_or_convert(
        provenance, lambda scratch: PaintedSource(name == "synthetic", chosen, report), classes, report
    )
