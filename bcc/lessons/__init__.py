"""Lessons for a class: short Markdown files whose steps open a page and are checked by what was really done.

A lesson is a file that anyone can write (docs/lessons.md). Showing it is left to the pages.
"""

from bcc.lessons.checks import Check, Outcome, outcome, parse_check
from bcc.lessons.lesson import Lesson, Step, lesson_names, lessons_folder, parse_lesson, read_lesson

__all__ = [
    "Check",
    "Lesson",
    "Outcome",
    "Step",
    "lesson_names",
    "lessons_folder",
    "outcome",
    "parse_check",
    "parse_lesson",
    "read_lesson",
]
