"""Whether to believe a saliency map: scores of every method and stage, and of maps made without a model."""

from bcc.explain.trust.cascading_randomisation import RandomisedMaps, randomise_weights
from bcc.explain.trust.controls import CONTROLS, control
from bcc.explain.trust.localisation import hits, share_inside
from bcc.explain.trust.of_run import saved_file, trust
from bcc.explain.trust.scores import NO_MODEL, PIXELS, SCORES, score_maps
from bcc.explain.trust.verdict import MOST_LIKE_RANDOM, by_class, in_words, summarise

__all__ = [
    "CONTROLS",
    "MOST_LIKE_RANDOM",
    "NO_MODEL",
    "PIXELS",
    "SCORES",
    "RandomisedMaps",
    "by_class",
    "control",
    "hits",
    "in_words",
    "randomise_weights",
    "saved_file",
    "score_maps",
    "share_inside",
    "summarise",
    "trust",
]
