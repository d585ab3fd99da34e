"""The run directory: layout, atomic writing, reading and listing. Never imports tensorflow."""

from bcc.atomic_files import replacing, write_arrays, write_json
from bcc.runs.about import About, read_about, write_about
from bcc.runs.data_in_line import read_data_in_line, write_data_in_line
from bcc.runs.first_weights import (
    FirstWeights,
    read_first_rows,
    read_first_weights,
    write_first_rows,
    write_first_weights,
)
from bcc.runs.listing import RunSummary, list_runs, open_run, summarise
from bcc.runs.run import Predictions, Run, Watched
from bcc.runs.run_folders import deletable, is_run
from bcc.runs.run_lock import alone
from bcc.runs.shipped import is_shipped, refuse_shipped, shipped_run, shipped_runs
from bcc.runs.state import ALIVE, RunState, Status

__all__ = [
    "ALIVE",
    "About",
    "FirstWeights",
    "Predictions",
    "Run",
    "RunState",
    "RunSummary",
    "Status",
    "Watched",
    "alone",
    "deletable",
    "is_run",
    "is_shipped",
    "list_runs",
    "open_run",
    "read_about",
    "read_data_in_line",
    "read_first_rows",
    "read_first_weights",
    "refuse_shipped",
    "replacing",
    "shipped_run",
    "shipped_runs",
    "summarise",
    "write_about",
    "write_arrays",
    "write_data_in_line",
    "write_first_rows",
    "write_first_weights",
    "write_json",
]
