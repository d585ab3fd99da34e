"""Checks where a command may write, for every `--out` and before any work.

A command never overwrites its own input, under whatever name, nor a file of a run, of the cache or of the
queue. An older file of the kind that the command writes is replaced; for any other it asks for confirmation
or `--force`.
"""

from __future__ import annotations

import glob
import os
import zipfile
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated

import typer

from bcc.atomic_files import is_device
from bcc.cli.options import agree, make_parent
from bcc.errors import UserError
from bcc.json_files import read_json
from bcc.paths import cache_folder, data_folder, is_folder, path_of, printable, runs_folder

Force = Annotated[
    bool, typer.Option("--force", help="Overwrite a file of another kind at --out without asking.")
]

_HEAD = 65_536
"""Bytes of an older file that are looked at."""
_SAVED_MODEL = {
    "saved_model.pb", "fingerprint.pb", "keras_metadata.pb", "variables", "assets", "assets.extra"
}  # fmt: skip
"""What lies in the folder of a SavedModel."""
_WITH_SAVED_MODEL = {"about.json": "usage", "example.py": "example"}
"""Files that an export writes alongside, and the kind that each must be to be replaced."""


def claim(out: Path, kind: str, force: bool, *inputs: str | Path | Iterable[str | Path] | None) -> Path:
    """Make sure that a file may be written, and its folder.

    Args:
        out: the file, or the folder of a SavedModel.
        kind: what is written: a key of `_KINDS`, or "table:WORD" for a CSV with that column.
        force: replace an older file of another kind without asking.
        inputs: what the command reads, as the person named it: paths, names of sets, recipes and runs.

    Returns:
        The path, with `~` spelled out.

    Raises:
        UserError: it may not be written, or a person must agree and cannot be asked.
    """
    out = path_of(out)
    named = list(_paths(inputs))
    _refuse_inputs(out, named)
    _refuse_kept(out)
    if kind == "savedmodel":
        _refuse_other_things(out)
    else:
        if is_folder(out):
            raise UserError(f"'{out}' is a folder: give the name of a file.")
        if is_device(out):
            return out
        if out.is_file() and out.stat().st_size and not _is(kind, out):
            inside = next((folder for folder in named if is_folder(folder) and _lies_in(out, folder)), None)
            if inside is not None:
                raise UserError(
                    f"'{out}' is one of the files of '{inside}', which is read: give another name."
                )
            _ask(out, kind, force)
        make_parent(out)
    return out


def claim_folder(out: Path, *inputs: str | Path | None) -> Path:
    """Make sure that files may be added to a folder: it is no input, nor in one, nor a run's.

    Raises:
        UserError: they may not.
    """
    out = path_of(out)
    named = list(_paths(inputs))
    _refuse_inputs(out, named)
    for folder in named:
        if is_folder(folder) and _lies_in(out, folder):
            raise UserError(f"'{out}' lies in '{folder}', which is read: give a folder elsewhere.")
    _refuse_kept(out / "x")
    if os.path.lexists(out) and not is_folder(out):
        raise UserError(f"'{out}' is a file: give the name of a folder.")
    return out


def claim_in(folder: Path, names: Mapping[str, str], force: bool, *inputs: str | Path | None) -> None:
    """Make sure that several files may be written into a folder: an older one only over its own kind.

    Args:
        folder: as `claim_folder` gave it.
        names: of the files, each with its kind as for `claim`.
        force: replace older files of another kind without asking.
        inputs: what the command reads.

    Raises:
        UserError: one may not be written, or a person must agree and cannot be asked.
    """
    for name, kind in names.items():
        if os.path.lexists(folder / name):
            claim(folder / name, kind, force, *inputs)


def _paths(inputs: Iterable[str | Path | Iterable[str | Path] | None]) -> Iterable[Path]:
    """Return everything on disk that an argument may refer to."""
    for one in inputs:
        if one is None:
            continue
        if not isinstance(one, str | Path):
            yield from _paths(one)
            continue
        text = str(one)
        if not text.strip():
            continue
        # Images may be called by bytes that are no text.
        given = path_of(text) if printable(text) == text else Path(text)
        places = (given, data_folder() / given, runs_folder() / given)
        yield from (path for path in places if os.path.lexists(path))
        yield from (Path(path) for path in glob.glob(str(given)) if glob.has_magic(text))
        yield from _behind_fingerprint(text)


def _behind_fingerprint(text: str) -> Iterable[Path]:
    """The file that a set in the cache was made of."""
    from bcc.datasets.cache.cached_datasets import is_fingerprint, read_json

    if is_fingerprint(text):
        location = (read_json(cache_folder() / text / "meta.json") or {}).get("location")
        if isinstance(location, str) and os.path.isabs(location):
            yield Path(location)


def _refuse_inputs(out: Path, named: list[Path]) -> None:
    for path in named:
        if _same(out, path):
            raise UserError(f"'{out}' is what the command reads ('{path}'): give another name for --out.")


def _same(one: Path, other: Path) -> bool:
    """Whether two paths are one file: by links, hard links, detours or another case of letters."""
    try:
        if os.path.samefile(one, other):
            return True
    except OSError:
        pass
    return os.path.realpath(one).casefold() == os.path.realpath(other).casefold()


def _lies_in(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(folder)) in Path(os.path.realpath(path)).parents


def _refuse_kept(out: Path) -> None:
    """What the program keeps for itself, and what runs are made of."""
    from bcc.runs import Run, is_run
    from bcc.runs.run_folders import FILES

    real = Path(os.path.realpath(out))
    if _lies_in(out, cache_folder()):
        raise UserError(f"'{out}' lies in the cache, which the program keeps for itself: write elsewhere.")
    if Path(os.path.realpath(runs_folder())) == real.parent and real.name.startswith("."):
        raise UserError(f"'{out}' belongs to the queue: write elsewhere.")
    for name, folder in ((real.name, real.parent), *((one.name, one.parent) for one in real.parents)):
        if any(fnmatch(name, pattern) for pattern in FILES) and is_run(folder):
            raise UserError(f"'{out}' is one of the files of run '{Run(folder).id}': give another name.")


def _refuse_other_things(out: Path) -> None:
    """Allow a SavedModel to replace only a SavedModel."""
    if is_folder(out):
        others = sorted(
            path.name
            for path in out.iterdir()
            if path.name not in _SAVED_MODEL
            and not (path.name in _WITH_SAVED_MODEL and _is(_WITH_SAVED_MODEL[path.name], path))
        )
        if others:
            raise UserError(f"'{out}' is a folder with other things in it ({others[0]}): give a new one.")


def _ask(out: Path, kind: str, force: bool) -> None:
    what = "table" if kind.startswith("table") else _WORDS[kind]
    agree(f"'{out}' exists and is no {what} that this command writes. Replace it?", force, "--force")


def _is(kind: str, path: Path) -> bool:
    """Whether an older file is of the kind that is written."""
    try:
        if kind.startswith("table:"):
            return kind.partition(":")[2] in _columns(path)
        return _KINDS[kind](path)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return False


def _columns(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig") as file:
        lines = (line for line in file.read(_HEAD).splitlines() if not line.startswith("#"))
        return [name.strip('"') for name in next(lines, "").split(",")]


def _members(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as file:
        return set(file.namelist())


def _keys(path: Path) -> set[str]:
    values = read_json(path)
    return set(values) if isinstance(values, dict) else set()


def _begins(path: Path, *beginnings: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(_HEAD).lstrip().lower().startswith(beginnings)


def _is_map(path: Path) -> bool:
    """An array of float32, height by width."""
    import numpy as np

    values = np.load(path, mmap_mode="r", allow_pickle=False)
    return isinstance(values, np.ndarray) and values.ndim == 2 and values.dtype == np.float32


def _is_tflite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(8)[4:] == b"TFL3"


def _is_onnx(path: Path) -> bool:
    """Recognise an ONNX file: a protobuf has no magic number, but this one begins with its version."""
    with path.open("rb") as file:
        return path.suffix.lower() == ".onnx" and file.read(1) == b"\x08"


_KINDS: dict[str, Callable[[Path], bool]] = {
    "set": lambda path: {"images.npy", "labels.npy"} <= _members(path),
    "scores": lambda path: {"accuracy", "n"} <= _keys(path),
    "ladder": lambda path: {"rungs", "run", "source"} <= _keys(path),
    "transfer": lambda path: {"there", "home", "classes"} <= _keys(path),
    "robustness": lambda path: {"clean", "rows", "version"} <= _keys(path),
    "report": lambda path: _begins(path, b"<!doctype html"),
    "card": lambda path: _begins(path, b"# model card"),
    "keras": lambda path: {"config.json", "metadata.json", "model.weights.h5"} <= _members(path),
    "tflite": _is_tflite,
    "onnx": _is_onnx,
    "usage": lambda path: {"format", "class_names", "temperature"} <= _keys(path),
    "example": lambda path: _begins(path, b'"""ask the model of run '),
    "map": _is_map,
    "picture": lambda path: _begins(path, b"\x89png"),
}
"""What commands write -> whether a file is such a thing."""
_WORDS = {
    "set": "dataset", "scores": "file of scores", "robustness": "file of scores", "report": "report",
    "transfer": "file of scores on another set", "ladder": "file of adaptation steps",
    "card": "model card", "keras": "Keras model", "tflite": "TFLite model", "onnx": "ONNX model",
    "usage": "description of a model", "example": "example of how to use a model", "map": "saliency map",
    "picture": "image",
}  # fmt: skip
