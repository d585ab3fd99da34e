"""Start the training command and watch it. One process a run, for now; a queue will stand here."""

from bcc.jobs.launch import NICENESS, command, delete, go_on, launch, new_run_id, stop

__all__ = ["NICENESS", "command", "delete", "go_on", "launch", "new_run_id", "stop"]
