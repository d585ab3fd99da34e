"""Whether a step of a lesson was done: read from what lies on disk, for everybody on this machine together.

A check is a kind and settings, `run data.source=synthetic-clean weights=pbc at-least=2`. Kinds:

- `scan data=NAME`: the dataset was scanned;
- `left-out data=NAME [at-least=N]`: a selection leaves out that many rows;
- `relabelled data=NAME [at-least=N]`: a selection changes that many labels;
- `recipe [at-least=N]`: recipes were saved;
- `run [at-least=N] [FIELD=VALUE ...]`: finished runs whose configs say so; `phases=head+fine_tune` names
  the phases;
- `answers [data=NAME] [at-least=N]`: cells were named on the page Practise;
- `robustness`, `trust`: a run was tried there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bcc.augment.recipe_files import recipes_folder
from bcc.datasets import Dataset, cached_sets, open_cached, open_selection, saved_selections
from bcc.errors import UserError
from bcc.practice import all_answers
from bcc.quality import saved_scan
from bcc.runs import Run, list_runs
from bcc.safe_text import capital

PHASES = ("head", "fine_tune", "all")


@dataclass(frozen=True)
class Check:
    """What must be there: a kind, how much of it, and settings."""

    kind: str
    at_least: int = 1
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Outcome:
    """Whether it is there, and a sentence about how much."""

    done: bool
    sentence: str


def parse_check(text: str, where: str = "a check") -> Check:
    """Read the text of a check.

    Raises:
        UserError: it is not understood; `where` opens the sentence.
    """
    place = capital(where)
    kind, *words = text.split()
    if kind not in _KINDS:
        raise UserError(f"{place} is checked by '{kind}', which is not known; there are {', '.join(_KINDS)}.")
    settings, at_least = [], 1
    for word in words:
        key, sign, value = word.partition("=")
        if not sign or not key or not value:
            raise UserError(f"{place} has the check '{text}': write its settings as key=value.")
        if key == "at-least":
            if not value.isdecimal() or len(value) > 6:
                raise UserError(f"{place} is to be done at least '{value}' times, which is no number.")
            at_least = int(value)
        else:
            settings.append((key, value))
    allowed = _KINDS[kind].settings
    for key, _ in settings:
        if allowed is not None and key not in allowed:
            raise UserError(f"{place} has the check '{kind}', which has no setting '{key}'.")
    return Check(kind, at_least, tuple(settings))


def outcome(check: Check) -> Outcome:
    """Look whether it was done; what cannot be read counts as not done."""
    kind = _KINDS[check.kind]
    count = kind.count(dict(check.settings))
    noun = kind.noun if check.at_least == 1 else kind.nouns
    if check.at_least == 1:
        return Outcome(count >= 1, "Done." if count else f"Not yet: {noun} on this machine.")
    return Outcome(count >= check.at_least, f"{min(count, check.at_least):,} of {check.at_least:,} {noun}.")


def _scans(settings: Mapping[str, str]) -> int:
    return sum(_has_scan(one) for one in _datasets(settings))


def _has_scan(dataset: Dataset) -> bool:
    try:
        return saved_scan(dataset) is not None
    except UserError:
        return False


def _most_in_selection(settings: Mapping[str, str], what: str) -> int:
    most = 0
    for dataset in _datasets(settings):
        for name in saved_selections(dataset):
            try:
                selection = open_selection(dataset, name)
                changed = int(selection.labels.summary(dataset)["changed"]) if selection.labels else 0
                most = max(most, len(selection.left_out) if what == "left out" else changed)
            except UserError:
                continue
    return most


def _recipes(settings: Mapping[str, str]) -> int:
    folder = recipes_folder()
    return len(list(folder.glob("*.json"))) if folder.is_dir() else 0


def _runs(settings: Mapping[str, str]) -> int:
    return sum(
        _fits(one.run, settings) for one in list_runs() if one.state and one.state.status == "finished"
    )


def _fits(run: Run, settings: Mapping[str, str]) -> bool:
    try:
        config = run.read_json(run.config)
    except (UserError, OSError, ValueError):
        return False
    return all(
        value == ("+".join(_phases(config)) if key == "phases" else _written(_field(config, key)))
        for key, value in settings.items()
    )


def _phases(config: Mapping[str, Any]) -> list[str]:
    return [one for one in PHASES if (config.get(one) or {}).get("epochs")]


def _field(config: Any, dotted: str) -> Any:
    for part in dotted.split("."):
        config = config.get(part) if isinstance(config, Mapping) else None
    return config


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _answers(settings: Mapping[str, str]) -> int:
    wanted = {one.fingerprint for one in _datasets(settings)} if settings else None
    given = [one for book in all_answers() for one in book.answers if not one.again]
    return sum(wanted is None or one.data in wanted for one in given)


def _tried(folder: str) -> int:
    return sum(any((one.run.folder / folder).glob("*.*")) for one in list_runs())


def _datasets(settings: Mapping[str, str]) -> list[Dataset]:
    """The opened datasets that `data` names: by source name, or fingerprint."""
    name = settings.get("data", "")
    found = []
    for one in cached_sets():
        if name in (one.location, one.source, one.fingerprint):
            try:
                found.append(open_cached(one.fingerprint))
            except UserError:
                continue
    return found


@dataclass(frozen=True)
class _Kind:
    """How a kind is counted, how its things are called, and which settings it has (`None`: any)."""

    count: Callable[[Mapping[str, str]], int]
    noun: str
    nouns: str
    settings: tuple[str, ...] | None = ()


_KINDS: dict[str, _Kind] = {
    "scan": _Kind(_scans, "no scan of this dataset", "scans", ("data",)),
    "left-out": _Kind(
        lambda settings: _most_in_selection(settings, "left out"),
        "nothing left out",
        "images left out",
        ("data",),
    ),
    "relabelled": _Kind(
        lambda settings: _most_in_selection(settings, "changed"),
        "no label changed",
        "labels changed",
        ("data",),
    ),
    "recipe": _Kind(_recipes, "no recipe saved", "recipes saved"),
    "run": _Kind(_runs, "no such run that is finished", "such runs finished", None),
    "answers": _Kind(_answers, "no cell named", "cells named", ("data",)),
    "robustness": _Kind(lambda settings: _tried("robustness"), "no run tried", "runs tried"),
    "trust": _Kind(lambda settings: _tried("trust"), "no maps scored", "runs whose maps were scored"),
}
