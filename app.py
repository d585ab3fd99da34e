"""The app: `streamlit run app.py`. Draws the frame and the sidebar, then the page that was asked for."""

from pages.parts import chosen, frame, sidebar

page = frame.navigation()
with frame.around():
    chosen.ensure_data()
    sidebar.show()
    page.run()
