"""Selections by name: create, rename, delete, export, import, compare; and the cleaned dataset as a file."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import streamlit as st

from bcc.datasets import (
    Dataset,
    Selection,
    delete_selection,
    export_npz,
    open_selection,
    read_selection,
    saved_selections,
)
from bcc.datasets.selection import selections_folder
from bcc.errors import UserError
from bcc.paths import data_folder
from bcc.trash import Discarded, take_back
from pages.parts.background import waiting
from pages.parts.labelling import decisions
from pages.parts.text import errors, formatting
from pages.parts.widgets import columns, gallery

_LAST = "clean.deleted"
"""Where the session keeps the selection that it deleted last."""


def show(dataset: Dataset, selection: Selection) -> None:
    """Draw the tab of selections."""
    left, right = st.columns(2, gap="large")
    with left:
        _about(dataset, selection)
        _names(dataset, selection)
    with right:
        _files(dataset, selection)
        _cleaned(dataset, selection)
    st.subheader("Compare", anchor=False)
    _compare(dataset, selection)


def _about(dataset: Dataset, selection: Selection) -> None:
    name = decisions.name(dataset)
    st.subheader(formatting.plain(name), anchor=False)
    facts = selection.summary()
    if not selection.decisions and not selection.labels:
        st.info("No decisions yet: every row is kept.", icon=":material/info:")
        return
    st.caption(
        f"{facts['left_out']:,} rows left out, {facts['kept']:,} looked at and kept. Kept as a file: "
        f"data/selections/{dataset.fingerprint}/{formatting.plain(name)}.json"
    )
    st.dataframe(
        pd.DataFrame({"reason": list(facts["reasons"]), "rows": list(facts["reasons"].values())}),
        hide_index=True,
        height="content",
        key="clean_reasons",
        alt="Rows left out, by reason",
        column_config={
            "reason": "Left out because",
            "rows": st.column_config.NumberColumn("Rows", **columns.count()),
        },
    )


def _names(dataset: Dataset, selection: Selection) -> None:
    name = decisions.name(dataset)
    text = st.text_input(
        "Another name",
        key="clean_new_name",
        placeholder="second look",
        help="Letters, digits, spaces, dots, - and _, up to 80.",
    )
    ready = bool(text.strip())
    with st.container(horizontal=True, gap="xsmall"):
        for label, icon, action, help in (
            ("New", ":material/add:", "new", "An empty selection with this name."),
            ("Copy", ":material/content_copy:", "copy", "A copy of these decisions with this name."),
            ("Rename", ":material/edit:", "rename", "Rename this selection."),
        ):
            st.button(
                label,
                icon=icon,
                key=f"clean_{action}",
                disabled=not ready,
                on_click=_make,
                args=(dataset, action),
                help=help,
            )
        with st.popover("Delete", icon=":material/delete:", disabled=name not in saved_selections(dataset)):
            st.markdown(f"Forget **{formatting.plain(name)}** and all its decisions? The images stay.")
            st.button(
                "Delete",
                type="primary",
                key="clean_delete",
                on_click=_delete,
                args=(dataset,),
                help="Runs that were trained on it keep their own copy.",
            )
    _undo(dataset)


def _make(dataset: Dataset, action: str) -> None:
    text = st.session_state["clean_new_name"].strip()
    before = decisions.name(dataset)
    try:
        if text in saved_selections(dataset):
            raise UserError(
                f"There is a selection '{text}' already; choose another name, or delete it first."
            )
        selection = Selection.of(dataset) if action == "new" else decisions.current(dataset)
        selection.save(text)
        # An older selection of this name may have left steps to undo.
        decisions.forget_history(dataset, text)
        if action == "rename":
            delete_selection(dataset, before)
    except UserError as error:
        decisions.report(error)
        return
    st.query_params[decisions.PARAMETER] = text
    st.session_state["clean_new_name"] = ""


def _delete(dataset: Dataset) -> None:
    try:
        st.session_state[_LAST] = delete_selection(dataset, decisions.name(dataset))
    except UserError as error:
        decisions.report(error)
        return
    st.query_params.pop(decisions.PARAMETER, None)


def _undo(dataset: Dataset) -> None:
    """Offer to restore the selection that was deleted last."""
    one = st.session_state.get(_LAST)
    if one is None or not one.path.exists() or one.home.parent != selections_folder(dataset.fingerprint):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/delete: **{formatting.plain(one.path.stem)}** is in the trash.", width="content"
        )
        st.button(
            "Undo",
            icon=":material/undo:",
            key="clean_undo_delete",
            on_click=_take_back,
            args=(one,),
            help="Restore the selection.",
        )


def _take_back(one: Discarded) -> None:
    try:
        st.query_params[decisions.PARAMETER] = take_back(one).stem
    except UserError as error:
        decisions.report(error)


def _files(dataset: Dataset, selection: Selection) -> None:
    st.subheader("Export and import", anchor=False)
    st.download_button(
        "Export as JSON",
        json.dumps(selection.to_dict(), ensure_ascii=False, indent=1),
        f"{Path(dataset.source).stem} {decisions.name(dataset)}.json",
        "application/json",
        icon=":material/download:",
        key="clean_export",
        on_click="ignore",
        help="Small: row numbers, reasons and times, no images.",
    )
    file = st.file_uploader(
        "Import a selection for this dataset",
        type=["json"],
        max_upload_size=20,
        key="clean_import_file",
        help="A file that was exported here or on another machine. It is refused if it belongs to "
        "another dataset.",
    )
    if file is not None and st.button(
        "Import it", icon=":material/upload:", key="clean_import", help="It becomes the current selection."
    ):
        with errors.shown(stop=False):
            one = read_selection(dataset, file.getvalue(), file.name)
            name = _free_name(dataset, Path(file.name).stem)
            one.save(name)
            decisions.forget_history(dataset, name)
            st.query_params[decisions.PARAMETER] = name
            st.rerun()


def _free_name(dataset: Dataset, wanted: str) -> str:
    """Return the wanted name, or one like it that no selection of the dataset has yet."""
    plain = "".join(letter if letter.isalnum() or letter in " .-_" else " " for letter in wanted)
    plain = plain.strip(" .-_")[:70] or "imported"
    saved, number, name = saved_selections(dataset), 2, plain
    while name in saved:
        name, number = f"{plain} {number}", number + 1
    return name


def _cleaned(dataset: Dataset, selection: Selection) -> None:
    st.subheader("The cleaned dataset", anchor=False)
    keep = selection.apply(dataset)
    path = data_folder() / "exports" / f"{Path(dataset.source).stem} {decisions.name(dataset)}.npz"
    st.caption(
        f"{int(keep.sum()):,} rows as an .npz that can be opened here and elsewhere: images, labels, "
        f"class names."
    )
    if st.button(
        "Write the cleaned dataset",
        icon=":material/save:",
        key="clean_write",
        disabled=not keep.any(),
        help="Written piece by piece into the exports folder under the data folder.",
    ):
        with errors.shown(stop=False), waiting.progress("Writing the cleaned dataset") as report:
            export_npz(dataset, path, keep, report)
            st.session_state["clean.written"] = str(path)
    if st.session_state.get("clean.written") == str(path) and path.exists():
        size = path.stat().st_size
        st.success(f"{formatting.plain(str(path))} · {size / 1e6:,.0f} MB", icon=":material/check:")
        st.download_button(
            "Download it",
            path.read_bytes,
            path.name,
            "application/octet-stream",
            icon=":material/download:",
            key="clean_download",
            on_click="ignore",
            help="A large file is faster to copy from the folder.",
        )


def _compare(dataset: Dataset, selection: Selection) -> None:
    others = [name for name in saved_selections(dataset) if name != decisions.name(dataset)]
    if not others:
        st.caption("With a second selection of this dataset, the rows on which the two differ appear here.")
        return
    other = st.selectbox(
        "With",
        others,
        index=None,
        placeholder="Choose a selection",
        key="clean_other",
        width=280,
        help="Rows that only one of the two leaves out.",
    )
    if other is None:
        return
    with errors.shown(stop=False):
        differ = selection.compare(open_selection(dataset, other))
        mine, theirs = formatting.plain(decisions.name(dataset)), formatting.plain(other)
        st.caption(f"Both leave out {len(differ.both):,} rows.")
        for side, rows, key in (
            (f"Only {mine} leaves out", differ.only_first, "clean_first_page"),
            (f"Only {theirs} leaves out", differ.only_second, "clean_second_page"),
        ):
            st.markdown(f"**{side} {len(rows):,}**")
            if len(rows):
                gallery.of_rows(dataset, gallery.paged(rows, key, per_page=12), side)
