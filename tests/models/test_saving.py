from __future__ import annotations

import errno
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from bcc.errors import UserError
from bcc.models.saving import load_model, save_model


@pytest.fixture
def saved(random_atto: keras.Model, tmp_path: Path) -> Path:
    path = tmp_path / "model.keras"
    save_model(random_atto, path)
    return path


def rewritten(path: Path, change: Any) -> None:
    """Change config.json inside a .keras file, as somebody with bad intent would."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    config = json.loads(members["config.json"])
    change(config)
    members["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)


def test_a_saved_model_answers_as_before(
    saved: Path, random_atto: keras.Model, rng_images: np.ndarray
) -> None:
    loaded = load_model(saved)
    np.testing.assert_array_equal(
        loaded(rng_images.astype(np.float32)).numpy(), random_atto(rng_images.astype(np.float32)).numpy()
    )
    assert [layer.name for layer in loaded.layers] == [layer.name for layer in random_atto.layers]


def test_no_half_file_beside_a_saved_model(saved: Path) -> None:
    assert [path.name for path in saved.parent.iterdir()] == ["model.keras"]


def test_a_failed_save_leaves_the_old_file(
    saved: Path, random_atto: keras.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = saved.read_bytes()

    def broken(self: keras.Model, path: Path) -> None:
        Path(path).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(keras.Model, "save", broken)
    with pytest.raises(UserError, match=r"The disk is full: 'model.keras' could not be written"):
        save_model(random_atto, saved)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == ["model.keras"]


def test_a_lambda_layer_is_refused_and_never_runs(tmp_path: Path) -> None:
    """Keras itself saves Python code into such a file; safe mode must not run it."""
    trace = tmp_path / "ran"
    inputs = keras.Input((4,))
    source = f"lambda x: (open({str(trace)!r}, 'w').close(), x)[1]"
    evil = keras.Model(inputs, keras.layers.Lambda(eval(source))(inputs))
    trace.unlink(missing_ok=True)
    evil.save(tmp_path / "evil.keras")
    with pytest.raises(UserError) as caught:
        load_model(tmp_path / "evil.keras")
    assert str(caught.value) == ("The model file 'evil.keras' was not loaded: it contains code to run.")
    assert not trace.exists()


@pytest.mark.parametrize(
    ("module", "name", "config"),
    [
        ("os", "system", {"command": "touch {trace}"}),
        ("subprocess", "Popen", {"args": ["touch", "{trace}"]}),
        ("builtins", "eval", {"source": "open('{trace}', 'w')"}),
        ("keras.src.utils.file_utils", "get_file", {"fname": "x", "origin": "file:///etc/hostname"}),
        ("pickle", "loads", {"data": "x"}),
    ],
)
def test_a_config_with_foreign_code_is_refused(
    saved: Path, tmp_path: Path, module: str, name: str, config: dict[str, Any]
) -> None:
    trace = tmp_path / "ran"
    filled = json.loads(json.dumps(config).replace("{trace}", str(trace)))

    def change(whole: dict[str, Any]) -> None:
        layer = whole["config"]["layers"][3]
        layer.update(module=module, class_name=name, registered_name=None, config=filled)

    rewritten(saved, change)
    with pytest.raises(UserError, match=r"The model file 'model.keras' was not loaded: it "):
        load_model(saved)
    assert not trace.exists()


def test_the_whole_model_replaced_by_foreign_code_is_refused(saved: Path, tmp_path: Path) -> None:
    trace = tmp_path / "ran"

    def change(whole: dict[str, Any]) -> None:
        whole.update(
            module="os", class_name="system", registered_name=None, config={"command": f"touch {trace}"}
        )

    rewritten(saved, change)
    with pytest.raises(UserError, match="was not loaded"):
        load_model(saved)
    assert not trace.exists()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"There is no model file '.*gone.keras'"):
        load_model(tmp_path / "gone.keras")
    with pytest.raises(UserError, match="There is no model file"):
        load_model(tmp_path)


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"not a model", b"\x89HDF\r\n\x1a\n" + bytes(100)):
        (tmp_path / "model.keras").write_bytes(content)
        with pytest.raises(UserError, match=r"'model.keras' is not a .keras model file: expected a file"):
            load_model(tmp_path / "model.keras")


def test_a_zip_that_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    for members in ({}, {"readme.txt": b"hello"}, {"config.json": b"[]"}, {"config.json": b"{"}):
        with zipfile.ZipFile(path, "w") as file:
            for name, content in members.items():
                file.writestr(name, content)
        with pytest.raises(UserError, match=r"'model.keras'"):
            load_model(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_file_is_refused(saved: Path, share: float) -> None:
    content = saved.read_bytes()
    saved.write_bytes(content[: int(share * len(content))])
    with pytest.raises(UserError, match=r"'model.keras'"):
        load_model(saved)


def test_damaged_weights_are_refused(saved: Path) -> None:
    """The zip is whole, the weights in it are not."""
    with zipfile.ZipFile(saved) as file:
        members = {name: file.read(name) for name in file.namelist()}
    members["model.weights.h5"] = members["model.weights.h5"][:5000]
    with zipfile.ZipFile(saved, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    with pytest.raises(UserError, match="it is damaged or foreign"):
        load_model(saved)


@pytest.mark.filterwarnings("ignore:Skipping nested container")
def test_weights_of_another_shape_are_refused(saved: Path, tmp_path: Path) -> None:
    """An archive put together from two models must not load with half of its weights."""
    other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    save_model(other, tmp_path / "other.keras")
    with zipfile.ZipFile(tmp_path / "other.keras") as file:
        weights = file.read("model.weights.h5")
    buffer = io.BytesIO()
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(name, weights if name == "model.weights.h5" else old.read(name))
    saved.write_bytes(buffer.getvalue())
    with pytest.raises(UserError, match="it is damaged or foreign"):
        load_model(saved)
