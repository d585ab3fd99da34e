"""Can a saliency map be believed? Numbers for every method and stage, beside maps that no model made."""

from bcc.explain.trust.cascading_randomisation import Forgetting, forgetting
from bcc.explain.trust.controls import CONTROLS, control
from bcc.explain.trust.localisation import hits, share_inside
from bcc.explain.trust.of_run import kept_file, trust
from bcc.explain.trust.scores import NO_MODEL, PIXELS, SCORES, score_maps
from bcc.explain.trust.verdict import MOST_LIKE_RANDOM, by_class, in_words, summarise

__all__ = [
    "CONTROLS",
    "MOST_LIKE_RANDOM",
    "NO_MODEL",
    "PIXELS",
    "SCORES",
    "Forgetting",
    "by_class",
    "control",
    "forgetting",
    "hits",
    "in_words",
    "kept_file",
    "score_maps",
    "share_inside",
    "summarise",
    "trust",
]
