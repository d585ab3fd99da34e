from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from bcc.models import ARCHITECTURES, Architecture, ModelOptions
from bcc.models.build import build_model
from bcc.models.freezing import cut
from bcc.models.saving import load_model, save_model


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ARCHITECTURES, "atto", Architecture((1, 1, 1, 1), (8, 16, 24, 32), 0.03, False))


def names(**options: object) -> list[str]:
    model = build_model(ModelOptions(image_size=32, **options), 4)
    return [layer.name for layer in model.layers][-12:]


def test_hidden_layers_stand_in_order_with_norm_relu_and_dropout() -> None:
    found = names(hidden_layers=[16, 8], hidden_norm="batch", dropout=0.4)
    assert found == [
        "convnext_atto_head_layernorm", "head_dropout",
        "head_hidden_0", "head_hidden_norm_0", "head_hidden_relu_0", "head_hidden_dropout_0",
        "head_hidden_1", "head_hidden_norm_1", "head_hidden_relu_1", "head_hidden_dropout_1",
        "logits", "probabilities",
    ]  # fmt: skip


def test_a_plain_head_is_as_it_always_was() -> None:
    assert names()[-4:] == [
        "convnext_atto_head_gap", "convnext_atto_head_layernorm", "logits", "probabilities",
    ]  # fmt: skip


@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
def test_all_of_the_head_learns_when_the_backbone_is_frozen(norm: str) -> None:
    model = build_model(ModelOptions(image_size=32, hidden_layers=[16], hidden_norm=norm), 4)
    parted = cut(model, 0.0)
    assert parted.trunk is not None
    assert parted.trunk.output_shape == (None, 32)
    assert not parted.trunk.trainable_variables
    head = [layer for layer in model.layers if "head" in layer.name or layer.name == "logits"]
    expected = {v.path for layer in head for v in layer.trainable_variables}
    assert {v.path for v in parted.rest.trainable_variables} == expected
    assert len(expected) >= 6


def test_penalties_weigh_on_every_dense_kernel_of_the_head() -> None:
    model = build_model(ModelOptions(image_size=32, hidden_layers=[16], l1=0.01, l2=0.1), 4)
    kernels = [model.get_layer(name).kernel.numpy() for name in ("head_hidden_0", "logits")]
    expected = sum(0.01 * np.abs(k).sum() + 0.1 * (k**2).sum() for k in kernels)
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)


def test_it_survives_saving(tmp_path: Path) -> None:
    options = ModelOptions(image_size=32, hidden_layers=[16], hidden_norm="batch", pooling="max", dropout=0.2)
    model = build_model(options, 4)
    images = np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3)).astype(np.float32)
    save_model(model, tmp_path / "model.keras")
    again = load_model(tmp_path / "model.keras")
    assert isinstance(again, keras.Model)
    np.testing.assert_allclose(model(images), again(images), atol=1e-6)
