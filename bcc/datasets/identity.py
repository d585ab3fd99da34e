"""Find rows that are exactly the same image.

Every row has a 128-bit hash of its shape and pixels; equal hashes mean equal images (among a billion
images the chance that any two different ones share a hash is below 1e-20). The fingerprint of a set is
made of these hashes, so that pixels are read once. Images that are merely similar are found by
`bcc.quality`.
"""

from __future__ import annotations

import hashlib

import numpy as np


def hash_rows(images: np.ndarray) -> np.ndarray:
    """128-bit BLAKE2b hash of each image.

    Args:
        images: uint8 (N, H, W, C).

    Returns:
        uint64 (N, 2).
    """
    start = hashlib.blake2b(repr(tuple(images.shape[1:])).encode(), digest_size=16)
    digests = bytearray()
    for image in images:
        one = start.copy()
        one.update(np.ascontiguousarray(image).data)
        digests += one.digest()
    return np.frombuffer(bytes(digests), "<u8").astype(np.uint64).reshape(-1, 2)


def fingerprint(
    shape: tuple[int, ...],
    row_hashes: np.ndarray,
    labels: np.ndarray,
    split: np.ndarray | None = None,
    origin: np.ndarray | None = None,
) -> str:
    """Name a dataset by its content.

    Args:
        shape: of the images, (N, H, W, 3).
        row_hashes: uint64 (N, 2), which stand for the pixels.
        labels: int64 (N,).
        split: int8 (N,) or none.
        origin: int64 (N,) or none.

    Returns:
        16 hexadecimal digits. Class names are not part of it.
    """
    digest = hashlib.blake2b(repr(tuple(int(length) for length in shape)).encode(), digest_size=8)
    digest.update(np.ascontiguousarray(row_hashes, "<u8").data)
    digest.update(np.ascontiguousarray(labels, "<i8").data)
    for name, values, kind in (("split", split, "i1"), ("origin", origin, "<i8")):
        if values is not None:
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(values, kind).data)
    return digest.hexdigest()


def duplicate_groups(row_hashes: np.ndarray) -> np.ndarray:
    """Number the distinct images.

    Args:
        row_hashes: uint64 (N, 2).

    Returns:
        int64 (N,): rows share a number exactly if their images are identical; numbers go up from 0 in
        the order in which images first appear.
    """
    first, group = _distinct(row_hashes)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    numbers: np.ndarray = rank[group]
    return numbers


def first_of_each(row_hashes: np.ndarray) -> np.ndarray:
    """Keep one row of each distinct image.

    Args:
        row_hashes: uint64 (N, 2).

    Returns:
        bool (N,): true for the first row of each image, false for its later copies.
    """
    keep = np.zeros(len(row_hashes), bool)
    keep[_distinct(row_hashes)[0]] = True
    return keep


def _distinct(row_hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First row of each distinct hash, and each row's position among the distinct ones."""
    # One comparable value a row: sorting these is far quicker than numpy.unique over an axis.
    order = np.lexsort((row_hashes[:, 1], row_hashes[:, 0]))
    ordered = row_hashes[order]
    fresh = np.ones(len(order), bool)
    fresh[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    group = np.empty(len(order), np.int64)
    group[order] = np.cumsum(fresh) - 1
    # lexsort is stable, so the first of each run is also the first row of the set.
    return order[fresh], group


def among(hashes: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Find the rows whose pixels equal those of known ones.

    Args:
        hashes: uint64 (N, 2), of the rows.
        known: uint64 (M, 2), of the others.

    Returns:
        bool (N,).
    """
    one, other = (np.ascontiguousarray(part, np.uint64).view("V16").ravel() for part in (hashes, known))
    found: np.ndarray = np.isin(one, other)
    return found
