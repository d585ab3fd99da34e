"""Our scan against cleanvision, on the same images in one run.

The challenge's 13,759 rows where the photographs are at hand (their folder in `BENCH_NPZ`, or
`training_set.npz` as `make_training_set.py` writes it), painted cells otherwise. cleanvision reads image
files, so it gets them as PNG, written before the clock starts; ours gets the array on disk. Both have two
threads or processes. cleanvision is optional: without it its column says so (install `cleanvision==0.3.7`, or
name another Python that has it in `BENCH_CLEANVISION_PYTHON`). Beside the time on the clock stands the
processor time of all threads and processes, which a busy machine changes little. `BENCH_ROWS` takes so many
rows only.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from bcc.datasets import Dataset, load
from bcc.quality import Check, default_checks, scan
from bcc.quality.exact_duplicates import ExactDuplicates
from bcc.quality.image_faults import ImageFaults
from bcc.quality.near_duplicates import NearDuplicates
from bench.report import machine, table

SHARED: tuple[Check, ...] = (ExactDuplicates(), ImageFaults(), NearDuplicates())
"""What both do: exact and near duplicates, dark, light, blurred, low information."""
WITHOUT_LABELS: tuple[Check, ...] = tuple(one for one in default_checks() if one.name != "doubtful labels")

PEER = """
import json, resource, sys, time
from pathlib import Path
from cleanvision import Imagelab
if __name__ == "__main__":
    files = sorted(str(path) for path in Path(sys.argv[1]).glob("*.png"))
    def used():
        both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(one.ru_utime + one.ru_stime for one in both)
    started, before = time.perf_counter(), used()
    lab = Imagelab(filepaths=files, verbose=False)
    kinds = ("dark", "light", "blurry", "low_information", "exact_duplicates", "near_duplicates")
    lab.find_issues({kind: {} for kind in kinds}, n_jobs=2, verbose=False)
    print(json.dumps({"wall": time.perf_counter() - started, "cpu": used() - before}))
"""


class Spent(NamedTuple):
    """Seconds on the clock, and of all processors together."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.1f} s ({self.cpu:.1f} s)"


def main() -> None:
    """Print two tables: ours against the peer, and cost against size."""
    dataset, what = images()
    peer = peer_spent(dataset)
    shared = spent(dataset, SHARED)
    alone = spent(dataset, WITHOUT_LABELS)
    whole = spent(dataset, default_checks())
    labels = Spent(whole.wall - alone.wall, whole.cpu - alone.cpu)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = [
        ["checks that both do", str(shared), *peer_columns(peer, shared)],
        ["scan without labels", str(alone), "", ""],
        ["doubtful labels", str(labels), "", ""],
        ["peak memory", f"{peak:,.0f} MB", "", ""],
    ]
    packages = machine("numpy", "opencv-python-headless", "scikit-learn", "cleanlab", "cleanvision")
    about = f"{len(dataset):,} images, {what}. Processor time in brackets. {packages}."
    table("Scan of a dataset", ["what", "BCC", "cleanvision", "ratio"], rows, about)
    print_growth(dataset)


def print_growth(dataset: Dataset) -> None:
    """Cost of 1, 2 and 4 times as many distinct images."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for times in (1, 2, 4):
            larger = enlarged(dataset, times, Path(folder))
            shared, alone = spent(larger, SHARED), spent(larger, WITHOUT_LABELS)
            each = 1000 / len(larger)
            a_image = f"{alone.wall * each:.2f} ms ({alone.cpu * each:.2f} ms)"
            rows.append([f"{len(larger):,}", str(shared), str(alone), a_image])
    header = ["pictures", "checks that both do", "scan without labels", "an image"]
    about = "The same cells again, turned and made smaller, so that no two rows are one image."
    table("Cost against size", header, rows, about)


def images() -> tuple[Dataset, str]:
    """The challenge's rows, or painted cells where they are not at hand."""
    given = os.environ.get("BENCH_NPZ", "")
    found = [Path(given)] if given else [Path("training_set.npz"), Path("data") / "training_set.npz"]
    for path in found:
        path = path / "training_set.npz" if path.is_dir() else path
        if path.is_file():
            return first_rows(load(path, classes="pbc")), "the challenge's"
    return first_rows(load("synthetic")), "painted"


def first_rows(dataset: Dataset) -> Dataset:
    """As many rows as `BENCH_ROWS` says; all where it says nothing."""
    rows = int(os.environ.get("BENCH_ROWS", len(dataset)))
    if rows >= len(dataset):
        return dataset
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "first.npz"
        np.savez(path, images=dataset.images[:rows], labels=dataset.labels[:rows])
        return load(path, classes=dataset.class_names)


def spent(dataset: Dataset, checks: tuple[Check, ...]) -> Spent:
    """Time of a scan, everything it measures included."""
    wall, cpu = time.perf_counter(), time.process_time()
    scan(dataset, checks)
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


def peer_columns(peer: Spent | None, ours: Spent) -> list[str]:
    """Its time and how many times as long that is."""
    if peer is None:
        return ["not installed", ""]
    return [str(peer), f"{peer.wall / ours.wall:.1f} x ({peer.cpu / ours.cpu:.1f} x)"]


def peer_spent(dataset: Dataset) -> Spent | None:
    """cleanvision on the same images; none where it is not installed."""
    python = os.environ.get("BENCH_CLEANVISION_PYTHON", sys.executable)
    probe = subprocess.run([python, "-c", "import cleanvision"], capture_output=True, check=False)
    if probe.returncode:
        print("cleanvision is not installed: its column stays empty.", file=sys.stderr)
        return None
    with tempfile.TemporaryDirectory() as folder:
        for row, image in enumerate(dataset.images):
            fast = [cv2.IMWRITE_PNG_COMPRESSION, 1]
            cv2.imwrite(f"{folder}/{row:06d}.png", np.ascontiguousarray(image[..., ::-1]), fast)
        script = Path(folder) / "peer.py"
        script.write_text(PEER, encoding="utf-8")
        done = subprocess.run(
            [python, str(script), folder], capture_output=True, text=True, check=True, cwd=folder
        )
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    return Spent(float(answer["wall"]), float(answer["cpu"]))


def enlarged(dataset: Dataset, times: int, folder: Path) -> Dataset:
    """The set's distinct images `times` over, each time a little otherwise."""
    from bcc.datasets import first_of_each

    rows = np.flatnonzero(first_of_each(dataset.row_hashes))
    path = folder / f"{times}.npz"
    made = np.empty((len(rows) * times, *dataset.images.shape[1:]), np.uint8)
    for number in range(times):
        rng = np.random.default_rng(number)
        part = made[number * len(rows) : (number + 1) * len(rows)]
        part[:] = dataset.images[rows]
        if number:
            # Warped beyond being near duplicates, so that the work is that of new cells.
            height, width = part.shape[1:3]
            for image in part:
                angle, scale = rng.uniform(15, 75), rng.uniform(0.8, 0.95)
                move = cv2.getRotationMatrix2D((width / 2, height / 2), angle, scale)
                image[:] = cv2.warpAffine(image, move, (width, height), borderMode=cv2.BORDER_REFLECT_101)
    np.savez(path, images=made, labels=np.tile(dataset.labels[rows], times))
    del made
    return load(path, classes=dataset.class_names)


if __name__ == "__main__":
    main()
