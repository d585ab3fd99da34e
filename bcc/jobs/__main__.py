"""`python -m bcc.jobs RUNS DEVICE`: be the worker of one device until the queue is empty."""

import sys
from pathlib import Path

from bcc.jobs.worker import work

if __name__ == "__main__":
    work(Path(sys.argv[1]), sys.argv[2])
