"""Lessons: steps that open the right page in the right state, one question each, checked by what was done."""

import streamlit as st

from bcc.errors import UserError
from bcc.lessons import lesson_names, lessons_folder, read_lesson
from pages.parts.app import frame
from pages.parts.lessons import steps
from pages.parts.state import links
from pages.parts.text import errors, formatting

frame.require()
st.title("Lessons")
name = st.query_params.get(links.LESSON, "")
if name:
    with errors.shown():
        lesson = read_lesson(name)
    st.session_state[links.LESSON] = lesson.name
    st.subheader(formatting.plain(lesson.title), anchor=False)
    st.caption(f"{lesson.minutes} minutes · {formatting.plain(lesson.about)}")
    if lesson.text:
        st.markdown(lesson.text)
    teacher = st.toggle(
        "Notes for the teacher",
        key="teacher",
        bind="query-params",
        help="Expected numbers and what to watch for, beside each step.",
    )
    steps.show(lesson, teacher)
    st.button(
        "All lessons",
        icon=":material/arrow_back:",
        key="lessons_all",
        on_click=links.choose,
        kwargs={links.LESSON: None},
        help="The list of lessons.",
    )
    st.stop()

st.session_state.pop(links.LESSON, None)
st.markdown(
    "Each lesson takes a class through the pages, with a question per step. Everything runs on the painted "
    "cells and the model that ships, without a network; most steps take less than a minute on two cores."
)
for name in lesson_names():
    with st.container(border=True, gap="xxsmall"):
        try:
            lesson = read_lesson(name)
        except UserError as error:
            st.error(formatting.plain(str(error)), icon=":material/error:")
            continue
        links.link("lessons", formatting.plain(lesson.title), ":material/menu_book:", lesson=lesson.name)
        st.caption(f"{lesson.minutes} minutes · {len(lesson.steps)} steps · {formatting.plain(lesson.about)}")
st.caption(
    f"Your own lessons: Markdown files in {formatting.plain(str(lessons_folder()))}; docs/lessons.md says "
    "how they are "
    "written."
)
