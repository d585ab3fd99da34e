"""Make the shipped file from a trained network: `python convert.py TRAINED.npz DATA.npz OUT_FOLDER`.

Writes `weights.npz` (float16 arrays by the names of the Keras layers) and `rows.npy` (128-bit hashes of the
rows that it was trained on and of those that chose it).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from bcc.models.architectures import ARCHITECTURES

PREFIX = "convnext_atto"


def by_layer(weights: dict[str, np.ndarray]) -> dict[str, list[np.ndarray]]:
    """Keras layer name -> its weights in Keras' order and layout."""
    found: dict[str, list[np.ndarray]] = {}
    place = 0

    def take(name: str, module: str, *, kernel: tuple[int, ...] | None = None) -> None:
        kernel_values = weights[f"{module}.weight"]
        if kernel:
            kernel_values = kernel_values.transpose(kernel)
        found[f"{PREFIX}_{name}"] = [kernel_values, weights[f"{module}.bias"]]

    for stage, depth in enumerate(ARCHITECTURES["atto"].depths):
        if stage == 0:
            take("stem_conv", "body.0", kernel=(2, 3, 1, 0))
            take("stem_layernorm", "body.1.norm")
        else:
            take(f"downsampling_layernorm_{stage - 1}", f"body.{place}.norm")
            take(f"downsampling_conv_{stage - 1}", f"body.{place + 1}", kernel=(2, 3, 1, 0))
        place += 2
        for block in range(depth):
            name, module = f"stage_{stage}_block_{block}", f"body.{place}"
            take(f"{name}_depthwise_conv", f"{module}.depthwise", kernel=(2, 3, 0, 1))
            take(f"{name}_layernorm", f"{module}.norm")
            take(f"{name}_pointwise_conv_1", f"{module}.expand", kernel=(1, 0))
            take(f"{name}_pointwise_conv_2", f"{module}.shrink", kernel=(1, 0))
            found[f"{PREFIX}_{name}_layer_scale"] = [weights[f"{module}.scale"]]
            place += 1
    take("head_layernorm", "norm")
    take("logits", "logits", kernel=(1, 0))
    found["logits"] = found.pop(f"{PREFIX}_logits")
    return found


def main(trained: str, data: str, folder: str) -> None:
    with np.load(trained) as file:
        layers = by_layer({key: file[key] for key in file})
    arrays = {
        f"{layer}/{place}": value.astype(np.float16)
        for layer, values in layers.items()
        for place, value in enumerate(values)
    }
    out = Path(folder)
    np.savez_compressed(out / "weights.npz", **arrays)
    with np.load(data) as file:
        np.save(out / "rows.npy", file["row_hashes"])


if __name__ == "__main__":
    main(*sys.argv[1:])
