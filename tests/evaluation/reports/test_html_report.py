"""The report and the model card say what the run's files say; nothing in a file becomes part of the page."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from bcc.datasets import SPLITS
from bcc.errors import UserError
from bcc.evaluation.calibration.temperature import Calibration
from bcc.evaluation.predictions.warnings_table import proposed_threshold
from bcc.evaluation.reports.html_report import report
from bcc.evaluation.reports.model_card import model_card
from bcc.evaluation.reports.run_facts import facts_of
from bcc.runs import Run, write_arrays, write_json


@pytest.fixture
def run(finished_run_folder: Path, tmp_path: Path) -> Run:
    return Run(shutil.copytree(finished_run_folder, tmp_path / "my-run"))


def test_the_report_is_one_file_with_everything(run: Run) -> None:
    page = report(run)
    facts = facts_of(run)
    assert page.count("<!doctype html>") == 1
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=.?http", page), "it opens without a network"
    assert page.count('class="plotly-graph-div"') == 7
    assert page.count("plotly.js v") == 1, "plotly's code is there once"
    for text in (
        run.id,
        facts.dataset["fingerprint"],
        "Not a medical device",
        '"image_size"',
        "Few images",
    ):
        assert text in page or text.replace('"', "&quot;") in page
    assert facts.dataset["location"] not in page.split("<h2>Config</h2>")[0]


def test_names_from_files_are_escaped(run: Run) -> None:
    info = run.read_json(run.dataset)
    names = ["<script>alert(1)</script>", *info["class_names"][1:]]
    run.dataset.write_text(json.dumps({**info, "class_names": names, "source": "<b>x</b>"}))
    page = report(run)
    assert "<b>x</b>" not in page
    assert "<td><script>alert(1)</script></td>" not in page
    # In the figures' data plotly writes the marks as \\u003c.
    assert page.count("<script>alert(1)") == 0


def test_the_card_has_the_numbers_and_the_caveats(run: Run) -> None:
    card = model_card(run)
    facts = facts_of(run)
    accuracy = run.read_json(run.metrics)["test"]["accuracy"]
    assert f"| Accuracy | {accuracy:.4f} |" in card
    assert "**It is not a medical\ndevice**" in card
    for caveat in facts.caveats:
        assert f"- {caveat}" in card
    for name in facts.predictions.class_names:
        assert f"| {name} |" in card


def test_caveats_follow_from_the_run(run: Run) -> None:
    assert any("Few images" in one for one in facts_of(run).caveats)
    info = run.read_json(run.dataset)
    run.dataset.write_text(json.dumps({**info, "source": "synthetic-clean", "duplicates_left_out": 12}))
    caveats = " ".join(facts_of(run).caveats)
    assert "painted (synthetic) cells" in caveats
    assert "12 exact copies" in caveats


def test_a_run_that_was_not_scored_is_refused(run: Run) -> None:
    run.predictions.unlink()
    with pytest.raises(UserError, match="has no predictions"):
        report(run)


def without(run: Run, side: str) -> Run:
    """The same run, as if it had had no images of a split."""
    with np.load(run.predictions) as file:
        kept = {name: file[name] for name in file.files}
    stay = kept["split"] != SPLITS.index(side)
    write_arrays(run.predictions, **{name: values[stay] for name, values in kept.items()})
    metrics = {name: value for name, value in run.read_json(run.metrics).items() if name != side}
    final = next(name for name in ("test", "validation") if name in metrics)
    metrics["baseline"]["split"] = metrics["final_split"] = final
    write_json(run.metrics, metrics)
    return run


def test_without_test_images_every_number_says_what_it_is_about(run: Run) -> None:
    assert "no test images" not in report(run) + model_card(run)
    without(run, "test")
    facts = facts_of(run)
    assert facts.predictions.split == "validation"
    assert "no test images" in facts.predictions.notes[0]
    assert "validation images" in facts.verdict
    for page in (report(run), model_card(run)):
        assert "This run has no test images" in page
        assert "(validation images)" in page or "Scores, validation images" in page


def test_without_validation_images_nothing_is_called_calibrated(run: Run) -> None:
    without(run, "validation")
    page, card = report(run), model_card(run)
    assert "Not calibrated" in page
    assert "Not calibrated" in card
    assert '"name":"calibrated"' not in page
    assert "<th>calibrated</th>" not in page
    assert not re.search(r"\d calibrated", card)
    threshold, why = proposed_threshold(run, Calibration())
    assert threshold == 0.9
    assert "no validation images" in why


def test_a_class_without_a_test_image_is_named(run: Run) -> None:
    names = facts_of(run).predictions.class_names
    with np.load(run.predictions) as file:
        kept = {name: file[name] for name in file.files}
    stay = (kept["split"] != SPLITS.index("test")) | (kept["labels"] != 0)
    write_arrays(run.predictions, **{name: values[stay] for name, values in kept.items()})
    assert f"No image here is {names[0]}:" in report(run)
    assert f"No image here is {names[0]}:" in model_card(run)


def test_a_network_of_another_family_is_not_called_a_convnext(run: Run) -> None:
    write_json(run.config, {**run.read_json(run.config), "model": "custom-cnn"})
    assert "ConvNeXt custom-cnn" not in report(run)


def test_the_reports_name_is_the_one_that_people_gave(run: Run) -> None:
    from bcc.runs import About, write_about

    write_about(run, About(name="my <b>first</b>"))
    assert f"<h1>my &lt;b&gt;first&lt;/b&gt; ({run.id})</h1>" in report(run)
    assert f"({run.id})" in model_card(run).splitlines()[0]
    run.about.write_text("damaged")
    assert f"<h1>{run.id}</h1>" in report(run)
