"""What commands print: names from files and people are seen on a terminal, and not obeyed."""

from __future__ import annotations

import ast
import json
import logging
import shutil
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bcc import cli
from bcc.cli.terminal import Letters, say, say_block
from bcc.paths import PROJECT
from bcc.runs import About, Run, RunState, write_about

EVIL = "x\x1b[31m\u202ey\nz\r\u2066"
SEEN = r"x\x1b[31m\u202ey\nz\r\u2066"


def hidden(text: str) -> list[str]:
    """Letters that a terminal would obey, but for the ends of lines that the command writes itself."""
    return [letter for letter in text if letter != "\n" and unicodedata.category(letter) in ("Cc", "Cf")]


@pytest.fixture
def bcc(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command in this process: all that it prints, on both streams."""

    def run(*arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", ["bcc", *map(str, arguments)])
        with pytest.raises(SystemExit):
            cli.main()
        said = capsys.readouterr()
        return said.out + said.err

    return run


def test_a_line_stays_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    say(EVIL)
    say_block(f"one\n{EVIL}")
    assert capsys.readouterr().out == SEEN + "\none\n" + SEEN.replace(r"\n", "\n") + "\n"


def test_a_log_on_a_terminal_stays_a_line_an_event() -> None:
    record = logging.LogRecord("bcc", logging.INFO, "", 0, "%s was read", (EVIL,), None)
    assert Letters("%(message)s").format(record) == f"{SEEN} was read"


def test_every_command_prints_through_the_terminal() -> None:
    """`print` obeys what is in a name; only the line of progress, which rewrites itself, may use it."""
    found = {
        path.name
        for path in sorted((PROJECT / "bcc" / "cli").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", "") == "print" or getattr(node.func, "attr", "") in ("echo", "secho"))
    }
    assert found == {"terminal.py", "options.py"}


def test_names_of_runs_notes_and_tags(bcc: Callable[..., str], finished_run_folder: Path) -> None:
    from bcc.paths import runs_folder

    root = runs_folder()
    run = Run(shutil.copytree(finished_run_folder, root / EVIL))
    write_about(run, About(name=EVIL, note=f"one\n{EVIL}", tags=(EVIL,)))
    for command in (("runs",), ("about", EVIL), ("runs", "--root", root), ("restore",)):
        assert hidden(bcc(*command)) == []
    assert SEEN in bcc("runs")
    assert bcc("about", EVIL).splitlines()[0] == SEEN
    assert SEEN in bcc("stop", EVIL)
    for command in (("kill", EVIL), ("resume", EVIL), ("move", EVIL, "first"), ("about", EVIL + "?")):
        said = bcc(*command)
        assert hidden(said) == []
        assert len(said.splitlines()) == 1
    run.write_state(RunState("failed", message=EVIL))
    assert hidden(bcc("runs")) == []
    (listed,) = json.loads(bcc("runs", "--json"))
    assert listed["id"] == EVIL


def test_names_of_runs_that_are_compared(
    bcc: Callable[..., str], finished_run_folder: Path, learned_npz: Path, tmp_path: Path
) -> None:
    runs = [shutil.copytree(finished_run_folder, tmp_path / name) for name in (EVIL, f"{EVIL}2")]
    for command in (
        ("compare", *runs, "--data", learned_npz),
        ("ensemble", *runs, "--data", learned_npz, "--out", tmp_path / "out.json"),
        ("evaluate", runs[0], "--data", learned_npz, "--out", tmp_path / f"{EVIL}.json"),
        ("report", runs[0], "--out", tmp_path / f"{EVIL}.html"),
    ):
        said = bcc(*command)
        assert hidden(said) == []
        assert not any(line.startswith("z") for line in said.splitlines()), command
    assert SEEN[:20] in bcc("compare", *runs, "--data", learned_npz)


def test_names_of_classes_and_files(bcc: Callable[..., str], tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name in (EVIL, f"{EVIL} - Copy", "b"):
        (tmp_path / "cells" / name).mkdir(parents=True)
        for number in range(2):
            image = Image.fromarray(rng.integers(0, 256, (20, 20, 3), np.uint8))
            image.save(tmp_path / "cells" / name / f"{EVIL}{number}.png")
    (tmp_path / "cells" / "b" / f"{EVIL}.png").write_text("no image")
    assert hidden(bcc("info", tmp_path / "cells")) == []
    assert hidden(bcc("info", tmp_path / f"{EVIL}.npz")) == []
    assert hidden(bcc("scan", tmp_path / "cells", "--out", tmp_path / f"{EVIL}.csv")) == []
