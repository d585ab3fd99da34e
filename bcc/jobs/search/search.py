"""A search: what is asked, and where it is stored.

    <runs>/.searches/<name>/search.json   what is asked
    <runs>/.searches/<name>/study.db      Optuna's study (SQLite), one writer
    <runs>/.searches/<name>/.conductor.lock, conductor.log, stop

The runs of a search are usual runs of the queue; the study names them.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from bcc.atomic_files import why_not_written, write_json
from bcc.errors import UserError
from bcc.jobs.search.space import Dimension
from bcc.json_files import read_json
from bcc.paths import runs_folder
from bcc.specs import Spec, option
from bcc.training import TrainConfig

if TYPE_CHECKING:
    import optuna

Sampler = Literal["tpe", "random", "grid"]
Pruner = Literal["median", "hyperband", "none"]
SAMPLERS: dict[str, str] = {
    "tpe": "learns from what came out so far",
    "random": "draws at random",
    "grid": "tries every combination of a grid",
}
PRUNERS: dict[str, str] = {
    "median": "stops a run that is below the median of the others at the same epoch",
    "hyperband": "gives many runs few epochs and the best of them more",
    "none": "lets every run finish",
}
MOST_RUNS = 1_000
_NAME = re.compile(r"[\w][\w .,()+-]{0,79}")


class Search(Spec):
    """What is asked."""

    name: str = option("", "What to call it.")
    base: TrainConfig = option(TrainConfig(), "What all runs have in common.")
    dimensions: tuple[Dimension, ...] = option((), "What varies.")
    runs: int = option(40, "How many runs it may start.", ge=1, le=MOST_RUNS)
    hours: float = option(0.0, "How long it may take; 0 for as long as the runs do.", ge=0)
    sampler: Sampler = option("tpe", "How values are chosen.")
    pruner: Pruner = option("median", "Which runs are stopped early.")
    warmup: int = option(1, "Epochs before a run may be stopped.", ge=0)
    steps: int = option(3, "Values of each range in a grid.", ge=2, le=20)
    at_once: int = option(1, "Runs in the queue at a time.", ge=1, le=64)
    seeds: int = option(1, "Seeds that the best config is trained with in the end.", ge=1, le=20)
    seed: int = option(0, "Of the draws.", ge=0)


def searches_folder(root: Path | None = None) -> Path:
    """Where searches are stored."""
    return (root or runs_folder()).absolute() / ".searches"


def search_folder(name: str, root: Path | None = None) -> Path:
    """The folder of a search.

    Raises:
        UserError: this is no name for one.
    """
    if not _NAME.fullmatch(name) or name.endswith("."):
        raise UserError(
            f"'{name[:80]}' cannot be the name of a search: use up to 80 letters, digits, blanks and . , ( "
            ") + -."
        )
    return searches_folder(root) / name


def begin_search(search: Search, root: Path | None = None) -> Search:
    """Save a new search, or a larger budget for one that is there.

    Raises:
        UserError: nothing varies, a field varies twice, another search has its name, or the disk is full.
    """
    if not search.dimensions:
        raise UserError("Say which fields vary, for instance --vary all.learning_rate=1e-4..1e-2:log.")
    fields = [one.field for one in search.dimensions]
    twice = next((one for place, one in enumerate(fields) if one in fields[:place]), None)
    if twice:
        raise UserError(f"'{twice}' varies twice; give it one range.")
    folder = search_folder(search.name, root)
    path = folder / "search.json"
    if path.exists():
        before = read_search(search.name, root)
        budget = {name: getattr(search, name) for name in ("runs", "hours", "seeds", "at_once")}
        if before.model_copy(update=budget) != search:
            raise UserError(
                f"There is a search '{search.name}' already, which asks something else: choose another name, "
                "or go on with that one by its name alone."
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_json(path, search.model_dump(mode="json"))
    except OSError as error:
        raise UserError(why_not_written(error, f"the search '{search.name}'", folder)) from error
    return search


def read_search(name: str, root: Path | None = None) -> Search:
    """A search by its name.

    Raises:
        UserError: there is none, or its file is damaged.
    """
    path = search_folder(name, root) / "search.json"
    try:
        return Search.model_validate(read_json(path))
    except FileNotFoundError as error:
        there = ", ".join(saved_searches(root)) or "none yet"
        raise UserError(f"There is no search '{name}'; there are: {there}.") from error
    except (OSError, ValueError, ValidationError) as error:
        raise UserError(f"The search '{name}' is damaged: {path} cannot be read.") from error


def saved_searches(root: Path | None = None) -> list[str]:
    """Names of all searches, the newest first."""
    folder = searches_folder(root)
    paths = sorted(folder.glob("*/search.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    names = []
    for path in paths:
        try:
            names.append(str(read_json(path)["name"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return names


def open_study(search: Search, root: Path | None = None) -> optuna.Study:
    """Optuna's study of a search, made where there is none.

    Args:
        search: what is asked.
        root: the folder of runs.

    Raises:
        UserError: the study cannot be read.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    path = search_folder(search.name, root) / "study.db"
    try:
        if path.exists():
            # Optuna would pass on an error of the library below it.
            with closing(sqlite3.connect(path)) as database:
                database.execute("pragma schema_version").fetchone()
        study = optuna.create_study(
            storage=f"sqlite:///{path}",
            study_name="search",
            direction="maximize",
            load_if_exists=True,
            pruner=_pruner(search),
        )
        # A search that goes on draws other values than before.
        study.sampler = _sampler(search, len(study.get_trials(deepcopy=False)))
        return study
    except (sqlite3.Error, RuntimeError) as error:
        raise UserError(f"The study of '{search.name}' cannot be read: {path}.") from error


def _sampler(search: Search, offset: int) -> Any:
    import optuna

    # The combinations of a grid are put in line by the conductor: Optuna's own sampler wants to end the loop.
    if search.sampler in ("random", "grid"):
        return optuna.samplers.RandomSampler(seed=search.seed + offset)
    # Several fields together, and none proposed twice while another run tries it.
    return optuna.samplers.TPESampler(
        seed=search.seed + offset,
        multivariate=True,
        constant_liar=search.at_once > 1,
    )


def _pruner(search: Search) -> Any:
    import optuna

    if search.pruner == "median":
        return optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=search.warmup)
    if search.pruner == "hyperband":
        return optuna.pruners.HyperbandPruner(min_resource=max(search.warmup, 1))
    return optuna.pruners.NopPruner()
