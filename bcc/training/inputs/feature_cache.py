"""What a frozen trunk says about images, kept on disk, so that it is asked once.

    data/.cache/features/<key>/features.bin   float32, a slot for every row of the dataset and view
    data/.cache/features/<key>/sums.npy       uint32, a checksum for every slot, 0 where it is empty
    data/.cache/features/<key>/about.json     shape, what it belongs to; its time is the last use

Slots are filled as runs ask for them: a run on other rows adds its own. A slot counts only if its checksum
is right, so that whatever a crash, a full disk or a bad sector left behind is found and computed again. Files
are sparse: empty slots take no room.
"""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from bcc.atomic_files import explaining_full_disk, replacing, write_json
from bcc.errors import UserError
from bcc.paths import cache_folder
from bcc.progress import Progress

SAVE_EVERY = 32
"""Calls after which what has been computed is safe from a crash."""


def features_folder() -> Path:
    """All kept features, one folder a key."""
    return cache_folder() / "features"


@dataclass(frozen=True)
class FeatureStore:
    """The slots of one trunk, one dataset and one way of making views.

    Attributes:
        key: names the three.
        slots: number of slots, rows times views.
        shape: of what the trunk says about one image.
    """

    key: str
    slots: int
    shape: tuple[int, ...]

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return features_folder() / self.key

    @property
    def slot_bytes(self) -> int:
        """Size of one slot."""
        return 4 * int(np.prod(self.shape))

    def open(self, wanted: np.ndarray) -> np.ndarray:
        """Which of the `wanted` slots are there and whole.

        Args:
            wanted: int64 (M,), slots.

        Returns:
            bool (M,).
        """
        sums = self._sums()
        there = np.zeros(len(wanted), bool)
        features = self._map()
        if sums is None or features is None:
            return there
        os.utime(self.folder)
        for i, slot in enumerate(wanted):
            there[i] = sums[slot] != 0 and _checksum(features[slot]) == sums[slot]
        return there

    def fill(
        self,
        wanted: np.ndarray,
        compute: Callable[[np.ndarray], np.ndarray],
        at_once: int = 64,
        progress: Progress | None = None,
    ) -> int:
        """Compute the slots that are missing or broken.

        Another process that fills the same store is waited for, and what it did is not done again.

        Args:
            wanted: int64 (M,), slots.
            compute: from slots int64 (at_once,) to float32 (at_once, ...).
            at_once: slots a call; the last call is filled up with its first slot.
            progress: called with (share done, sentence).

        Returns:
            How many were computed.

        Raises:
            UserError: the disk is full; slots that were filled before stay.
        """
        with explaining_full_disk(self.folder / "features.bin"):
            self.folder.mkdir(parents=True, exist_ok=True)
            with self.lock():
                missing = wanted[~self.open(wanted)]
                if len(missing):
                    write_json(self.folder / "about.json", {"slots": self.slots, "shape": self.shape})
                    self._compute(missing, compute, at_once, progress)
        return len(missing)

    def reader(self) -> np.ndarray:
        """All slots, float32 (slots, ...), memory-mapped."""
        features = self._map()
        assert features is not None
        return features

    def lock(self, timeout: float = -1) -> FileLock:
        """Held by whoever fills the store or takes it away."""
        return FileLock(self.folder.with_suffix(".lock"), timeout=timeout)

    def _compute(
        self,
        missing: np.ndarray,
        compute: Callable[[np.ndarray], np.ndarray],
        at_once: int,
        progress: Progress | None,
    ) -> None:
        sums = self._sums()
        sums = np.zeros(self.slots, np.uint32) if sums is None else sums
        with (self.folder / "features.bin").open("r+b" if self._file_exists() else "w+b") as file:
            # Written through the file, not through a memory map: a full disk is then an error that can be
            # caught, and not the end of the process.
            file.truncate(self.slots * self.slot_bytes)
            for done in range(0, len(missing), at_once):
                slots = missing[done : done + at_once]
                filled = np.concatenate([slots, np.repeat(slots[:1], at_once - len(slots))])
                features = np.ascontiguousarray(compute(filled)[: len(slots)], np.float32)
                for slot, values in zip(slots, features, strict=True):
                    file.seek(int(slot) * self.slot_bytes)
                    file.write(values.data)
                    sums[slot] = _checksum(values)
                if done // at_once % SAVE_EVERY == SAVE_EVERY - 1:
                    file.flush()
                    self._write_sums(sums)
                if progress:
                    share = (done + len(slots)) / len(missing)
                    progress(share, f"Computing frozen parts once, {done + len(slots):,} of {len(missing):,}")
            file.flush()
            os.fsync(file.fileno())
        self._write_sums(sums)

    def _write_sums(self, sums: np.ndarray) -> None:
        with replacing(self.folder / "sums.npy") as file:
            np.save(file, sums)

    def _file_exists(self) -> bool:
        return (self.folder / "features.bin").exists()

    def _sums(self) -> np.ndarray | None:
        """Checksums, `None` where there are none that fit."""
        try:
            sums = np.load(self.folder / "sums.npy", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        fits = sums.shape == (self.slots,) and sums.dtype == np.uint32
        return sums if fits else None

    def _map(self) -> np.ndarray | None:
        path = self.folder / "features.bin"
        if not path.exists() or path.stat().st_size != self.slots * self.slot_bytes:
            return None
        return np.memmap(path, np.float32, "r", shape=(self.slots, *self.shape))


def _checksum(values: np.ndarray) -> int:
    """CRC-32, never 0."""
    return zlib.crc32(np.ascontiguousarray(values).data) or 1


def make_room(needed: int, budget: int, keep: Collection[str] = ()) -> None:
    """Take away the features that were unused for longest, until `needed` bytes more fit the budget.

    Args:
        needed: bytes that will be written.
        budget: bytes that all kept features together may take.
        keep: keys that stay.

    Raises:
        UserError: they fit neither the budget nor the disk.
    """
    if needed > budget:
        raise UserError(
            f"What the frozen part says takes {needed / 1e9:.1f} GB, more than cache_gigabytes "
            f"({budget / 1e9:g}) allows: raise it, or set cache to off."
        )
    folder = features_folder()
    with explaining_full_disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
    used = {path: _size(path) for path in folder.iterdir() if _is_a_store(path)}
    oldest_first = sorted(used, key=lambda path: path.stat().st_mtime)
    for path in oldest_first:
        enough = sum(used.values()) + needed <= budget and shutil.disk_usage(folder).free > needed
        if enough:
            break
        if path.name not in keep and _take_away(path):
            del used[path]
    free = shutil.disk_usage(folder).free
    if free <= needed:
        raise UserError(
            f"What the frozen part says takes {needed / 1e9:.1f} GB and the disk of {folder} has "
            f"{free / 1e9:.1f} GB left: make room, or set cache to off."
        )


def _is_a_store(path: Path) -> bool:
    """Whether a folder is one of these: nothing else is ever taken away."""
    return path.is_dir() and not path.is_symlink() and (path / "about.json").is_file()


def _take_away(folder: Path) -> bool:
    """Remove a store unless another process is filling it."""
    try:
        with FileLock(folder.with_suffix(".lock"), timeout=0):
            shutil.rmtree(folder, ignore_errors=True)
    except Timeout:
        return False
    folder.with_suffix(".lock").unlink(missing_ok=True)
    return True


def _size(folder: Path) -> int:
    """Bytes on disk, holes not counted."""
    return sum(512 * path.stat().st_blocks for path in folder.iterdir() if path.is_file())
