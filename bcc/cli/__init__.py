"""The same actions as the app's, from a shell: `python -m bcc --help`.

Commands are thin: they read arguments, call `bcc` and print. Bad input ends with one sentence and exit
status 2. docs/command-line.md is the reference; options keep their names and meanings. One module for each
group of commands; the order of the imports is the order in which help lists them.
"""

from __future__ import annotations

import sys

# isort: off
from bcc.cli.app import app
from bcc.cli import data, quality, augmenting, training, runs, queue  # noqa: F401
from bcc.cli import scoring, robustness, comparing, reporting, explaining  # noqa: F401

# isort: on
from bcc.errors import UserError
from bcc.shown import shown

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; a `UserError` becomes one sentence and exit status 2."""
    try:
        _revive_queue()
        app()
    except UserError as error:
        print(f"bcc: {shown(error, lines=True)}", file=sys.stderr)
        sys.exit(2)


def _revive_queue() -> None:
    """After a restart of the machine the first command sees to the runs that wait; a look at one file."""
    from bcc.folders import runs_folder

    if (runs_folder() / ".queue.json").exists():
        from bcc.jobs import revive

        revive()
