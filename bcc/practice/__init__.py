"""People learn to tell cells apart: rounds of cells to name, results beside a run's, quizzes, what to look
for.

It draws cells from datasets and stores answers; showing them is left to the pages.
"""

from bcc.practice.answers import Answer, AnswerBook, all_answers, answers_mark, person, read_answers, save
from bcc.practice.class_guide import ClassGuide, guide, tell_apart
from bcc.practice.play import Play, RunAnswer, image_shown
from bcc.practice.quiz import (
    Quiz,
    delete_quiz,
    first_attempt,
    hardest_questions,
    make_quiz,
    quiz_results,
    read_quiz,
    saved_quizzes,
)
from bcc.practice.repetition import due, due_times
from bcc.practice.rounds import Pool, Question, RoundOptions, draw_round, pool_of
from bcc.practice.standing import (
    Standing,
    answer_table,
    by_day,
    by_person,
    disagreements,
    hardest,
    hardness,
    standing,
)

__all__ = [
    "Answer",
    "AnswerBook",
    "ClassGuide",
    "Play",
    "Pool",
    "Question",
    "Quiz",
    "RoundOptions",
    "RunAnswer",
    "Standing",
    "all_answers",
    "answer_table",
    "answers_mark",
    "by_day",
    "by_person",
    "delete_quiz",
    "disagreements",
    "draw_round",
    "due",
    "due_times",
    "first_attempt",
    "guide",
    "hardest",
    "hardest_questions",
    "hardness",
    "image_shown",
    "make_quiz",
    "person",
    "pool_of",
    "quiz_results",
    "read_answers",
    "read_quiz",
    "save",
    "saved_quizzes",
    "standing",
    "tell_apart",
]
