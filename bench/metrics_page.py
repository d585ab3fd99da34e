"""How quick the Metrics page is, section by section, and counting its intervals beside scikit-learn.

The page shows a run with 1,294 scored images of eight classes, about 96 of 100 right; its answers are
drawn, not trained, since only their number matters here. Warm: the section has been open before. The peer is
a loop that calls scikit-learn's functions for each resample, timed on few and scaled.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.pages import BROWSER, WATCH, _open, _serve, chromium_path
from bench.report import machine, table

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROWS, CLASSES = 1294, 8
SECTIONS = ("Confusion", "Scores", "Curves", "Confidence", "Images", "Training")
LOOPED = 10


def main() -> None:
    """Measure and print two tables."""
    labels, probabilities = _answers()
    _intervals(labels, probabilities)
    _page(labels, probabilities)


def _answers() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, ROWS)
    logits = rng.normal(0, 1, (ROWS, CLASSES))
    logits[np.arange(ROWS), labels] += 4
    powers = np.exp(logits)
    return labels, (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def _intervals(labels: np.ndarray, probabilities: np.ndarray) -> None:
    from sklearn import metrics as sk

    from bcc.evaluation.intervals.metric_tables import measure

    def looped() -> None:
        rng = np.random.default_rng(0)
        for _ in range(LOOPED):
            rows = rng.integers(0, ROWS, ROWS)
            true, said = labels[rows], probabilities[rows].astype(np.float64)
            said /= said.sum(axis=1, keepdims=True)
            called = said.argmax(axis=1)
            sk.precision_recall_fscore_support(true, called, zero_division=0)
            sk.accuracy_score(true, called), sk.balanced_accuracy_score(true, called)
            sk.cohen_kappa_score(true, called), sk.matthews_corrcoef(true, called)
            sk.top_k_accuracy_score(true, said, k=2), sk.log_loss(true, said)
            for k in range(CLASSES):
                sk.roc_auc_score(true == k, said[:, k]), sk.average_precision_score(true == k, said[:, k])

    ours, theirs = [], []
    for _ in range(5):
        ours.append(_seconds(lambda: measure(labels, probabilities, [f"class {k}" for k in range(CLASSES)])))
        theirs.append(_seconds(looped) * 1000 / LOOPED)
    own, peer = statistics.median(ours), statistics.median(theirs)
    rows = [
        ["all scores with their intervals", f"{own:.2f} s", f"{peer:.1f} s (scaled)", f"{peer / own:.0f} x"]
    ]
    about = f"{ROWS:,} images, {CLASSES} classes. {machine('numpy', 'scikit-learn')}."
    table("Intervals", ["what", "BCC", "scikit-learn in a loop", "ratio"], rows, about)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _page(labels: np.ndarray, probabilities: np.ndarray) -> None:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        os.environ |= {"BCC_DATA": f"{folder}/data", "BCC_RUNS": f"{folder}/runs"}
        fingerprint = _run(Path(folder) / "runs" / "drawn", labels, probabilities)
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(BROWSER))
        server, address = _serve()
        try:
            rows = [_section(browser, f"{address}/metrics?data={fingerprint}&run=drawn", s) for s in SECTIONS]
        finally:
            browser.close()
            server.terminate()
            server.wait(20)
    about = f"{ROWS:,} scored images. {machine('streamlit', 'plotly', 'pandas')}."
    table("Metrics page, warm", ["section", "median", "worst", "wanted"], rows, about)


def _section(browser: Browser, address: str, section: str, repeats: int = 9) -> list[str]:
    page = browser.new_page()
    _open(page, f"{address}&section={section}")
    page.locator("h1").first.wait_for(state="visible", timeout=60_000)
    page.wait_for_selector("[data-test-script-state=notRunning]", timeout=60_000)
    times = []
    for _ in range(repeats + 2):
        time.sleep(0.5)
        page.evaluate(WATCH)
        page.keyboard.press("r")
        times.append(page.evaluate("window.rerun"))
    page.close()
    return [section, f"{statistics.median(times[2:]):.0f} ms", f"{max(times[2:]):.0f} ms", "1,000 ms"]


def _run(folder: Path, labels: np.ndarray, probabilities: np.ndarray) -> str:
    """Write a finished run on painted cells whose answers are these; gives the set's fingerprint."""
    from bcc.datasets import load
    from bcc.evaluation import scores
    from bcc.runs import Run, RunState, write_arrays, write_json

    dataset = load("synthetic-clean")
    folder.mkdir(parents=True)
    run = Run(folder)
    half = np.arange(ROWS) % 2
    facts = {
        "fingerprint": dataset.fingerprint, "source": dataset.source, "location": dataset.location,
        "rows": len(dataset), "picture_size": list(dataset.image_shape),
        "class_names": list(dataset.class_names), "preprocessing": "none", "duplicates_left_out": 0,
    }  # fmt: skip
    write_json(run.dataset, facts)
    write_json(run.config, {"model": "atto"})
    # All rows once as test rows, and some of them as validation rows, to fit a temperature on.
    again = np.flatnonzero(half)
    write_arrays(
        run.predictions,
        rows=np.concatenate([np.arange(ROWS), again]),
        split=np.repeat(np.array([2, 1], np.int8), [ROWS, len(again)]),
        labels=np.concatenate([labels, labels[again]]),
        probabilities=np.concatenate([probabilities, probabilities[again]]),
    )
    split = np.zeros(len(dataset), np.int8)
    write_arrays(run.split, split=split, train_hashes=np.zeros((0, 2), np.uint64))
    result = scores(labels, probabilities, dataset.class_names)
    write_json(run.metrics, {"test": result, "final_split": "test"})
    head = "epoch,loss,accuracy,validation_loss,validation_accuracy,learning_rate,images_per_second,seconds\n"
    run.history.write_text(head + "".join(f"{e},1,0.9,1,0.9,0.001,100,10\n" for e in range(1, 13)))
    run.write_state(RunState(status="finished", epoch=12, epochs=12))
    return dataset.fingerprint
