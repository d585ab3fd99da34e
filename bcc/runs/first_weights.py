"""Which weights a run started from, and whether they reached every layer.

A small file of the run's own, written before the first step of a run that did not start from random weights.
"""

from __future__ import annotations

from bcc.atomic import write_json
from bcc.errors import UserError
from bcc.runs.layout import Run
from bcc.specs import Spec, check, option


class FirstWeights(Spec):
    """The contents of first_weights.json."""

    source: str = option("none", "What the option `weights` named: 'imagenet', a run or a file.")
    layers: int = option(0, "Layers of the model that have weights.", ge=0)
    filled: int = option(0, "Those that got theirs from the source.", ge=0)
    missing: tuple[str, ...] = option((), "Names of the others, which started from random weights.")
    sentence: str = option("", "The same for a person.")


def read_first_weights(run: Run) -> FirstWeights | None:
    """What a run started from; `None` where it was random weights, or was not written down.

    Raises:
        UserError: the file is damaged.
    """
    if not run.first_weights.exists():
        return None
    values = run.read_json(run.first_weights)
    if not isinstance(values, dict):
        raise UserError(f"first_weights.json of run '{run.id}' cannot be read: it holds no JSON object.")
    return check(FirstWeights, values, f"first_weights.json of run '{run.id}'")


def write_first_weights(run: Run, first: FirstWeights) -> None:
    """Write the file."""
    write_json(run.first_weights, first.model_dump(mode="json"))
