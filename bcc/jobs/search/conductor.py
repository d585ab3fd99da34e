"""Conduct a search: ask Optuna for values, put runs in the queue, tell it what came out, stop what is
hopeless.

One process conducts a search. Killed or stopped, it leaves its runs to the queue; the next one takes them up
where they are. Everything it knows is in the study and in the run directories.
"""

from __future__ import annotations

import itertools
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock, Timeout

from bcc.errors import UserError
from bcc.jobs.control import stop
from bcc.jobs.queue import submit
from bcc.jobs.queue_order import state_of
from bcc.jobs.search.search import Search, open_study, read_search, search_folder
from bcc.launch import python
from bcc.runs import ALIVE, About, Run
from bcc.runs.listing import open_run
from bcc.specs import check
from bcc.training import changed

if TYPE_CHECKING:
    import optuna

MOST_FAILURES = 5
"""Runs in a row that fail before the search gives up."""
RUN, STOPPED, WHY = "run", "stopped early", "why"
"""Names under which the study stores what belongs to a trial."""
Say = Callable[[str], None]


def conduct(
    name: str,
    root: Path | None = None,
    say: Say = lambda sentence: None,
    poll: float = 2.0,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Conduct a search until its budget is used up or somebody stops it.

    Args:
        name: of a search that was begun.
        root: the folder of runs.
        say: told what happens, a sentence at a time.
        poll: seconds between two looks at the runs.
        sleep: waits; tests put something faster in.

    Raises:
        UserError: another process conducts it, its study cannot be read, or every run fails.
    """
    search = read_search(name, root)
    folder = search_folder(name, root)
    lock = FileLock(folder / ".conductor.lock")
    try:
        # A page that looks whether somebody conducts it has the lock for a moment.
        lock.acquire(timeout=1)
    except Timeout as error:
        raise UserError(f"The search '{name}' is being conducted by another process already.") from error
    try:
        (folder / "stop").unlink(missing_ok=True)
        _Conductor(search, root, say).conduct(poll, sleep)
    finally:
        lock.release()


def stop_search(name: str, root: Path | None = None) -> None:
    """Ask the conductor of a search to end.

    Runs in the queue go on; whoever goes on with the search later takes what came out.
    """
    (search_folder(name, root) / "stop").touch()


def is_conducted(name: str, root: Path | None = None) -> bool:
    """Whether a process conducts the search."""
    lock = FileLock(search_folder(name, root) / ".conductor.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def start_conductor(name: str) -> None:
    """Conduct a search in a process of its own, which outlives this one."""
    words = python("bcc", "sweep", name)
    with (search_folder(name) / "conductor.log").open("ab") as log:
        subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)


class _Conductor:
    """The loop, and what it needs."""

    def __init__(self, search: Search, root: Path | None, say: Say) -> None:
        self.search, self.root, self.say = search, root, say
        self.folder = search_folder(search.name, root)
        self.study = open_study(search, root)
        if search.sampler == "grid" and not self.study.trials:
            fields = [one.field for one in search.dimensions]
            for values in itertools.product(*(one.grid(search.steps) for one in search.dimensions)):
                self.study.enqueue_trial(dict(zip(fields, values, strict=True)))
        self.ended_before = len([one for one in self._trials() if one.state.is_finished()])
        self.open: dict[int, optuna.Trial] = {}
        self.began = time.monotonic()
        self.before = float(self.study.user_attrs.get("seconds", 0.0))

    @property
    def seconds(self) -> float:
        """How long the search has been conducted, by this process and those before."""
        return self.before + time.monotonic() - self.began

    def conduct(self, poll: float, sleep: Callable[[float], None]) -> None:
        while True:
            self.study.set_user_attr("seconds", self.seconds)
            open_trials = self._look()
            if self._is_asked_to_stop():
                self.say("The search stopped on request; runs in the queue go on.")
                return
            self._refuse_hopeless()
            while len(open_trials) < self.search.at_once and self._may_start():
                open_trials.append(self._start())
            if not open_trials:
                break
            sleep(poll)
        self._seeds(poll, sleep)
        self.say(self._summary())

    def _trials(self, *states: Any) -> list[optuna.trial.FrozenTrial]:
        return self.study.get_trials(deepcopy=False, states=states or None)

    def _look(self) -> list[Any]:
        """Tell the study what runs did since the last look; returns the trials that are still open."""
        from optuna.trial import Trial, TrialState

        still_open = []
        for frozen in self._trials(TrialState.RUNNING):
            if frozen.number not in self.open:
                # Of a conductor before this one.
                self.open[frozen.number] = Trial(self.study, frozen._trial_id)
            trial = self.open[frozen.number]
            run = self._run(frozen)
            if run is None:
                # The process died between asking and submitting.
                self.study.tell(frozen.number, state=TrialState.FAIL)
                continue
            self._report(trial, frozen, run)
            if self._tell_end(trial, frozen.number, run):
                continue
            if not trial.user_attrs.get(STOPPED) and self.search.pruner != "none" and trial.should_prune():
                trial.set_user_attr(STOPPED, True)
                stop(run)
                self.say(f"{run.id}: stopped early.")
            still_open.append(trial)
        return still_open

    def _report(self, trial: Any, frozen: Any, run: Run) -> None:
        try:
            history = run.read_history()
        except UserError:
            return
        if "validation_accuracy" not in history:
            return
        known = len(frozen.intermediate_values)
        # The best so far, as a run is judged by its best epoch.
        best = np.fmax.accumulate(history["validation_accuracy"].to_numpy(np.float64))
        for epoch in range(known, len(best)):
            if np.isfinite(best[epoch]):
                trial.report(float(best[epoch]), epoch + 1)

    def _tell_end(self, trial: Any, number: int, run: Run) -> bool:
        """Tell the study how a run ended, if it has."""
        from optuna.trial import TrialState

        state = state_of(run)
        if state is not None and state.status in ALIVE:
            return False
        value = state.best_validation_accuracy if state is not None else None
        pruned = bool(trial.user_attrs.get(STOPPED))
        if state is not None and state.status == "finished" and value is not None and not pruned:
            self.study.tell(number, float(value))
            self.say(f"{run.id}: {value:.2%}.")
        elif pruned and value is not None:
            self.study.tell(number, state=TrialState.PRUNED)
        else:
            why = state.message if state is not None else "The run is not there any more."
            trial.set_user_attr(WHY, why or (state.status if state is not None else ""))
            self.study.tell(number, state=TrialState.FAIL)
            self.say(f"{run.id}: {why or 'failed'}")
        return True

    def _start(self) -> Any:
        trial = self.study.ask()
        values = {one.field: one.suggest(trial) for one in self.search.dimensions}
        try:
            config = changed(self.search.base, values)
            about = {
                "name": f"{self.search.name} {trial.number + 1}",
                "note": ", ".join(f"{field} {value}" for field, value in values.items()),
                "tags": ("search",),
            }
            run = submit(config, self.root, check(About, about, "the search"))
        except UserError as error:
            from optuna.trial import TrialState

            trial.set_user_attr(WHY, str(error))
            self.study.tell(trial.number, state=TrialState.FAIL)
            self.say(f"Run {trial.number + 1} was refused: {error}")
            return self._start_next(trial)
        trial.set_user_attr(RUN, run.id)
        self.open[trial.number] = trial
        return trial

    def _start_next(self, refused: Any) -> Any:
        """After values that no config can have together: others, unless that goes on for ever."""
        self._refuse_hopeless()
        return self._start() if self._may_start() else refused

    def _may_start(self) -> bool:
        from optuna.trial import TrialState

        used = [one for one in self._trials() if RUN in one.user_attrs or one.state == TrialState.FAIL]
        if len(used) >= self.search.runs or (self.search.hours and self.seconds > 3600 * self.search.hours):
            return False
        return self.search.sampler != "grid" or bool(self._trials(TrialState.WAITING))

    def _refuse_hopeless(self) -> None:
        """Give up where run after run fails.

        Raises:
            UserError: the last ones all did; says why the last one did.
        """
        from optuna.trial import TrialState

        # Since this process began: whoever goes on has mended the reason, or believes so.
        ended = [one for one in self._trials() if one.state.is_finished()][self.ended_before :]
        last = ended[-MOST_FAILURES:]
        if len(last) == MOST_FAILURES and all(one.state == TrialState.FAIL for one in last):
            why = str(last[-1].user_attrs.get(WHY, "")).rstrip(".")
            raise UserError(f"The last {MOST_FAILURES} runs of '{self.search.name}' failed: {why}.")

    def _seeds(self, poll: float, sleep: Callable[[float], None]) -> None:
        """Train the best config with further seeds."""
        from optuna.trial import TrialState

        if self.search.seeds < 2 or not self._trials(TrialState.COMPLETE):
            return
        best = self.study.best_trial
        values = {one.field: one.said(best.params[one.field]) for one in self.search.dimensions}
        known: list[str] = list(self.study.user_attrs.get("seeds", []))
        for number in range(1 + len(known), self.search.seeds):
            config = changed(self.search.base, {**values, "seed": self.search.base.seed + number})
            about = {"name": f"{self.search.name}, best, seed {config.seed}", "tags": ("search",)}
            known.append(submit(config, self.root, check(About, about, "the search")).id)
            self.study.set_user_attr("seeds", known)
        runs = [open_run((self.root or self.folder.parents[1]) / one) for one in known]
        while any((state := state_of(run)) is not None and state.status in ALIVE for run in runs):
            if self._is_asked_to_stop():
                return
            sleep(poll)

    def _summary(self) -> str:
        from optuna.trial import TrialState

        done = len(self._trials(TrialState.COMPLETE))
        pruned = len(self._trials(TrialState.PRUNED))
        failed = len(self._trials(TrialState.FAIL))
        line = f"{done} runs finished, {pruned} stopped early, {failed} failed."
        if done:
            best = self.study.best_trial
            line += f" The best reached {self.study.best_value:.2%}: {best.user_attrs[RUN]}."
        return line

    def _is_asked_to_stop(self) -> bool:
        return (self.folder / "stop").exists()

    def _run(self, frozen: Any) -> Run | None:
        run_id = frozen.user_attrs.get(RUN)
        return None if run_id is None else Run(self.folder.parents[1] / str(run_id))
