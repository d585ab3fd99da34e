from __future__ import annotations

import subprocess
import sys

import pytest

from bcc.errors import UserError
from bcc.models import ARCHITECTURES, SIZES, ModelOptions
from bcc.specs import check


@pytest.mark.parametrize("size", SIZES)
def test_weights_by_default_are_the_best_that_there_are(size: str) -> None:
    expected = "none" if size in ("atto", "femto", "pico", "nano") else "imagenet"
    assert ModelOptions(model=size).weights == expected
    assert ModelOptions(model=size, weights=None).weights == expected
    assert ARCHITECTURES[size].imagenet == (expected == "imagenet")


def test_what_is_said_about_weights_wins() -> None:
    assert ModelOptions(model="tiny", weights="none").weights == "none"
    assert ModelOptions(model="atto", weights="runs/first").weights == "runs/first"


def test_layer_scale_by_default_fits_the_first_weights() -> None:
    """Blocks that start as nearly nothing (1e-6) take long to learn; loaded weights bring their own scale."""
    assert ModelOptions().layer_scale == ModelOptions(model="tiny", weights="none").layer_scale == 0.1
    assert ModelOptions(model="tiny").layer_scale == 1e-6
    assert ModelOptions(weights="runs/first").layer_scale == 1e-6
    for size in ("atto", "tiny"):
        assert ModelOptions(model=size, layer_scale=0.5).layer_scale == 0.5


@pytest.mark.parametrize("size", ["atto", "femto", "pico", "nano"])
def test_imagenet_is_refused_where_there_is_none(size: str) -> None:
    with pytest.raises(UserError) as caught:
        check(ModelOptions, {"model": size, "weights": "imagenet"}, "the model")
    assert str(caught.value) == (
        f"There are no ImageNet weights for '{size}': choose weights 'none', or a model from tiny up."
    )


@pytest.mark.parametrize("model", ["huge", ["atto"], {"atto": 1}, 3])
def test_a_model_that_does_not_exist_is_a_sentence(model: object) -> None:
    with pytest.raises(UserError, match=r"In the model, 'model' should be 'atto', 'femto'.*not "):
        check(ModelOptions, {"model": model}, "the model")


@pytest.mark.parametrize(
    ("field", "value"),
    [("image_size", 31), ("image_size", 513), ("dropout", 0.95), ("layer_scale", 0), ("stem_stride", 3),
     ("pooling", "sum"), ("l2", -1e-3), ("stochastic_depth", 1.0)],
)  # fmt: skip
def test_values_outside_their_bounds_are_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(UserError, match=f"'{field}'"):
        check(ModelOptions, {field: value}, "the model")


def test_specs_import_without_tensorflow() -> None:
    """Forms, lists and the command line start quickly only because of this."""
    code = (
        "import bcc.cli, bcc.models, bcc.augment, bcc.training, bcc.evaluation, bcc.explain, bcc.jobs, sys;"
        "print([name for name in ('tensorflow', 'keras', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_shipped_weights_fit_atto_alone() -> None:
    assert ModelOptions(weights="pbc").weights == "pbc"
    for other in ({"model": "tiny"}, {"stem_stride": 2}, {"model": "custom-cnn"}):
        with pytest.raises(ValueError, match="fit atto with stem_stride 4 alone"):
            ModelOptions.model_validate({"weights": "pbc", **other})
