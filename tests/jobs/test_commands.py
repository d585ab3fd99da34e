"""The queue from a shell: every command does what its function does, and bad input is one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bcc.cli import app
from bcc.errors import UserError
from bcc.jobs import waiting
from bcc.runs import Run, RunState, read_about
from bcc.training import assemble, read_config


@pytest.fixture
def call(root: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """`call("submit", "--preset", "quick")`: what it prints, with no worker started."""
    monkeypatch.setattr("bcc.jobs.queue.start_workers", lambda root, devices: None)

    def invoke(*words: str) -> str:
        result = CliRunner().invoke(app, list(words))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    return invoke


def test_a_run_is_submitted_described_moved_and_taken_out(call: Callable[..., str], root: Path) -> None:
    assert "Nothing waits" in call("queue")
    first = call("submit", "--preset", "quick", "--set", "seed=3", "--name", "one", "--tag", "a").split()[0]
    assert read_config(root / first / "config.json") == assemble("quick", settings=["seed=3"])
    second = call("submit", "--like", first, "--set", "dropout=0.2").split()[0]
    assert read_config(root / second / "config.json") == assemble("quick", settings=["seed=3", "dropout=0.2"])
    lines = json.loads(call("queue", "--json"))
    assert [(line["position"], line["id"], line["status"]) for line in lines] == [
        (1, first, "queued"), (2, second, "queued")
    ]  # fmt: skip
    assert "1  " in call("move", second, "first")
    assert [run.id for run in waiting(root)] == [second, first]
    call("about", first, "--tag", "b", "--untag", "a", "--favourite", "--note", "look")
    said = read_about(Run(root / first))
    assert (said.name, said.tags, said.favourite, said.note) == ("one", ("b",), True, "look")
    assert "one  (favourite)" in call("about", first)
    assert "stopped" in call("stop", first, second)
    assert waiting(root) == []
    call("resume", first)
    call("retry", second)
    assert [run.id for run in waiting(root)] == [first, second]
    call("delete", first, second, "--yes")
    assert not (root / first).exists()


def test_a_question_is_asked_and_answered(call: Callable[..., str], root: Path) -> None:
    words = ("what-if", "q", "--preset", "quick", "--vary", "dropout=0,0.2", "--seeds", "0,1")
    assert "4 runs" in call(*words, "--dry-run")
    assert waiting(root) == []
    ids = call(*words).split()
    assert [run.id for run in waiting(root)] == ids
    Run(root / ids[1]).write_state(RunState("finished", best_validation_accuracy=0.5))
    (line,) = [line for line in json.loads(call("what-if", "q", "--json")) if line["runs"]]
    assert (line["dropout"], line["mean"]) == (0.2, 0.5)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("stop", "nothing"), "There is no run 'nothing'"),
        (("submit", "--like", "nothing"), "There is no run 'nothing'"),
        (("submit", "--like", "x", "--preset", "quick"), "give it without --preset"),
        (("what-if", "q"), "There is no question 'q'"),
        (("what-if", "q", "--vary", "dropout"), "must look like field=values"),
        (("what-if", "q", "--vary", "dropout=0", "--seeds", "x"), "--seeds takes whole numbers"),
    ],
)
def test_bad_input_is_one_sentence(call: Callable[..., str], words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        call(*words)


def test_a_place_in_line_is_checked(call: Callable[..., str]) -> None:
    run = call("submit", "--preset", "quick").split()[0]
    with pytest.raises(UserError, match="first, up, down, last or a number"):
        call("move", run, "sideways")


def a_run(root: Path, name: str) -> Run:
    """One that has ended."""
    run = Run(root / name)
    run.folder.mkdir(parents=True)
    run.write_state(RunState("finished"))
    return run


def test_deleting_asks_and_can_be_undone(
    call: Callable[..., str], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = a_run(root, "a"), a_run(root, "b")
    with pytest.raises(UserError, match=r"Move 1 run to the trash: .*/a.*give --yes"):
        call("delete", "a")
    monkeypatch.setattr("bcc.cli.options.on_terminal", lambda: True)
    declined = CliRunner().invoke(app, ["delete", "a", "b"], input="n\n")
    assert (declined.exit_code, a.state.exists(), b.state.exists()) == (1, True, True)
    agreed = CliRunner().invoke(app, ["delete", "a"], input="y\n")
    assert (agreed.exit_code, a.folder.exists()) == (0, False)
    assert "python -m bcc restore a" in agreed.output
    call("delete", str(b.folder), "--yes")
    assert [line.split()[-1] for line in call("restore").splitlines()] == ["b", "a"]
    call("restore", "a")
    assert a.state.exists()
    with pytest.raises(UserError, match="no run 'a' in the trash"):
        call("restore", "a")
    kept = CliRunner().invoke(app, ["delete", "--empty-trash"], input="n\n")
    assert (kept.exit_code, len(call("restore").splitlines())) == (1, 1)
    assert "1 run removed for good" in call("delete", "--empty-trash", "--yes")
    assert call("restore") == "Nothing is in the trash.\n"
    assert a.state.exists()


def test_one_bad_name_deletes_nothing(call: Callable[..., str], root: Path, tmp_path: Path) -> None:
    a = a_run(root, "a")
    for bad in ("", ".", "..", "nothing", str(tmp_path)):
        with pytest.raises(UserError, match=r"deleted|There is no run|is empty"):
            call("delete", "a", bad, "--yes")
    assert a.state.exists()
    for words in ((), ("a", "--empty-trash")):
        with pytest.raises(UserError, match="--empty-trash alone"):
            call("delete", *words, "--yes")


def test_recipes_of_phases_and_validation_are_found_from_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bcc.jobs.queue import with_whole_paths

    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.json").write_text('{"steps": []}')
    settings = ["validation_recipe=./mine.json", "all.recipe=./mine.json"]
    whole = with_whole_paths(assemble("quick", settings=settings))
    assert whole.validation_recipe == whole.all.recipe == str(tmp_path / "mine.json")
    assert whole.recipe == "gentle"
