"""What a field may become: a range, a range by factors, or one of several values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from bcc.advice import command
from bcc.errors import UserError
from bcc.jobs.sweep import read_value
from bcc.specs import Spec, field_bounds, option
from bcc.training import TrainConfig

if TYPE_CHECKING:
    from optuna import Trial

Value = bool | int | float | str | None


class Dimension(Spec):
    """One field of a config, and what it may become: `values`, or all from `low` to `high`."""

    field: str = option("", "Dotted name of the field.")
    values: tuple[Value, ...] = option((), "The values to choose from; empty for a range.")
    low: float = option(0.0, "Lowest value of a range.")
    high: float = option(0.0, "Highest value of a range.")
    log: bool = option(False, "Whether the range goes by factors.")
    whole: bool = option(False, "Whether only whole numbers are tried.")

    def suggest(self, trial: Trial) -> Value:
        """Let Optuna choose."""
        if self.values:
            # Optuna stores choices as JSON; a position is safe for every kind of value.
            place: int = trial.suggest_categorical(self.field, list(range(len(self.values))))
            return self.values[place]
        if self.whole:
            return trial.suggest_int(self.field, int(self.low), int(self.high), log=self.log)
        return float(f"{trial.suggest_float(self.field, self.low, self.high, log=self.log):.4g}")

    def grid(self, steps: int) -> list[Any]:
        """Values for a search through a grid, as Optuna wants them."""
        from bcc.jobs.sweep import spread

        if self.values:
            return list(range(len(self.values)))
        found = spread(self.low, self.high, steps, logarithmic=self.log)
        return sorted({round(one) for one in found}) if self.whole else list(found)

    def said(self, stored: Any) -> Value:
        """The value behind what Optuna stored."""
        return self.values[int(stored)] if self.values else stored


def parse_dimension(text: str) -> Dimension:
    """Read "dropout=0..0.5", "all.learning_rate=1e-4..1e-2:log" or "recipe=gentle,heavy".

    Raises:
        UserError: it is none, there is no such field, or a value lies outside the field's bounds.
    """
    field, sign, said = text.partition("=")
    field, said = field.strip(), said.strip()
    if not sign or not field or not said:
        raise UserError(f"'{text}' must look like field=low..high, field=low..high:log or field=value,value.")
    info = _field_info(field)
    if ".." not in said:
        values = tuple(dict.fromkeys(read_value(one) for one in said.split(",") if one.strip()))
        if len(values) < 2:
            raise UserError(f"'{field}' needs at least two values to choose from, not '{said}'.")
        for value in values:
            check_value(field, value)
        return Dimension(field=field, values=values)
    kinds = {info.annotation, *get_args(info.annotation)}
    if not kinds & {int, float}:
        raise UserError(f"'{field}' is no number: give the values to choose from, with commas between them.")
    bounds, _, how = said.partition(":")
    low_text, _, high_text = bounds.partition("..")
    try:
        low, high = float(low_text), float(high_text)
    except ValueError as error:
        raise UserError(f"'{bounds}' is no range of '{field}': write low..high.") from error
    if how not in ("", "lin", "log"):
        raise UserError(f"A range is lin or log, not '{how}'.")
    if not low < high:
        raise UserError(f"The range of '{field}' goes from a low to a high value, not {low:g} to {high:g}.")
    if how == "log" and low <= 0:
        raise UserError(f"A logarithmic range begins above 0; that of '{field}' begins at {low:g}.")
    whole = float not in kinds
    for value in (low, high):
        check_value(field, int(value) if whole else value)
    return Dimension(field=field, low=low, high=high, log=how == "log", whole=whole)


def check_value(field: str, value: Any) -> None:
    """Refuse a value that no config can have, whatever its other fields.

    Raises:
        UserError: it lies outside the field's bounds.
    """
    low, high = field_bounds(_field_info(field))
    if not isinstance(value, int | float) or isinstance(value, bool):
        return
    if (low is not None and value < low) or (high is not None and value > high):
        least, most = (("any value" if bound is None else f"{bound:g}") for bound in (low, high))
        raise UserError(f"'{field}' goes from {least} to {most}; {value:g} lies outside.")


def _field_info(dotted: str) -> Any:
    """The declaration of a field.

    Raises:
        UserError: there is none of that name that could vary.
    """
    spec: Any = TrainConfig
    *sections, last = dotted.split(".")
    for section in sections:
        spec = (
            spec.model_fields[section].annotation if _is_spec(spec) and section in spec.model_fields else None
        )
    if not _is_spec(spec) or last not in spec.model_fields or dotted == "seed":
        raise UserError(
            f"The training config has no field '{dotted}' that can vary: `{command('fields')}` lists them."
        )
    return spec.model_fields[last]


def _is_spec(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
