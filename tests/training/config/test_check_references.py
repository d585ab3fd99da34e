"""What a config names is there, or one sentence says which field is wrong; nothing is started."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from bcc.errors import UserError
from bcc.jobs import submit, submit_all
from bcc.paths import runs_folder
from bcc.runs import list_runs
from bcc.training import TrainConfig, assemble
from bcc.training.config.check_references import check_references

LONG = "n" * 5000


def test_presets_name_what_is_there() -> None:
    check_references(assemble(preset="quick"))
    check_references(TrainConfig(model="tiny", weights="imagenet"))


@pytest.mark.parametrize("bad", ["nonsense", "../../etc/passwd", "~nobody-here/x.json", LONG])
@pytest.mark.parametrize("field", ["recipe", "validation_recipe", "all.recipe", "weights"])
def test_a_field_that_names_nothing_is_named(field: str, bad: str) -> None:
    values: dict[str, Any] = {"all": {"recipe": bad}} if field == "all.recipe" else {field: bad}
    with pytest.raises(UserError, match=f"^{field}: ") as said:
        submit(TrainConfig(**values))
    assert len(str(said.value)) < 400
    assert not list_runs()


def test_weights_are_a_run_or_a_model(finished_run_folder: Path, tmp_path: Path) -> None:
    check_references(TrainConfig(weights=str(finished_run_folder)))
    check_references(TrainConfig(weights=str(finished_run_folder / "model.keras")))
    (tmp_path / "notes.keras").write_text("no model")
    for path in (tmp_path, tmp_path / "notes.keras"):
        with pytest.raises(UserError, match=r"^weights: .* holds no \.keras model"):
            check_references(TrainConfig(weights=str(path)))


def test_a_batch_that_no_memory_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=16e9))
    check_references(TrainConfig(batch_size=4096, image_size=96))
    with pytest.raises(UserError, match=r"^batch_size: 4,096 images of 512 x 512 px at once take 52 GB"):
        check_references(TrainConfig(batch_size=4096, image_size=512))


def test_of_several_runs_none_is_put_in_line() -> None:
    with pytest.raises(UserError, match=r"^recipe: "):
        submit_all([(TrainConfig(), None), (TrainConfig(recipe="nonsense"), None)])
    assert not runs_folder().exists() or not list_runs()
