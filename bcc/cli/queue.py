"""The queue: put runs in line, follow it, stop, go on, order and describe runs."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bcc.advice import command
from bcc.cli.app import app
from bcc.cli.options import (
    DATA_HELP,
    AsJson,
    Classes,
    ConfigFile,
    Layout,
    Preprocess,
    RunArgument,
    Settings,
    Yes,
    agree,
)
from bcc.cli.terminal import say, say_block, say_to_programs
from bcc.cli.training import config_like
from bcc.errors import UserError
from bcc.paths import printable
from bcc.safe_text import shown

if TYPE_CHECKING:
    from bcc.runs import Run

Runs = Annotated[
    list[str], typer.Argument(metavar="RUN ...", help="Run directories, or ids of runs in the runs folder.")
]
Tags = Annotated[
    list[str] | None, typer.Option("--tag", help="A word to find it by; may be given several times.")
]


@app.command()
def queue(as_json: AsJson = False) -> None:
    """Show the runs in training, and the queued ones in order."""
    from bcc.jobs import at_work, devices, revive, waiting
    from bcc.paths import runs_folder

    revive(thoroughly=True)
    busy = at_work(runs_folder())
    lines = [_line(0, run, list(job.devices)) for run, job in busy.items()]
    lines += [_line(position, run, []) for position, run in enumerate(waiting(runs_folder()), start=1)]
    if as_json:
        say_to_programs(json.dumps(lines, indent=2))
        return
    if not lines:
        say(f"Nothing waits. Free: {', '.join(device.label for device in devices())}.")
        return
    longest = max(len(shown(line["id"])) for line in lines)
    for line in lines:
        place = ", ".join(line["devices"]) or line["position"]
        epochs = f"{line['epoch']}/{line['epochs']}"
        say(f"{place:>6}  {shown(line['id']):<{longest}}  {line['status']:<9} {epochs:>9}  {line['stage']}")


def _line(position: int, run: Run, held: list[str]) -> dict[str, Any]:
    """A run at work (position 0) or in line."""
    state = run.read_state()
    return {
        "position": position,
        "id": run.id,
        "status": state.status,
        "devices": held,
        "epoch": state.epoch,
        "epochs": state.epochs,
        "stage": state.stage,
    }


@app.command()
def submit(
    preset: Annotated[str | None, typer.Option(metavar="NAME", help="Start from a preset.")] = None,
    like: Annotated[
        str | None, typer.Option(metavar="RUN", help="Start from the config of another run.")
    ] = None,
    config: ConfigFile = None,
    data: Annotated[str | None, typer.Option(help=DATA_HELP)] = None,
    settings: Settings = None,
    classes: Classes = None,
    preprocess: Preprocess = None,
    layout: Layout = None,
    name: Annotated[str, typer.Option(help="A name for the run.")] = "",
    note: Annotated[str, typer.Option(help="A few words about it.")] = "",
    tags: Tags = None,
) -> None:
    """Queue a run, print its id and return at once. Takes the options of `train`."""
    from bcc.datasets import Preprocessing
    from bcc.jobs import submit as put_in_line
    from bcc.jobs import waiting
    from bcc.runs import About
    from bcc.specs import check
    from bcc.training import assemble

    if like is not None and (preset or config):
        raise UserError("--like brings a whole config: give it without --preset and --config.")
    how = Preprocessing.parse(preprocess).model_dump() if preprocess else None
    whole = assemble(
        preset,
        config_like(like, data, settings) or config,
        settings or (),
        {"source": data, "classes": classes, "preprocessing": how, "layout": layout},
    )
    about = check(
        About, {"name": name, "note": note, "tags": tuple(tags or ())}, "what is said about the run"
    )
    run = put_in_line(whole, about=about)
    say(run.id)
    ahead = [one.id for one in waiting(run.folder.parent)]
    if run.id in ahead[1:]:
        say(f"{ahead.index(run.id)} before it in line: {command('queue')}")


@app.command()
def what_if(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name for the question.")],
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=VALUES",
            help="A field and its values: 0,0.2 or 1e-4..1e-2:log:5 or 0..0.4:lin:3; once or twice. "
            "Without it the results are shown.",
        ),
    ] = None,
    seeds: Annotated[str, typer.Option(help="Each combination is trained once per seed.")] = "0",
    preset: Annotated[str | None, typer.Option(metavar="NAME", help="Start from a preset.")] = None,
    like: Annotated[
        str | None, typer.Option(metavar="RUN", help="Start from the config of another run.")
    ] = None,
    data: Annotated[str | None, typer.Option(help=DATA_HELP)] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="One field of all runs.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be trained, and stop.")] = False,
    as_json: AsJson = False,
) -> None:
    """Ask what a field changes: one run per value and seed, or the results so far."""
    from bcc.jobs import Sweep, read_values
    from bcc.training import assemble

    if not vary:
        _show_answer(name, as_json)
        return
    if like is not None and preset:
        raise UserError("--like brings a whole config: give it without --preset.")
    varied = {}
    for one in vary:
        field, equals, values = one.partition("=")
        if not equals:
            raise UserError(f"'--vary {one}' must look like field=values, for instance --vary dropout=0,0.2.")
        varied[field.strip()] = read_values(values)
    if not all(seed.strip().isdigit() for seed in seeds.split(",")):
        raise UserError(f"--seeds takes whole numbers separated by commas, not '{seeds}'.")
    base = assemble(preset, config_like(like, data, settings), settings or (), {"source": data})
    question = Sweep(name, base, varied, [int(seed) for seed in seeds.split(",")])
    wanted = question.runs()
    if dry_run:
        for _, said in wanted:
            say(", ".join(f"{field}={value}" for field, value in said.varied.items()))
        say(f"{len(wanted)} runs")
        return
    for run in question.submit():
        say(run.id)


def _show_answer(name: str, as_json: bool) -> None:
    from bcc.jobs import answer, over_seeds, questions
    from bcc.runs import list_runs

    found = questions(list_runs())
    if name not in found:
        known = ", ".join(found) or "none yet"
        raise UserError(
            f"There is no question '{name}' (there is: {known}); ask it with --vary FIELD=VALUES."
        )
    table = over_seeds(answer(found[name]))
    if as_json:
        say_to_programs(table.to_json(orient="records", indent=2))
        return
    say_block(table.to_string(index=False, float_format=lambda value: f"{value:.4g}"))


@app.command()
def stop(runs: Runs) -> None:
    """Stop runs after the current step, with a checkpoint; queued ones leave the queue."""
    from bcc.jobs import stop as ask
    from bcc.runs import open_run

    for run in [open_run(one) for one in runs]:
        ask(run)
        say(f"{run.id}: {'asked to stop' if run.stop_request.exists() else run.read_state().status}")


@app.command()
def kill(runs: Runs) -> None:
    """End the processes of runs immediately; `resume` continues from their last checkpoints."""
    from bcc.jobs import kill as end
    from bcc.runs import open_run

    for run in [open_run(one) for one in runs]:
        end(run)
        say(f"{run.id}: killed")


@app.command()
def resume(runs: Runs) -> None:
    """Queue runs that ended early again; they continue from their last checkpoints."""
    from bcc.jobs import resume as go_on
    from bcc.runs import open_run

    for run in [open_run(one) for one in runs]:
        go_on(run)
        say(f"{run.id}: in line")


@app.command()
def retry(runs: Runs) -> None:
    """Queue runs that ended early again, to start from the beginning."""
    from bcc.jobs import retry as begin_again
    from bcc.runs import open_run

    for run in [open_run(one) for one in runs]:
        begin_again(run)
        say(f"{run.id}: in line")


@app.command()
def move(
    run: RunArgument,
    place: Annotated[
        str, typer.Argument(metavar="first|up|down|last|N", help="Position in the queue, from 1.")
    ],
) -> None:
    """Move a queued run to another position."""
    from bcc.jobs import move as put
    from bcc.jobs import waiting
    from bcc.runs import open_run

    chosen = open_run(run)
    if place in ("first", "up", "down", "last"):
        put(chosen, place)  # type: ignore[arg-type]
    elif place.isdigit() and int(place) > 0:
        put(chosen, int(place))
    else:
        raise UserError(f"A place in line is first, up, down, last or a number from 1, not '{place}'.")
    for position, one in enumerate(waiting(chosen.folder.parent), start=1):
        say(f"{position:>3}  {one.id}")


@app.command()
def delete(
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RUN ...]", help="Ids of runs in the runs folder, or their paths there."),
    ] = None,
    clear: Annotated[
        bool, typer.Option("--empty-trash", help="Permanently remove what was deleted before.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Move runs to the trash of the runs folder; `restore` brings them back. Asks first."""
    from bcc.jobs import delete as remove
    from bcc.jobs import deleted, empty_trash
    from bcc.paths import runs_folder
    from bcc.runs import deletable

    if clear == bool(runs):
        raise UserError("Name the runs to delete, or give --empty-trash alone.")
    if clear:
        there = deleted()
        size = sum(one.bytes for one in there)
        if there:
            agree(f"Remove {_runs(len(there))} in the trash for good ({size / 1e6:,.1f} MB)?", yes)
        empty_trash()
        say(f"{_runs(len(there))} removed for good, {size / 1e6:,.1f} MB")
        return
    # All of them are looked at before the first is touched.
    chosen = list(dict.fromkeys(deletable(one) for one in runs or ()))
    names = ", ".join(printable(str(run.folder)) for run in chosen)
    agree(f"Move {_runs(len(chosen))} to the trash: {names}?", yes)
    for run in chosen:
        remove(run)
        back = command(f"restore {shlex.quote(run.id)}")
        say(f"{run.id}: in the trash of {runs_folder()}; {back}")


@app.command()
def restore(
    runs: Annotated[
        list[str] | None, typer.Argument(metavar="[RUN ...]", help="Ids of deleted runs; none lists them.")
    ] = None,
) -> None:
    """Bring deleted runs back from the trash; without an id the deleted runs are listed."""
    from bcc.jobs import deleted
    from bcc.jobs import restore as take_back

    there = deleted()
    if not runs:
        for one in there:
            say(f"{one.when.astimezone():%Y-%m-%d %H:%M}  {one.bytes / 1e6:>9,.1f} MB  {printable(one.name)}")
        if not there:
            say("Nothing is in the trash.")
        return
    for name in runs:
        newest = next((one for one in there if printable(one.name) == name), None)
        if newest is None:
            raise UserError(f"There is no run '{name}' in the trash: `{command('restore')}` lists its runs.")
        say(f"{take_back(newest).id}: taken back")


def _runs(count: int) -> str:
    return f"{count:,} run{'s' if count != 1 else ''}"


@app.command()
def about(
    run: RunArgument,
    name: Annotated[
        str | None, typer.Option(help="A name for the run; '' for none, so that its id is shown.")
    ] = None,
    note: Annotated[str | None, typer.Option(help="A few words about it.")] = None,
    tags: Tags = None,
    untag: Annotated[list[str] | None, typer.Option("--untag", help="A tag to remove.")] = None,
    favourite: Annotated[
        bool | None, typer.Option("--favourite/--no-favourite", help="Whether it is a favourite.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a run's name, note and tags, after changing those that are given."""
    from bcc.jobs import describe
    from bcc.runs import open_run, read_about

    chosen = open_run(run)
    said = read_about(chosen)
    changes: dict[str, object] = {
        key: value
        for key, value in (("name", name), ("note", note), ("favourite", favourite))
        if value is not None
    }
    if tags or untag:
        changes["tags"] = tuple(tag for tag in (*said.tags, *(tags or ())) if tag not in (untag or ()))
    if changes:
        said = describe(chosen, **changes)
    if as_json:
        say_to_programs(said.model_dump_json(indent=2))
        return
    say(f"{said.name or chosen.id}{'  (favourite)' if said.favourite else ''}")
    if said.tags:
        say(", ".join(said.tags))
    if said.note:
        say_block(said.note)
