"""`bcc sweep` from a shell: refused in one sentence, listed, shown, and conducted over two small runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bcc.cli import app
from bcc.errors import UserError
from bcc.jobs.search import conductor


def bcc(*words: str) -> tuple[str, BaseException | None]:
    answer = CliRunner().invoke(app, list(words))
    return answer.output, answer.exception


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nothing",), "There is no search 'nothing'"),
        (("x", "--vary", "dropout=2..3"), "lies outside"),
        (("x", "--vary", "dropout=0..0.1", "--vary", "dropout=0..0.2"), "varies twice"),
        (("x", "--vary", "dropout=0..0.1", "--sampler", "magic"), "sampler"),
        (("x", "--vary", "dropout=0..0.1", "--like", "a", "--preset", "quick"), "without --preset"),
        (("nothing", "--results"), "There is no search 'nothing'"),
    ],
)
def test_bad_input_is_one_sentence(words: tuple[str, ...], sentence: str, data_folder: Path) -> None:
    _, problem = bcc("sweep", *words)
    assert isinstance(problem, UserError)
    assert sentence in str(problem)


def test_two_small_runs_for_real(
    tiny_npz: Callable[..., Path], data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trained in this process instead of the queue's, so that nothing is left behind."""
    from bcc.training.train import resume

    submit = conductor.submit

    def trained(*about: object) -> object:
        monkeypatch.setattr("bcc.jobs.queue.revive", lambda root: None)
        run = submit(*about)  # type: ignore[arg-type]
        resume(run.folder)
        return run

    monkeypatch.setattr(conductor, "submit", trained)
    path = tiny_npz(data_folder / "blobs.npz", rows=80, classes=4)
    small = ["weights=none", "image_size=32", "all.epochs=1", "model=custom-cnn"]
    settings = [word for one in small for word in ("--set", one)]
    vary = "all.learning_rate=1e-3..1e-2:log"
    said, problem = bcc("sweep", "two", "--vary", vary, "--runs", "2", "--data", str(path), *settings)
    assert problem is None, problem
    assert "2 runs finished, 0 stopped early, 0 failed. The best reached" in said
    assert bcc("sweep")[0].split() == ["two"]
    shown, problem = bcc("sweep", "two", "--results")
    assert problem is None
    assert "2 of 2 runs (2 finished)" in shown
    lines = json.loads(bcc("sweep", "two", "--results", "--json")[0])
    assert [one["state"] for one in lines] == ["finished", "finished"]
    assert all(1e-3 <= one["all.learning_rate"] <= 1e-2 for one in lines)
