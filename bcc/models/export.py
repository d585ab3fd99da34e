"""Take a model along: `.keras`, SavedModel, TFLite and ONNX, each checked to answer as the original does.

ONNX needs `tf2onnx`, and `onnxruntime` for the check; both are optional. Its converter knows neither the
complementary error function that TensorFlow writes GELU with, nor constants that Keras makes outside the
graph; both are written otherwise, with the same values, in the model that is converted.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from bcc.atomic_files import explaining_full_disk, why_not_written
from bcc.errors import UserError
from bcc.models.export_info import Usage, add_to_onnx, write_usage
from bcc.models.saving import load_model

if TYPE_CHECKING:
    import keras

Format = Literal["keras", "savedmodel", "tflite", "onnx"]
FORMATS: tuple[Format, ...] = get_args(Format)
SUFFIXES: dict[Format, str] = {"keras": ".keras", "savedmodel": "", "tflite": ".tflite", "onnx": ".onnx"}
"""How the files end; a SavedModel is a folder."""

ENOUGH = 1e-4
"""Largest difference of a probability that counts as the same answer."""

CHECKED = 8
"""Random images that both are asked about."""

Answer = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        path: file or folder.
        format: which.
        difference: largest difference of any probability to the original's, on random images.
        bytes: size of it all.
    """

    path: Path
    format: Format
    difference: float
    bytes: int


def export_model(
    model: keras.Model, format: Format, path: Path, seed: int = 0, usage: Usage | None = None
) -> Exported:
    """Write a model in another format and ask both about the same images.

    Every form takes images float32 (N, side, side, 3) with values 0..255 and gives probabilities
    float32 (N, classes); normalisation is inside.

    Args:
        model: flat, as `bcc.models.build_model` makes them.
        format: one of `FORMATS`.
        path: file to write, or folder for a SavedModel; replaced only when all went well.
        seed: of the random images.
        usage: what goes along with it (`bcc.models.export_info`): files beside the model, or in its folder,
        and
            metadata in ONNX. Files of an earlier export to the same place are replaced.

    Raises:
        UserError: the converter is not installed, there is something else at `path`, or the answers differ.
    """
    if format not in FORMATS:
        raise UserError(f"There is no format '{format}': choose one of {', '.join(FORMATS)}.")
    if path.exists() and path.is_dir() != (format == "savedmodel"):
        raise UserError(f"'{path}' is {'a folder' if path.is_dir() else 'a file'}: give another name.")
    if path.is_dir() and any(path.iterdir()) and not (path / "saved_model.pb").exists():
        raise UserError(f"'{path}' is a folder with other things in it: give a new one.")
    write = {"keras": _keras, "savedmodel": _savedmodel, "tflite": _tflite, "onnx": _onnx}[format]
    side = int(model.input_shape[1])
    images = np.random.default_rng(seed).integers(0, 256, (CHECKED, side, side, 3)).astype(np.float32)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            explaining_full_disk(path),
            tempfile.TemporaryDirectory(dir=path.parent, prefix=".exporting-") as folder,
        ):
            made = Path(folder) / (f"model{SUFFIXES[format]}" if SUFFIXES[format] else "model")
            answer = write(model, made)
            wanted = np.asarray(model(images, training=False))
            difference = float(np.abs(answer(images) - wanted).max())
            if not difference <= ENOUGH:
                raise UserError(
                    f"The {format} model answers otherwise than the original (by up to {difference:.2g}): "
                    "nothing was written."
                )
            companions = _companions(model, usage, format, made, path)
            size = _size(made)
            if path.is_dir():
                shutil.rmtree(path)
            made.replace(path)
            for companion in companions:
                companion.replace(path.with_name(companion.name))
    except OSError as error:
        raise UserError(why_not_written(error, f"'{path}'")) from error
    return Exported(path, format, difference, size)


def _companions(
    model: keras.Model, usage: Usage | None, format: Format, made: Path, path: Path
) -> list[Path]:
    """Write what goes along with a model into its folder, or for other formats beside it, to be moved on."""
    if usage is None:
        return []
    if format == "onnx":
        import onnxruntime

        session = onnxruntime.InferenceSession(str(made), providers=["CPUExecutionProvider"])
        input_name = session.get_inputs()[0].name
        add_to_onnx(made, usage.to_dict(format, path.name, input_name))
    else:
        input_name = str(model.inputs[0].name)
    if format == "savedmodel":
        write_usage(usage, format, path, made, input_name)
        return []
    return write_usage(usage, format, path, made.parent, input_name)


def onnx_problem() -> str:
    """Why ONNX cannot be had here, "" where it can."""
    import importlib.util

    missing = [name for name in ("onnx", "tf2onnx", "onnxruntime") if importlib.util.find_spec(name) is None]
    if not missing:
        return ""
    return f"ONNX needs {' and '.join(missing)}: pip install tf2onnx==1.17.0 onnxruntime==1.32.0."


def _keras(model: keras.Model, path: Path) -> Answer:
    model.save(path)
    again = load_model(path)
    return lambda images: np.asarray(again(images, training=False))


def _savedmodel(model: keras.Model, path: Path) -> Answer:
    import tensorflow as tf

    with _disk_errors_as_pythons():
        model.export(path, verbose=False)
    again = tf.saved_model.load(str(path))
    return lambda images: again.serve(images).numpy()


def _tflite(model: keras.Model, path: Path) -> Answer:
    import tensorflow as tf

    # Beside the file: what does not fit there is said of that disk.
    with tempfile.TemporaryDirectory(dir=path.parent) as folder, _disk_errors_as_pythons():
        model.export(folder, verbose=False)
        converted = tf.lite.TFLiteConverter.from_saved_model(folder).convert()
    path.write_bytes(converted)
    with warnings.catch_warnings():
        # TensorFlow still brings the interpreter and says that another package will.
        warnings.simplefilter("ignore")
        interpreter = tf.lite.Interpreter(model_path=str(path))

    def answer(images: np.ndarray) -> np.ndarray:
        place = interpreter.get_input_details()[0]["index"]
        interpreter.resize_tensor_input(place, images.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(place, images)
        interpreter.invoke()
        return np.asarray(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))

    return answer


@contextmanager
def _disk_errors_as_pythons() -> Iterator[None]:
    """TensorFlow's files, too, fail as Python's do.

    Raises:
        OSError: there is no room, or no permission.
    """
    import tensorflow as tf

    try:
        yield
    except tf.errors.OpError as error:
        for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EROFS):
            if os.strerror(number) in str(error):
                raise OSError(number, os.strerror(number)) from error
        raise


def _onnx(model: keras.Model, path: Path) -> Answer:
    problem = onnx_problem()
    if problem:
        raise UserError(problem)
    import onnxruntime

    with warnings.catch_warnings():
        # tf2onnx looks for names that numpy gave up.
        warnings.simplefilter("ignore")
        _for_onnx(model).export(path, format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda images: np.asarray(session.run(None, {name: images})[0])


def _for_onnx(model: keras.Model) -> keras.Model:
    """The same model of operations that the converter knows."""
    import keras
    import tensorflow as tf

    def gelu(values: tf.Tensor) -> tf.Tensor:
        return 0.5 * values * (1 + tf.math.erf(values * np.float32(np.sqrt(0.5))))

    def known(layer: keras.layers.Layer) -> keras.layers.Layer:
        if isinstance(layer, keras.layers.Activation) and layer.activation is keras.activations.gelu:
            return keras.layers.Activation(gelu, name=layer.name)
        if isinstance(layer, keras.layers.Normalization) and layer.input_mean is not None:
            scale = 1 / np.sqrt(np.asarray(layer.input_variance, np.float64))
            offset = -np.asarray(layer.input_mean, np.float64) * scale
            return keras.layers.Rescaling(scale.tolist(), offset.tolist(), name=layer.name)
        return layer.__class__.from_config(layer.get_config())

    same = keras.models.clone_model(model, clone_function=known)
    same.set_weights(model.get_weights())
    # Keras converts only what has been called once.
    same(np.zeros((1, *model.input_shape[1:]), np.float32))
    return same


def _size(path: Path) -> int:
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return sum(one.stat().st_size for one in files)
