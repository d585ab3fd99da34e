"""Converted datasets on disk: opening them in milliseconds, listing and renaming them.

    data/.cache/<fingerprint>/       images.npy, labels.npy, row_hashes.npy, split.npy, origin.npy, meta.json,
                                     files-<key>.json (names of the files, one for each source of the arrays)
    data/.cache/index/<key>.json     (place, size, time of change, preprocessing) -> fingerprint

The cache is filled by `bcc.datasets.cache.open_or_convert`.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bcc import json_files
from bcc.atomic_files import why_not_written
from bcc.datasets.classes import OWN_NAMES, fitting_classes
from bcc.datasets.dataset import PAINTED, Dataset
from bcc.datasets.preprocessing import Preprocessing
from bcc.errors import UserError
from bcc.paths import cache_folder

FORMAT = 1
"""Goes up when cached sets of an older form must be converted again."""

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class CachedSet:
    """One line about a cached dataset.

    Attributes:
        fingerprint: pass it to `open_cached`.
        source, location: as in `Dataset`.
        rows: how many images.
        class_names: what the classes are called.
        picture_size: height and width in pixels.
        preprocessing: how the images were made, in short form.
        when: seconds since 1970, the time of conversion.
    """

    fingerprint: str
    source: str
    location: str
    rows: int
    class_names: tuple[str, ...]
    image_shape: tuple[int, int]
    preprocessing: str
    when: float

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return len(self.class_names)


def is_fingerprint(text: str) -> bool:
    """Whether `text` could name a set in the cache."""
    return _FINGERPRINT.fullmatch(text) is not None


def open_cached(fingerprint: str) -> Dataset:
    """Open a cached dataset by its fingerprint.

    Raises:
        UserError: it does not exist, or its files are incomplete.
    """
    dataset = open_folder(fingerprint) if is_fingerprint(fingerprint) else None
    if dataset is None:
        raise UserError(
            f"No complete dataset '{fingerprint}' is in the cache; load it again from its file or folder."
        )
    return dataset


def cached_sets() -> list[CachedSet]:
    """List all complete datasets in the cache, newest first; damaged ones are left out."""
    found = []
    folder = cache_folder()
    for place in folder.iterdir() if folder.is_dir() else ():
        if not is_fingerprint(place.name) or (meta := read_json(place / "meta.json")) is None:
            continue
        # A missing or odd entry means a damaged file: such a set is not offered.
        with contextlib.suppress(KeyError, TypeError, ValueError):
            found.append(
                CachedSet(
                    fingerprint=place.name,
                    source=str(meta["source"]),
                    location=str(meta["location"]),
                    rows=int(meta["rows"]),
                    class_names=tuple(meta["class_names"]),
                    image_shape=(int(meta["height"]), int(meta["width"])),
                    preprocessing=str(meta["preprocessing"]),
                    when=float(meta["when"]),
                )
            )
    return sorted(found, key=lambda one: (-one.when, one.fingerprint))


def rename_classes(dataset: Dataset, classes: str | Sequence[str]) -> Dataset:
    """Rename the classes, now and whenever the dataset is opened again.

    Args:
        dataset: a set from the cache.
        classes: a preset, a comma-separated list or a sequence of names; "own" restores the names
            of the source. Where the file or its folders name the classes there must be as many; else at
            least as many as the labels use.

    Raises:
        UserError: the names do not fit, or cannot be stored.
    """
    meta = read_json(dataset.folder / "meta.json") or {}
    given = tuple(meta.get("given_names", dataset.class_names))
    names = given if classes == OWN_NAMES else fitting_classes(classes, given)
    if names != tuple(meta.get("class_names", ())) and meta:
        try:
            write_json(dataset.folder / "meta.json", {**meta, "class_names": list(names)})
        except OSError as error:
            raise UserError(why_not_saved(error, f"the new class names of {dataset.source}")) from error
    return dataset.named(names)


def adopt(dataset: Dataset) -> None:
    """Make the source of an open dataset the one that its arrays are listed under.

    Two files may hold identical images; the arrays are stored once, with one provenance.

    Raises:
        UserError: it cannot be stored.
    """
    meta = read_json(dataset.folder / "meta.json")
    if meta is None or meta.get("location") in PAINTED:
        return
    names_file = None if dataset.files is None else dataset.names_file
    story = {
        "source": dataset.source,
        "location": dataset.location,
        "preprocessing": dataset.preprocessing.text,
        "given_names": list(dataset.given_names),
        "skipped": [list(line) for line in dataset.skipped],
        "notes": list(dataset.notes),
        "layout": dataset.layout,
        # The same rows in the same order: names that another source gave them still hold.
        "files": names_file.name if names_file else meta.get("files"),
        "columns": dataset.columns_file.name if dataset.columns_file else meta.get("columns"),
    }
    if all(meta.get(key) == value for key, value in story.items()):
        return
    if meta.get("given_names") != story["given_names"]:
        story["class_names"] = story["given_names"]
    try:
        write_json(dataset.folder / "meta.json", {**meta, **story, "when": time.time()})
    except OSError as error:
        raise UserError(why_not_saved(error, f"the name of {dataset.source}")) from error


def open_folder(fingerprint: str, entry: dict[str, Any] | None = None) -> Dataset | None:
    """Return the dataset in a cache folder, `None` if anything is wrong with it.

    Args:
        fingerprint: names the folder.
        entry: of the index, where the set was asked for by its source: two sources may share arrays.
    """
    folder = cache_folder() / fingerprint
    meta = read_json(folder / "meta.json")
    try:
        if meta is None or meta["format"] != FORMAT:
            return None
        about = meta if entry is None else entry
        if entry is not None and entry.get("files") and not (folder / str(entry["files"])).is_file():
            # The arrays were made anew from another source: the names come back with another look at this.
            return None
        names = meta["class_names"] if about["given_names"] == meta["given_names"] else about["given_names"]
        columns = {
            "images": np.load(folder / "images.npy", mmap_mode="r", allow_pickle=False),
            "labels": np.load(folder / "labels.npy", allow_pickle=False),
            "row_hashes": np.load(folder / "row_hashes.npy", allow_pickle=False),
        }
        extra = {
            column: np.load(folder / f"{column}.npy", allow_pickle=False)
            for column in ("split", "origin")
            if (folder / f"{column}.npy").exists()
        }
        rows = int(meta["rows"])
        if columns["images"].shape != (rows, meta["height"], meta["width"], 3):
            return None
        if any(len(values) != rows for values in (*columns.values(), *extra.values())):
            return None
        return Dataset(
            images=columns["images"],
            labels=columns["labels"],
            class_names=tuple(names),
            fingerprint=fingerprint,
            source=about["source"],
            preprocessing=Preprocessing.parse(about["preprocessing"]),
            row_hashes=columns["row_hashes"],
            folder=folder,
            split=extra.get("split"),
            origin=extra.get("origin"),
            skipped=tuple((file, reason) for file, reason in about["skipped"]),
            location=about["location"],
            notes=tuple(str(note) for note in about.get("notes") or ()),
            names_file=folder / str(about["files"]) if about.get("files") else None,
            columns_file=folder / str(about["columns"]) if about.get("columns") else None,
            layout=str(about.get("layout") or ""),
            given_names=tuple(about["given_names"]),
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError, UserError):
        return None


def read_json(path: Path) -> dict[str, Any] | None:
    """Return the content of a JSON file, `None` where it is missing or damaged."""
    try:
        # Paths that are no UTF-8 are kept as lone surrogates, which only this reader takes.
        content = json.loads(json_files.read_bytes(path))
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write so that a reader sees the old file or the new one, never half of one.

    Raises:
        OSError: the disk is full or read-only; what was there stays.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        # Names of files that are no UTF-8 come as lone surrogates, which are written as escapes.
        text = json.dumps(content, ensure_ascii=False, indent=1)
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def why_not_saved(error: OSError, what: str) -> str:
    """One sentence about something that could not be written to the cache.

    Args:
        error: what the system said.
        what: was being written: "the scan of cells.npz".
    """
    larger = "free some space or point BCC_DATA to a larger disk"
    sentence = why_not_written(error, what, cache_folder(), larger)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{sentence.removesuffix('.')}; point BCC_DATA to a folder that may be written."
    return sentence
