"""Data: open a dataset, see its class balance, and browse its images."""

import streamlit as st

from bcc.safe_text import shown
from pages.parts.app import frame
from pages.parts.context import chosen
from pages.parts.data import class_table, images_by_class, open_dataset
from pages.parts.state import loaders
from pages.parts.text import formatting

frame.require()
st.title("Data")
open_dataset.show()
dataset = chosen.dataset()
if dataset is None:
    st.stop()

facts = loaders.facts(dataset.fingerprint, dataset)
st.subheader(formatting.plain(dataset.source), anchor=False)
st.caption(
    f"{'Synthetic: painted by this program, not photographed. ' if dataset.is_synthetic else ''}Fingerprint "
    f"{dataset.fingerprint} · preprocessing {dataset.preprocessing}"
)
with st.grid(5, min_column_width=130):
    st.metric("Images", f"{facts.images:,}", border=True, help="Rows of the dataset, copies included.")
    st.metric("Classes", facts.classes, border=True, help="Kinds of cells in the dataset.")
    square = facts.width == facts.height
    st.metric(
        "Size",
        f"{facts.width} px" if square else f"{facts.width} × {facts.height}",
        border=True,
        help="Width and height of an image, in pixels; one number where they agree.",
    )
    st.metric(
        "Imbalance",
        f"{facts.imbalance_ratio:.2f}",
        border=True,
        help="Images of the largest class over those of the smallest; 1 is perfectly even.",
    )
    st.metric(
        "Exact copies",
        f"{facts.exact_duplicates:,}",
        border=True,
        help="Images with the same pixels as an earlier row. Training leaves them out unless you choose "
        "otherwise.",
    )
for note in dataset.reading_notes():
    st.info(formatting.plain(note), icon=":material/info:")
if any("--layout" in note for note in dataset.notes):
    st.caption(
        r"What stands after \-\-layout can be chosen under 'Open data' as well: 'What the folders are'."
    )
if dataset.skipped:
    with st.expander(f"Left out: {len(dataset.skipped):,} files or folders", icon=":material/warning:"):
        st.dataframe(
            {
                "file": [shown(file) for file, _ in dataset.skipped],
                "why": [why for _, why in dataset.skipped],
            },
            hide_index=True,
            alt="Files and folders that were skipped, and why",
        )

table, problem = loaders.classes(dataset.fingerprint, dataset.class_names, dataset)
if problem:
    st.warning(formatting.plain(problem), icon=":material/warning:")
st.subheader("Classes and split", anchor=False)
bars = loaders.class_bars(dataset.fingerprint, dataset.class_names, table)
st.plotly_chart(bars, key="class_bars", alt="Images per class and split")
class_table.show(table)
st.caption(
    "The split comes from the file if it has one; otherwise it is the one that a run draws with the usual "
    "shares (80, 10 and 10 %, seed 0). Effective number and class weight count the training images."
)

st.subheader("Images", anchor=False)
images_by_class.show(dataset)
