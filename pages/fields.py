"""Fields: find the cells in photographs of whole fields, and open them as a dataset."""

import streamlit as st

from pages.parts.app import frame
from pages.parts.fields import found, upload

frame.require()
st.title("Fields")
st.caption(
    "Photographs of a smear with many cells. Nucleated cells and platelets are found, cut out and become a "
    "dataset without labels, ready to be labelled or counted. Not a medical device."
)
photographs = upload.show()
if not photographs:
    st.info(
        "Upload one or more photographs of a field to begin. Red cells should be in them: they give the "
        "scale.",
        icon=":material/add_photo_alternate:",
    )
    st.stop()
found.show(photographs)
