"""The Clean page: scan, judge, go back, and leave rows out under a name."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from bcc.datasets import Dataset, Selection, load, open_selection, saved_selections
from bcc.datasets.selection import selection_path, selections_folder
from bcc.quality import Findings, save_scan, saved_scan
from bcc.quality.findings import findings_frame
from bcc.quality.saved_scans import scan_folder
from pages.parts.background import long_work
from pages.parts.clean import dataset_map, scans

TABS = ("Overview", "Findings", "Map", "Balance", "Masks", "Selections")
MINE = "my selection"


def shown(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def left_out(dataset: Dataset, name: str = MINE) -> list[int]:
    return open_selection(dataset, name).left_out.tolist()


@pytest.fixture
def scanned(tiny_npz: Callable[..., Path], data_folder: Path) -> Dataset:
    """120 blobs: row 7 shows what row 3 shows, rows 10 to 12 are blurred, row 20's label is doubtful."""
    with np.load(tiny_npz(rows=120, classes=4)) as arrays:
        images = arrays["images"].copy()
    images[7] = images[3]
    dataset = load(tiny_npz(data_folder / "faulty.npz", rows=120, classes=4, images=images))
    words = np.array(["keep", "drop"], object)
    frame = pd.concat(
        [
            findings_frame(
                np.array([3, 7]), "exact_duplicate", np.array([1.0, 0]), words, ["first", "again"], 0
            ),
            findings_frame(
                np.array([10, 11, 12]), "blurred", np.array([0.1, 0.2, 0.4]),
                np.array(["drop", "drop", "review"], object), ["very", "rather", "a little"],
            ),
            findings_frame(np.array([20]), "doubtful_label", np.array([0.3]), "review", ["looks odd"]),
        ],
        ignore_index=True,
    )  # fmt: skip
    numbers = pd.DataFrame({"sharpness": np.arange(120.0)})
    save_scan(Findings(dataset.fingerprint, 120, frame, numbers, numbers), dataset, "a test")
    return dataset


def pressed(app: AppTest, button: str, work: tuple[str, str]) -> None:
    """Press a button that begins long work, and look again when that has ended."""
    app.button(key=button).click().run()
    assert not app.exception
    begun = long_work.find(work)
    if begun is not None and begun.thread is not None:
        begun.thread.join(120)
        assert not begun.problem
    app.run()
    assert not app.exception


def test_one_button_scans_and_the_scan_is_kept(open_page: Callable, tiny: Dataset, texts: Callable) -> None:
    app = open_page("clean", data=tiny.fingerprint)
    assert shown(app)["To decide"] == "–"
    pressed(app, "clean_scan", scans.work_key(tiny))
    assert not app.error
    assert saved_scan(tiny) is not None
    again = open_page("clean", data=tiny.fingerprint)
    assert again.dataframe or "Nothing was found" in texts(again.success)
    assert shown(again)["To decide"] != "–"


def test_a_scan_can_be_called_off(tiny: Dataset) -> None:
    told: list[float] = []
    tell = long_work.stopping(lambda share, text: told.append(share), lambda: len(told) == 2)
    tell(0.1, "one")
    tell(0.2, "two")
    with pytest.raises(long_work.CalledOff):
        tell(0.3, "three")
    assert told == [0.1, 0.2]


def test_accepting_everything_undo_and_redo(open_page: Callable, scanned: Dataset) -> None:
    app = open_page("clean", data=scanned.fingerprint)
    assert shown(app)["To decide"] == "5"
    assert saved_selections(scanned) == [], "looking decides nothing"
    app.button(key="clean_accept_everything").click().run()
    assert left_out(scanned) == [7, 10, 11]
    assert app.query_params["selection"] == MINE
    assert (shown(app)["Left out"], shown(app)["Kept"], shown(app)["To decide"]) == ("3", "117", "2")
    app.button(key="clean_undo").click().run()
    assert left_out(scanned) == []
    assert app.button(key="clean_undo").disabled
    app.button(key="clean_redo").click().run()
    assert left_out(scanned) == [7, 10, 11]
    # Another tab, or the same after a reload, sees what was decided.
    assert shown(open_page("clean", data=scanned.fingerprint))["Left out"] == "3"


def test_one_by_one_the_worst_first(open_page: Callable, scanned: Dataset) -> None:
    app = open_page("clean", data=scanned.fingerprint, tab="Findings", kind="blurred")
    assert [app.button(key=f"clean_{one}").proto.shortcut for one in ("keep", "drop", "next", "undo")] == [
        "k", "d", "n", "u",
    ]  # fmt: skip
    app.button(key="clean_drop").click().run()
    assert left_out(scanned) == [10]
    app.button(key="clean_next").click().run()
    app.button(key="clean_keep").click().run()
    decisions = open_selection(scanned, MINE).decisions
    assert sorted(decisions) == [10, 12]
    assert (decisions[12].left_out, decisions[12].reason) == (False, "not blurred")
    assert decisions[10].reason == "blurred"
    assert decisions[10].when.startswith("20")
    app.button(key="clean_drop:blurred:11").click().run()
    assert left_out(scanned) == [10, 11]
    app.segmented_control(key="clean_shown").set_value("kept").run()
    assert "1 of 1" in " ".join(one.value for one in app.caption)


def test_a_group_keeps_one(open_page: Callable, scanned: Dataset) -> None:
    app = open_page("clean", data=scanned.fingerprint, tab="Findings")
    app.button(key="clean_drop").click().run()
    assert left_out(scanned) == [7]
    assert not open_selection(scanned, MINE).decisions[3].left_out
    app.selectbox(key="clean_only:exact_duplicate:3").set_value(1).run()
    assert left_out(scanned) == [3]


def test_a_whole_kind(open_page: Callable, scanned: Dataset) -> None:
    app = open_page("clean", data=scanned.fingerprint, tab="Findings", kind="blurred")
    app.button(key="clean_accept").click().run()
    assert left_out(scanned) == [10, 11]
    app.button(key="clean_drop_kind").click().run()
    assert left_out(scanned) == [10, 11, 12]
    app.button(key="clean_keep_kind").click().run()
    assert left_out(scanned) == []


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_opens(open_page: Callable, scanned: Dataset, tab: str) -> None:
    app = open_page("clean", data=scanned.fingerprint, tab=tab)
    assert not app.exception
    assert not app.error


def test_the_map_in_all_colours(open_page: Callable, scanned: Dataset) -> None:
    Selection.of(scanned).leave_out([1, 2], "dark").save(MINE)
    app = open_page("clean", data=scanned.fingerprint, tab="Map")
    for colour, names in (
        ("finding", {"Exact duplicates", "Blurred", "Doubtful labels", dataset_map.NOTHING}),
        ("split", {"train", "validation", "test", "left out"}),
        ("decision", {"left out", "undecided"}),
    ):
        app.segmented_control(key="colour").set_value(colour).run()
        assert not app.exception
        (chart,) = app.get("plotly_chart")
        traces = json.loads(chart.proto.spec)["data"]
        assert {trace["name"] for trace in traces} == names
        assert {trace["type"] for trace in traces} == {"scattergl"}
    app.segmented_control(key="map").set_value("neighbours").run()
    assert not app.get("plotly_chart"), "it asks before it works for long"
    pressed(app, "clean_lay_out", dataset_map.work_key(scanned))
    assert app.get("plotly_chart")


def test_rows_of_a_region() -> None:
    points = [{"customdata": 7}, {"customdata": [3]}, {"customdata": 7}, {"point_index": 4}]
    assert dataset_map.rows_of({"selection": {"points": points}}).tolist() == [3, 7]
    assert dataset_map.rows_of({}).tolist() == []


def test_balance_follows_the_selection(open_page: Callable, scanned: Dataset) -> None:
    Selection.of(scanned).leave_out(np.flatnonzero(scanned.labels == 0)[:20], "dark").save(MINE)
    app = open_page("clean", data=scanned.fingerprint, tab="Balance", side="all")
    weights = next(frame.value for frame in app.dataframe if "inverse_weight" in frame.value)
    assert weights["count"].tolist() == [10, 30, 30, 30]
    assert weights["inverse_weight"].tolist() == pytest.approx([2.5, 5 / 6, 5 / 6, 5 / 6])
    assert "120 images, 20 of them repeated" in " ".join(one.value for one in app.caption)
    assert "20 of 120 left out (16.7%)" in " ".join(one.value for one in app.caption)
    app.segmented_control(key="clean_fill").set_value("a number").run()
    app.number_input(key="clean_fill_to").set_value(50).run()
    assert "200 images, 100 of them repeated" in " ".join(one.value for one in app.caption)


def test_cells_are_measured_once(open_page: Callable, scanned: Dataset, html: Callable) -> None:
    app = open_page("clean", data=scanned.fingerprint, tab="Masks")
    assert "its violet mask" in html(app)
    assert not app.get("plotly_chart")
    app.button(key="clean_measure").click().run()
    assert len(app.get("plotly_chart")) == 2
    assert len(open_page("clean", data=scanned.fingerprint, tab="Masks").get("plotly_chart")) == 2


def test_names(open_page: Callable, scanned: Dataset, texts: Callable) -> None:
    Selection.of(scanned).leave_out([5], "dark").save(MINE)
    app = open_page("clean", data=scanned.fingerprint, tab="Selections")
    app.text_input(key="clean_new_name").set_value("second look").run()
    app.button(key="clean_copy").click().run()
    assert app.query_params["selection"] == "second look"
    assert left_out(scanned, "second look") == [5]
    app.text_input(key="clean_new_name").set_value("third").run()
    app.button(key="clean_rename").click().run()
    assert sorted(saved_selections(scanned)) == [MINE, "third"]
    app.text_input(key="clean_new_name").set_value(MINE).run()
    app.button(key="clean_new").click().run()
    assert "There is a selection 'my selection' already" in texts(app.error)
    assert left_out(scanned) == [5], "nothing is lost"
    app.text_input(key="clean_new_name").set_value("../../outside").run()
    app.button(key="clean_new").click().run()
    assert "cannot be named '../../outside'" in texts(app.error)
    app.button(key="clean_delete").click().run()
    assert saved_selections(scanned) == [MINE]
    assert app.selectbox(key="clean_selection").value == MINE
    app.button(key="clean_undo_delete").click().run()
    assert sorted(saved_selections(scanned)) == [MINE, "third"]
    assert left_out(scanned, "third") == [5]
    assert app.selectbox(key="clean_selection").value == "third"
    assert "clean_undo_delete" not in [button.key for button in app.button]


def test_two_selections_are_compared(open_page: Callable, scanned: Dataset, texts: Callable) -> None:
    Selection.of(scanned).leave_out([1, 2, 3], "dark").save("first")
    Selection.of(scanned).leave_out([3, 4], "dark").save("second")
    app = open_page("clean", data=scanned.fingerprint, tab="Selections", selection="first")
    app.selectbox(key="clean_other").set_value("second").run()
    said = texts([*app.markdown, *app.caption])
    assert "Only first leaves out 2" in said
    assert "Only second leaves out 1" in said
    assert "Both leave out 1 rows" in said


def test_a_selection_travels(open_page: Callable, scanned: Dataset, tmp_path: Path, texts: Callable) -> None:
    Selection.of(scanned).leave_out([1, 2], "dark").export(tmp_path / "from a friend.json")
    sent = (tmp_path / "from a friend.json").read_bytes()
    app = open_page("clean", data=scanned.fingerprint, tab="Selections")
    app.file_uploader(key="clean_import_file").upload("from a friend.json", sent, "application/json").run()
    app.button(key="clean_import").click().run()
    assert left_out(scanned, "from a friend") == [1, 2]
    assert app.query_params["selection"] == "from a friend"


@pytest.mark.parametrize("what", ["another set", "damaged", "a list", "rows that are not there"])
def test_a_bad_file_is_one_sentence(
    open_page: Callable, scanned: Dataset, texts: Callable, what: str
) -> None:
    content = Selection.of(scanned).leave_out([1], "dark").to_dict()
    sent, sentence = {
        "another set": (
            json.dumps(replace(Selection.of(scanned), fingerprint="f" * 16, source="other.npz").to_dict()),
            "'sent.json' belongs to the dataset other.npz",
        ),
        "damaged": ('{"format": 1, "dat', "'sent.json' is no selection, or damaged"),
        "a list": ("[1, 2]", "'sent.json' is no selection, or damaged"),
        "rows that are not there": (
            json.dumps(content).replace('"rows": [1]', '"rows": [999]'),
            "names rows that faulty.npz does not have",
        ),
    }[what]
    app = open_page("clean", data=scanned.fingerprint, tab="Selections")
    app.file_uploader(key="clean_import_file").upload("sent.json", sent.encode(), "application/json").run()
    app.button(key="clean_import").click().run()
    assert not app.exception
    assert sentence in texts(app.error)
    assert saved_selections(scanned) == []


def test_a_damaged_selection_leaves_the_others_within_reach(
    open_page: Callable, scanned: Dataset, texts: Callable
) -> None:
    Selection.of(scanned).leave_out([1], "dark").save("good")
    selection_path(scanned.fingerprint, "bad").write_text("{")
    assert selections_folder(scanned.fingerprint).is_dir()
    app = open_page("clean", data=scanned.fingerprint, selection="bad")
    assert not app.exception
    assert "'bad.json' is no selection, or damaged" in texts(app.error)
    app.selectbox(key="clean_selection").set_value("good").run()
    assert not app.error
    assert shown(app)["Left out"] == "1"


def test_findings_of_another_set_are_refused_and_the_set_can_be_scanned(
    open_page: Callable, scanned: Dataset, tiny: Dataset, texts: Callable
) -> None:
    scan_folder(scanned).rename(scan_folder(tiny))
    app = open_page("clean", data=tiny.fingerprint)
    assert not app.exception
    assert "belongs to the dataset" in texts(app.error)
    assert not app.button(key="clean_scan").disabled


def test_a_name_that_the_set_does_not_have_falls_back(open_page: Callable, scanned: Dataset) -> None:
    Selection.of(scanned).save("good")
    app = open_page("clean", data=scanned.fingerprint, selection="of another machine")
    assert app.query_params["selection"] == "good"


def test_the_cleaned_set_opens_again(open_page: Callable, scanned: Dataset, data_folder: Path) -> None:
    Selection.of(scanned).leave_out(range(20), "dark").save(MINE)
    app = open_page("clean", data=scanned.fingerprint, tab="Selections")
    app.button(key="clean_write").click().run()
    assert not app.error
    (written,) = (data_folder / "exports").glob("*.npz")
    clean = load(written)
    np.testing.assert_array_equal(clean.images, scanned.images[20:])


@pytest.mark.parametrize("images", ["one", "two", "identical"])
def test_odd_sets(open_page: Callable, tiny_npz: Callable[..., Path], images: str) -> None:
    rows = {"one": 1, "two": 2, "identical": 30}[images]
    changed = np.full((rows, 32, 32, 3), 120, np.uint8) if images == "identical" else None
    more = {} if changed is None else {"images": changed}
    dataset = load(tiny_npz(rows=rows, classes=1 if rows == 1 else 2, **more))
    app = open_page("clean", data=dataset.fingerprint)
    pressed(app, "clean_scan", scans.work_key(dataset))
    assert not app.error
    for tab in TABS:
        app = open_page("clean", data=dataset.fingerprint, tab=tab)
        assert not app.exception
        assert not app.error


def test_labels_judged_by_a_run(open_page: Callable, finished, texts: Callable) -> None:
    """Its features, then its own answers on the rows that it never trained on."""
    app = open_page("clean", data=finished.dataset.fingerprint, run="done")
    sides, _ = finished.run.read_split()
    for judge, said in (("features", "of a run"), ("answers", "own answers")):
        app.segmented_control(key="clean_judge").set_value(judge).run()
        assert f"trained on {int((sides == 0).sum()):,} of these 160 rows" in texts(app.caption)
        pressed(app, "clean_scan", scans.work_key(finished.dataset))
        assert not app.error
        scan = saved_scan(finished.dataset)
        assert scan is not None
        assert said in scan.labels_by
        assert scan.labels_by.endswith(", done")
    judged = scan.findings.numbers["label_probability"].notna().to_numpy()
    assert not judged[sides == 0].any()
    assert judged[sides > 0].any()
