"""Processes of the package, started from any folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from bcc import __version__
from bcc.launch import python


def test_a_module_starts_from_any_folder_and_by_no_path_of_ours(tmp_path: Path) -> None:
    """Neither a file that is called as a module of Python's, nor another package `bcc` gets in the way."""
    (tmp_path / "random.py").write_text("raise SystemExit('a file of the folder was taken for a module')")
    (tmp_path / "bcc.py").write_text("raise SystemExit('another bcc was taken')")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        python("bcc", "--version"), cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == (f"bcc {__version__}\n", 0), done.stderr


def test_working_folder_environment_and_status_are_the_callers(tmp_path: Path) -> None:
    done = subprocess.run(
        python("bcc", "runs", "--root", "not there"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stderr, done.returncode) == ("bcc: There is no folder 'not there' with runs.\n", 2)
    (tmp_path / "there").mkdir()
    done = subprocess.run(
        python("bcc", "runs", "--root", "there", "--json"),
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "[]\n"
