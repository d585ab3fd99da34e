"""How a run's data looked when the run was put in line, kept until it trains: days may lie between."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict

from bcc.atomic_files import write_json
from bcc.datasets import SourceMark
from bcc.errors import UserError
from bcc.runs.run import Run


def write_data_in_line(run: Run, mark: SourceMark | None) -> None:
    """Write down how the data looks now; nothing where there is nothing to tell a change by."""
    if mark is not None:
        write_json(run.data_in_line, asdict(mark))


def read_data_in_line(run: Run) -> SourceMark | None:
    """How the data looked; `None` where the run never waited, or nobody can tell."""
    if not run.data_in_line.exists():
        return None
    with suppress(UserError, KeyError):
        values = run.read_json(run.data_in_line)
        return SourceMark(str(values["stamp"]), str(values["fingerprint"]))
    return None
