"""How good the answers are: probabilities and labels in, frames out.

`metrics` counts what was right and what was confused with what; `baseline` says how far a linear
model on simple numbers gets on the same images, because a network that does worse has not been
trained. Which model gave the probabilities is of no concern here.
"""

from bcc.evaluation.baseline import Baseline, linear_baseline, linear_probabilities
from bcc.evaluation.evaluate import evaluate
from bcc.evaluation.metrics.classification import UNKNOWN, confusion_matrix, mistakes, per_class, summary
from bcc.evaluation.metrics.scores import scores
from bcc.evaluation.rows import ChosenRows, choose_rows

__all__ = [
    "UNKNOWN",
    "Baseline",
    "ChosenRows",
    "choose_rows",
    "confusion_matrix",
    "evaluate",
    "linear_baseline",
    "linear_probabilities",
    "mistakes",
    "per_class",
    "scores",
    "summary",
]
