"""From scores of single maps to a table of which methods to believe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bcc.explain.methods import KINDS
from bcc.explain.trust.controls import CONTROLS
from bcc.explain.trust.scores import NO_MODEL, PIXELS, SCORES

if TYPE_CHECKING:
    import pandas as pd

MOST_LIKE_RANDOM = 0.5
"""Maps that correlate more than this with those of random weights do not show what was learned."""


def summarise(scores: pd.DataFrame) -> pd.DataFrame:
    """A row per method and stage: the mean of each score, and whether to believe it.

    Args:
        scores: of `score_maps`, whole or only some classes.

    Returns:
        `method`, `stage`, `maps` (how many), `empty` (how many say nothing), the means of `SCORES`,
        `faithful` (insertion less deletion), `above_chance` (the mean by which that beats the best of the
        controls, on the same images), `error` (its standard error), `believable`. The last is true where
        `above_chance` is more than two standard errors above 0 and the maps change with the weights; it is
        false for the controls. Methods first, the most faithful on top.
    """
    import pandas as pd

    scores = scores.assign(faithful=scores["insertion"] - scores["deletion"])
    controls = {name: scores[scores["method"] == name].set_index("picture")["faithful"] for name in CONTROLS}
    rows = []
    for (method, stage), maps in scores.groupby(["method", "stage"], sort=False):
        ours = maps.set_index("picture")["faithful"]
        gap, error = _closest(ours, controls) if stage != NO_MODEL else (np.nan, np.nan)
        means = maps[list(SCORES)].mean()
        rows.append(
            {
                "method": method,
                "stage": stage,
                "maps": len(maps),
                "empty": int(maps["deletion"].isna().sum()),
                **means,
                "faithful": ours.mean(),
                "above_chance": gap,
                "error": error,
                "believable": bool(gap > 2 * error and means["randomised"] < MOST_LIKE_RANDOM),
            }
        )
    table = pd.DataFrame(rows)
    table["_control"] = table["stage"] == NO_MODEL
    table = table.sort_values(["_control", "faithful"], ascending=[True, False], kind="stable")
    return table.drop(columns="_control").reset_index(drop=True)


def by_class(scores: pd.DataFrame) -> pd.DataFrame:
    """`summarise` per class: the same columns after `class`, classes in the frame's order."""
    import pandas as pd

    parts = [summarise(part).assign(**{"class": name}) for name, part in scores.groupby("class", sort=False)]
    if not parts:
        return pd.DataFrame()
    table = pd.concat(parts, ignore_index=True)
    return table[["class", *(column for column in table if column != "class")]]


def in_words(table: pd.DataFrame) -> tuple[bool, str]:
    """Summarise a table in a sentence or two.

    Args:
        table: of `summarise`.

    Returns:
        Whether any method can be believed, and the sentences.
    """
    good = table[table["believable"]]
    if len(good):
        best, also = good.iloc[0], f" and {len(good) - 1} more" if len(good) > 1 else ""
        return True, (
            f"Most believable here: {_spot(best)}{also}. It beats the best map made without a model by "
            f"{_gap(best)}."
        )
    ahead = table[table["above_chance"] > 2 * table["error"]]
    if ahead.empty:
        return False, (
            "On this sample no method points at what the run needs better than a map made without any model. "
            "Treat the maps with caution, or score more images."
        )
    best = ahead.iloc[0]
    spot = _spot(best)
    return False, (
        f"No method passes both tests. {spot[0].upper()}{spot[1:]} points at what the run needs better than "
        f"any map made without a model, by {_gap(best)}, but its maps stay much the same when all weights "
        f"are shuffled (correlation {best['randomised']:.2f}): they show the image's own structure as much "
        "as the run's reasons."
    )


def _spot(line: pd.Series) -> str:
    where = "the pixels" if line["stage"] == PIXELS else line["stage"]
    return f"{KINDS[line['method']].title} at {where}"


def _gap(line: pd.Series) -> str:
    return f"{line['above_chance']:.2f} ± {2 * line['error']:.2f}"


def _closest(ours: pd.Series, controls: dict[str, pd.Series]) -> tuple[float, float]:
    """Mean difference to the control that comes closest or wins, and its standard error."""
    found = []
    for theirs in controls.values():
        gap = (ours - theirs.reindex(ours.index)).dropna()
        error = gap.std(ddof=1) / np.sqrt(len(gap)) if len(gap) > 1 else np.nan
        found.append((float(gap.mean()), float(error)))
    return min(found) if found else (np.nan, np.nan)
