"""The Train page: what is shown is what is launched, and a run is followed by its directory alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bcc.datasets import Dataset, Selection
from bcc.paths import runs_folder
from bcc.runs import FirstWeights, Run, RunState, list_runs, write_first_weights, write_json
from bcc.training import TrainConfig, assemble, read_config


@pytest.fixture
def _idle_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything waits in line: no worker is started."""
    monkeypatch.setattr("bcc.jobs.queue.start_workers", lambda root, devices: None)


@pytest.fixture
def write_run() -> Callable[..., Run]:
    """`write_run("failed", message=..., config=...)`: a run directory in that state."""

    def write(status: str, config: TrainConfig | None = None, **state: Any) -> Run:
        run = Run(runs_folder() / "one")
        run.folder.mkdir(parents=True)
        write_json(run.config, (config or TrainConfig()).model_dump(mode="json"))
        run.write_state(RunState(status, **state))  # type: ignore[arg-type]
        return run

    return write


@pytest.mark.usefixtures("_idle_jobs")
def test_what_the_form_shows_is_launched(open_page: Callable, tiny: Dataset) -> None:
    app = open_page("train", data=tiny.fingerprint)
    app.radio(key="source.quick").set_value("chosen")
    app.number_input(key="train.quick.all.epochs").set_value(7)
    app.number_input(key="train.quick.all.learning_rate").set_value(0.0004)
    app.selectbox(key="train.quick.optimizer").set_value("lion")
    app.segmented_control(key="train.quick.class_weights").set_value(True)
    app.number_input(key="train.quick.data.validation").set_value(0.15)
    app.number_input(key="train.quick.data.test").set_value(0.05)
    app.run()
    app.button(key="start_training").click().run()
    assert not app.exception
    (summary,) = list_runs()
    assert app.query_params["run"] == summary.run.id
    wanted = assemble(
        preset="quick",
        settings=["epochs=7", "learning_rate=0.0004", "optimizer=lion", "class_weights=true",
                  "data.validation=0.15", "data.test=0.05", f'data.source="{tiny.fingerprint}"'],
    )  # fmt: skip
    assert read_config(summary.run.config) == wanted
    assert summary.title == "atto from pbc, gentle, 7 epochs"


@pytest.mark.usefixtures("_idle_jobs")
def test_a_name_that_was_given_is_the_runs(open_page: Callable, tiny: Dataset) -> None:
    app = open_page("train", data=tiny.fingerprint)
    app.text_input(key="run_name").set_value("  my <b>first</b> ").run()
    app.button(key="start_training").click().run()
    assert not app.exception
    (summary,) = list_runs()
    assert summary.title == "my <b>first</b>"


@pytest.mark.usefixtures("_idle_jobs")
def test_quick_run_is_the_preset_and_is_followed(open_page: Callable, tiny: Dataset) -> None:
    app = open_page("home", data=tiny.fingerprint)
    app.button(key="quick_run").click().run()
    (summary,) = list_runs()
    assert read_config(summary.run.config) == assemble(preset="quick")
    assert app.query_params["run"] == summary.run.id
    assert app.title[0].value == "Train"
    app.button(key="stop_run").click().run()
    assert summary.run.read_state().status == "stopped"


def test_what_was_typed_survives_other_pages_and_a_reload(open_page: Callable, tiny: Dataset) -> None:
    app = open_page("train", data=tiny.fingerprint)
    app.segmented_control(key="preset").set_value("robust").run()
    app.number_input(key="train.robust.batch_size").set_value(48).run()
    app.selectbox(key="train.robust.optimizer").set_value("lion").run()
    app.segmented_control(key="train.robust.class_weights").set_value(True).run()

    def seen(app: Any) -> tuple:
        return (
            app.segmented_control(key="preset").value,
            app.number_input(key="train.robust.batch_size").value,
            app.selectbox(key="train.robust.optimizer").value,
            app.segmented_control(key="train.robust.class_weights").value,
        )

    assert seen(app) == ("robust", 48, "lion", True)
    app.switch_page("pages/home.py").run()
    assert seen(app.switch_page("pages/train.py").run()) == ("robust", 48, "lion", True)

    # What a browser has in its address by then.
    address = {
        "data": tiny.fingerprint,
        "preset": "robust",
        "train.robust.batch_size": "48",
        "train.robust.optimizer": "lion",
        "train.robust.class_weights": "yes",
    }
    assert seen(open_page("train", **address)) == ("robust", 48, "lion", True)


def test_an_address_fills_in_no_path(open_page: Callable, tiny: Dataset, tmp_path: Path) -> None:
    """A link must not make this machine read a file; what is on offer may stand in it."""
    (tmp_path / "recipe.json").write_text("{}")
    for key in ("recipe", "weights"):
        app = open_page(
            "train", data=tiny.fingerprint, **{f"train.quick.{key}": str(tmp_path / "recipe.json")}
        )
        assert not app.error
        assert app.selectbox(key=f"train.quick.{key}").value == getattr(assemble(preset="quick"), key)
    app = open_page("train", data=tiny.fingerprint, **{"train.quick.recipe": "heavy"})
    assert app.selectbox(key="train.quick.recipe").value == "heavy"


def test_a_bad_value_is_explained_and_not_started(
    open_page: Callable, tiny: Dataset, texts: Callable
) -> None:
    app = open_page("train", data=tiny.fingerprint)
    app.number_input(key="train.quick.data.test").set_value(0.5).run()
    assert not app.exception
    assert "must add up to 1" in texts(app.error)
    assert app.button(key="start_training").disabled


@pytest.mark.usefixtures("_idle_jobs")
def test_weights_that_cannot_be_fetched_offer_another_way(
    open_page: Callable, tiny: Dataset, write_run: Callable, texts: Callable
) -> None:
    config = TrainConfig(model="tiny", weights="imagenet", epochs=4)
    write_run("failed", config, message="The ImageNet weights of ConvNeXt tiny could not be fetched.")
    app = open_page("train", data=tiny.fingerprint, run="one")
    assert "could not be fetched" in texts(app.error)
    app.button(key="train_from_nothing").click().run()
    started = next(one.run for one in list_runs() if one.run.id != "one")
    assert read_config(started.config) == config.model_copy(update={"weights": "none"})
    assert app.query_params["run"] == started.id


@pytest.mark.usefixtures("_idle_jobs")
@pytest.mark.parametrize("status", ["stopped", "failed", "lost"])
def test_a_run_that_ended_early_can_go_on(
    open_page: Callable, tiny: Dataset, write_run: Callable, status: str
) -> None:
    run = write_run(status, message="It ended.")
    app = open_page("train", data=tiny.fingerprint, run="one")
    app.button(key="resume_run").click().run()
    assert not app.exception
    assert run.read_state().status == "queued"


def test_a_process_that_died_is_said_to_be_lost(
    open_page: Callable, tiny: Dataset, write_run: Callable, texts: Callable
) -> None:
    write_run("running", pid=2**22 + 1, process_started=1.0, step=3, steps=9)
    app = open_page("train", data=tiny.fingerprint, run="one")
    assert "ended without a word" in texts(app.error)


def test_a_finished_run_stands_beside_its_baseline(
    open_page: Callable, finished: Any, texts: Callable
) -> None:
    app = open_page("train", data=finished.dataset.fingerprint, run="done")
    assert "A linear model on simple features gets" in texts([*app.success, *app.warning])
    assert {link.label for link in app.main.page_link} == {"Metrics", "Saliency"}


def test_a_run_says_what_it_started_from(open_page: Callable, finished: Any, texts: Callable) -> None:
    first = FirstWeights(
        source="old", layers=9, filled=8, missing=("logits",), sentence="8 of 9 layers start."
    )
    write_first_weights(finished.run, first)
    app = open_page("train", data=finished.dataset.fingerprint, run="done")
    assert not app.exception
    assert "8 of 9 layers start." in texts(app.caption)
    finished.run.first_weights.write_text("{")
    app = open_page("train", data=finished.dataset.fingerprint, run="done")
    assert not app.exception
    assert "first_weights.json of run 'done' cannot be read" in texts(app.caption)


def test_the_shipped_model_lends_its_settings_and_no_set_passes_for_its_photographs(
    open_page: Callable, tiny: Dataset
) -> None:
    app = open_page("train", data=tiny.fingerprint, run="pbc")
    app.segmented_control(key="preset").set_value("chosen run").run()
    assert not app.exception
    assert not app.error
    assert app.radio(key="source.like.pbc").options == ["tiny.npz, chosen on the left"]
    took = {one.label: one.value for one in app.metric}["Took"]
    assert took == "–", "nobody measured it here"


def test_a_run_below_the_baseline_says_so(open_page: Callable, finished: Any, texts: Callable) -> None:
    metrics = json.loads(finished.run.metrics.read_text())
    metrics["test"]["accuracy"], metrics["baseline"]["accuracy"] = 0.5, 0.9
    write_json(finished.run.metrics, metrics)
    for name in ("train", "metrics"):
        app = open_page(name, data=finished.dataset.fingerprint, run="done")
        assert "gets 90.0%; this run gets 50.0% (test images), which is less" in texts(app.warning)


def test_a_damaged_run_is_one_sentence(
    open_page: Callable, tiny: Dataset, write_run: Callable, texts: Callable
) -> None:
    write_run("finished").state.write_text("{")
    for name in ("train", "runs", "metrics", "saliency"):
        app = open_page(name, data=tiny.fingerprint, run="one")
        assert not app.exception
        assert "state.json of run 'one' cannot be read" in texts(app.error)


@pytest.mark.usefixtures("_idle_jobs")
def test_a_saved_selection_is_chosen_and_launched(open_page: Callable, tiny: Dataset) -> None:
    Selection.of(tiny).leave_out([1, 2], "blurred").save("first look")
    app = open_page("train", data=tiny.fingerprint)
    key = f"train.quick.{tiny.fingerprint}.selection"
    assert key not in [box.key for box in app.selectbox], "the preset's own data has none"
    app.radio(key="source.quick").set_value("chosen").run()
    assert app.selectbox(key=key).options == ["none", "first look"]
    app.selectbox(key=key).set_value("first look").run()
    app.button(key="start_training").click().run()
    assert not app.exception
    (summary,) = list_runs()
    assert read_config(summary.run.config).data.selection == "first look"


def test_the_clean_page_says_what_to_train_on(open_page: Callable, tiny: Dataset) -> None:
    Selection.of(tiny).save("first look")
    app = open_page("train", data=tiny.fingerprint, selection="first look")
    assert app.radio(key="source.quick").value == "chosen"
    assert app.selectbox(key=f"train.quick.{tiny.fingerprint}.selection").value == "first look"


@pytest.mark.parametrize(
    ("field", "entered", "said"),
    [
        ("hidden_layers", "99999999999", "hidden_layers"),
        ("hidden_layers", "a, -1, ; drop", "hidden_layers"),
        ("data.validation", 1.0, "must add up to 1"),
        ("batch_size", 4096, None),
        ("all.learning_rate", 1.0, None),
        ("all.epochs", 0, "ll phases have 0 epochs"),
        ("rows_per_class", 10_000_000, "ows_per_class says how far to oversample"),
    ],
)
def test_absurd_values_start_nothing(
    open_page: Callable, tiny: Dataset, texts: Callable, field: str, entered: Any, said: str | None
) -> None:
    """One sentence that names the field; the button cannot be pressed."""
    app = open_page("train", data=tiny.fingerprint)
    key = f"train.quick.{field}"
    widget = next(one for one in (*app.text_input, *app.number_input) if one.key == key)
    widget.set_value(entered).run()
    assert not app.exception
    assert app.button(key="start_training").disabled == (said is not None)
    assert not said or (len(app.error) == 1 and said in texts(app.error))
    assert not list_runs()


@pytest.mark.parametrize(
    ("field", "entered"),
    [
        ("weights", "../../etc/shadow"),
        ("recipe", "n" * 5000),
        ("validation_recipe", "~nobody/x.json"),
        ("all.recipe", "nonsense"),
    ],
)
def test_names_of_nothing_start_nothing(
    open_page: Callable, tiny: Dataset, write_run: Callable, texts: Callable, field: str, entered: str
) -> None:
    """A form takes names that are not on offer, and those of an old run whose files are gone."""
    values = {"all": {"recipe": entered}} if field == "all.recipe" else {field: entered}
    write_run("failed", config=TrainConfig(**values))
    app = open_page("train", data=tiny.fingerprint, run="one")
    app.segmented_control(key="preset").set_value("chosen run").run()
    assert not app.exception
    assert f"{field}: " in texts(app.error)
    assert app.button(key="start_training").disabled


def test_a_selection_that_is_not_there_starts_nothing(
    open_page: Callable, tiny: Dataset, monkeypatch: pytest.MonkeyPatch, texts: Callable
) -> None:
    """It was there when the form was drawn."""
    monkeypatch.setattr("bcc.datasets.saved_selections", lambda dataset: ["gone"])
    app = open_page("train", data=tiny.fingerprint, selection="gone")
    assert not app.exception
    assert "selection 'gone'" in texts(app.error)
    assert app.button(key="start_training").disabled
