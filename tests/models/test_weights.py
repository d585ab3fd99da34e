from __future__ import annotations

import urllib.error
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras.src.utils import file_utils

from bcc.errors import UserError
from bcc.models import ModelOptions
from bcc.models.build import build_model
from bcc.models.saving import save_model
from bcc.models.weights import copy_weights, fill_weights
from tests.models.conftest import with_random_weights

TINY = ModelOptions(model="tiny", image_size=32)


def test_a_head_that_fits_by_chance_is_not_enough(random_atto: keras.Model, tmp_path: Path) -> None:
    inputs = keras.Input((320,))
    head = keras.Model(inputs, keras.layers.Dense(4, name="logits")(inputs))
    head.save(tmp_path / "model.keras")
    with pytest.raises(UserError, match="fit no layer of convnext_atto"):
        fill_weights(build_model(ModelOptions(image_size=32), 4), ModelOptions(weights=str(tmp_path)))


def same(one: keras.layers.Layer, other: keras.layers.Layer) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True))


def test_none_leaves_the_random_weights(random_atto: keras.Model) -> None:
    before = [w.numpy() for w in random_atto.weights]
    assert fill_weights(random_atto, ModelOptions(weights="none")) == 0
    assert all(np.array_equal(a, w) for a, w in zip(before, random_atto.weights, strict=True))


def test_imagenet_fills_the_whole_backbone(
    reference_tiny: keras.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the reference standing in for the download: every layer of the backbone gets its weights."""
    asked: dict[str, Any] = {}

    def fetched(**given: Any) -> keras.Model:
        asked.update(given)
        return keras.Model(reference_tiny.input, reference_tiny.get_layer("convnext_tiny_head_gap").input)

    monkeypatch.setattr(keras.applications, "ConvNeXtTiny", fetched)
    model = build_model(TINY, 3)
    copied = fill_weights(model, TINY)

    assert asked["weights"] == "imagenet"
    assert asked["include_top"] is False
    backbone = [layer for layer in model.layers if layer.weights and "head" not in layer.name]
    backbone.remove(model.get_layer("logits"))
    # 18 blocks of five layers with weights, the stem and three downsamplings of two each.
    assert copied == len(backbone) == 18 * 5 + 4 * 2
    theirs = {one.name: one for layer in reference_tiny.layers for one in getattr(layer, "layers", [layer])}
    for layer in backbone:
        given = theirs[layer.name].get_weights()
        if layer.name.endswith("depthwise_conv"):
            given[0] = given[0].transpose(0, 1, 3, 2)
        for mine, wanted in zip(layer.get_weights(), given, strict=True):
            np.testing.assert_array_equal(mine, wanted, err_msg=layer.name)


@pytest.fixture(scope="module")
def without_top() -> keras.Model:
    """What keras.applications hands out for ImageNet: no head, and a last layer norm without a name."""
    keras.layers.LayerNormalization()  # so that the next one is called layer_normalization_1 at least
    model = keras.applications.ConvNeXtTiny(weights=None, include_top=False, input_shape=(64, 64, 3))
    return with_random_weights(model, 3)


def test_the_last_norm_comes_from_imagenet_too(
    without_top: keras.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keras.applications, "ConvNeXtTiny", lambda **_: without_top)
    options = ModelOptions(model="tiny", image_size=64)
    model = build_model(options, 3)
    filled = fill_weights(model, options)
    assert filled == 18 * 5 + 4 * 2 + 1
    assert filled.missing == ("logits",)
    assert not filled.missing_below_the_head
    assert filled.sentence("imagenet") == (
        "99 of 100 layers start from ImageNet weights; from random ones: logits."
    )
    assert same(model.get_layer("convnext_tiny_head_layernorm"), without_top.layers[-1])


def test_models_of_others_bring_their_last_norm(without_top: keras.Model, tmp_path: Path) -> None:
    """A .keras file that somebody saved of keras.applications' backbone, with layers of their own on it."""
    layers = [keras.layers.GlobalMaxPooling2D(), keras.layers.LayerNormalization(), keras.layers.Dense(3)]
    keras.Sequential([keras.Input((64, 64, 3)), without_top, *layers]).save(tmp_path / "theirs.keras")
    options = ModelOptions(model="tiny", image_size=32, weights=str(tmp_path / "theirs.keras"))
    model = build_model(options, 3)
    filled = fill_weights(model, options)
    assert filled.missing == ("logits",)
    assert same(model.get_layer("convnext_tiny_head_layernorm"), without_top.layers[-1])
    assert filled.sentence(options.weights) == (
        "99 of 100 layers start from the weights of 'theirs.keras'; from random ones: logits."
    )


def test_what_was_not_filled_is_said() -> None:
    """A model with fewer blocks fills as far as it goes."""
    deeper = keras.Sequential(
        [
            keras.Input((8,)),
            keras.layers.Dense(4, name="convnext_tiny_stage_0_block_0_a"),
            *(keras.layers.Dense(4, name=f"convnext_tiny_stage_2_block_{i}_b") for i in range(6)),
            keras.layers.Dense(3, name="logits"),
        ]
    )
    shorter = keras.Sequential(
        [keras.Input((8,)), keras.layers.Dense(4, name="convnext_tiny_stage_0_block_0_a")]
    )
    filled = copy_weights(shorter, deeper)
    assert (filled, filled.layers, len(filled.missing), len(filled.missing_below_the_head)) == (1, 8, 7, 6)
    assert filled.sentence("runs/old/model.keras") == (
        "1 of 8 layers start from the weights of 'old'; from random ones: convnext_tiny_stage_2_block_0_b, "
        "convnext_tiny_stage_2_block_1_b, convnext_tiny_stage_2_block_2_b, convnext_tiny_stage_2_block_3_b "
        "and 3 more."
    )
    whole = copy_weights(deeper, keras.models.clone_model(deeper))
    assert whole.missing == ()
    assert whole.sentence("old") == "All 8 layers start from the weights of 'old'."


def test_a_layer_with_other_weights_is_not_half_filled() -> None:
    """With and without a bias, a kernel of another shape, a square kernel the other way round."""
    inputs = keras.Input((8, 8, 3))
    theirs = keras.Model(
        inputs, keras.layers.Conv2D(5, 3, name="a")(keras.layers.Conv2D(4, 3, name="b")(inputs))
    )
    ours = keras.Model(
        inputs,
        keras.layers.Conv2D(5, 3, use_bias=False, name="a")(keras.layers.Conv2D(4, 1, name="b")(inputs)),
    )
    before = ours.get_weights()
    assert copy_weights(theirs, ours).missing == ("b", "a")
    turned = keras.Input((8, 8, 4))
    assert copy_weights(theirs, keras.Model(turned, keras.layers.Conv2D(3, 3, name="b")(turned))) == 0
    for old, new in zip(before, ours.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize(
    "failure",
    [
        urllib.error.URLError("[Errno -3] Temporary failure in name resolution"),
        urllib.error.HTTPError("https://example.org", 403, "Forbidden", None, None),  # type: ignore[arg-type]
        ConnectionResetError("Connection reset by peer"),
        TimeoutError("timed out"),
        "a page of the hotel's network",
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_weights_that_cannot_be_fetched_are_one_sentence(
    failure: Exception | str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Keras' own download, with the network taken away beneath it."""

    def retrieve(url: str, target: str, *_: Any) -> None:
        if isinstance(failure, Exception):
            raise failure
        Path(target).write_text(failure)

    def only_the_download(**_: Any) -> None:
        keras.utils.get_file(
            "weights.h5", "https://example.org/weights.h5", file_hash="0" * 64, cache_dir=str(tmp_path)
        )

    monkeypatch.setattr(file_utils, "urlretrieve", retrieve)
    monkeypatch.setattr(keras.applications, "ConvNeXtTiny", only_the_download)
    with pytest.raises(UserError) as caught:
        fill_weights(build_model(ModelOptions(image_size=32), 3), TINY)
    assert str(caught.value) == (
        "The ImageNet weights of ConvNeXt tiny could not be fetched (no network?): train from nothing with "
        "weights 'none', or give the path of a run or .keras file."
    )


def test_other_failures_are_not_called_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: Any) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(keras.applications, "ConvNeXtTiny", broken)
    with pytest.raises(ValueError, match="a bug"):
        fill_weights(build_model(ModelOptions(image_size=32), 3), TINY)


@pytest.mark.parametrize("as_run", [True, False], ids=["a run", "a file"])
def test_weights_of_another_run(random_atto: keras.Model, tmp_path: Path, as_run: bool) -> None:
    """All but the last layer comes along when the classes differ in number, at another image size too."""
    save_model(random_atto, tmp_path / "model.keras")
    model = build_model(ModelOptions(image_size=48), 7)
    path = tmp_path if as_run else tmp_path / "model.keras"
    copied = fill_weights(model, ModelOptions(weights=str(path)))
    with_weights = [layer for layer in model.layers if layer.weights]
    assert copied == len(with_weights) - 1
    for layer in with_weights:
        if layer.name != "logits":
            assert same(layer, random_atto.get_layer(layer.name)), layer.name


def test_the_same_classes_bring_the_head_too(random_atto: keras.Model, tmp_path: Path) -> None:
    save_model(random_atto, tmp_path / "model.keras")
    model = build_model(ModelOptions(image_size=32), 4)
    fill_weights(model, ModelOptions(weights=str(tmp_path)))
    assert same(model.get_layer("logits"), random_atto.get_layer("logits"))


def test_weights_of_another_size_are_refused(random_atto: keras.Model, tmp_path: Path) -> None:
    save_model(random_atto, tmp_path / "model.keras")
    with pytest.raises(UserError, match="fit no layer of convnext_femto: choose the model size"):
        fill_weights(
            build_model(ModelOptions(model="femto", image_size=32), 4),
            ModelOptions(model="femto", weights=str(tmp_path)),
        )


def test_a_path_without_a_model_is_refused(tmp_path: Path, atto: keras.Model) -> None:
    for path in (tmp_path, tmp_path / "missing.keras"):
        with pytest.raises(UserError, match="There is no model file"):
            fill_weights(atto, ModelOptions(weights=str(path)))


def test_copying_transposes_grouped_kernels_and_nothing_else() -> None:
    """A grouped convolution of one channel each has the kernel (7, 7, 1, channels)."""
    inputs = keras.Input((8, 8, 6))
    grouped = keras.Model(inputs, keras.layers.Conv2D(6, 7, padding="same", groups=6, name="conv")(inputs))
    depthwise = keras.Model(inputs, keras.layers.DepthwiseConv2D(7, padding="same", name="conv")(inputs))
    assert copy_weights(grouped, depthwise) == 1
    np.testing.assert_array_equal(
        depthwise.get_layer("conv").get_weights()[0],
        grouped.get_layer("conv").get_weights()[0].transpose(0, 1, 3, 2),
    )
    image = np.random.default_rng(0).normal(size=(2, 8, 8, 6)).astype(np.float32)
    np.testing.assert_allclose(depthwise(image).numpy(), grouped(image).numpy(), atol=1e-5)
