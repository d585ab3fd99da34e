"""Convert a source into the cache once, and recognise it later.

A dataset is converted in a temporary folder that is renamed when complete, so there is never half a dataset,
even if a process is killed. Two processes that want the same source wait for each other. Cached datasets are
opened by `bcc.datasets.cache.cached_datasets`; `bcc.datasets.sources` finds out what a source is.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bcc.datasets.cache.cached_datasets import (
    FORMAT,
    is_fingerprint,
    open_folder,
    read_json,
    why_not_saved,
    write_json,
)
from bcc.datasets.classes import OWN_NAMES, fitting_classes
from bcc.datasets.conversion import Arrays, ImageSource, Throttled, convert
from bcc.datasets.dataset import PAINTED, Dataset
from bcc.datasets.preprocessing import Preprocessing
from bcc.errors import UserError
from bcc.paths import cache_folder

_GLANCE = 0.5
"""Seconds between two checks of the progress of another process."""


@dataclass(frozen=True)
class Provenance:
    """Where a dataset comes from and how it is made; equal keys mean equal datasets.

    Attributes:
        source: a name that a person recognises.
        location: what to pass to `load` again.
        stamp: changes whenever the content may have changed.
        preprocessing: how the images are made.
        layout: the chosen layout of the folders; also part of the stamp.
    """

    source: str
    location: str
    stamp: str
    preprocessing: Preprocessing
    layout: str = ""

    @property
    def key(self) -> str:
        """Name of the entry in the index."""
        text = json.dumps([FORMAT, self.location, self.stamp, self.preprocessing.text])
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def open_or_convert(
    provenance: Provenance,
    read: Callable[[Path], ImageSource],
    classes: str | Sequence[str] | None,
    progress: Throttled,
    stamp: Callable[[], str] | None = None,
) -> Dataset:
    """Open a dataset from the cache, or convert it first.

    Args:
        provenance: where it comes from.
        read: opens the source; called only if the set must be converted, with a folder for scratch files.
        classes: class names that the caller will set; refused before the work if they do not fit.
        progress: called with the progress of a conversion.
        stamp: computes the stamp of the source again, to notice changes while it was read.

    Raises:
        UserError: bad input, a source that changes meanwhile, or a disk that is full or read-only.
    """
    dataset = _look_up(provenance)
    if dataset is None:
        try:
            with _only_one(provenance, progress):
                dataset = _look_up(provenance)
                if dataset is None:
                    dataset = _convert(provenance, read, classes, progress, stamp)
        except OSError as error:
            raise UserError(why_not_saved(error, f"the converted images of {provenance.source}")) from error
    progress(1.0, f"{provenance.source} is ready")
    return dataset


def _convert(
    provenance: Provenance,
    read: Callable[[Path], ImageSource],
    classes: str | Sequence[str] | None,
    progress: Throttled,
    stamp: Callable[[], str] | None,
) -> Dataset:
    _clear_leftovers(provenance)
    scratch = _scratch(provenance.key)
    scratch.mkdir(parents=True)
    try:
        progress(0.0, f"Reading {provenance.source}")
        with contextlib.closing(read(scratch)) as source:
            if classes is not None and classes != OWN_NAMES:
                # Names that do not fit are better refused before the work than after it.
                fitting_classes(classes, source.class_names)
            arrays = convert(source, provenance.source, scratch, progress)
            if stamp is not None and stamp() != provenance.stamp:
                raise UserError(
                    f"{provenance.source} changed while it was read, and nothing was saved; load it "
                    "again when nothing writes to it any more."
                )
            _install(scratch, provenance, source, arrays)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    dataset = _look_up(provenance)
    if dataset is None:
        raise UserError(f"The cache of {provenance.source} was removed while it was made; load it again.")
    return dataset


def _install(scratch: Path, provenance: Provenance, source: ImageSource, arrays: Arrays) -> None:
    """Move the finished arrays into the cache and record where they came from."""
    entry = {
        "fingerprint": arrays.fingerprint,
        "source": provenance.source,
        "location": provenance.location,
        "preprocessing": provenance.preprocessing.text,
        "given_names": list(source.class_names),
        "skipped": source.skipped,
        "notes": source.notes,
        "layout": provenance.layout,
        "files": None if arrays.files is None else f"files-{provenance.key}.json",
        "columns": f"columns-{provenance.key}.json" if source.columns else None,
    }
    if source.columns:
        (scratch / str(entry["columns"])).write_text(json.dumps(source.columns), encoding="utf-8")
    if arrays.files is not None:
        (scratch / str(entry["files"])).write_text(json.dumps(arrays.files), encoding="utf-8")
    meta = {
        **entry,
        "format": FORMAT,
        "class_names": entry["given_names"],
        "rows": arrays.rows,
        "height": arrays.height,
        "width": arrays.width,
        "when": time.time(),
    }
    place = cache_folder() / arrays.fingerprint
    if open_folder(arrays.fingerprint) is None:
        write_json(scratch / "meta.json", meta)
        shutil.rmtree(place, ignore_errors=True)
        try:
            os.rename(scratch, place)
        except OSError as error:
            # Another source with the very same content may have been faster.
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
    else:
        _join(scratch, place, meta)
    write_json(_index_entry(provenance.key), entry)


def _join(scratch: Path, place: Path, meta: dict[str, Any]) -> None:
    """Record one more source of arrays that are already in the cache."""
    old = read_json(place / "meta.json") or {}
    if meta["files"] is None:
        # The same rows in the same order: names that another source gave them still hold.
        meta = {**meta, "files": old.get("files")}
    if meta["columns"] is None:
        meta = {**meta, "columns": old.get("columns")}
    # The story of a set is that of the source it was first made of, or last opened on the Data page; to look
    # at a file of the same pixels changes nothing about it. Masks and truth make it the painted one.
    is_same = all(old.get(key, "") == meta[key] for key in ("location", "preprocessing", "layout"))
    if is_same and old.get("given_names") == meta["given_names"]:
        # What a person renamed stays so.
        meta = {**meta, "class_names": old["class_names"]}
    if is_same or (old.get("location") not in PAINTED and meta["location"] in PAINTED):
        write_json(place / "meta.json", meta)
    for file in scratch.iterdir():
        if not (place / file.name).exists():
            os.replace(file, place / file.name)


def _clear_leftovers(provenance: Provenance) -> None:
    """Remove the scratch folders of processes that were killed; the lock of this source is held."""
    from filelock import FileLock, Timeout

    for folder in cache_folder().glob(_scratch("*").name):
        key = folder.name.removeprefix(_scratch("").name)
        # A lock that is held belongs to someone who is still at work.
        with contextlib.suppress(Timeout):
            if key == provenance.key:
                shutil.rmtree(folder, ignore_errors=True)
            else:
                with FileLock(_index_entry(key).with_suffix(".lock"), timeout=0):
                    shutil.rmtree(folder, ignore_errors=True)


def fingerprint_of(provenance: Provenance) -> str:
    """Return the fingerprint of an unchanged source that was converted before; else an empty text."""
    found = str((read_json(_index_entry(provenance.key)) or {}).get("fingerprint"))
    return found if is_fingerprint(found) else ""


def _look_up(provenance: Provenance) -> Dataset | None:
    """Return the dataset that the index has for this source, if it is complete."""
    entry = read_json(_index_entry(provenance.key))
    if entry is None or not is_fingerprint(str(entry.get("fingerprint"))):
        return None
    return open_folder(str(entry["fingerprint"]), entry)


@contextlib.contextmanager
def _only_one(provenance: Provenance, progress: Throttled) -> Iterator[None]:
    """Hold the lock of one source; other processes that want it wait."""
    from filelock import FileLock, Timeout

    entry = _index_entry(provenance.key)
    entry.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(entry.with_suffix(".lock"))
    share_file = entry.with_suffix(".share")
    patience = 0.0
    while True:
        try:
            lock.acquire(timeout=patience)
            break
        except Timeout:
            # Again and again, for some who show it look once a second only.
            patience = _GLANCE
            progress(*_waiting_for(provenance.source, share_file))
    progress.also = lambda share, text: _tell(share_file, share)
    try:
        yield
    finally:
        progress.also = None
        share_file.unlink(missing_ok=True)
        lock.release()


def _tell(share_file: Path, share: float) -> None:
    """Write the progress for processes that wait; a full disk is reported elsewhere."""
    with contextlib.suppress(OSError):
        share_file.write_text(f"{share:.2f}")


def _waiting_for(source: str, share_file: Path) -> tuple[float, str]:
    """Read the progress of the other process, and what it is waiting for."""
    doing = "painting" if source in PAINTED else "converting"
    sentence = f"Waiting for {source}, which another process is {doing}"
    try:
        share = float(share_file.read_text())
    except (OSError, ValueError):
        return 0.0, sentence
    return share, f"{sentence}, {share:.0%} done"


def _index_entry(key: str) -> Path:
    return cache_folder() / "index" / f"{key}.json"


def _scratch(key: str) -> Path:
    return cache_folder() / f"converting-{key}"
