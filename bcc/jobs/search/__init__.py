"""A search: many fields of a config, a budget of runs, bad runs stopped early. Optuna proposes and remembers.

`space` says what may vary, `search` what is asked and where it is stored, `conductor` puts runs in the queue
and tells Optuna what came out, `results` reads it back. Training itself, and the queue, are those of every
other run.
"""

from bcc.jobs.search.conductor import conduct, is_conducted, start_conductor, stop_search
from bcc.jobs.search.results import best_run, importance, search_table, stage_of
from bcc.jobs.search.search import (
    PRUNERS,
    SAMPLERS,
    Search,
    begin_search,
    read_search,
    saved_searches,
    searches_folder,
)
from bcc.jobs.search.space import Dimension, parse_dimension

__all__ = [
    "PRUNERS",
    "SAMPLERS",
    "Dimension",
    "Search",
    "begin_search",
    "best_run",
    "conduct",
    "importance",
    "is_conducted",
    "parse_dimension",
    "read_search",
    "saved_searches",
    "search_table",
    "searches_folder",
    "stage_of",
    "start_conductor",
    "stop_search",
]
