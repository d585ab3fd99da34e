"""Every command as a person types it, through `main`, which is what turns errors into exit statuses."""

from __future__ import annotations

import csv
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from bcc import cli
from bcc.csv_tables import GUARD, read_table
from bcc.datasets import load
from bcc.models import ARCHITECTURES, Architecture
from bcc.paths import PROJECT, data_folder, runs_folder
from bcc.runs import Run, RunState

TinyNpz = Callable[..., Path]
CLASSES = ["amber", "blue", "cyan", "dark"]


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    status: int
    out: str
    err: str


Command = Callable[..., Answer]


@pytest.fixture
def bcc(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Run a command in this process: `bcc("info", path, "--json")`."""
    logger = logging.getLogger("bcc")
    handlers = list(logger.handlers)

    def run(*arguments: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["bcc", *map(str, arguments)])
        status = 0
        try:
            cli.main()
        except SystemExit as ending:
            status = int(ending.code or 0)
        said = capsys.readouterr()
        return Answer(status, said.out, said.err)

    yield run
    logger.handlers[:] = handlers


def refused(answer: Answer) -> str:
    """The one sentence of a command that was refused."""
    assert answer.status == 2
    assert answer.out == ""
    lines = [line for line in answer.err.splitlines() if line.startswith("bcc: ")]
    assert answer.err.splitlines()[-1:] == lines, answer.err
    return lines[0].removeprefix("bcc: ")


# -- info


def test_info_counts_the_images(bcc: Command, tiny_npz: TinyNpz, tmp_path: Path) -> None:
    images = np.zeros((1203, 8, 8, 3), np.uint8)
    images[:, 0, 0, 0] = np.arange(1203) % 256
    images[:, 0, 1, 0] = np.arange(1203) // 256
    images[1200:] = images[0]
    labels = np.repeat([0, 1], [1003, 200])
    path = tiny_npz(tmp_path / "many.npz", images=images, labels=labels, class_names=np.array(["a", "bc"]))
    answer = bcc("info", path)
    assert answer.status == 0
    assert answer.out.splitlines() == [
        f"many.npz  {load(path).fingerprint}",
        "1203 images of 8 x 8 px, 2 classes",
        "  a      1003   83.4%",
        "  bc      200   16.6%",
        "largest class / smallest class: 5.015",
        "exact duplicates: 3",
    ]


def test_info_as_json(bcc: Command, learned_npz: Path) -> None:
    facts = json.loads(bcc("info", learned_npz, "--json").out)
    assert facts["pictures"] == 64
    assert facts["classes"] == dict.fromkeys(CLASSES, 16)
    assert facts["picture_size"] == [32, 32]
    assert facts["fingerprint"] == load(learned_npz).fingerprint
    assert facts["preprocessing"] == "none"
    assert (facts["has_split"], facts["synthetic"], facts["skipped"]) == (False, False, [])


def test_info_of_a_folder(bcc: Command, tmp_path: Path) -> None:
    for name in ("left", "right"):
        (tmp_path / "cells" / name).mkdir(parents=True)
        for i in range(3):
            image = np.full((20, 30, 3), 10 * i + len(name), np.uint8)
            cv2.imwrite(str(tmp_path / "cells" / name / f"{i}.png"), image)
    (tmp_path / "cells" / "left" / "broken.jpg").write_bytes(b"\xff\xd8 no image")
    answer = bcc("info", tmp_path / "cells", "--preprocess", "resize:16", "--classes", "up,down")
    assert "6 images of 16 x 16 px, 2 classes" in answer.out
    assert "  down" in answer.out
    assert "unreadable files left out: 1" in answer.out


def test_the_layout_is_asked_and_said(bcc: Command, tmp_path: Path) -> None:
    for number, name in enumerate(("fold_0/a", "fold_0/b", "fold_1/a", "fold_1/b")):
        (tmp_path / "cells" / name).mkdir(parents=True)
        image = np.full((20, 30, 3), 10 * number, np.uint8)
        cv2.imwrite(str(tmp_path / "cells" / name / f"{number}.png"), image)
        cv2.imwrite(str(tmp_path / "cells" / name / f"{number}_mask.png"), image)
    said = refused(bcc("info", tmp_path / "cells"))
    assert "--layout group/class (the classes are a, b; fold_0, fold_1 do not matter)" in said
    answer = bcc("info", tmp_path / "cells", "--layout", "group/class")
    assert "4 images of 96 x 96 px, 2 classes" in answer.out
    assert "note: 4 files look like masks" in answer.out
    facts = json.loads(bcc("info", tmp_path / "cells", "--layout", "class+masks", "--json").out)
    assert (facts["pictures"], list(facts["classes"])) == (8, ["fold_0", "fold_1"])
    said = refused(bcc("info", tmp_path / "cells", "--layout", "folds"))
    assert said.startswith("The layout 'folds' is unknown; say what the folders are")
    # Other commands say beside their output what was assumed.
    answer = bcc("clean", tmp_path / "cells", "--layout", "group/class", "--out", tmp_path / "kept.npz")
    assert "4 files look like masks" in answer.err


def test_names_for_one_command_are_not_kept(bcc: Command, learned_npz: Path) -> None:
    answer = bcc("info", learned_npz, "--classes", "red,green,violet,grey")
    assert "renamed, was amber" in answer.out
    facts = json.loads(bcc("info", learned_npz, "--json").out)
    assert (list(facts["classes"]), facts["renamed"]) == (list(CLASSES), {})
    said = refused(bcc("info", learned_npz, "--classes", "blue,amber,cyan,dark"))
    assert said.startswith("The list of class names puts 'blue' on the class that the set calls 'amber'")


def test_info_of_nothing_is_refused(bcc: Command) -> None:
    assert refused(bcc("info", "gone.npz")).startswith("There is no dataset 'gone.npz'; give ")
    assert "preprocess" in refused(bcc("info", "synthetic-clean", "--preprocess", "blur")).lower()


# -- train


@pytest.fixture
def small_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ARCHITECTURES, "atto", Architecture((1, 1, 1, 1), (8, 16, 24, 32), 0.03, False))


@pytest.mark.usefixtures("small_network")
def test_train_takes_single_settings(bcc: Command, learned_npz: Path, tmp_path: Path) -> None:
    answer = bcc(
        "train", "--data", learned_npz, "--run", tmp_path / "run",
        "--set", "model=atto", "--set", "weights=none", "--set", "epochs=3", "--set", "image_size=32",
        "--classes", "red,green,blue,grey", "--preprocess", "resize:32",
    )  # fmt: skip
    assert answer.status == 0
    run = Run(tmp_path / "run")
    assert run.read_state().status == "finished"
    assert run.read_history()["epoch"].tolist() == [1, 2, 3]
    config = run.read_json(run.config)
    assert (config["model"], config["weights"], config["all"]["epochs"]) == ("atto", "none", 3)
    assert config["data"]["source"] == str(learned_npz)
    about = run.read_json(run.dataset)
    assert about["class_names"] == ["red", "green", "blue", "grey"]
    assert about["preprocessing"] == "resize:32"
    # What goes to the log goes to the terminal too.
    assert "Epoch 3 of 3: loss" in answer.out
    assert "Finished" in answer.out

    again = refused(bcc("train", "--data", learned_npz, "--run", run.folder))
    assert again.endswith("already holds a run: choose another directory, or go on with --resume.")
    finished = refused(bcc("train", "--resume", run.folder))
    assert finished == "Run 'run' has finished: start a new run to train further."


REFUSALS = [
    (["--set", "epoch=3"], "The training config has no field 'epoch'; it knows "),
    (["--set", "epochs=0"], "All phases have 0 epochs: give head, fine_tune or all at least one."),
    (["--set", "data.train=0.7"], "The shares train, validation and test must add up to 1, not 0.9."),
    (["--set", "weights=imagenet"], "There are no ImageNet weights for 'atto'"),
    (["--set", "epochs"], "'--set epochs' must look like field=value"),
    (["--preset", "slow"], "There is no preset 'slow': choose one of "),
    (["--config", "bad.json"], "The config file 'bad.json' is not JSON"),
    (["--config", "gone.json"], "There is no config file 'gone.json'."),
    (["--preprocess", "blur"], ""),
]


@pytest.mark.parametrize(("arguments", "sentence"), REFUSALS, ids=[" ".join(a) for a, _ in REFUSALS])
def test_train_refuses_and_writes_nothing(
    bcc: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.json").write_text("{'epochs': 3}")
    said = refused(bcc("train", "--run", "run", *arguments))
    assert said.startswith(sentence)
    assert not Path("run").exists()


def test_train_needs_a_place(bcc: Command) -> None:
    assert refused(bcc("train")).startswith("Say where the run goes: --run DIR")


@pytest.mark.parametrize(
    "more", [["--set", "epochs=3"], ["--preset", "quick"], ["--data", "x.npz"], ["--classes", "a,b"],
             ["--preprocess", "none"], ["--run", "other"]],
)  # fmt: skip
def test_resume_stands_alone(bcc: Command, tmp_path: Path, more: list[str]) -> None:
    said = refused(bcc("train", "--resume", tmp_path, *more))
    assert said == "--resume takes everything from the run itself: give it alone."


def test_resume_of_nothing_is_refused(bcc: Command, tmp_path: Path) -> None:
    assert "is no run directory" in refused(bcc("train", "--resume", tmp_path))


def test_one_class_ends_with_status_two(bcc: Command, tiny_npz: TinyNpz, tmp_path: Path) -> None:
    path = tiny_npz(tmp_path / "one.npz", rows=20, classes=1)
    answer = bcc("train", "--data", path, "--run", tmp_path / "run")
    assert answer.status == 2
    assert answer.err.splitlines()[-1].startswith("bcc: 'one.npz' has 1 class among its training rows")


# -- fields, runs


def test_fields_lists_every_option(bcc: Command) -> None:
    out = bcc("fields").out
    assert "all.epochs = 10  [0 to 1000]\n    Times that every training image is seen in this phase;" in out
    assert "data.source = synthetic-clean" in out


def test_runs_are_listed(bcc: Command, finished_run_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(finished_run_folder, tmp_path / "good")
    (tmp_path / "broken").mkdir()
    (tmp_path / "young").mkdir()
    Run(tmp_path / "young").write_state(RunState("running", epochs=5).mine())
    lines = bcc("runs", "--root", tmp_path).out.splitlines()
    assert lines[0].split() == ["id", "status", "epoch", "best", "validation", "accuracy"]
    assert lines[1].split() == ["young", "running", "0/5"]
    assert lines[2].split()[:3] == ["good", "finished", "2/2"]
    assert lines[2].endswith("%")
    assert lines[3].split()[:2] == ["broken", "damaged"]
    assert "is no run directory" in lines[3]


def test_runs_as_json(bcc: Command, finished_run_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(finished_run_folder, tmp_path / "good")
    (tmp_path / "broken").mkdir()
    good, broken = json.loads(bcc("runs", "--root", tmp_path, "--json").out)
    metrics = json.loads((finished_run_folder / "metrics.json").read_text())
    assert (good["id"], good["status"], good["epoch"], good["epochs"]) == ("good", "finished", 2, 2)
    assert good["accuracy"] == metrics["test"]["accuracy"]
    assert good["problem"] == ""
    assert (broken["id"], broken["status"], broken["epoch"]) == ("broken", "damaged", None)
    assert "is no run directory" in broken["problem"]


def test_no_runs_say_how_to_begin(bcc: Command) -> None:
    assert bcc("runs").out.startswith("No runs yet: bcc train --preset quick --run ")
    assert json.loads(bcc("runs", "--json").out) == []
    assert refused(bcc("runs", "--root", "nowhere")) == "There is no folder 'nowhere' with runs."


# -- evaluate


def test_evaluate_writes_scores_and_prints_them(
    bcc: Command, finished_run_folder: Path, learned_npz: Path, tmp_path: Path
) -> None:
    out = tmp_path / "scores" / "own.json"
    answer = bcc("evaluate", finished_run_folder, "--data", learned_npz, "--out", out)
    assert answer.status == 0
    scores = json.loads(out.read_text())
    assert set(scores) >= {"accuracy", "macro_f1", "n", "per_class", "split", "unknown_class_rows"}
    assert (scores["split"], scores["n"]) == ("test", 12)
    low, high = scores["intervals"]["accuracy"]
    assert answer.out.splitlines() == [
        f"accuracy {scores['accuracy']:.4f}  macro F1 {scores['macro_f1']:.4f}  12 images (test)",
        f"95 % interval of the accuracy: {low:.1%} to {high:.1%}",
    ]


def test_evaluate_tells_what_to_mind(
    bcc: Command, finished_run_folder: Path, learned_npz: Path, tmp_path: Path
) -> None:
    out = tmp_path / "all.json"
    answer = bcc("evaluate", finished_run_folder, "--data", learned_npz, "--out", out, "--split", "all")
    assert "64 images (all)" in answer.out
    assert answer.out.splitlines()[2].startswith("40 rows have pixels that the run was trained on; they are")


def test_evaluate_refuses(bcc: Command, finished_run_folder: Path, learned_npz: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.json"

    def said(run: object, data: object, *more: object) -> str:
        return refused(bcc("evaluate", run, "--data", data, "--out", out, *more))

    good = (finished_run_folder, learned_npz)
    assert said(*good, "--split", "half") == "--split takes all, train, validation or test, not 'half'."
    assert said("gone", learned_npz).startswith("There is no run 'gone'")
    assert said(finished_run_folder, "gone.npz").startswith("There is no dataset 'gone.npz'")
    assert "is no run directory" in said(tmp_path, learned_npz)
    assert "no name in common" in said(*good, "--classes", "cat,dog,cow,hen")
    assert not out.exists()


# -- the model that ships, where a run is wanted


@pytest.mark.parametrize(
    ("command", "what"),
    [
        (("train", "--resume", "pbc"), "resumed"),
        (("resume", "pbc"), "resumed"),
        (("retry", "pbc"), "trained again"),
        (("stop", "pbc"), "stopped"),
        (("kill", "pbc"), "killed"),
        (("move", "pbc", "first"), "moved in line"),
    ],
)
def test_shipped_weights_are_not_gone_on_with_as_a_run(
    bcc: Command, command: tuple[str, ...], what: str
) -> None:
    assert refused(bcc(*command)) == (
        f"'pbc' is the model that ships with BCC: it was not trained here and cannot be {what}. A new run "
        "goes on from its weights with --set weights=pbc."
    )
    assert not runs_folder().exists()


@pytest.mark.parametrize("command", [("submit",), ("what-if", "question", "--vary", "dropout=0,0.1")])
def test_a_run_like_the_shipped_one_wants_images(bcc: Command, command: tuple[str, ...]) -> None:
    sentence = refused(bcc(*command, "--like", "pbc"))
    assert sentence.startswith("The images that 'pbc' was trained on do not ship with BCC: say what")
    assert not runs_folder().exists()


# -- predict


def test_predict_writes_a_line_a_image(
    bcc: Command, finished_run_folder: Path, learned_npz: Path, tmp_path: Path
) -> None:
    out = tmp_path / "table" / "predictions.csv"
    answer = bcc("predict", finished_run_folder, "--data", learned_npz, "--out", out)
    assert answer.out.startswith(f"64 images predicted: {out}\n")
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["index", "warning", "predicted", *CLASSES]
    empty = [row for row in rows if row["warning"] == "no cell found in it"]
    assert (f"In {len(empty)} of them no cell was found" in answer.out) == bool(empty)
    assert [int(row["index"]) for row in rows] == list(range(64))
    probabilities = np.array([[float(row[name]) for name in CLASSES] for row in rows])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert [row["predicted"] for row in rows] == [CLASSES[i] for i in probabilities.argmax(axis=1)]
    stored = Run(finished_run_folder).read_predictions()
    np.testing.assert_allclose(probabilities[stored.rows], stored.probabilities, atol=1e-5)


def test_predict_takes_new_images_and_names_their_files(
    bcc: Command, finished_run_folder: Path, learned_npz: Path, tmp_path: Path
) -> None:
    images = np.load(learned_npz)["images"]
    (tmp_path / "new").mkdir()
    for row, name in enumerate(("=1+1.png", "b.png", "c\u202e.png")):
        cv2.imwrite(str(tmp_path / "new" / name), images[row][..., ::-1])
    (tmp_path / "new" / "d\x1b.txt").write_text("x")
    out = tmp_path / "p.csv"
    answer = bcc("predict", finished_run_folder, "--data", tmp_path / "new", "--out", out)
    left_out = "files left out: 1\n  d\\x1b.txt: no image file (jpg, png, bmp, tif or webp)\n"
    assert answer.out.startswith(f"3 images predicted: {out}\n")
    assert answer.out.endswith(left_out)
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["index", "file", "warning", "predicted", *CLASSES, GUARD]
    assert [row["file"] for row in rows] == ["'=1+1.png", "b.png", "c\u202e.png"]
    assert [row[GUARD] for row in rows] == ["file", "", ""]
    assert list(read_table(out)["file"]) == ["=1+1.png", "b.png", "c\u202e.png"]
    files = [tmp_path / "new" / name for name in ("b.png", "=1+1.png")]
    # As a shell hands a pattern over: the first behind --data, the others behind that.
    assert bcc("predict", finished_run_folder, "--data", *files, "--out", out).status == 0
    assert list(read_table(out)["file"]) == [str(file) for file in files]
    assert "Say which images" in refused(bcc("predict", finished_run_folder, "--out", out))


def test_a_file_that_cannot_be_written_is_named(
    bcc: Command, finished_run_folder: Path, learned_npz: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    for command in ("predict", "evaluate"):
        arguments = (command, finished_run_folder, "--data", learned_npz, "--out")
        assert refused(bcc(*arguments, tmp_path)) == f"'{tmp_path}' is a folder: give the name of a file."
        assert "cannot be written" in refused(bcc(*arguments, tmp_path / "file" / "x"))


def test_predict_without_a_model_is_refused(
    bcc: Command, finished_run_folder: Path, learned_npz: Path, tmp_path: Path
) -> None:
    copy = Run(shutil.copytree(finished_run_folder, tmp_path / "copy"))
    copy.model.write_bytes(b"not a model")
    said = refused(bcc("predict", copy.folder, "--data", learned_npz, "--out", tmp_path / "p.csv"))
    assert said.startswith("'model.keras' is not a .keras model file")
    assert not (tmp_path / "p.csv").exists()


def test_images_with_names_that_are_no_utf_8_are_predicted_with_the_others(
    bcc: Command, finished_run_folder: Path, tmp_path: Path
) -> None:
    odd = os.fsdecode(b"caf\xe9.png")
    for number, name in enumerate(("a.png", odd, "b.png")):
        Image.fromarray(np.full((32, 32, 3), 80 * number, np.uint8)).save(tmp_path / name)
    files = [tmp_path / name for name in ("a.png", odd, "b.png", os.fsdecode(b"no\xe9.png"))]
    out = tmp_path / "out.csv"
    assert bcc("predict", finished_run_folder, *files[:3], "--out", out).status == 0
    assert [Path(file).name for file in read_table(out)["file"]] == ["a.png", r"caf\xe9.png", "b.png"]
    assert bcc("predict", finished_run_folder, "--data", *files[:3], "--out", out).status == 0
    assert r"no\xe9.png' is not there" in refused(bcc("predict", finished_run_folder, *files, "--out", out))
    # Elsewhere, and for a run or a table, such a name is refused.
    assert "is no UTF-8" in refused(bcc("predict", os.fsdecode(b"r\xe9"), files[0], "--out", out))
    assert "is no UTF-8" in refused(bcc("info", files[1]))


# -- explain


def test_explain_writes_maps_and_images(
    bcc: Command, finished_run_folder: Path, learned_npz: Path, tmp_path: Path
) -> None:
    answer = bcc(
        "explain", finished_run_folder, "--data", learned_npz, "--indices", "3,0,17",
        "--out", tmp_path / "maps", "--class", "cyan",
    )  # fmt: skip
    assert answer.status == 0
    assert answer.out.splitlines() == [f"{row}: cyan, stage 1 (8 x 8)" for row in (3, 0, 17)]
    names = sorted(path.name for path in (tmp_path / "maps").iterdir())
    assert names == sorted(f"{row}_gradcam.{kind}" for row in (0, 3, 17) for kind in ("npy", "png"))
    for row in (0, 3, 17):
        heat = np.load(tmp_path / "maps" / f"{row}_gradcam.npy")
        assert heat.shape == (32, 32)
        assert heat.dtype == np.float32
        assert heat.min() >= 0
        assert heat.max() <= 1
        assert cv2.imread(str(tmp_path / "maps" / f"{row}_gradcam.png")).shape == (32, 32, 3)
    assert any(np.load(path).max() > 0.5 for path in (tmp_path / "maps").glob("*.npy"))


@pytest.mark.parametrize(("target", "named"), [("true", ["dark", "amber"]), ("predicted", None)])
def test_explain_names_the_class(
    bcc: Command,
    finished_run_folder: Path,
    learned_npz: Path,
    tmp_path: Path,
    target: str,
    named: list | None,
) -> None:
    answer = bcc(
        "explain", finished_run_folder, "--data", learned_npz, "--indices", "3,0", "--out", tmp_path,
        "--class", target, "--layer", "convnext_atto_stage_1_block_1_output",
    )  # fmt: skip
    found = [line.split(": ")[1].split(",")[0] for line in answer.out.splitlines()]
    if named is None:
        out = tmp_path / "p.csv"
        bcc("predict", finished_run_folder, "--data", learned_npz, "--out", out)
        with out.open(encoding="utf-8") as file:
            predicted = [row["predicted"] for row in csv.DictReader(file)]
        named = [predicted[3], predicted[0]]
    assert found == named
    assert all(line.endswith("stage 2 (4 x 4)") for line in answer.out.splitlines())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"--indices": "64"}, "There is no row 64: the set has rows 0 to 63."),
        ({"--indices": "-1"}, "There is no row -1: the set has rows 0 to 63."),
        ({"--indices": "3,four"}, "--indices takes row numbers separated by commas, not '3,four'."),
        ({"--indices": ""}, "--indices takes row numbers separated by commas, not ''."),
        ({"--method": "magic"}, "There is no method 'magic': choose one of gradcam, gradcam++, layercam, "),
        ({"--class": "violet"}, "The run knows no class 'violet': choose one of amber, blue, cyan, dark."),
        ({"--layer": "logits"}, "The model has no stage that ends with 'logits': choose one of "),
        ({"--engine": "captum"}, "There is no engine 'captum': choose one of bcc, tf-keras-vis."),
    ],
    ids=lambda value: "=".join(*value.items()) if isinstance(value, dict) else "",
)
def test_explain_refuses(
    bcc: Command,
    finished_run_folder: Path,
    learned_npz: Path,
    tmp_path: Path,
    change: dict[str, str],
    sentence: str,
) -> None:
    options = {"--data": str(learned_npz), "--indices": "0", "--out": str(tmp_path / "maps"), **change}
    said = refused(bcc("explain", finished_run_folder, *(part for pair in options.items() for part in pair)))
    assert said.startswith(sentence)
    assert not (tmp_path / "maps").exists()


def test_explain_with_the_other_engine_says_how_alike_the_maps_are(
    bcc: Command, finished_run_folder: Path, learned_npz: Path, tmp_path: Path
) -> None:
    answer = bcc(
        "explain", finished_run_folder, "--data", learned_npz, "--indices", "3,0", "--class", "cyan",
        "--engine", "tf-keras-vis", "--out", tmp_path / "maps",
    )  # fmt: skip
    assert answer.status == 0
    *lines, overall = answer.out.splitlines()
    assert overall.startswith("correlation of tf-keras-vis with bcc over all maps: ")
    assert float(overall.split()[-1]) > 0.99
    for row, line in zip((3, 0), lines, strict=True):
        assert line.startswith(f"{row}: cyan, stage 1 (8 x 8), correlation with bcc ")
        assert float(line.split()[-1]) > 0.99
    table = read_table(tmp_path / "maps" / "engines.csv")
    assert [int(row) for row in table["index"]] == [3, 0]
    assert min(float(value) for value in table["correlation"]) > 0.99
    assert np.load(tmp_path / "maps" / "3_gradcam.npy").shape == (32, 32)


def test_explain_refuses_a_method_that_the_other_engine_lacks(
    bcc: Command, finished_run_folder: Path, learned_npz: Path, tmp_path: Path
) -> None:
    answer = bcc(
        "explain", finished_run_folder, "--data", learned_npz, "--indices", "0", "--out", tmp_path / "maps",
        "--engine", "tf-keras-vis", "--method", "integrated_gradients",
    )  # fmt: skip
    assert refused(answer).startswith("tf-keras-vis has no method 'integrated_gradients': choose one of grad")
    assert not (tmp_path / "maps").exists()


# -- the program itself


def test_the_program_runs_as_a_module(tmp_path: Path) -> None:
    """With nothing imported before it, from another folder, and fast: no tensorflow for a list."""
    done = subprocess.run(
        [sys.executable, "-m", "bcc", "runs", "--root", str(tmp_path / "gone")],
        capture_output=True, text=True, check=False, cwd=PROJECT,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == f"bcc: There is no folder '{tmp_path / 'gone'}' with runs.\n"


def test_every_command_explains_itself(bcc: Command) -> None:
    for command in ("info", "train", "fields", "runs", "evaluate", "predict", "explain"):
        answer = bcc(command, "--help")
        assert answer.status == 0
        assert f"bcc {command}" in answer.out


# -- compare and ensemble


def test_compare_says_what_differs(
    bcc: Command, finished_run_folder: Path, learned_npz: Path, tmp_path: Path
) -> None:
    twin = shutil.copytree(finished_run_folder, tmp_path / "twin")
    answer = bcc("compare", finished_run_folder, twin, "--data", learned_npz, "--out", tmp_path / "rows.csv")
    assert answer.status == 0
    assert "McNemar p = 1.000" in answer.out
    with (tmp_path / "rows.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert {line["case"] for line in lines} <= {"both", "neither"}
    assert f"{len(lines)} images (test)" in answer.out
    assert "--split takes" in refused(
        bcc("compare", finished_run_folder, twin, "--data", learned_npz, "--split", "some")
    )


def test_ensemble_scores_runs_together(
    bcc: Command, finished_run_folder: Path, learned_npz: Path, tmp_path: Path
) -> None:
    twin = shutil.copytree(finished_run_folder, tmp_path / "twin")
    answer = bcc(
        "ensemble", finished_run_folder, twin, "--data", learned_npz, "--mean", "logits",
        "--out", tmp_path / "together.json",
    )  # fmt: skip
    assert answer.status == 0
    result = json.loads((tmp_path / "together.json").read_text())
    assert result["accuracy"] == pytest.approx(result["members"]["twin"])
    assert result["runs"] == [finished_run_folder.name, "twin"]
    assert "two runs or more" in refused(
        bcc("ensemble", finished_run_folder, "--data", learned_npz, "--out", tmp_path / "x.json")
    )


# -- names of files


@pytest.fixture
def named_cells(learned_npz: Path, tmp_path: Path) -> Path:
    """Images of the shared run's set in folders of classes, two copies of one among them."""
    arrays = np.load(learned_npz)
    for row in range(12):
        place = tmp_path / "named" / CLASSES[arrays["labels"][row]] / f"=cell {row}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(place), arrays["images"][row][..., ::-1])
    shutil.copy(tmp_path / "named" / "amber" / "=cell 0.png", tmp_path / "named" / "amber" / "=cell 00.png")
    return tmp_path / "named"


def test_every_table_names_the_files(
    bcc: Command, finished_run_folder: Path, named_cells: Path, tmp_path: Path
) -> None:
    out, beside, asked = tmp_path / "x.csv", tmp_path / "y.csv", ("--preprocess", "none")
    assert bcc("scan", named_cells, *asked, "--out", out, "--selection", "first").status == 0
    dataset = load(named_cells, preprocessing="none")
    assert dataset.files is not None
    found = read_table(out)
    assert list(found["file"]) == [dataset.files[row] for row in found["index"]]
    assert {"amber/=cell 0.png", "amber/=cell 00.png"} <= set(found["file"])
    (saved,) = (data_folder() / "selections" / dataset.fingerprint).glob("*.json")
    for group in json.loads(saved.read_text())["decisions"]:
        assert group["files"] == [dataset.files[row] for row in group["rows"]]

    runs = (finished_run_folder, shutil.copytree(finished_run_folder, tmp_path / "other"))
    assert bcc("compare", *runs, "--data", named_cells, *asked, "--split", "all", "--out", beside).status == 0
    rows = read_table(beside)
    assert list(rows["file"]) == [dataset.files[row] for row in rows["row"]]

    maps = tmp_path / "maps"
    answer = bcc("explain", runs[0], "--data", named_cells, *asked, "--indices", "2,0", "--out", maps)
    assert [line.split(":")[0] for line in answer.out.splitlines()] == [
        f"{row} {dataset.files[row]}" for row in (2, 0)
    ]
    assert list(read_table(maps / "files.csv")["file"]) == [dataset.files[2], dataset.files[0]]


def test_a_run_keeps_the_names_of_its_files(
    finished_run_folder: Path, learned_npz: Path, tmp_path: Path
) -> None:
    from bcc.evaluation.reports.html_report import report
    from bcc.evaluation.run_dataset import files_of_run

    assert files_of_run(Run(finished_run_folder)) is None
    run = Run(shutil.copytree(finished_run_folder, tmp_path / "named run"))
    names = [f"{row} <b>.png" for row in range(64)]
    run.files.write_text(json.dumps(names))
    assert files_of_run(run) == tuple(names)
    page = report(run)
    assert "<b>.png" not in page
    assert "&lt;b&gt;.png" in page or "surest mistakes" not in page
    run.files.write_text(json.dumps(names[:3]))
    assert files_of_run(run) is None, "names of other rows are none"


# -- report and export


def test_report_and_card(bcc: Command, finished_run_folder: Path, tmp_path: Path) -> None:
    assert bcc("report", finished_run_folder, "--out", tmp_path / "new" / "run.html").status == 0
    assert (tmp_path / "new" / "run.html").read_text().startswith("<!doctype html>")
    assert bcc("report", finished_run_folder, "--out", tmp_path / "card.md").status == 0
    assert (tmp_path / "card.md").read_text().startswith("# Model card: finished-run")
    assert "must end in .html" in refused(bcc("report", finished_run_folder, "--out", tmp_path / "x.pdf"))


def test_export_says_how_far_it_is_off(bcc: Command, finished_run_folder: Path, tmp_path: Path) -> None:
    answer = bcc("export", finished_run_folder, "--out", tmp_path / "model.keras")
    assert "answers differ by at most" in answer.out
    assert (tmp_path / "model.keras").exists()
    assert "no format 'pickle'" in refused(
        bcc("export", finished_run_folder, "--format", "pickle", "--out", tmp_path / "x")
    )
