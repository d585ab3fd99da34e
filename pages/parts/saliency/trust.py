"""Which saliency method to believe: scores of every method and stage, and of maps made without a model."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from bcc.datasets import Dataset
from bcc.explain import KINDS, METHODS
from bcc.explain.trust import MOST_LIKE_RANDOM, by_class, in_words, saved_file, summarise, trust
from bcc.figures import trust_bars
from bcc.runs import Run
from pages.parts.background import waiting
from pages.parts.saliency import randomisation
from pages.parts.state import links, loaders
from pages.parts.text import formatting
from pages.parts.widgets import columns, downloads

_column = st.column_config
COLUMNS = {
    "method": _column.TextColumn(
        "Method", width=152, pinned=True, help="The last three are baselines made without a model."
    ),
    "stage": _column.TextColumn("Stage", width=134, help="Where the map is taken, and its size."),
    "believable": _column.CheckboxColumn(
        "Believe",
        width=56,
        help="It points at what the run needs better than every map made without a model (by two standard "
        f"errors), and its maps change when the weights are shuffled (correlation below {MOST_LIKE_RANDOM}).",
    ),
    "faithful": _column.NumberColumn(
        "Faithful", **columns.number("%.2f", 62), help="Insertion less deletion: higher is better."
    ),
    "above_chance": _column.NumberColumn(
        "Above",
        **columns.number("%+.2f", 54),
        help="Above chance: by how much that beats the best map made without a model.",
    ),
    "deletion": _column.NumberColumn(
        "Deletion",
        **columns.number("%.2f", 66),
        help="Area under the run's probability while the most salient pixels are removed: lower is better.",
    ),
    "insertion": _column.NumberColumn(
        "Insertion",
        **columns.number("%.2f", 68),
        help="Area under the probability while the most salient pixels are restored in a blurred image: "
        "higher is better.",
    ),
    "randomised": _column.NumberColumn(
        "Random",
        **columns.number("%.2f", 62),
        help="Random weights: rank correlation with the map of the same network with shuffled weights. Near "
        "0 is good, near 1 means that the map does not depend on what was learned.",
    ),
    "cell_share": _column.NumberColumn(
        "In cell", **columns.number("%.2f", 56), help="Share of the map inside the cell."
    ),
    "nucleus_share": _column.NumberColumn(
        "Nucleus",
        **columns.number("%.2f", 62),
        help="Share of the map inside the nucleus; platelets have none and do not count.",
    ),
    "pointing_cell": _column.NumberColumn(
        "At cell",
        **columns.number("%.2f", 56),
        help="Pointing game: how often the maximum lies in the cell.",
    ),
    "pointing_nucleus": _column.NumberColumn(
        "At nucleus",
        **columns.number("%.2f", 74),
        help="Pointing game: how often the maximum lies in the nucleus.",
    ),
    "empty": _column.NumberColumn("Empty", width=56, help="Empty maps: nothing supports the class."),
    "maps": _column.NumberColumn("Maps", width=52, help="How many were scored."),
}


def show(run: Run, dataset: Dataset) -> None:
    """Compare every method with maps made without a model, and show maps under randomised weights."""
    seed = _score(run, dataset)
    randomisation.show(run, dataset, seed)


def _score(run: Run, dataset: Dataset) -> int:
    """Score on request, then show the results; returns the seed."""
    count, seed, saved, wanted = _options(run, dataset)
    if not wanted:
        st.info(
            "A map can look convincing and still say nothing about the run. Scoring asks: is the map inside "
            "the cell? Does the prediction change when the salient pixels are removed? Does the map "
            "change when the weights are randomised?",
            icon=":material/help:",
        )
        return seed
    scores = _scores(run, dataset, count, seed)
    if not saved:
        # The button has done its work.
        st.rerun()
    _results(run, scores)
    return seed


def _options(run: Run, dataset: Dataset) -> tuple[int, int, bool, bool]:
    """Return images per class, seed, whether their scores are saved, and whether they are requested."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = st.number_input(
            "Images per class",
            2,
            64,
            4,
            1,
            key="trust_per_class",
            **links.bound("trust_per_class"),
            width=180,
            help="Images that the run was not trained on. Eight or more tell methods apart better.",
        )
        seed = st.number_input("Seed", 0, 9999, 0, 1, key="trust_seed", width=110, help="Of the sample.")
        saved = saved_file(run, dataset, int(count), METHODS, None, int(seed)).exists()
        wanted = (
            saved
            or waiting.is_known(_key(run, dataset, int(count), int(seed)))
            or st.button(
                "Score the maps",
                type="primary",
                icon=":material/fact_check:",
                help="About a minute for four images per class on two idle cores; saved in the run's "
                "directory.",
            )
        )
    return int(count), int(seed), saved, wanted


def _results(run: Run, scores: pd.DataFrame) -> None:
    """Draw the verdict, the table, the bar chart and the downloads."""
    _verdict(summarise(scores))
    classes = list(dict.fromkeys(scores["class"]))
    chosen = st.selectbox(
        "Class", ["all classes", *classes], key="trust_class", width=260, help="Scores of one class alone."
    )
    table = summarise(scores if chosen == "all classes" else scores[scores["class"] == chosen])
    st.dataframe(
        _titled(table),
        column_config=COLUMNS,
        column_order=list(COLUMNS),
        hide_index=True,
        key="trust_table",
        height="content",
        placeholder="–",
        alt="Scores of each saliency method and stage",
    )
    drawn = trust_bars(_titled(table))
    st.plotly_chart(drawn, key="trust_bars", alt="Faithfulness of each method and stage")
    with st.container(horizontal=True, gap="small"):
        downloads.figure(drawn, f"{run.id}_trust")
        downloads.table(table, f"{run.id}_trust")
        downloads.table(by_class(scores), f"{run.id}_trust_by_class", label="Table per class")
        downloads.table(scores, f"{run.id}_trust_maps", label="Every map")


def _scores(run: Run, dataset: Dataset, count: int, seed: int) -> pd.DataFrame:
    return waiting.result_of(
        _key(run, dataset, count, seed),
        "Scoring the maps",
        lambda report: trust(run, dataset, count, METHODS, None, seed, report, loaders.model_of(run).model),
        stop="stop_trust",
    )


def _key(run: Run, dataset: Dataset, count: int, seed: int) -> tuple:
    return ("trust", run.id, run.model.stat().st_mtime, dataset.fingerprint, count, seed)


def _verdict(table: pd.DataFrame) -> None:
    """Show the verdict: which methods to believe."""
    good, sentence = in_words(table)
    if good:
        st.success(formatting.plain(sentence), icon=":material/verified:")
    else:
        st.warning(formatting.plain(sentence), icon=":material/warning:")


def _titled(table: pd.DataFrame) -> pd.DataFrame:
    """Replace the names of methods by their titles."""
    return table.assign(method=[KINDS[name].title if name in KINDS else name for name in table["method"]])
