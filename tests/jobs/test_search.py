"""A search over scripted runs: what Optuna is told, what is stopped early, what survives a restart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from bcc.atomic_files import write_json
from bcc.errors import UserError
from bcc.jobs.search import (
    Dimension,
    Search,
    begin_search,
    best_run,
    conduct,
    conductor,
    importance,
    parse_dimension,
    read_search,
    saved_searches,
    search_table,
    searches_folder,
    stage_of,
    stop_search,
)
from bcc.runs import About, Run, RunState
from bcc.training import TrainConfig

RATE = parse_dimension("all.learning_rate=1e-4..1e-2:log")
EPOCHS = 5


@dataclass
class ScriptedQueue:
    """A queue whose runs do what `accuracy` says, one epoch every time the conductor sleeps."""

    root: Path
    accuracy: Callable[[TrainConfig, int], float]
    configs: dict[str, TrainConfig] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)
    fails: bool = False
    slept: int = 0

    def submit(self, config: TrainConfig, root: Path | None = None, about: About | None = None) -> Run:
        run = Run(self.root / f"run-{len(self.configs)}")
        run.folder.mkdir(parents=True)
        write_json(run.config, config.model_dump(mode="json"))
        run.write_state(RunState("running", epochs=EPOCHS))
        self.configs[run.id] = config
        return run

    def stop(self, run: Run) -> None:
        self.stopped.append(run.id)
        state = run.read_state()
        run.write_state(state.now(status="stopped"))

    def sleep(self, seconds: float) -> None:
        self.slept += 1
        for name, config in self.configs.items():
            run = Run(self.root / name)
            state = RunState.from_dict(run.read_json(run.state), name)
            if state.status != "running":
                continue
            if self.fails:
                run.write_state(state.now(status="failed", message="No such data."))
                continue
            epoch = state.epoch + 1
            values = [self.accuracy(config, one) for one in range(1, epoch + 1)]
            lines = [f"{place},{value}" for place, value in enumerate(values, 1)]
            run.history.write_text("\n".join(["epoch,validation_accuracy", *lines]) + "\n")
            status = "finished" if epoch == EPOCHS else "running"
            run.write_state(state.now(status=status, epoch=epoch, best_validation_accuracy=max(values)))


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ScriptedQueue:
    """Best at a learning rate of 1e-3, and better from epoch to epoch."""

    def accuracy(config: TrainConfig, epoch: int) -> float:
        away = abs(np.log10(config.all.learning_rate) + 3)
        return float(0.9 - 0.4 * away - 0.1 * config.dropout - 0.1 / epoch)

    made = ScriptedQueue(tmp_path, accuracy)
    monkeypatch.setattr(conductor, "submit", made.submit)
    monkeypatch.setattr(conductor, "stop", made.stop)
    monkeypatch.setattr(
        conductor, "state_of", lambda run: RunState.from_dict(run.read_json(run.state), run.id)
    )
    return made


def begun(queue: ScriptedQueue, **changes: object) -> Search:
    values = {"name": "rates", "dimensions": (RATE, parse_dimension("dropout=0..0.5")), "runs": 16, "seed": 1}
    return begin_search(Search.model_validate(values | changes), queue.root)


def run_all(queue: ScriptedQueue) -> list[str]:
    said: list[str] = []
    conduct("rates", queue.root, said.append, sleep=queue.sleep)
    return said


def test_a_search_finds_the_best_rate_and_stops_hopeless_runs(queue: ScriptedQueue) -> None:
    search = begun(queue)
    said = run_all(queue)
    table = search_table(search, queue.root)
    assert len(table) == 16
    assert set(table["state"]) == {"finished", "stopped early"}
    assert queue.stopped == table.loc[table["state"] == "stopped early", "run"].tolist()
    assert len(queue.stopped) >= 3
    best = table.set_index("run").loc[best_run(table)]
    assert 4e-4 < best["all.learning_rate"] < 2.5e-3
    assert best["validation_accuracy"] == table["best_so_far"].max()
    # A stopped run was worse at its last epoch than the best at the same.
    assert (table.loc[table["state"] == "stopped early", "epochs"] < EPOCHS).all()
    assert f"16 of 16 runs ({16 - len(queue.stopped)} finished" in stage_of(search, table, queue.root)
    assert "The best reached" in said[-1]
    found = importance(search, queue.root)
    assert found is not None
    assert found["field"][0] == "all.learning_rate"
    assert found["importance"].sum() == pytest.approx(1)


def test_without_a_pruner_every_run_finishes(queue: ScriptedQueue) -> None:
    begun(queue, pruner="none", runs=8, sampler="random")
    run_all(queue)
    assert queue.stopped == []


def test_a_killed_conductor_is_followed_by_another_without_loss(queue: ScriptedQueue) -> None:
    search = begun(queue, runs=6)

    class KilledError(Exception):
        pass

    def dies(seconds: float) -> None:
        queue.sleep(seconds)
        if queue.slept == 8:
            raise KilledError

    with pytest.raises(KilledError):
        conduct("rates", queue.root, sleep=dies)
    before = search_table(search, queue.root)
    assert "at work" in set(before["state"])
    run_all(queue)
    table = search_table(search, queue.root)
    assert len(table) == len(queue.configs) == 6
    assert table["run"].tolist()[: len(before)] == before["run"].tolist()
    assert "at work" not in set(table["state"])
    # Nothing is drawn twice.
    assert table["all.learning_rate"].nunique() == 6


def test_stopped_on_request_it_goes_on_later_with_more_runs(queue: ScriptedQueue) -> None:
    search = begun(queue, runs=4, pruner="none")

    def asks(seconds: float) -> None:
        queue.sleep(seconds)
        if queue.slept == 7:
            stop_search("rates", queue.root)

    conduct("rates", queue.root, sleep=asks)
    assert len(queue.configs) == 2
    begin_search(search.model_copy(update={"runs": 7}), queue.root)
    run_all(queue)
    assert len(search_table(search, queue.root)) == 7


def test_several_at_once_and_seeds_of_the_best(queue: ScriptedQueue) -> None:
    begun(queue, runs=4, at_once=3, seeds=3, pruner="none")
    run_all(queue)
    configs = list(queue.configs.values())
    assert len(configs) == 4 + 2
    table = search_table(read_search("rates", queue.root), queue.root)
    best = table.set_index("run").loc[best_run(table)]
    assert [one.seed for one in configs[-2:]] == [1, 2]
    assert {one.all.learning_rate for one in configs[-2:]} == {best["all.learning_rate"]}


def test_a_grid_ends_where_it_is_used_up(queue: ScriptedQueue) -> None:
    dimensions = (Dimension(field="recipe", values=("gentle", "heavy")), parse_dimension("dropout=0..0.4"))
    begun(queue, dimensions=dimensions, sampler="grid", steps=2, runs=40, pruner="none")
    run_all(queue)
    tried = [(one.recipe, one.dropout) for one in queue.configs.values()]
    assert sorted(tried) == [("gentle", 0.0), ("gentle", 0.4), ("heavy", 0.0), ("heavy", 0.4)]


def test_a_search_whose_every_run_fails_gives_up_and_says_why(queue: ScriptedQueue) -> None:
    search = begun(queue)
    queue.fails = True
    with pytest.raises(UserError, match=r"last 5 runs of 'rates' failed: No such data\."):
        run_all(queue)
    assert set(search_table(search, queue.root)["state"]) == {"failed"}
    assert best_run(search_table(search, queue.root)) == ""
    # Once the reason is mended it goes on.
    queue.fails = False
    run_all(queue)
    assert best_run(search_table(search, queue.root))


def test_two_searches_of_one_name(queue: ScriptedQueue) -> None:
    begun(queue, runs=4)
    begun(queue, runs=8)
    assert read_search("rates", queue.root).runs == 8
    with pytest.raises(UserError, match="asks something else"):
        begun(queue, sampler="random")
    assert saved_searches(queue.root) == ["rates"]

    def meanwhile(seconds: float) -> None:
        if not queue.slept:
            with pytest.raises(UserError, match="another process"):
                conduct("rates", queue.root)
        queue.sleep(seconds)

    conduct("rates", queue.root, sleep=meanwhile)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("dropout", "must look like"),
        ("dropout=", "must look like"),
        ("no.such=1..2", "no field 'no.such'"),
        ("all=1..2", "is no number"),
        ("recipe=1..2", "is no number"),
        ("seed=1,2", "no field 'seed'"),
        ("dropout=0.1", "at least two values"),
        ("dropout=0.5..0.1", "from a low to a high"),
        ("dropout=0..2", "lies outside"),
        ("dropout=a..b", "is no range"),
        ("all.learning_rate=0..1:log", "begins above 0"),
        ("all.learning_rate=1e-4..1e-2:cube", "lin or log"),
    ],
)
def test_a_bad_range_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        parse_dimension(text)


def test_ranges_and_choices_are_read() -> None:
    assert parse_dimension("batch_size=16..64").whole
    assert parse_dimension("class_weights=true,false").values == (True, False)
    assert Dimension(field="all.learning_rate", low=1e-4, high=1e-2, log=True) == RATE
    assert RATE.grid(3) == [1e-4, 1e-3, 1e-2]


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "x" * 99])
def test_a_bad_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be the name"):
        begin_search(Search(name=name, dimensions=(RATE,)), tmp_path)
    assert not searches_folder(tmp_path).exists()


def test_damaged_files_are_one_sentence(queue: ScriptedQueue) -> None:
    search = begun(queue)
    (searches_folder(queue.root) / "rates" / "study.db").write_bytes(b"no database")
    with pytest.raises(UserError, match="cannot be read"):
        run_all(queue)
    with pytest.raises(UserError, match="cannot be read"):
        search_table(search, queue.root)
    (searches_folder(queue.root) / "rates" / "search.json").write_text("{}x")
    with pytest.raises(UserError, match="damaged"):
        read_search("rates", queue.root)
    with pytest.raises(UserError, match="there are: none yet"):
        read_search("another", queue.root)
