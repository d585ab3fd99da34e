"""The command that takes people's answers home."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bcc.cli.app import app
from bcc.cli.outputs import Force, claim
from bcc.cli.terminal import say


@app.command()
def answers(
    out: Annotated[Path, typer.Option(metavar="FILE.csv", help="The table to write.")],
    quiz: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="Results of one quiz, a line per person; its id is the end of its link."
        ),
    ] = None,
    force: Force = False,
) -> None:
    """Write what people answered on the page Practise as a table: all answers, or the results of a quiz."""
    from bcc.csv_tables import write_table
    from bcc.practice import all_answers, answer_table, quiz_results, read_quiz

    books = all_answers()
    if quiz is None:
        out = claim(out, "table:answer", force)
        table = answer_table(books)
        write_table(out, table)
        say(f"{out}: {len(table):,} answers of {len(books):,} people")
        return
    one = read_quiz(quiz)
    out = claim(out, "table:answered", force)
    results = quiz_results(one, books)
    write_table(out, results)
    say(f"{out}: {len(results):,} people took the quiz")
