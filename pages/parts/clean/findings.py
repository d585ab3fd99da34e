"""The findings by kind, worst first: inspect each and decide."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from bcc.quality import DUPLICATE_KINDS, Item, SavedScan, accept, relabel_doubtful, review
from bcc.quality.appearance import too_many_notes
from pages.parts.clean import cards, kinds
from pages.parts.labelling import decisions, label_bar
from pages.parts.state import loaders
from pages.parts.text import formatting

SHOWN: dict[str, tuple[int, ...]] = {
    "all": (),
    "to decide": (decisions.UNDECIDED,),
    "left out": (decisions.LEFT_OUT,),
    "kept": (decisions.KEPT,),
    "relabelled": (decisions.RELABELLED, decisions.DONT_KNOW),
}
PER_PAGE = 12
PAGE = "clean_page"
KIND = "clean_kind"


def show(dataset: Dataset, done: SavedScan | None) -> None:
    """Draw the tab of findings."""
    if done is None:
        st.info("Scan the dataset first, under Overview.", icon=":material/search:")
        return
    counts = done.findings.counts()
    found = [kind for kind, count in counts.items() if count]
    if not found:
        st.success("Nothing was found: every image looks fine.", icon=":material/check:")
        return
    state = decisions.states(decisions.current(dataset))
    # Bound to the URL explicitly: Streamlit would write the label, which contains a count.
    wanted = st.query_params.get("kind")
    kind = st.segmented_control(
        "Kind",
        found,
        default=wanted if wanted in found else found[0],
        required=True,
        format_func=lambda one: f"{kinds.title(one)} · {counts[one]:,}",
        key=KIND,
        on_change=_other_kind,
        label_visibility="collapsed",
        help="Findings of one kind; the number counts rows.",
    )
    nothing = [kinds.title(one).lower() for one, count in counts.items() if not count]
    about = kinds.ABOUT[kind][1]
    st.caption(about + (f" Nothing found: {', '.join(nothing)}." if nothing else ""))
    for note in too_many_notes(done.findings.of_kind(kind), done.findings.rows):
        st.info(note, icon=":material/info:")
    key = ("review", dataset.fingerprint, done.when, kind)
    items = loaders.cached(key, lambda: review(done.findings.of_kind(kind), dataset))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        shown = st.segmented_control(
            "Show",
            list(SHOWN),
            default="all",
            required=True,
            key="clean_shown",
            on_change=_start,
            help="All findings of this kind, or only those that are decided or undecided.",
        )
        decisions.reviewer_field()
        _whole_kind(dataset, done, kind, items, state)
    items = [item for item in items if _is_shown(item, state, shown)]
    if not items:
        st.info(
            "Everything of this kind is decided." if shown == "to decide" else "Nothing here.",
            icon=":material/check:",
        )
        return
    focus, rest = st.columns([5, 9], gap="large")
    at = min(st.session_state.get(decisions.AT, 0), len(items) - 1)
    with focus:
        _focus(dataset, kind, items, at, state, suggested_label(done, dataset, items[at]), shown == "all")
    with rest:
        _gallery(dataset, kind, items, at, state)


def _whole_kind(dataset: Dataset, done: SavedScan, kind: str, items: list[Item], state: np.ndarray) -> None:
    """Draw buttons that decide on all findings of a kind at once."""
    found = done.findings.of_kind(kind)
    drop = found["index"].to_numpy()[(found["suggested"] == "drop").to_numpy()]
    label, ready = decisions.accept_button(drop, state)
    st.button(
        label,
        icon=":material/done_all:",
        key="clean_accept",
        disabled=not ready,
        on_click=decisions.change,
        args=(dataset, lambda before: accept(before, found)),
        help="Leaves out every row of this kind that the scan suggests to drop, and keeps the one of each "
        "group that it suggests to keep. What is to be reviewed stays undecided.",
    )
    if kind == "doubtful_label":
        st.button(
            "Relabel all as suggested",
            icon=":material/new_label:",
            key="clean_relabel_kind",
            on_click=decisions.change,
            args=(
                dataset,
                lambda before: relabel_doubtful(before, dataset, done.findings, decisions.reviewer()),
            ),
            help="Gives every undecided row of this kind the label that the scan finds likelier. Look at "
            "them first: the scan may be wrong.",
        )
    rows = np.unique(np.concatenate([item.rows for item in items]))
    st.button(
        "Keep all",
        icon=":material/check:",
        key="clean_keep_kind",
        on_click=decisions.keep,
        args=(dataset, rows, f"not {_reason(kind)}"),
        help=f"Keeps all {len(rows):,} rows of this kind.",
    )
    st.button(
        "Drop all",
        icon=":material/close:",
        key="clean_drop_kind",
        on_click=decisions.leave_out,
        args=(dataset, rows, _reason(kind)),
        help=f"Leaves out all {len(rows):,} rows of this kind, also those that are only to be reviewed.",
    )


def suggested_label(done: SavedScan, dataset: Dataset, item: Item) -> str | None:
    """The class that the scan finds likelier than the label of an item; `None` where it agrees."""
    likelier = done.findings.numbers.get("likelier_label")
    if likelier is None:
        return None
    found = likelier.to_numpy()[item.rows]
    labels = dataset.labels[item.rows]
    other = found[(found != labels) & np.isfinite(found)]
    return dataset.class_names[int(other[0])] if len(other) else None


def _focus(
    dataset: Dataset,
    kind: str,
    items: list[Item],
    at: int,
    state: np.ndarray,
    suggested: str | None,
    moves: bool,
) -> None:
    """Draw one item enlarged, with its keyboard shortcuts."""
    item = items[at]
    with st.container(border=True):
        st.caption(f"{at + 1:,} of {len(items):,}")
        step = at + 1 if moves else at
        # Above the images, so that they stay where they are however large a group is.
        with st.container(horizontal=True, gap="xsmall"):
            st.button(
                "Keep",
                key="clean_keep",
                shortcut="K",
                on_click=_decide,
                args=(dataset, item, kind, "keep", step),
                help="Keep all of it.",
            )
            st.button(
                "Drop copies" if _has_kept(item) else "Drop",
                key="clean_drop",
                shortcut="D",
                type="primary" if any(unit.suggested == "drop" for unit in item.units) else "secondary",
                on_click=_decide,
                args=(dataset, item, kind, "suggested" if _has_kept(item) else "drop", step),
                help="Leave out all but the one that the scan suggests keeping."
                if _has_kept(item)
                else "Leave it out.",
            )
            st.button(
                "Next",
                key="clean_next",
                shortcut="N",
                on_click=_go,
                args=(at + 1,),
                disabled=at + 1 >= len(items),
                help="Skip without deciding.",
            )
        cards.draw(item, dataset, state, large=True)
        if len(item.units) > 1:
            _only_one(dataset, kind, item)
        st.caption("Label" + (f" · suggested: {formatting.plain(suggested)}" if suggested else ""))
        label_bar.show(
            dataset,
            item.rows,
            "clean_label",
            suggested=suggested,
            why=_reason(kind),
            then=lambda: _go(step),
        )
        st.caption("Keys: K keep, D drop, 1-9 label, 0 don't know, N next, U undo, Y redo.")


def _only_one(dataset: Dataset, kind: str, item: Item) -> None:
    """Let the person choose which one of a group to keep."""
    options = list(range(len(item.units)))
    st.selectbox(
        "Keep only",
        options,
        index=None,
        placeholder="one of the group",
        format_func=lambda place: (
            f"{dataset.class_names[item.units[place].label]}, "
            f"{formatting.row(dataset, item.units[place].rows[0])}"
        ),
        key=f"clean_only:{kind}:{item.key}",
        on_change=_take_only,
        args=(dataset, kind, item),
        help="Keeps the first row of that image and label, and leaves out the other rows of the group.",
    )


def _gallery(dataset: Dataset, kind: str, items: list[Item], at: int, state: np.ndarray) -> None:
    """Draw a page of items, each with its buttons."""
    pages = -(-len(items) // PER_PAGE)
    page = at // PER_PAGE + 1
    if pages > 1:
        key = f"{PAGE}:{kind}:{pages}:{page}"
        st.pagination(pages, default=page, key=key, on_change=_turn, args=(key,))
    wide = kind in DUPLICATE_KINDS
    with st.grid(3 if wide else 4, min_column_width=190 if wide else 140, gap="medium") as grid:
        for place in range((page - 1) * PER_PAGE, min(page * PER_PAGE, len(items))):
            with grid.cell():
                _card(dataset, kind, items[place], place, state, place == at)


def _card(dataset: Dataset, kind: str, item: Item, place: int, state: np.ndarray, current: bool) -> None:
    with st.container(gap="xxsmall"):
        cards.draw(item, dataset, state, marked=current)
        with st.container(horizontal=True, gap="xxsmall"):
            for what, icon, help in (
                ("keep", ":material/check:", "Keep"),
                ("drop", ":material/close:", "Leave it out"),
            ):
                taken = "suggested" if what == "drop" and _has_kept(item) else what
                st.button(
                    "",
                    icon=icon,
                    key=f"clean_{what}:{kind}:{item.key}",
                    type="tertiary",
                    on_click=_decide,
                    args=(dataset, item, kind, taken, place),
                    help=help if taken == what else "Leave out all but the one suggested to be kept",
                )
            st.button(
                "",
                icon=":material/zoom_in:",
                key=f"clean_look:{kind}:{item.key}",
                type="tertiary",
                on_click=_go,
                args=(place,),
                help="Show it on the left",
            )


def _decide(dataset: Dataset, item: Item, kind: str, what: str, step: int) -> None:
    if what == "keep":
        decisions.keep(dataset, item.rows, f"not {_reason(kind)}")
    elif what == "drop":
        decisions.leave_out(dataset, item.rows, _reason(kind))
    else:
        kept = np.concatenate([unit.rows for unit in item.units if unit.suggested == "keep"])
        _keep_some(dataset, item, kind, kept)
    _go(step)


def _take_only(dataset: Dataset, kind: str, item: Item) -> None:
    place = st.session_state[f"clean_only:{kind}:{item.key}"]
    if place is not None:
        _keep_some(dataset, item, kind, item.units[place].rows[:1])


def _keep_some(dataset: Dataset, item: Item, kind: str, kept: np.ndarray) -> None:
    others = np.setdiff1d(item.rows, kept)
    decisions.change(
        dataset,
        lambda before: before.leave_out(others, _reason(kind)).keep(kept, "kept of its copies"),
    )


def _has_kept(item: Item) -> bool:
    return any(unit.suggested == "keep" for unit in item.units)


def _is_shown(item: Item, state: np.ndarray, shown: str) -> bool:
    if shown == "all":
        return True
    if shown == "to decide":
        return not cards.decided(item, state)
    return bool(np.isin(state[item.rows], SHOWN[shown]).any())


def _reason(kind: str) -> str:
    return kind.replace("_", " ")


def _go(place: int) -> None:
    st.session_state[decisions.AT] = place


def _start() -> None:
    st.session_state[decisions.AT] = 0


def _other_kind() -> None:
    st.query_params["kind"] = st.session_state[KIND]
    _start()


def _turn(key: str) -> None:
    st.session_state[decisions.AT] = (st.session_state[key] - 1) * PER_PAGE
