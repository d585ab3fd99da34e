"""What a search found, read from its study; also while it is conducted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from bcc.jobs.search.conductor import RUN, STOPPED, WHY, is_conducted
from bcc.jobs.search.search import Search, open_study, search_folder

LEAST = 8
"""Finished runs before anything is said about what matters."""
_STATES = {"COMPLETE": "finished", "PRUNED": "stopped early", "FAIL": "failed", "RUNNING": "at work"}


def search_table(search: Search, root: Path | None = None) -> pd.DataFrame:
    """A line per run, in the order in which they were started.

    Returns:
        `number` (from 1), a column for each field that varies, `validation_accuracy` (best so far, 0..1),
        `best_so_far` (of all up to here that finished), `epochs` (that were trained), `state` ("finished",
        "stopped early", "failed", "at work"), `seconds`, `run`, `why`.

    Raises:
        UserError: the study cannot be read.
    """
    lines: list[dict[str, Any]] = []
    best = float("nan")
    for one in _trials(search, root):
        values = [value for value in one.intermediate_values.values() if value == value]
        value = one.value if one.value is not None else max(values, default=float("nan"))
        state = _STATES.get(one.state.name, "at work")
        if state == "finished":
            best = value if best != best else max(best, value)
        lines.append(
            {
                "number": one.number + 1,
                **{
                    d.field: d.said(one.params[d.field]) if d.field in one.params else None
                    for d in search.dimensions
                },
                "validation_accuracy": value,
                "best_so_far": best,
                "epochs": len(one.intermediate_values),
                "state": "stopped early" if state == "at work" and one.user_attrs.get(STOPPED) else state,
                "seconds": one.duration.total_seconds() if one.duration is not None else float("nan"),
                "run": one.user_attrs.get(RUN, ""),
                "why": one.user_attrs.get(WHY, ""),
            }
        )
    fields = [one.field for one in search.dimensions]
    rest = ["validation_accuracy", "best_so_far", "epochs", "state", "seconds", "run", "why"]
    return pd.DataFrame(lines, columns=["number", *fields, *rest])


def best_run(table: pd.DataFrame) -> str:
    """Id of the run with the best validation accuracy among those that finished; "" where none has."""
    done = table[table["state"] == "finished"]
    return str(done.loc[done["validation_accuracy"].idxmax(), "run"]) if len(done) else ""


def importance(search: Search, root: Path | None = None) -> pd.DataFrame | None:
    """How much of the differences each field explains (fANOVA: Hutter, Hoos and Leyton-Brown 2014).

    Returns:
        `field`, `importance` (0..1, adding up to 1), the largest first; `None` before there are enough runs,
        or where all came out the same.
    """
    import optuna

    study = open_study(search, root)
    done = [one for one in study.get_trials(deepcopy=False) if one.value is not None]
    if len(done) < LEAST or len({one.value for one in done}) < 2:
        return None
    try:
        found = optuna.importance.get_param_importances(
            study, evaluator=optuna.importance.FanovaImportanceEvaluator(seed=0)
        )
    except (ValueError, RuntimeError):
        return None
    table = pd.DataFrame({"field": list(found), "importance": list(found.values())})
    return table.sort_values("importance", ascending=False, ignore_index=True)


def stage_of(search: Search, table: pd.DataFrame, root: Path | None = None) -> str:
    """Where the search stands, in a sentence."""
    used = len(table)
    where = "at work" if is_conducted(search.name, root) else "not at work"
    counts = table["state"].value_counts()
    said = ", ".join(f"{counts[state]} {state}" for state in _STATES.values() if state in counts)
    return f"{used} of {search.runs} runs{f' ({said})' if said else ''}; the search is {where}."


def _trials(search: Search, root: Path | None) -> list[Any]:
    if not (search_folder(search.name, root) / "study.db").is_file():
        return []
    # Combinations of a grid that nobody has begun are no runs yet.
    trials = open_study(search, root).get_trials(deepcopy=False)
    return [one for one in trials if one.state.name != "WAITING"]
