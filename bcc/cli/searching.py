"""The command that searches many fields at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bcc.cli.app import app
from bcc.cli.options import DATA_HELP, AsJson
from bcc.cli.terminal import say, say_block, say_to_programs
from bcc.cli.training import config_like
from bcc.errors import UserError

if TYPE_CHECKING:
    from bcc.jobs.search import Search


@app.command()
def sweep(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME", help="Of the search; by its name alone it goes on. Without it: a list."
        ),
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=RANGE",
            help="What varies, several times: dropout=0..0.5, all.learning_rate=1e-4..1e-2:log, "
            "recipe=gentle,heavy.",
        ),
    ] = None,
    runs: Annotated[
        int | None, typer.Option(min=1, max=1000, help="How many runs; 40 for a new search.")
    ] = None,
    hours: Annotated[float | None, typer.Option(min=0, help="How long at most; 0 for no limit.")] = None,
    sampler: Annotated[str, typer.Option(help="tpe learns from what came out; random; grid.")] = "tpe",
    pruner: Annotated[
        str, typer.Option(help="Which runs are stopped early: median, hyperband or none.")
    ] = "median",
    warmup: Annotated[int, typer.Option(min=0, help="Epochs before a run may be stopped.")] = 1,
    steps: Annotated[int, typer.Option(min=2, max=20, help="Values of each range in a grid.")] = 3,
    at_once: Annotated[int | None, typer.Option(min=1, max=64, help="Runs in the queue at a time.")] = None,
    seeds: Annotated[
        int | None, typer.Option(min=1, max=20, help="Seeds that the best config is trained with in the end.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the draws.")] = 0,
    preset: Annotated[str | None, typer.Option(metavar="NAME", help="Start from a preset.")] = None,
    like: Annotated[
        str | None, typer.Option(metavar="RUN", help="Start from the config of another run.")
    ] = None,
    data: Annotated[str | None, typer.Option(help=DATA_HELP)] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="One field of all runs.")
    ] = None,
    results: Annotated[bool, typer.Option("--results", help="Show what came out so far, and stop.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Stop the search; runs in the queue go on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Search many fields at once: Optuna proposes, the queue trains, bad runs are stopped early."""
    from bcc.jobs.search import begin_search, conduct, read_search, saved_searches, stop_search

    if name is None:
        for one in saved_searches():
            say(one)
        return
    if results:
        _show(name, as_json)
        return
    if stop:
        read_search(name)
        stop_search(name)
        return
    budget = {"runs": runs, "hours": hours, "seeds": seeds, "at_once": at_once}
    larger = {key: value for key, value in budget.items() if value is not None}
    if vary:
        chosen = {"sampler": sampler, "pruner": pruner, "warmup": warmup, "steps": steps, "seed": seed}
        begin_search(_asked(name, vary, chosen | larger, preset, like, data, settings))
    else:
        if preset or like or data or settings:
            raise UserError("A search that goes on keeps its config: give --vary for a new one.")
        begin_search(read_search(name).model_copy(update=larger))
    conduct(name, say=say)


def _asked(
    name: str,
    vary: list[str],
    chosen: dict[str, object],
    preset: str | None,
    like: str | None,
    data: str | None,
    settings: list[str] | None,
) -> Search:
    from bcc.jobs.search import Search, parse_dimension
    from bcc.specs import check
    from bcc.training import assemble

    if like is not None and preset:
        raise UserError("--like brings a whole config: give it without --preset.")
    base = assemble(preset, config_like(like, data, settings), settings or (), {"source": data})
    dimensions = [parse_dimension(one) for one in vary]
    values = {"name": name, "base": base, "dimensions": dimensions, **chosen}
    return check(Search, values, "the search")


def _show(name: str, as_json: bool) -> None:
    from bcc.jobs.search import best_run, importance, read_search, search_table, stage_of

    search = read_search(name)
    table = search_table(search)
    if as_json:
        say_to_programs(table.to_json(orient="records", indent=2))
        return
    say(stage_of(search, table))
    if len(table):
        shown = table.drop(columns=["best_so_far", "why"])
        say_block(shown.to_string(index=False, float_format=lambda one: f"{one:.4g}"))
    if best := best_run(table):
        say(f"Best: {best}")
    found = importance(search)
    if found is not None:
        for one in found.itertuples():
            say(f"{one.importance:6.1%}  {one.field}")
