"""Metrics, "Export": the report, the model card, the predictions as a table, the model for other programs."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from bcc.csv_tables import table_text
from bcc.datasets import with_files
from bcc.evaluation.predictions.sample_predictions import SamplePredictions
from bcc.evaluation.reports.export_usage import usage_of
from bcc.evaluation.reports.html_report import report
from bcc.evaluation.reports.model_card import model_card
from bcc.models.export import FORMATS, SUFFIXES, Format, export_model
from bcc.runs import Run
from pages.parts.state import loaders
from pages.parts.text import errors

NAMES = {"keras": ".keras", "savedmodel": "SavedModel", "tflite": "TFLite", "onnx": "ONNX"}


def show(run: Run, predictions: SamplePredictions, files: Sequence[str] | None = None) -> None:
    """Draw the section; `files` names the file of each row of the dataset that was predicted."""
    _documents(run, predictions, files)
    _model(run)


def _documents(run: Run, predictions: SamplePredictions, files: Sequence[str] | None) -> None:
    st.caption(
        "The report is one HTML file that opens offline: figures, tables, config, data and caveats. The "
        "model card is a page of Markdown. Both are about the run's own test or validation images."
    )
    with st.container(horizontal=True):
        st.download_button(
            "Report",
            lambda: report(run),
            f"{run.id}.html",
            "text/html",
            key="download_report",
            icon=":material/summarize:",
            help="One HTML file, about 5 MB.",
            on_click="ignore",
        )
        st.download_button(
            "Model card",
            lambda: model_card(run),
            f"{run.id}.md",
            "text/markdown",
            key="download_card",
            icon=":material/badge:",
            help="Markdown: intended use, performance and limitations of the model.",
            on_click="ignore",
        )
        st.download_button(
            "Predictions",
            lambda: table_text(with_files(predictions.table, files)),
            f"{run.id}_predictions.csv",
            "text/csv",
            key="download_answers",
            icon=":material/table_view:",
            help="A line per image shown on this page: file, true class, first and second guess.",
            on_click="ignore",
        )


def _model(run: Run) -> None:
    st.subheader("The model for other programs", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        format = st.selectbox(
            "Format",
            list(FORMATS),
            format_func=NAMES.__getitem__,
            key="export_format",
            width=240,
            help="Input: images as float32, 0 to 255; output: probabilities. Normalisation is part of "
            "the model.",
        )
        wanted = st.button(
            "Create the file",
            key="make_export",
            icon=":material/deployed_code:",
            help="Converts the model and checks that it gives the same predictions.",
        )
    if not wanted:
        return
    with errors.shown(), st.spinner("Converting, and comparing both on the same images"):
        name, data, difference = _exported(run, format)
    st.success(f"The predictions differ by at most {difference:.1e}.", icon=":material/check:")
    st.download_button(
        "Download the model",
        data,
        name,
        key="download_model",
        icon=":material/download:",
        help=f"{len(data) / 1e6:.1f} MB: a zip of the model, names of classes, preprocessing and temperature "
        "as JSON, and a script that runs the model on images.",
        on_click="ignore",
    )


def _exported(run: Run, format: Format) -> tuple[str, bytes, float]:
    """File name, contents and largest difference of an exported model, zipped with what goes along."""
    model = loaders.model_of(run).model
    usage = usage_of(run, int(model.input_shape[1]))
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole"
        # A SavedModel is a folder, and has its companions inside.
        path = whole if format == "savedmodel" else whole / f"{run.id}{SUFFIXES[format]}"
        done = export_model(model, format, path, usage=usage)
        name = f"{run.id}{SUFFIXES[format] or '.savedmodel'}"
        made = Path(shutil.make_archive(str(Path(folder) / name), "zip", whole))
        return made.name, made.read_bytes(), done.difference
