"""Write an augmented dataset as an `.npz`: streamed, and resumable after an interruption.

Pixels are written piece by piece to `FILE.npz.partial`; `FILE.npz.partial.json` describes what is being made.
The same command finds both and resumes after the last whole piece; another one starts over. At the end the
pixels are copied into the `.npz`, which appears whole. The rows are chosen by
`bcc.augment.copy_plan`.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.atomic_files import explaining_full_disk, why_not_written, write_json
from bcc.augment.batch import change_some
from bcc.augment.copy_plan import Copies
from bcc.augment.keys import image_keys
from bcc.augment.recipe import Recipe
from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.json_files import read_json
from bcc.progress import Progress

if TYPE_CHECKING:
    import tensorflow as tf


PIECE = 128
"""Images that are augmented and written at once."""
_COPY_BYTES = 8 * 2**20
_READ, _WRITTEN = 0.96, 1.0


def write_augmented(
    dataset: Dataset,
    recipe: Recipe,
    copies: Copies,
    path: Path | str,
    seed: int = 0,
    progress: Progress | None = None,
) -> int:
    """Write `images`, `labels`, `class_names`, `split`, `origin` (row in `dataset`), and `files` if known.

    A copy's draws follow from (seed, copy, row), so that the file is the same however often it was
    interrupted. Needs twice its size on disk while the last step lasts.

    Args:
        dataset: the set.
        recipe: augments the copies; originals are written unchanged.
        copies: which rows.
        path: the file; it appears only when it is complete.
        seed: of the draws.
        progress: called with (share done, sentence).

    Returns:
        How many images an earlier, interrupted call had already made.

    Raises:
        UserError: the recipe mixes images or changes nothing, or the file cannot be written.
    """
    path = Path(path)
    check_recipe(recipe, copies)
    partial = path.with_name(f"{path.name}.partial")
    record = path.with_name(f"{path.name}.partial.json")
    try:
        with explaining_full_disk(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            made = _go_on(
                partial, record, _identity(dataset, recipe, copies, seed), dataset, len(copies.rows)
            )
            _make(dataset, recipe, copies, seed, partial, made, progress)
            _assemble(dataset, copies, partial, path, progress)
            partial.unlink()
            record.unlink()
    except OSError as error:
        raise UserError(why_not_written(error, f"'{path}'")) from error
    return made


def check_recipe(recipe: Recipe, copies: Copies | None = None) -> None:
    """Refuse what a file of whole labels cannot hold, or copies that would be duplicates.

    Raises:
        UserError: the recipe mixes images, or copies are wanted and it has no step that is on.
    """
    if recipe.mixes:
        mixing = ", ".join(s.augmentation.title for _, s in recipe.active if s.augmentation.topic == "mixing")
        raise UserError(
            f"The recipe '{recipe.name}' mixes images ({mixing}), and a file holds one class an image: "
            "switch these steps off here, and use them in training, where labels can be shares."
        )
    if not recipe.active and (copies is None or (copies.copy > 0).any()):
        raise UserError(
            f"The recipe '{recipe.name}' has no step that is on, so copies would be exact duplicates: choose "
            "another recipe."
        )


def _identity(dataset: Dataset, recipe: Recipe, copies: Copies, seed: int) -> dict[str, Any]:
    """Identify the output; two calls with the same identity write the same bytes."""
    rows = hashlib.blake2b(digest_size=16)
    for column in (copies.rows, copies.copy, copies.split):
        rows.update(np.ascontiguousarray(column).tobytes())
    steps = [[place, step.model_dump(mode="json")] for place, step in recipe.active]
    return {
        "data": dataset.fingerprint,
        "recipe": steps,
        "seed": seed,
        "rows": rows.hexdigest(),
        "class_names": list(dataset.class_names),
    }


def _go_on(partial: Path, record: Path, identity: dict[str, Any], dataset: Dataset, number: int) -> int:
    """Count the images of this dataset in the partial file; anything else is discarded."""
    size = int(np.prod(dataset.images.shape[1:]))
    try:
        kept = read_json(record)
    except (OSError, ValueError):
        kept = None
    ours = isinstance(kept, dict) and set(kept) == set(identity)
    if not ours and any(one.exists() and one.stat().st_size for one in (partial, record)):
        raise UserError(
            f"There is a file '{partial}' that was not begun here: move it away, or name the set otherwise."
        )
    same = kept == identity
    if not same or not partial.exists():
        partial.write_bytes(b"")
        write_json(record, identity)
        return 0
    made = min(partial.stat().st_size // size, number)
    # Whole pieces only, so that batches are those of an undisturbed run.
    made = made if made == number else made - made % PIECE
    os.truncate(partial, made * size)
    return made


def _make(
    dataset: Dataset,
    recipe: Recipe,
    copies: Copies,
    seed: int,
    partial: Path,
    made: int,
    progress: Progress | None,
) -> None:
    number = len(copies.rows)
    if made == number:
        return
    with partial.open("ab") as file:
        for piece in _pieces(dataset, recipe, copies, seed, made):
            file.write(piece.numpy().data)
            file.flush()
            made += len(piece)
            if progress is not None:
                progress(_READ * made / number, f"Augmenting {made:,} of {number:,} images")


def _pieces(dataset: Dataset, recipe: Recipe, copies: Copies, seed: int, first: int) -> tf.data.Dataset:
    """Images uint8 (n, H, W, 3) from row `first` of the plan on, in order."""
    import tensorflow as tf

    shape = dataset.images.shape[1:]

    def read(start: np.ndarray) -> tuple[np.ndarray, ...]:
        part = slice(int(start), int(start) + PIECE)
        rows, copy = copies.rows[part], copies.copy[part]
        # An image and its copies lie side by side: each is read once.
        own, place = np.unique(rows, return_inverse=True)
        return np.asarray(dataset.images[own])[place], image_keys(seed, copy, rows), copy > 0

    def load(start: Any) -> tuple[Any, ...]:
        images, keys, chosen = tf.numpy_function(read, [start], (tf.uint8, tf.int32, tf.bool))
        return tf.ensure_shape(images, (None, *shape)), tf.ensure_shape(keys, (None, 2)), chosen

    def augment(images: Any, keys: Any, chosen: Any) -> Any:
        def copied(part: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
            # No step that is allowed here looks at the label.
            labels = tf.ones([tf.shape(part)[0], 1])
            return recipe.apply(part, labels, tf.gather(keys, rows))[0]

        changed = change_some(tf.ensure_shape(chosen, [None]), tf.cast(images, tf.float32), copied)
        return tf.cast(tf.clip_by_value(tf.round(changed), 0, 255), tf.uint8)

    starts = tf.data.Dataset.range(first, len(copies.rows), PIECE)
    return starts.map(load).map(augment, num_parallel_calls=2, deterministic=True).prefetch(1)


def _assemble(dataset: Dataset, copies: Copies, partial: Path, path: Path, progress: Progress | None) -> None:
    """Combine pixels and columns in one `.npz`, which is put in place when complete."""
    columns = {
        "labels": dataset.labels[copies.rows],
        "class_names": np.array(dataset.class_names, dtype=str),
        "split": copies.split.astype(np.int8),
        "origin": copies.rows.astype(np.int64),
    }
    if dataset.files is not None:
        columns["files"] = np.array([dataset.files[row] for row in copies.rows], dtype=str)
    shape = (len(copies.rows), *dataset.images.shape[1:])
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED, allowZip64=True) as file:
            with file.open("images.npy", "w", force_zip64=True) as member, partial.open("rb") as pixels:
                header = {"descr": "|u1", "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(member, header)
                whole, done = int(np.prod(shape)), 0
                while data := pixels.read(_COPY_BYTES):
                    member.write(data)
                    done += len(data)
                    if progress is not None:
                        progress(_READ + (_WRITTEN - _READ) * done / whole, f"Writing {path.name}")
            for name, values in columns.items():
                with file.open(f"{name}.npy", "w") as member:
                    np.lib.format.write_array(member, np.ascontiguousarray(values), allow_pickle=False)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
