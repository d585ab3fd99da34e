"""Which saliency method to believe: scores of every method and stage beside maps that no model made."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from bcc.datasets import Dataset
from bcc.explain import KINDS, METHODS
from bcc.explain.trust import MOST_LIKE_RANDOM, PIXELS, by_class, kept_file, summarise, trust
from bcc.figures import trust_bars
from bcc.runs import Run
from pages.parts import downloads, loaders, waiting, words

COLUMNS = {
    "method": st.column_config.TextColumn("Method", help="The last three were made without any model."),
    "stage": st.column_config.TextColumn("Stage", help="Where the map is taken, and its size."),
    "believable": st.column_config.CheckboxColumn(
        "Believe",
        help="It points at what the run needs better than every map made without a model (by two standard "
        f"errors), and its maps change when the weights are shuffled (correlation below {MOST_LIKE_RANDOM}).",
    ),
    "faithful": st.column_config.NumberColumn(
        "Faithful", format="%.2f", help="Insertion less deletion: higher is better."
    ),
    "above_chance": st.column_config.NumberColumn(
        "Above chance", format="%+.2f", help="By how much that beats the best map made without a model."
    ),
    "deletion": st.column_config.NumberColumn(
        "Deletion",
        format="%.2f",
        help="Area under the run's probability while the hottest places are painted over: lower is better.",
    ),
    "insertion": st.column_config.NumberColumn(
        "Insertion",
        format="%.2f",
        help="Area under it while the hottest places come back into a blurred picture: higher is better.",
    ),
    "randomised": st.column_config.NumberColumn(
        "Random weights",
        format="%.2f",
        help="Rank correlation with the map of the same network with shuffled weights: near 0 is good, near "
        "1 means that the map does not depend on what was learned.",
    ),
    "cell_share": st.column_config.NumberColumn(
        "In the cell", format="percent", help="Share of the map inside the cell."
    ),
    "nucleus_share": st.column_config.NumberColumn(
        "In the nucleus",
        format="percent",
        help="Share inside the nucleus; platelets have none and do not count.",
    ),
    "pointing_cell": st.column_config.NumberColumn(
        "Points at the cell", format="percent", help="How often the hottest place lies in the cell."
    ),
    "pointing_nucleus": st.column_config.NumberColumn(
        "Points at the nucleus", format="percent", help="How often it lies in the nucleus."
    ),
    "empty": st.column_config.NumberColumn("Empty", help="Maps in which nothing speaks for the class."),
    "maps": st.column_config.NumberColumn("Maps", help="How many were scored."),
}


def show(run: Run, dataset: Dataset) -> None:
    """Score on request, then show the table, the bars and each class."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = st.number_input(
            "Pictures a class",
            2,
            64,
            4,
            1,
            key="trust_per_class",
            bind="query-params",
            width=180,
            help="Pictures that the run was not trained on. Eight and more tell methods apart better.",
        )
        seed = st.number_input("Seed", 0, 9999, 0, 1, key="trust_seed", width=110, help="Of the sample.")
        kept = kept_file(run, dataset, int(count), METHODS, None, int(seed)).exists()
        wanted = kept or st.button(
            "Score the maps",
            type="primary",
            icon=":material/fact_check:",
            help="About a minute for four pictures a class on two idle cores; kept in the run's directory.",
        )
    if not wanted:
        st.info(
            "A map can look convincing and still say nothing about the run. Scoring asks: is the map inside "
            "the cell? Does the run change its mind when the bright places are taken away? Does the map "
            "change when the run forgets all it has learned?",
            icon=":material/help:",
        )
        return
    scores = _scores(run, dataset, int(count), int(seed))
    if not kept:
        # The button has done its work.
        st.rerun()
    _verdict(summarise(scores))
    classes = list(dict.fromkeys(scores["class"]))
    chosen = st.selectbox(
        "Class", ["all classes", *classes], key="trust_class", width=260, help="Scores of one class alone."
    )
    table = summarise(scores if chosen == "all classes" else scores[scores["class"] == chosen])
    st.dataframe(
        table,
        column_config=COLUMNS,
        column_order=list(COLUMNS),
        hide_index=True,
        alt="Scores of each saliency method and stage",
    )
    drawn = trust_bars(table)
    st.plotly_chart(drawn, key="trust_bars", alt="Faithfulness of each method and stage")
    with st.container(horizontal=True, gap="small"):
        downloads.figure(drawn, f"{run.id}_trust")
        downloads.table(table, f"{run.id}_trust")
        downloads.table(_whole(scores), f"{run.id}_trust_by_class", label="Table of each class")
        downloads.table(scores, f"{run.id}_trust_maps", label="Every map")


def _scores(run: Run, dataset: Dataset, count: int, seed: int) -> pd.DataFrame:
    def score() -> pd.DataFrame:
        stop = st.empty()
        stop.button("Stop", icon=":material/stop:", help="What is scored so far is thrown away.")
        try:
            with waiting.progress("Scoring the maps") as report:
                return trust(run, dataset, count, METHODS, None, seed, report, loaders.model_of(run).model)
        finally:
            stop.empty()

    key = ("trust", run.id, run.model.stat().st_mtime, dataset.fingerprint, count, seed)
    return loaders.remembered(key, score)


def _verdict(table: pd.DataFrame) -> None:
    """One sentence: what to believe."""
    good = table[table["believable"]]
    if good.empty:
        st.warning(
            "On this sample no method points at what the run needs better than a map made without any model. "
            "Look at the maps with doubt, or score more pictures.",
            icon=":material/warning:",
        )
        return
    best = good.iloc[0]
    others = len(good) - 1
    also = f" and {others} more" if others else ""
    spot = "the pixels" if best["stage"] == PIXELS else best["stage"]
    st.success(
        f"Most believable here: **{KINDS[best['method']].title}** at {words.plain(spot)}{also}. It beats the "
        f"best map made without a model by {best['above_chance']:.2f} ± {2 * best['error']:.2f}.",
        icon=":material/verified:",
    )


def _whole(scores: pd.DataFrame) -> pd.DataFrame:
    return by_class(scores)
