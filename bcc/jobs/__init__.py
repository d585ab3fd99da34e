"""A queue on this machine: one run at a time on each device, first in, first out, whoever submits them.

A job is a command in a process of its own; a worker for each device starts one after another. The order of
those that wait is in the runs folder, all else in the run directories, so that any number of servers and
shells work on the same folder, and closing them, or the machine, loses nothing. docs/jobs.md describes it.
"""

from bcc.jobs.control import delete, deleted, describe, empty_trash, kill, restore, stop
from bcc.jobs.devices import Device, device_names, devices
from bcc.jobs.job import Job, at_work, gpus_to_keep_off, held_devices, read_job
from bcc.jobs.queue import Place, move, new_run_id, resume, retry, revive, submit, submit_all
from bcc.jobs.queue_order import waiting
from bcc.jobs.resource_usage import Usage, usage
from bcc.jobs.sweep import Sweep, answer, over_seeds, questions, read_values, spread, varied_fields
from bcc.jobs.worker import NICENESS, command

__all__ = [
    "NICENESS",
    "Device",
    "Job",
    "Place",
    "Sweep",
    "Usage",
    "answer",
    "at_work",
    "command",
    "delete",
    "deleted",
    "describe",
    "device_names",
    "devices",
    "empty_trash",
    "gpus_to_keep_off",
    "held_devices",
    "kill",
    "move",
    "new_run_id",
    "over_seeds",
    "questions",
    "read_job",
    "read_values",
    "restore",
    "resume",
    "retry",
    "revive",
    "spread",
    "stop",
    "submit",
    "submit_all",
    "usage",
    "varied_fields",
    "waiting",
]
