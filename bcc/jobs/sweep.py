"""What if? One or two fields of a config take several values, over several seeds: one run each.

Every run carries the question's name and its values in about.json, so that the answer can be put together
from the runs on disk at any time, also while they are still at work.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.errors import UserError
from bcc.jobs.queue import submit_all
from bcc.runs import About, Run, RunSummary
from bcc.specs import check
from bcc.training import TrainConfig, changed

if TYPE_CHECKING:
    import pandas as pd

MOST = 200
"""Runs that one question may ask for."""


@dataclass(frozen=True)
class Sweep:
    """A question to the data.

    Attributes:
        name: what to call it.
        base: what all runs have in common.
        varied: dotted name of a field -> its values; one field or two.
        seeds: each combination is trained once with each.
    """

    name: str
    base: TrainConfig
    varied: Mapping[str, Sequence[Any]]
    seeds: Sequence[int]

    def runs(self) -> list[tuple[TrainConfig, About]]:
        """The config of every run and what is said about it, in the order in which they are trained.

        All combinations are trained with the first seed before any is with the second, so that an answer
        shows early.

        Raises:
            UserError: no field or too many, no value, too many runs, a value that the config refuses.
        """
        if not self.name.strip():
            raise UserError("Give the question a name, so that its answer can be found again.")
        if not 1 <= len(self.varied) <= 2:
            raise UserError("A question varies one field or two.")
        for field, values in self.varied.items():
            if not values:
                raise UserError(f"'{field}' has no values to try.")
        if not self.seeds:
            raise UserError("Give at least one seed.")
        combinations = list(itertools.product(*(list(dict.fromkeys(v)) for v in self.varied.values())))
        seeds = list(dict.fromkeys(self.seeds))
        if len(combinations) * len(seeds) > MOST:
            raise UserError(
                f"These are {len(combinations) * len(seeds):,} runs; one question may ask for {MOST} at most."
            )
        wanted = []
        for seed, values in itertools.product(seeds, combinations):
            chosen = dict(zip(self.varied, values, strict=True))
            config = changed(self.base, {**chosen, "seed": seed})
            label = ", ".join(f"{_short(field)} {value}" for field, value in chosen.items())
            label += f", seed {seed}" if len(seeds) > 1 else ""
            said = {"name": label, "what_if": self.name, "varied": {**chosen, "seed": seed}}
            wanted.append((config, check(About, said, "the question")))
        return wanted

    def submit(self, root: Path | None = None) -> list[Run]:
        """Put all runs in line."""
        return submit_all(self.runs(), root)


def _short(field: str) -> str:
    """ "head.learning_rate" -> "learning rate"."""
    return field.rpartition(".")[2].replace("_", " ")


def spread(low: float, high: float, count: int, logarithmic: bool = False) -> list[float]:
    """Evenly spaced values from low to high, short ones where that does no harm.

    Args:
        low, high: both included; above 0 on a logarithmic scale.
        count: how many, 2 or more.
        logarithmic: even steps of the exponent.

    Raises:
        UserError: no such values.
    """
    if count < 2 or not low < high:
        raise UserError(
            f"A range goes from a low to a high value in 2 steps or more, not {low:g} to {high:g}."
        )
    if logarithmic and low <= 0:
        raise UserError(f"A logarithmic range begins above 0, not at {low:g}.")
    values = np.geomspace(low, high, count) if logarithmic else np.linspace(low, high, count)
    return [float(f"{value:.3g}") for value in values]


def read_values(text: str) -> list[Any]:
    """Read "0.1, 0.2", "1e-4..1e-2 log 5" or "0..0.4 lin 5" (or ":" for the spaces).

    Raises:
        UserError: it is neither a list nor a range.
    """
    if ".." in text:
        parts = text.replace(":", " ").split()
        low, _, high = parts[0].partition("..")
        try:
            kind, count = (parts[1], int(parts[2])) if len(parts) == 3 else ("lin", int(parts[1]))
            bounds = float(low), float(high)
        except (ValueError, IndexError) as error:
            raise UserError(
                f"'{text}' is no range: write low..high:lin:count or low..high:log:count, for instance "
                "1e-4..1e-2:log:5."
            ) from error
        if kind not in ("lin", "log"):
            raise UserError(f"A range is lin or log, not '{kind}'.")
        return spread(*bounds, count, logarithmic=kind == "log")
    return [read_value(part) for part in text.split(",") if part.strip()]


def read_value(text: str) -> Any:
    """A number, true or false where it reads as one, else the text."""
    text = text.strip()
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def questions(summaries: Sequence[RunSummary]) -> dict[str, list[RunSummary]]:
    """The questions that runs on disk belong to, with their runs; the order of the runs is kept."""
    found: dict[str, list[RunSummary]] = {}
    for one in summaries:
        if one.about.what_if and set(one.about.varied) - {"seed"}:
            found.setdefault(one.about.what_if, []).append(one)
    return found


def answer(summaries: Sequence[RunSummary]) -> pd.DataFrame:
    """What came out, a line a run.

    Returns:
        A column for each varied field, then `seed`, `validation_accuracy` (best so far, 0..1 or missing),
        `accuracy` (of the final model), `status` and `run`.
    """
    import pandas as pd

    lines = []
    for one in summaries:
        varied = dict(one.about.varied)
        seed = varied.pop("seed", 0)
        lines.append(
            {
                **varied,
                "seed": seed,
                "validation_accuracy": one.state.best_validation_accuracy if one.state else None,
                "accuracy": one.accuracy,
                "scored_on": one.scored_on,
                "status": one.state.status if one.state else "damaged",
                "run": one.run.id,
            }
        )
    fields = list(dict.fromkeys(name for one in summaries for name in one.about.varied if name != "seed"))
    rest = ["seed", "validation_accuracy", "accuracy", "scored_on", "status", "run"]
    frame = pd.DataFrame(lines, columns=[*fields, *rest])
    frame = frame.astype({"validation_accuracy": "float64", "accuracy": "float64"})
    return frame.sort_values([*fields, "seed"], key=_comparable, ignore_index=True)


def varied_fields(table: pd.DataFrame) -> list[str]:
    """The fields that an answer varies."""
    known = ("seed", "validation_accuracy", "accuracy", "scored_on", "status", "run")
    return [name for name in table if name not in known]


def over_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """An answer with the seeds taken together.

    Returns:
        A line a combination: the fields, `runs` (those with a figure), `mean`, `lowest`, `highest` and
        `deviation` of the validation accuracy, and `accuracy`, the mean of the final one,
        with `scored_on`, the images that it is about ("test", "validation", "test, validation" or "").
    """
    fields = varied_fields(table)
    groups = table.groupby(fields, sort=False, dropna=False)
    return groups.agg(
        runs=("validation_accuracy", "count"),
        mean=("validation_accuracy", "mean"),
        lowest=("validation_accuracy", "min"),
        highest=("validation_accuracy", "max"),
        deviation=("validation_accuracy", "std"),
        accuracy=("accuracy", "mean"),
        scored_on=("scored_on", lambda said: ", ".join(sorted(set(said) - {""}))),
    ).reset_index()


def _comparable(column: pd.Series) -> pd.Series:
    """Numbers by size, all else by its text."""
    numeric = column.map(lambda value: isinstance(value, int | float) and not isinstance(value, bool)).all()
    return column if numeric else column.map(str)
