"""Find runs: one by its path or id, or all of them with a line about each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from bcc.advice import command
from bcc.errors import UserError
from bcc.models import shipped_weights
from bcc.paths import is_folder, path_of, runs_folder
from bcc.runs.about import About, read_about
from bcc.runs.run import Run
from bcc.runs.run_folders import is_run
from bcc.runs.shipped import shipped_run
from bcc.runs.state import RunState

NOTHING_SAID = About()


@dataclass(frozen=True)
class RunSummary:
    """One line of the list of runs.

    Attributes:
        run: the directory.
        state: where it stands, `None` when the directory is damaged.
        model: its model's size, "" when unknown.
        fingerprint: of its dataset, "" when unknown.
        source: its dataset as a person would name it.
        accuracy: final accuracy on the test split (validation where there is none), 0..1.
        scored_on: which of the two that is, "test" or "validation"; "" without an accuracy.
        baseline: the linear baseline's accuracy on the same rows, 0..1.
        problem: what is wrong with the directory, "" when nothing is.
        about: name, note, tags and the like.
    """

    run: Run
    state: RunState | None
    model: str = ""
    fingerprint: str = ""
    source: str = ""
    accuracy: float | None = None
    scored_on: str = ""
    baseline: float | None = None
    problem: str = ""
    about: About = NOTHING_SAID

    @property
    def title(self) -> str:
        """Its name, or its id where nobody gave it one."""
        return self.about.name or self.run.id

    @property
    def has_model(self) -> bool:
        """Whether there is something to predict with."""
        return self.run.model.exists()


def open_run(path: str | Path) -> Run:
    """A run by its directory, or by its id in the runs folder; a damaged one counts.

    'pbc' is the model that ships, unless a run has that name.

    Raises:
        UserError: there is none.
    """
    text = str(path)
    if not text.strip():
        raise UserError(f"The name of the run is empty: `{command('runs')}` lists those that there are.")
    found = [folder for folder in (path_of(text), runs_folder() / text) if is_folder(folder)]
    for folder in found:
        if is_run(folder):
            return Run(folder)
    # A folder of photographs may well be called so.
    if text in shipped_weights.NAMES:
        return shipped_run(text)
    if found:
        raise UserError(
            f"'{found[0]}' is no run directory: it holds no state.json nor another file that only a run has."
        )
    raise UserError(f"There is no run '{text}': `{command('runs')}` lists those that there are.")


def list_runs(root: Path | None = None) -> list[RunSummary]:
    """All runs under `root` (the runs folder when missing), newest first.

    A damaged directory is listed with its problem, never hidden and never an error.
    """
    root = root or runs_folder()
    if not is_folder(root):
        return []
    try:
        folders = [path for path in root.iterdir() if is_folder(path) and not path.name.startswith(".")]
    except OSError as error:
        raise UserError(f"The runs folder '{root}' cannot be read: {error.strerror or error}.") from error
    summaries = [summarise(Run(folder)) for folder in folders]
    return sorted(summaries, key=lambda s: (s.state.created if s.state else 0, s.run.id), reverse=True)


_Stamp = tuple[tuple[int, int, int] | None, ...]
_READ: dict[Path, tuple[_Stamp, RunSummary]] = {}
"""Summaries by directory, each with the files that it was made from: pages list all runs several times."""


def summarise(run: Run) -> RunSummary:
    """Read the few small files that the list needs; not again where none of them has changed."""
    files = (
        run.state,
        run.about,
        run.config,
        run.dataset,
        run.metrics,
        run.split,
        run.model,
        run.predictions,
    )
    stamp = tuple(_stamp(file) for file in files)
    before = _READ.get(run.folder)
    if before is None or before[0] != stamp:
        before = _READ[run.folder] = (stamp, _summarise(run))
    summary = before[1]
    # Whether its process still lives is written in no file.
    return summary if summary.state is None else replace(summary, state=summary.state.checked())


def _stamp(file: Path) -> tuple[int, int, int] | None:
    """What changes whenever a file is written anew; nothing where it is missing."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _summarise(run: Run) -> RunSummary:
    try:
        state = run.read_state()
    except UserError as error:
        return RunSummary(run, None, problem=str(error))
    problems: list[str] = []
    try:
        about = read_about(run)
    except UserError as error:
        about = About()
        problems.append(str(error))
    scored = _has_scored_itself(run, state)
    config, dataset, metrics = (
        _read_object(run, path, problems) if scored or path.exists() else {}
        for path in (run.config, run.dataset, run.metrics)
    )
    if scored:
        missing = [path.name for path in (run.split, run.model, run.predictions) if not path.exists()]
        problems += [f"Run '{run.id}' has no {name}: the file was taken away." for name in missing]
    reached = {side: _accuracy(metrics, side) for side in ("test", "validation")}
    scored_on = next((side for side, accuracy in reached.items() if accuracy is not None), "")
    return RunSummary(
        run,
        state,
        model=str(config.get("model", "")),
        fingerprint=str(dataset.get("fingerprint", "")),
        source=str(dataset.get("source", "")),
        accuracy=reached.get(scored_on),
        scored_on=scored_on,
        baseline=_accuracy(metrics, "baseline"),
        problem=problems[0] if problems else "",
        about=about,
    )


def _has_scored_itself(run: Run, state: RunState) -> bool:
    """Whether all files should be there: a run that left the queue or was killed may not have got so far."""
    if state.status == "stopped":
        return run.metrics.exists() or run.predictions.exists()
    return state.status == "finished"


def _read_object(run: Run, path: Path, problems: list[str]) -> dict:
    """A JSON object of the run; an empty one, and a line more among the problems, if it is no such thing."""
    try:
        result: dict = run.read_json(path)
        return result
    except UserError as error:
        problems.append(str(error))
        return {}


def _accuracy(metrics: dict, part: str) -> float | None:
    """Accuracy of a part of metrics.json, where it has one."""
    scores = metrics.get(part)
    return scores.get("accuracy") if scores else None
