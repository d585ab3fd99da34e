"""The app: `streamlit run app.py`. Draws the frame, then the page that was asked for."""

from pages.parts.app import frame

page = frame.draw()
with frame.drawn():
    page.run()
