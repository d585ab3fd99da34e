import streamlit as st
from pages.parts import frame
frame.require()
st.title("todo")
