"""Make the run that ships: `python make_run.py DATA.npz training_set.npz holdout.npz FOLDER`.

Scores the weights in FOLDER on the rows that chose them (validation) and on the held-out cells (test), and
writes the small files of a run to FOLDER/run, the shape of its model file to FOLDER/template.json, and the
scores on distorted images to FOLDER/card.json. The photographs themselves do not ship.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
import tempfile
import zipfile
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np

from bcc.atomic_files import write_arrays, write_json
from bcc.cells.set_profile import SAMPLE, profile_of
from bcc.datasets import CLASS_PRESETS, hash_rows
from bcc.evaluation import linear_baseline, scores
from bcc.evaluation.predictions.out_of_distribution import fit_ood_detector, save_ood_detector
from bcc.evaluation.robustness.chained import measure as chained
from bcc.evaluation.robustness.laboratories import measure as laboratories
from bcc.evaluation.robustness.single_distortions import measure as single
from bcc.models import ModelOptions
from bcc.models.build import build_model
from bcc.models.features import FeatureExtractor
from bcc.models.prediction import Predictor
from bcc.models.saving import save_model
from bcc.models.shipped_weights import Shipped
from bcc.models.weights import fill_weights
from bcc.runs import Run
from bcc.runs.shipped import model_file
from bcc.training import TrainConfig

TRAIN, VALIDATION, TEST = 0, 1, 2
CURVE = (
    (72, 0.9774),
    (144, 0.9841),
    (210, 0.9883),
    (275, 0.9908),
    (333, 0.9899),
    (394, 0.9908),
    (451, 0.9899),
)
"""Epoch and accuracy on the validation rows, as the training printed them."""


def main(data: str, training: str, holdout: str, folder: str) -> None:
    place = Path(folder)
    run = Run(place / "run")
    run.folder.mkdir(exist_ok=True)
    model = build_model(ModelOptions(weights="pbc"), 8)
    fill_weights(model, ModelOptions(weights="pbc"))
    _template(model, place)

    with np.load(training) as file, np.load(data) as chosen, np.load(holdout) as held_out:
        rows, count = chosen["rows"], int(chosen["n_train"])
        images = np.concatenate([file["images"][rows], held_out["images"]])
        labels = np.concatenate([file["labels"].ravel()[rows], held_out["labels"].ravel()]).astype(np.int64)
        total = len(file["labels"]), len(rows)
    sides = np.full(len(images), TEST, np.int8)
    sides[:count], sides[count : len(rows)] = TRAIN, VALIDATION
    names = CLASS_PRESETS["pbc"]
    dataset = SimpleNamespace(images=images, labels=labels, row_hashes=hash_rows(images))
    mark = hashlib.blake2b(hash_rows(images).tobytes(), digest_size=8).hexdigest()
    print(f"{total[0]:,} rows, {total[1]:,} kept, {len(images) - len(rows):,} held out")

    config = TrainConfig(weights="none", image_size=96, seed=1).model_dump(mode="json")
    write_json(run.config, config)
    write_json(
        run.dataset,
        {
            "fingerprint": mark,
            "source": "PBC photographs (they do not ship)",
            "location": "",
            "rows": len(images),
            "picture_size": [96, 96],
            "class_names": list(names),
            "preprocessing": "none",
            "duplicates_left_out": 0,
            "selection": None,
        },
    )
    card = Shipped("pbc", place).card
    write_json(run.about, {"name": card["title"]})
    moment = 1_795_653_600.0
    write_json(
        run.state,
        {
            "status": "finished",
            "epoch": card["trained"]["epochs"],
            "epochs": card["trained"]["epochs"],
            "step": card["trained"]["steps"],
            "steps": card["trained"]["steps"],
            "best_validation_accuracy": CURVE[-1][1],
            "created": moment,
            "updated": moment,
        },
    )
    with run.history.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            ["epoch", "phase", "loss", "accuracy", "validation_loss", "validation_accuracy", "learning_rate",
             "images_per_second", "seconds"]
        )  # fmt: skip
        writer.writerows([epoch, "all", "", "", "", accuracy, "", "", ""] for epoch, accuracy in CURVE)
    write_arrays(run.split, split=sides, train_hashes=np.load(place / "rows.npy"))

    model_file(Shipped("pbc", place), run.model)
    predictor = Predictor(model)
    asked = np.flatnonzero(sides != TRAIN)
    probabilities = predictor(images, asked)
    write_arrays(
        run.predictions, rows=asked, split=sides[asked], labels=labels[asked], probabilities=probabilities
    )
    metrics = {"final_split": "test"}
    for side, name in ((VALIDATION, "validation"), (TEST, "test")):
        own = sides[asked] == side
        metrics[name] = scores(labels[asked][own], probabilities[own], names)
    baseline = linear_baseline(
        images, labels, names, np.flatnonzero(sides == TRAIN), np.flatnonzero(sides == TEST), seed=0
    )
    metrics["baseline"] = {**baseline.to_dict(), "split": "test"}
    write_json(run.metrics, metrics)
    save_ood_detector(run, fit_ood_detector(run, dataset, FeatureExtractor(model)))
    run.model.unlink()
    learned = np.flatnonzero(sides == TRAIN)
    write_json(run.profile, profile_of(images, learned[:: len(learned) // SAMPLE]).to_dict())

    test = np.flatnonzero(sides == TEST)
    found = [measure(predictor, dataset, test, labels[test]) for measure in (chained, laboratories, single)]
    card["holdout"] = {
        "accuracy": metrics["test"]["accuracy"],
        "macro_f1": metrics["test"]["macro_f1"],
        "n": len(test),
        "linear_model": baseline.accuracy,
        **dict(zip(("chained", "laboratories", "single"), map(asdict, found), strict=True)),
    }
    write_json(place / "card.json", card)


def _template(model: object, place: Path) -> None:
    """How Keras writes such a model: its config, and where in the file each array goes."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "model.keras"
        save_model(model, path)
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))
            archive.extract("model.weights.h5", scratch)
        layers: dict[str, str] = {}
        with h5py.File(Path(scratch) / "model.weights.h5") as file:
            for group in file["layers"].values():
                layers[str(group["vars"].attrs["name"])] = group["vars"].name.lstrip("/")
    template = json.dumps({"config": config, "layers": layers}, separators=(",", ":"))
    (place / "template.json").write_text(template + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
