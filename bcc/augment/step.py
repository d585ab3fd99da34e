"""One step of a recipe: an augmentation, its probability, and whether it is enabled."""

from __future__ import annotations

from typing import Any

from pydantic import SerializeAsAny, model_serializer, model_validator

from bcc.augment.augmentation import Augmentation
from bcc.augment.catalogue import find
from bcc.errors import UserError
from bcc.specs import Spec, check, option


class Step(Spec):
    """An augmentation in its place.

    In JSON: `{"augmentation": "rotation", "probability": 0.5, "enabled": true, "parameters": {...}}`; all but
    the name may be left out.
    """

    augmentation: SerializeAsAny[Augmentation]
    probability: float = option(1.0, "Probability that this step is applied to an image.", ge=0, le=1)
    enabled: bool = option(True, "Whether the step is on.")

    @model_validator(mode="before")
    @classmethod
    def _from_json(cls, values: Any) -> Any:
        if isinstance(values, Step):
            return values
        if isinstance(values, Augmentation):
            return {"augmentation": values}
        if not isinstance(values, dict):
            raise ValueError("a step must be an object with 'augmentation', the name of one")
        if isinstance(values.get("augmentation"), Augmentation):
            return values
        values = dict(values)
        name = values.get("augmentation")
        if not isinstance(name, str):
            raise ValueError("a step needs 'augmentation', the name of one")
        parameters = values.pop("parameters", {})
        if not isinstance(parameters, dict):
            raise ValueError(f"'parameters' of step '{name}' must be an object of names and values")
        try:
            values["augmentation"] = check(find(name), parameters, f"step '{name}'")
        except UserError as error:
            raise ValueError(str(error)) from error
        return values

    @model_serializer
    def _to_json(self) -> dict[str, Any]:
        return {
            "augmentation": self.augmentation.name,
            "probability": self.probability,
            "enabled": self.enabled,
            "parameters": self.augmentation.model_dump(mode="json"),
        }
