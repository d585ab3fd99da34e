"""Streamlit pieces that several screens share; everything that is not a widget belongs in `bcc`."""
