"""The app: `streamlit run app.py`. Draws the frame and the sidebar, then the page that was asked for."""

import streamlit as st

from pages.parts import chosen, frame, sidebar

st.set_page_config(
    page_title="BCC · blood cell classifiers",
    page_icon=sidebar.MARK,
    layout="wide",
    initial_sidebar_state=300,
)
page = frame.navigation()
with frame.around():
    chosen.ensure_data()
    sidebar.show()
    page.run()
