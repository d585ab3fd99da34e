"""The run directory: layout, atomic writing, reading and listing. Never imports tensorflow."""

from bcc.atomic import replacing, write_arrays, write_json
from bcc.runs.layout import Predictions, Run
from bcc.runs.listing import RunSummary, list_runs, open_run, summarise
from bcc.runs.state import ALIVE, RunState, Status

__all__ = [
    "ALIVE",
    "Predictions",
    "Run",
    "RunState",
    "RunSummary",
    "Status",
    "list_runs",
    "open_run",
    "replacing",
    "summarise",
    "write_arrays",
    "write_json",
]
