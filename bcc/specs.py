"""A spec is the only truth about an option.

Every group of options (training, preprocessing, one augmentation, one painted cell) is a pydantic
model made of `option` fields. Each carries its default, bounds, unit and a line of help; the form on
a page, the command-line option, the JSON on disk, the error message and the documentation are all
made from it, so adding an option means adding one field.
"""

from __future__ import annotations

import difflib
import types
import typing
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from bcc.errors import UserError

Model = TypeVar("Model", bound=BaseModel)

_SHOWN = 120
"""Letters of a bad value that a message repeats."""


class Spec(BaseModel):
    """Base of all specs: immutable, no unknown fields, numbers stay numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=())


def option(
    default: Any,
    help: str,
    *,
    title: str | None = None,
    unit: str | None = None,
    topic: str | None = None,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    log: bool = False,
) -> Any:
    """Declare one field of a `Spec`.

    Args:
        default: the value used when nothing is said.
        help: one line for a person, shown with every control made from the field.
        title: label on a form; the field's name with spaces when missing.
        unit: "px", "epochs", "degrees" and the like.
        topic: heading under which a form folds the field.
        ge, gt, le, lt: bounds of a number.
        log: the value lives on a logarithmic scale (a learning rate, say).
    """
    extra = {"unit": unit, "topic": topic, "log": log}
    return Field(
        default,
        title=title,
        description=help,
        ge=ge,
        gt=gt,
        le=le,
        lt=lt,
        json_schema_extra={key: value for key, value in extra.items() if value},
    )


def field_title(name: str, field: FieldInfo) -> str:
    """Label of a field on a form, with its unit: "image size (px)"."""
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    label = field.title or name.replace("_", " ").capitalize()
    return f"{label} ({extra['unit']})" if "unit" in extra else label


def field_topic(field: FieldInfo) -> str:
    """The heading under which a form folds a field; "" for none."""
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    return str(extra.get("topic") or "")


def field_bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    """Lowest and highest value of a numeric field, `None` where it is open."""
    low = high = None
    for rule in field.metadata:
        low = getattr(rule, "ge", getattr(rule, "gt", low))
        high = getattr(rule, "le", getattr(rule, "lt", high))
    return low, high


def field_choices(field: FieldInfo) -> tuple[Any, ...] | None:
    """The allowed values of a `Literal` field, `None` for any other field."""
    annotation = field.annotation
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        literals = [a for a in typing.get_args(annotation) if typing.get_origin(a) is Literal]
        annotation = literals[0] if literals else annotation
    return typing.get_args(annotation) if typing.get_origin(annotation) is Literal else None


def describe(spec: type[BaseModel], prefix: str = "") -> list[dict[str, str]]:
    """Every field of a spec, those of nested specs under dotted names, in words.

    Returns:
        One dict a field: `field`, `default`, `allowed`, `help`.
    """
    rows: list[dict[str, str]] = []
    for name, field in spec.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            rows += describe(field.annotation, f"{prefix}{name}.")
            continue
        default = "" if field.default in (None, ()) else str(field.default)
        rows.append(
            {
                "field": f"{prefix}{name}",
                "default": default.lower() if isinstance(field.default, bool) else default,
                "allowed": _allowed(field),
                "help": field.description or "",
            }
        )
    return rows


def _allowed(field: FieldInfo) -> str:
    choices = field_choices(field)
    if choices:
        return ", ".join(str(choice) for choice in choices)
    if field.annotation is bool:
        return "true, false"
    low, high = field_bounds(field)
    if low is None:
        return "" if high is None else f"{high:g} or less"
    return f"{low:g} or more" if high is None else f"{low:g} to {high:g}"


def check(spec: type[Model], values: dict[str, Any], what: str) -> Model:
    """Validate `values` against `spec`.

    Args:
        spec: the pydantic model.
        values: field name -> value.
        what: how to call the thing in a message, e.g. "the training config".

    Raises:
        UserError: names the first bad field, what was expected and what was given.
    """
    try:
        return spec.model_validate(values)
    except ValidationError as error:
        raise UserError(first_sentence(error, spec, what)) from error
    except (UnicodeEncodeError, RecursionError) as error:
        raise UserError(
            f"{what[:1].upper()}{what[1:]} holds text that is no UTF-8, or nests too deeply."
        ) from error


def first_sentence(error: ValidationError, spec: type[BaseModel], what: str) -> str:
    """One sentence out of a pydantic error, about its first problem."""
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"]) or what
    more = len(error.errors()) - 1
    tail = f" ({more} more field{'s' if more > 1 else ''} to mend.)" if more else ""
    if problem["type"] == "extra_forbidden":
        known = ", ".join(sorted(_fields_beside(spec, problem["loc"])))
        near = _inner_fields_like(spec, place) if len(problem["loc"]) == 1 else []
        known += f"; nearest: {', '.join(near)}" if near else ""
        return f"{what[:1].upper()}{what[1:]} has no field '{place}'; it knows {known}.{tail}"
    if problem["type"] == "value_error":
        message = str(problem["ctx"]["error"]).rstrip(".")
        return f"{message[:1].upper()}{message[1:]}.{tail}"
    message = problem["msg"].removeprefix("Input ")
    given = repr(problem.get("input"))
    shown = given if len(given) <= _SHOWN else f"{given[:_SHOWN]}…"
    return f"In {what}, '{place}' {message}, not {shown}.{tail}"


def _inner_fields_like(spec: type[BaseModel], name: str) -> list[str]:
    """Dotted names of fields inside sections that are called nearly `name`."""
    inner = [row["field"] for row in describe(spec) if "." in row["field"]]
    likely = difflib.get_close_matches(name, {field.rpartition(".")[2] for field in inner}, cutoff=0.8)
    return [field for field in inner if field.rpartition(".")[2] in likely]


def _fields_beside(spec: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """Dotted names of the fields that stand where an unknown one was given."""
    prefix = ""
    for part in place[:-1]:
        annotation = spec.model_fields[str(part)].annotation
        inner = [a for a in (annotation, *typing.get_args(annotation)) if isinstance(a, type)]
        spec = next(a for a in inner if issubclass(a, BaseModel))
        prefix += f"{part}."
    return [f"{prefix}{name}" for name in spec.model_fields]
