from __future__ import annotations

import pandas as pd

from bcc.paths import runs_folder
from bcc.runs import Run, RunState, list_runs, write_json
from bcc.runs.table import runs_table, thinned


def test_one_line_a_run_newest_first() -> None:
    for number, name in enumerate(("old", "new")):
        run = Run(runs_folder() / name)
        run.folder.mkdir(parents=True)
        run.write_state(RunState("finished", epoch=3, epochs=5, created=1_700_000_000 + number))
        write_json(run.config, {"model": "atto"})
        write_json(run.metrics, {"test": {"accuracy": 0.75}, "baseline": {"accuracy": 0.5}})
    (runs_folder() / "broken").mkdir()
    table = runs_table(list_runs())
    assert table["run"].tolist() == ["new", "old", "broken"]
    assert table["status"].tolist() == ["finished", "finished", "damaged"]
    assert table.loc[0, ["model", "epoch", "accuracy", "baseline"]].tolist() == ["atto", "3 of 5", 0.75, 0.5]
    assert table.loc[1, "started"] == pd.Timestamp("2023-11-14 22:13:20", tz="UTC")
    assert pd.isna(table.loc[2, "accuracy"])
    assert table.loc[2, "problem"]


def test_the_table_says_which_images_an_accuracy_is_about() -> None:
    for name, metrics in (
        ("tested", {"test": {"accuracy": 0.75}, "validation": {"accuracy": 0.8}}),
        ("validated", {"validation": {"accuracy": 0.8}}),
        ("unscored", {}),
    ):
        run = Run(runs_folder() / name)
        run.folder.mkdir(parents=True)
        run.write_state(RunState("finished"))
        write_json(run.metrics, metrics)
    table = runs_table(list_runs()).set_index("run")
    assert table["scored_on"].to_dict() == {"tested": "test", "validated": "validation", "unscored": ""}
    assert table.loc["tested", "accuracy"] == 0.75
    assert table.loc["validated", "accuracy"] == 0.8


def test_without_runs_there_is_an_empty_table() -> None:
    assert runs_table([]).empty
    assert "accuracy" in runs_table([])


def test_thinning_keeps_the_last_line_and_the_order() -> None:
    frame = pd.DataFrame({"step": range(1, 100_001)})
    thin = thinned(frame, most=1000)
    assert len(thin) <= 1000
    assert thin["step"].iloc[-1] == 100_000
    assert thin["step"].diff().dropna().unique().tolist() == [100]
    assert len(thinned(frame.head(900), most=1000)) == 900
