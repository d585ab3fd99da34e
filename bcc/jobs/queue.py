"""Put runs in line, order them, and see to it that somebody works on them."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from filelock import Timeout

from bcc.atomic_files import why_not_written
from bcc.datasets import SourceMark, mark
from bcc.errors import UserError
from bcc.jobs.devices import device_names
from bcc.jobs.queue_order import Order, in_line, locked
from bcc.jobs.worker import start_workers, worker_lock
from bcc.paths import runs_folder
from bcc.runs import About, Run, RunState, refuse_shipped, write_about, write_data_in_line, write_json
from bcc.runs.run_folders import written
from bcc.training import PHASES, TrainConfig, read_config
from bcc.training.config.check_references import check_references
from bcc.trash import discard

Place = Literal["first", "up", "down", "last"]


def new_run_id(config: TrainConfig) -> str:
    """A directory name that sorts by time and says what it is: 20260131-142500-atto-3f2a."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{config.model}-{secrets.token_hex(2)}"


def submit(
    config: TrainConfig, root: Path | None = None, about: About | None = None, run_id: str | None = None
) -> Run:
    """Put a new run at the end of the queue; a worker takes it as soon as a device is free.

    Args:
        config: what to train.
        root: the folder of runs; the usual one when missing.
        about: name, note, tags.
        run_id: name of its directory. Submitting the same config twice under one name makes one run, so
            that a button that is pressed twice does.

    Raises:
        UserError: the config names what is not there, the directory cannot be made, holds another run, or
            the disk is full.
    """
    (run,) = submit_all([(config, about)], root, [run_id] if run_id else None)
    return run


def submit_all(
    wanted: Iterable[tuple[TrainConfig, About | None]],
    root: Path | None = None,
    run_ids: list[str] | None = None,
) -> list[Run]:
    """Put several runs in line one after another, with none of others in between.

    Args:
        wanted: config, and what is said about it.
        root: the folder of runs.
        run_ids: names of their directories.

    Raises:
        UserError: as for `submit`. Where a config names what is not there, none is put in line; where a
            directory cannot be made, those before it stay.
    """
    root = (root or runs_folder()).absolute()
    wanted = list(wanted)
    for config, _ in wanted:
        check_references(config)
    marks = _Marks()
    for config, _ in wanted:
        # Before the lock: a large folder takes a moment.
        marks.of(with_whole_paths(config))
    runs = []
    with locked(root) as order:
        for position, (config, about) in enumerate(wanted):
            run = Run(root / (run_ids[position] if run_ids else new_run_id(config)))
            config = with_whole_paths(config)
            if not _is_there_already(run, config):
                _make(run, config, about, marks.of(config))
                order.add(run)
            runs.append(run)
    revive(root)
    return runs


class _Marks:
    """How the data of configs looks now; each source is looked at once."""

    def __init__(self) -> None:
        self._known: dict[str, SourceMark | None] = {}

    def of(self, config: TrainConfig) -> SourceMark | None:
        """Of the data that a config names."""
        data = config.data
        key = json.dumps([data.source, str(data.preprocessing), data.layout])
        if key not in self._known:
            self._known[key] = mark(data.source, data.preprocessing, data.layout)
        return self._known[key]


def _make(run: Run, config: TrainConfig, about: About | None, data: SourceMark | None) -> None:
    try:
        run.folder.mkdir(parents=True)
    except OSError as error:
        raise UserError(why_not_written(error, f"the run directory '{run.folder}'", done="made")) from error
    write_json(run.config, config.model_dump(mode="json"))
    write_data_in_line(run, data)
    if about is not None and about != About():
        write_about(run, about)
    run.write_state(RunState("queued", "Waiting for its turn", epochs=config.epochs))


def _is_there_already(run: Run, config: TrainConfig) -> bool:
    if not run.folder.exists():
        return False
    if run.config.exists() and read_config(run.config) == config:
        return True
    raise UserError(f"'{run.folder}' already holds a run: choose another name.")


def with_whole_paths(config: TrainConfig) -> TrainConfig:
    """The config with the paths of existing files made whole: a worker stands in another folder."""

    def whole(text: str) -> str:
        # A bare word is a name, even where a file happens to be called so, unless it can be nothing else.
        looks_like_a_path = any(letter in text for letter in "/\\.")
        return str(Path(text).resolve()) if looks_like_a_path and Path(text).exists() else text

    data = config.data.model_copy(
        update={"source": whole(config.data.source), "selection": whole(config.data.selection or "") or None}
    )
    phases = {
        name: phase.model_copy(update={"recipe": whole(phase.recipe)})
        for name in PHASES
        if (phase := getattr(config, name)).recipe
    }
    named = {name: whole(getattr(config, name)) for name in ("weights", "recipe", "validation_recipe")}
    return config.model_copy(update={"data": data, **named, **phases})


def resume(run: Run) -> None:
    """Put a run that was stopped, failed or got lost back in line; it goes on from its last checkpoint.

    Raises:
        UserError: it waits, is at work or has finished, or its config is gone.
    """
    refuse_shipped(run, "resumed")
    root = run.folder.absolute().parent
    with locked(root) as order:
        _queue_again(run, order)
    revive(root)


def retry(run: Run) -> None:
    """Put a run that did not finish back in line, to begin from its beginning.

    What it wrote goes to the trash, as a run of its own that can be taken back; what else lies in its
    directory stays.

    Raises:
        UserError: as for `resume`.
    """
    refuse_shipped(run, "trained again")
    root = run.folder.absolute().parent
    with locked(root) as order:
        _check_ended(run)
        config = read_config(run.config)
        _clear(run)
        write_data_in_line(run, _Marks().of(config))
        _queue_again(run, order, step=0, epoch=0, best_validation_accuracy=None)
    revive(root)


def _clear(run: Run) -> None:
    """Move what a run wrote to the trash, with copies of what it keeps."""
    before = run.folder.with_name(f"{run.id[:200]}-before-{secrets.token_hex(2)}")
    try:
        before.mkdir()
        for path in (run.config, run.about, run.state):
            if path.exists():
                shutil.copy2(path, before)
        for path in list(written(run)):
            os.rename(path, before / path.name)
    except OSError as error:
        raise UserError(f"What run '{run.id}' wrote cannot be moved: {error.strerror or error}.") from error
    discard(before)


def _queue_again(run: Run, order: Order, **changes: Any) -> None:
    state = _check_ended(run)
    read_config(run.config)
    run.stop_request.unlink(missing_ok=True)
    # The order first: a run that says that it waits is found again, one that stands in line is passed over.
    order.add(run)
    run.write_state(
        state.now(
            status="queued",
            stage="Waiting for its turn",
            message="",
            pid=None,
            process_started=None,
            seconds_left=None,
            images_per_second=None,
            **changes,
        )
    )


def _check_ended(run: Run) -> RunState:
    """The state of a run that may begin again."""
    state = run.read_state()
    if state.status == "queued":
        raise UserError(f"Run '{run.id}' waits for its turn already.")
    if state.status in ("running", "stopping"):
        raise UserError(f"Run '{run.id}' is still running: stop it first.")
    if state.status == "finished":
        raise UserError(f"Run '{run.id}' has finished: start a new run to train further.")
    return state


def move(run: Run, place: Place | int) -> None:
    """Put a waiting run elsewhere in line.

    Args:
        run: it must wait.
        place: "first", "up" (one earlier), "down", "last", or a position counted from 1.

    Raises:
        UserError: it does not wait.
    """
    refuse_shipped(run, "moved in line")
    with locked(run.folder.absolute().parent) as order:
        if run not in order:
            raise UserError(f"Run '{run.id}' does not wait in the queue, so it cannot be moved.")
        here, last = order.ids.index(run.id), len(order.ids) - 1
        places = {"first": 0, "up": here - 1, "down": here + 1, "last": last}
        target = places[place] if isinstance(place, str) else place - 1
        order.remove(run)
        order.ids.insert(min(max(target, 0), last), run.id)


def revive(root: Path | None = None, thoroughly: bool = False) -> None:
    """Start a worker for each device that has none, if runs wait: after a restart of the machine, say.

    Args:
        root: the folder of runs.
        thoroughly: look also for runs that say that they wait and are not in line.
    """
    root = (root or runs_folder()).absolute()
    if not root.is_dir() or not (thoroughly or in_line(root)):
        return
    with locked(root) as order:
        if thoroughly:
            order.find_forgotten()
        if not order.ids:
            return
        without = [device for device in device_names() if not _has_worker(root, device)]
        count = len(order.ids)
    start_workers(root, without[:count])


def _has_worker(root: Path, device: str) -> bool:
    """Whether a worker lives. Asked under the queue's lock, as workers come and go only under it."""
    lock = worker_lock(root, device)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False
