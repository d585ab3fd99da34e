"""Start another process of this package from any folder: workers, trainings, measurements.

`python -m` looks for modules in the folder that it is started in: it would miss a checkout that lies
elsewhere, and take a file `random.py` that a person keeps there for Python's own. So Python is told to leave
that folder alone (`-P`) and is given this file, which knows where its package lies:

    python -P .../bcc/launch.py bcc train --config FILE --run DIR

Environment and working folder stay the person's: relative paths mean what they meant, and no PYTHONPATH is
set. Only the standard library is imported here, since the package is not found before this has run.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""What holds the package: a checkout, or the site-packages that it was installed into."""


def python(module: str, *words: str) -> list[str]:
    """Return the command that runs a module of this package: its name, then its arguments."""
    return [sys.executable, "-P", str(Path(__file__).resolve()), module, *words]


def _run(words: list[str]) -> None:
    if not any(Path(place).resolve() == ROOT for place in sys.path):
        sys.path.insert(0, str(ROOT))
    sys.argv[:] = words
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _run(sys.argv[1:])
