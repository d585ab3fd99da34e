"""The app: `streamlit run app.py`. Sets the frame, then runs the page that was asked for."""

import streamlit as st

from pages.parts import chosen, sidebar

st.set_page_config(
    page_title="BCC · blood cell classifiers", page_icon=":material/biotech:", layout="wide",
    initial_sidebar_state=300,
)  # fmt: skip
page = sidebar.navigation()
chosen.ensure_data()
sidebar.show()
page.run()
