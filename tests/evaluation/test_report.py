"""The report and the model card say what the run's files say; nothing in a file becomes part of the page."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from bcc.errors import UserError
from bcc.evaluation.model_card import model_card
from bcc.evaluation.report import report
from bcc.evaluation.report_facts import facts_of
from bcc.runs import Run


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
        "Few pictures",
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
    for name in facts.answers.class_names:
        assert f"| {name} |" in card


def test_caveats_follow_from_the_run(run: Run) -> None:
    assert any("Few pictures" in one for one in facts_of(run).caveats)
    info = run.read_json(run.dataset)
    run.dataset.write_text(json.dumps({**info, "source": "synthetic-clean", "duplicates_left_out": 12}))
    caveats = " ".join(facts_of(run).caveats)
    assert "painted (synthetic) cells" in caveats
    assert "12 exact copies" in caveats


def test_a_run_that_was_not_scored_is_refused(run: Run) -> None:
    run.predictions.unlink()
    with pytest.raises(UserError, match="has no predictions"):
        report(run)
