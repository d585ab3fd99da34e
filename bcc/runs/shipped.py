"""The shipped model as a run that can be opened at once, before anything was trained.

Its small files ship with the package; its model file is put together from the shipped weights the first
time that somebody asks, without TensorFlow. It lies in the data cache, not among the runs: it cannot be
deleted, renamed or resumed, and what is computed for it is kept beside it.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import zipfile
from functools import cache
from pathlib import Path

from filelock import FileLock

from bcc.atomic_files import replacing
from bcc.errors import UserError
from bcc.models.shipped_weights import NAMES, Shipped, shipped
from bcc.paths import cache_folder
from bcc.runs.run import Run

_MOMENT = (2026, 11, 26, 0, 0, 0)
"""Time stamp of everything in the model file, so that the same weights always make the same bytes."""


def shipped_run(name: str) -> Run:
    """The run of a set of shipped weights; made whole where it is not there yet.

    Raises:
        UserError: the shipped weights are damaged.
        KeyError: none of that name ships.
    """
    weights = shipped(name)
    # The folder carries a hash of all that ships, so that another version of BCC makes another run.
    run = Run(cache_folder() / "shipped" / _mark(weights.folder / "run", weights.sha256) / name)
    if run.model.exists():
        return run
    run.folder.mkdir(parents=True, exist_ok=True)
    with FileLock(run.folder.parent / ".lock"):
        if not run.model.exists():
            for path in (weights.folder / "run").iterdir():
                shutil.copyfile(path, run.folder / path.name)
            model_file(weights, run.model)
    return run


@cache
def _mark(folder: Path, sha256: str) -> str:
    """Of the weights and of the files that ship beside them."""
    digest = hashlib.blake2b(sha256.encode(), digest_size=6)
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def shipped_runs() -> list[Run]:
    """All of them."""
    return [shipped_run(name) for name in NAMES]


def is_shipped(run: Run) -> bool:
    """Whether a run is one of those that ship."""
    return run.folder.parent.parent == cache_folder() / "shipped"


def refuse_shipped(run: Run, what: str) -> None:
    """Refuse to do with the shipped model what only a run that trained here can have done to it.

    Args:
        run: any.
        what: is wanted, in one word: "resumed".

    Raises:
        UserError: it is the one that ships.
    """
    if is_shipped(run):
        raise UserError(
            f"'{run.id}' is the model that ships with BCC: it was not trained here and cannot be {what}. A "
            f"new run goes on from its weights with --set weights={run.id}."
        )


def model_file(weights: Shipped, path: Path) -> None:
    """Write shipped weights as the `.keras` file that Keras itself would write.

    Raises:
        UserError: the shipped weights are damaged.
    """
    import h5py

    template = json.loads((weights.folder / "template.json").read_text(encoding="utf-8"))
    arrays = io.BytesIO()
    # Without the order of creation, which would bring the time along.
    with h5py.File(arrays, "w") as file:
        given = weights.layers()
        for layer, place in template["layers"].items():
            group = file.create_group(place)
            group.attrs["name"] = layer
            for position, value in enumerate(given.get(layer, [])):
                group.create_dataset(str(position), data=value, track_times=False)
    members = {
        "metadata.json": json.dumps({"keras_version": "3", "date_saved": "2026-11-26@00:00:00"}).encode(),
        "config.json": json.dumps(template["config"]).encode(),
        "model.weights.h5": arrays.getvalue(),
    }
    with replacing(path) as out, zipfile.ZipFile(out, "w") as archive:
        for member, content in members.items():
            archive.writestr(zipfile.ZipInfo(member, _MOMENT), content)
