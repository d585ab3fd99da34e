from __future__ import annotations

from typing import Literal

import pytest
from pydantic import ValidationError, model_validator

from bcc.errors import UserError
from bcc.specs import Spec, check, describe, field_bounds, field_choices, field_title, option


class Inner(Spec):
    """A section."""

    share: float = option(0.5, "A share.", ge=0, le=1)
    sides: tuple[int, int] = option((1, 2), "Two numbers.")


class Outer(Spec):
    """Options of every kind."""

    inner: Inner = Inner()
    maybe: Inner | None = option(None, "A section, or none.")
    rate: float = option(1e-3, "A rate.", gt=0, lt=1, log=True, topic="Training")
    size: int = option(32, "A side.", title="Image side", unit="px", ge=8)
    kind: Literal["a", "b"] | None = option(None, "A kind.")
    step: Literal[2, 4] = option(2, "A step.")
    on: bool = option(True, "A switch.")
    text: str = option("", "A text.")

    @model_validator(mode="after")
    def _texts_are_short(self) -> Outer:
        if len(self.text) > 3:
            raise ValueError("the text must have at most 3 letters")
        return self


def sentence(values: dict) -> str:
    with pytest.raises(UserError) as caught:
        check(Outer, values, "the Outer options")
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith((".", ".)"))
    return text


def test_good_values_pass() -> None:
    assert check(Outer, {"size": 64, "inner": {"share": 0.25}}, "it").inner.share == 0.25


def test_a_bad_value_is_named_with_what_was_expected_and_given() -> None:
    assert sentence({"size": 7}) == (
        "In the Outer options, 'size' should be greater than or equal to 8, not 7."
    )
    assert "'kind' should be 'a' or 'b', not 'c'" in sentence({"kind": "c"})
    assert "'inner.share' should be less than or equal to 1, not 2" in sentence({"inner": {"share": 2}})
    assert "'inner.sides.1' should be a valid integer" in sentence({"inner": {"sides": [1, "x"]}})


def test_an_unknown_field_lists_those_beside_it() -> None:
    assert sentence({"sise": 3}) == (
        "The Outer options has no field 'sise'; it knows inner, kind, maybe, on, rate, size, step, text."
    )
    assert "has no field 'inner.shar'; it knows inner.share, inner.sides." in sentence({"inner": {"shar": 1}})
    assert "has no field 'maybe.shar'; it knows maybe.share, maybe.sides." in sentence({"maybe": {"shar": 1}})


def test_a_rule_of_its_own_is_a_sentence() -> None:
    assert sentence({"text": "long"}) == "The text must have at most 3 letters."


def test_further_problems_are_counted() -> None:
    assert sentence({"size": 1, "rate": 0}).endswith("(1 more field to mend.)")
    assert sentence({"size": 1, "rate": 0, "step": 3}).endswith("(2 more fields to mend.)")


@pytest.mark.parametrize("rate", [float("nan"), float("inf"), "fast", None, [1]])
def test_a_number_stays_a_number(rate: object) -> None:
    assert "'rate' should be" in sentence({"rate": rate})


def test_a_spec_does_not_change() -> None:
    options = Outer()
    with pytest.raises(ValidationError):
        options.size = 64  # type: ignore[misc]


def test_titles_carry_the_unit() -> None:
    fields = Outer.model_fields
    assert field_title("size", fields["size"]) == "Image side (px)"
    assert field_title("rate", fields["rate"]) == "Rate"


def test_bounds() -> None:
    fields = Outer.model_fields
    assert field_bounds(fields["rate"]) == (0, 1)
    assert field_bounds(fields["size"]) == (8, None)
    assert field_bounds(fields["text"]) == (None, None)


def test_choices() -> None:
    fields = Outer.model_fields
    assert field_choices(fields["kind"]) == ("a", "b")
    assert field_choices(fields["step"]) == (2, 4)
    assert field_choices(fields["size"]) is None


def test_every_field_is_described() -> None:
    rows = {row["field"]: row for row in describe(Outer)}
    assert list(rows) == [
        "inner.share", "inner.sides", "maybe", "rate", "size", "kind", "step", "on", "text",
    ]  # fmt: skip
    assert rows["inner.share"] == {
        "field": "inner.share", "default": "0.5", "allowed": "0 to 1", "help": "A share.",
    }  # fmt: skip
    assert rows["size"]["allowed"] == "8 or more"
    assert rows["kind"]["allowed"] == "a, b"
    assert rows["on"]["allowed"] == "true, false"
    assert rows["on"]["default"] == "true"
    assert rows["text"]["default"] == ""
