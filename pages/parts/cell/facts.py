"""What is known about one cell: image, file, split, label and its history, findings, and what runs say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from bcc.datasets import SPLITS, Dataset, Selection
from bcc.datasets.label_changes import UNKNOWN
from bcc.errors import UserError
from bcc.evaluation.predictions.about_row import predictions_about
from bcc.explain import KINDS, METHODS, default_stage
from bcc.figures import overlay
from bcc.quality import saved_scan
from bcc.runs import Run, list_runs
from bcc.safe_text import shown
from pages.parts.labelling import decisions, run_answers
from pages.parts.state import loaders
from pages.parts.text import errors, formatting
from pages.parts.widgets import columns, gallery

NO_LABEL = "no label"
_PLAIN = "margin:0;padding:0"
_TWO_COLUMNS = "display:grid;grid-template-columns:max-content 1fr;gap:2px 16px"


def as_rows(row: int) -> np.ndarray:
    """One row as an array of rows."""
    return np.array([row], np.int64)


def title(after: Dataset, row: int) -> str:
    """The present label of a row."""
    label = int(after.labels[row])
    return after.class_names[label] if label >= 0 else NO_LABEL


def picture(dataset: Dataset, row: int) -> None:
    """Draw the image enlarged."""
    name = formatting.row(dataset, row)
    st.html(
        f'<img src="{gallery.image_uri(np.asarray(dataset.images[row]))}" alt="{formatting.safe(name)}" '
        'style="width:100%;max-width:420px;border-radius:8px;display:block">'
    )


def saliency(dataset: Dataset, row: int) -> None:
    """Offer the saliency map of the chosen run, or of the model that ships, for what it predicts."""
    judge = run_answers.judge()
    if judge is None:
        return
    run = judge.run
    wanted = st.toggle(
        f"What {formatting.plain(run.id)} looks at",
        key="cell_saliency",
        bind="query-params",
        help="The saliency map for the class that the run predicts. Choose another run on the left, and "
        "other methods on the Saliency page.",
    )
    if not wanted:
        return
    with errors.shown(stop=False):
        with st.spinner("Loading TensorFlow and the model"):
            model = loaders.model_of(run)
        stage = default_stage(model.model)
        image = np.asarray(dataset.images[row : row + 1])
        key = ("cell map", *run.model_version, dataset.fingerprint, row)
        said, heat = loaders.cached(key, lambda: _explained(run, stage.layer, image))
        st.image(overlay(image[0], heat), width=420)
        name = run.class_names[int(said.argmax())]
        st.caption(
            f"{formatting.plain(name)} {formatting.share(float(said.max()))} · {KINDS[METHODS[0]].title} at "
            f"{stage.label}"
        )


def _explained(run: Run, layer: str, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, and the saliency map for the predicted class."""
    said = loaders.single_model_of(run)(image)[0]
    heat = loaders.explainer_of(run, layer, METHODS[0])(image, np.array([int(said.argmax())]))[0]
    return said, heat


def table(dataset: Dataset, selection: Selection, row: int) -> None:
    """Draw the facts."""
    given = dataset.class_names[dataset.labels[row]]
    height, width = dataset.image_shape
    copies = int((dataset.row_hashes == dataset.row_hashes[row]).all(axis=1).sum()) - 1
    split = dataset.split[row] if dataset.split is not None else None
    facts = {
        "File": shown(dataset.file_of(row)) or "not known",
        "Size": f"{width} × {height} px",
        "Split": "drawn by each run" if split is None else SPLITS[split] if split >= 0 else "none",
        "Label of the dataset": shown(given),
        "Exact copies": f"{copies:,}" if copies else "none",
    }
    left_out = selection.decisions.get(row)
    if left_out is not None:
        facts["Decision"] = f"{'left out' if left_out.left_out else 'kept'}: {shown(left_out.reason)}"
    lines = "".join(
        f'<dt style="{_PLAIN};opacity:.66">{name}</dt>'
        f'<dd style="{_PLAIN};overflow-wrap:anywhere">{formatting.safe(value)}</dd>'
        for name, value in facts.items()
    )
    st.html(f'<dl style="{_PLAIN};{_TWO_COLUMNS}">{lines}</dl>')


def leave_out_buttons(dataset: Dataset, selection: Selection, row: int) -> None:
    """Draw the buttons that leave the row out or keep it."""
    decision = selection.decisions.get(row)
    out = decision is not None and decision.left_out
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            "Keep" if out else "Leave out",
            icon=":material/check:" if out else ":material/close:",
            key="cell_out",
            on_click=decisions.keep if out else decisions.leave_out,
            args=(dataset, [row], "kept" if out else "left out by hand"),
            help="Training uses it again." if out else "Training no longer uses it; the image stays.",
        )


def history(dataset: Dataset, selection: Selection, row: int) -> None:
    """Draw who changed the label, when and why."""
    changes = selection.labels.rows.get(row, ())
    if not changes:
        return
    names = [*selection.labels.all_names(dataset), "I don't know"]
    assert UNKNOWN == -1
    st.subheader("Label history", anchor=False)
    st.dataframe(
        formatting.table(
            pd.DataFrame(
                [
                    {
                        "when": one.when,
                        "who": one.who or "–",
                        "from": names[one.old],
                        "to": names[one.new] if one.new != one.old else f"{names[one.new]} (confirmed)",
                        "why": one.why or "–",
                    }
                    for one in changes
                ]
            )
        ),
        hide_index=True,
        height="content",
        key="cell_history",
        alt="Changes of this label",
        column_config={
            "when": st.column_config.TextColumn("When (UTC)"),
            "who": "Who",
            "from": "From",
            "to": "To",
            "why": "Why",
        },
    )


def findings(dataset: Dataset, row: int) -> None:
    """Draw what the last scan found."""
    try:
        done = saved_scan(dataset)
    except UserError:
        done = None
    st.subheader("Findings", anchor=False)
    if done is None:
        st.caption("The dataset has not been scanned: do so on the Clean page.")
        return
    found = done.findings.frame[done.findings.frame["index"] == row]
    if found.empty:
        st.caption("The last scan found nothing wrong with this image.")
        return
    for one in found.itertuples():
        kind = str(one.kind).replace("_", " ").capitalize()
        st.markdown(f"**{kind}** ({one.suggested}) · {formatting.plain(str(one.detail))}")


def runs(dataset: Dataset, row: int) -> None:
    """Draw what runs said of this row when they were scored."""
    st.subheader("What runs say", anchor=False)
    marks = tuple((one.run.id, one.run.predictions.exists()) for one in list_runs())
    said = loaders.cached(
        ("about row", dataset.fingerprint, row, marks),
        lambda: predictions_about([one.run for one in list_runs()], dataset.fingerprint, row),
    )
    if said.empty:
        st.caption("No run on this machine was trained or scored on this dataset.")
        return
    st.dataframe(
        formatting.table(said),
        hide_index=True,
        height="content",
        key="cell_runs",
        alt="Predictions of runs for this image",
        column_config={
            "run": "Run",
            "split": st.column_config.TextColumn("Split", help="What the image was for that run."),
            "predicted": "Predicted as",
            "probability": st.column_config.NumberColumn("Probability", **columns.share()),
            "second": "Then",
            "probability_of_second": st.column_config.NumberColumn("Probability ", **columns.share()),
        },
    )
