"""A process in place of the training command: it writes into a run directory what training writes.

Started by `BCC_JOB_PREFIX`, with the real command as its arguments. Files in the runs folder steer it: while
`hold` is there it goes on "training"; `crash` ends it with status 3 before it has spoken, `die` after.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

# Whatever folder it is started in, as the real command.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from bcc.runs import Run, RunState, alone


def main(arguments: list[str]) -> None:
    """Be a run from its start to its end."""
    run = Run(Path(arguments[-1]))
    root = run.folder.parent
    if (root / "crash").exists():
        print("bcc: It cannot be done.", flush=True)
        sys.exit(3)
    with alone(run):
        before = run.read_state()
        what = "resume" if "--resume" in arguments else "start"
        with (root / "began.txt").open("a") as began:
            began.write(f"{run.id} {what} {os.environ['CUDA_VISIBLE_DEVICES']}\n")
        run.log.write_text("began\n")
        state = RunState("running", epochs=before.epochs, created=before.created).mine()
        run.write_state(state)
        if (root / "die").exists():
            sys.exit(4)
        while (root / "hold").exists() and not run.stop_request.exists():
            time.sleep(0.02)
        ended = "stopped" if run.stop_request.exists() else "finished"
        run.stop_request.unlink(missing_ok=True)
        run.checkpoint.write_bytes(b"all there is")
        with (root / "began.txt").open("a") as began:
            began.write(f"{run.id} {ended} -\n")
        run.write_state(state.now(status=ended))


if __name__ == "__main__":
    main(sys.argv[1:])
