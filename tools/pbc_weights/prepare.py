"""Choose the rows that the shipped weights learn from: `python prepare.py training_set.npz holdout.npz
OUT.npz`.

Left out are the two repeated composites, all but the first of exact copies, and every exact copy of a cell
of the held-out file. A tenth of each class is for validation. Images are stored as JPEG of quality 91
without chroma subsampling, so that the file is small enough to travel to a machine with a GPU.
"""

from __future__ import annotations

import sys

import cv2
import numpy as np

from bcc.datasets import hash_rows

CELLS = 11_959
"""Rows of the challenge's file that are cells; those behind them are the composites."""
VALIDATION = 0.1
SEED = 11


def main(training: str, holdout: str, out: str) -> None:
    with np.load(training) as file:
        images, labels = file["images"][:CELLS], file["labels"].ravel()[:CELLS]
    with np.load(holdout) as file:
        seen = {bytes(mark) for mark in hash_rows(file["images"])}
    marks = hash_rows(images)
    kept = []
    for row, mark in enumerate(marks):
        if bytes(mark) not in seen:
            seen.add(bytes(mark))
            kept.append(row)
    rows = np.array(kept)
    rng = np.random.default_rng(SEED)
    validation: list[int] = []
    for label in range(labels.max() + 1):
        own = rows[labels[rows] == label]
        validation += list(rng.permutation(own)[: round(len(own) * VALIDATION)])
    validation_rows = np.array(sorted(validation))
    training_rows = np.setdiff1d(rows, validation_rows)
    order = np.concatenate([training_rows, validation_rows])
    stored = [_jpeg(images[row]) for row in order]
    np.savez(
        out,
        blob=np.frombuffer(b"".join(stored), np.uint8),
        sizes=np.array([len(one) for one in stored]),
        labels=labels[order],
        rows=order,
        row_hashes=marks[order],
        n_train=len(training_rows),
    )


def _jpeg(image: np.ndarray) -> bytes:
    options = [
        cv2.IMWRITE_JPEG_QUALITY, 91, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    ]  # fmt: skip
    return cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)[1].tobytes()


if __name__ == "__main__":
    main(*sys.argv[1:])
