"""Weights that ship with the package, so that nobody has to start from nothing without a network.

One set so far: `pbc`, ConvNeXt atto trained on the photographs of the course challenge (docs/weights.md). A
set is a folder of three files: `weights.npz` (float16 arrays by Keras layer, read without pickle),
`rows.npy` (hashes of the images that it has seen) and `card.json` (what made it and how good it is).
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from bcc.errors import UserError

NAMES = ("pbc",)
"""What the option `weights` may name."""


@dataclass(frozen=True)
class Shipped:
    """One set of weights.

    Attributes:
        name: as the option `weights` names it.
        folder: where its files lie.
    """

    name: str
    folder: Path

    @cached_property
    def card(self) -> dict[str, Any]:
        """What made the weights, and how good they are: the contents of card.json."""
        card: dict[str, Any] = json.loads((self.folder / "card.json").read_text(encoding="utf-8"))
        return card

    @property
    def sha256(self) -> str:
        """Hash of weights.npz, as the card has it."""
        return str(self.card["sha256"])

    def layers(self) -> dict[str, list[np.ndarray]]:
        """Keras layer name -> its weights in Keras' order, float32.

        Raises:
            UserError: the file is not the one that the card was written for.
        """
        path = self.folder / "weights.npz"
        content = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise UserError(
                f"The shipped weights '{self.name}' are damaged (another hash than their card says): install "
                "BCC again, or train with weights 'none'."
            )
        layers: dict[str, list[np.ndarray]] = {}
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                for key in file.files:
                    layers.setdefault(key.rpartition("/")[0], []).append(file[key].astype(np.float32))
        except (ValueError, OSError, zipfile.BadZipFile) as error:  # pragma: no cover - the hash was right
            raise UserError(f"The shipped weights '{self.name}' cannot be read: {error}.") from error
        return layers

    def row_hashes(self) -> np.ndarray:
        """Hashes of the images that the weights were trained on or chosen by: uint64 (N, 2)."""
        hashes: np.ndarray = np.load(self.folder / "rows.npy", allow_pickle=False)
        return hashes


@cache
def shipped(name: str) -> Shipped:
    """A set of weights by its name; a `KeyError` where there is none of that name."""
    if name not in NAMES:
        raise KeyError(name)
    return Shipped(name, Path(__file__).parent / name)
