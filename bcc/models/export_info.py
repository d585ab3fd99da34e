"""What whoever uses an exported model has to know: names of the classes, how images are made, temperature.

It goes along with the model as JSON, in ONNX also as metadata inside, and as a script that runs with the
model's own library alone: how an image is prepared, and three lines that ask the model about it.
"""

from __future__ import annotations

import inspect
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

EXAMPLES = {
    "keras": """\
model = keras.saving.load_model(HERE / ABOUT["file"], compile=False)
said = np.asarray(model(images), np.float64) ** (1 / ABOUT["temperature"])
answers = [dict(zip(ABOUT["class_names"], row / row.sum())) for row in said]
""",
    "savedmodel": """\
model = tensorflow.saved_model.load(str(HERE))
said = model.serve(images).numpy().astype(np.float64) ** (1 / ABOUT["temperature"])
answers = [dict(zip(ABOUT["class_names"], row / row.sum())) for row in said]
""",
    "tflite": """\
model = tensorflow.lite.Interpreter(str(HERE / ABOUT["file"])).get_signature_runner()
said = model(**{ABOUT["input"]: images})["output_0"].astype(np.float64) ** (1 / ABOUT["temperature"])
answers = [dict(zip(ABOUT["class_names"], row / row.sum())) for row in said]
""",
    "onnx": """\
model = onnxruntime.InferenceSession(str(HERE / ABOUT["file"]), providers=["CPUExecutionProvider"])
said = model.run(None, {ABOUT["input"]: images})[0].astype(np.float64) ** (1 / ABOUT["temperature"])
answers = [dict(zip(ABOUT["class_names"], row / row.sum())) for row in said]
""",
}
"""Three lines a format: load, ask, calibrate and name. `images` is float32 (N, side, side, 3), 0..255."""

_LIBRARIES = {"keras": "keras", "savedmodel": "tensorflow", "tflite": "tensorflow", "onnx": "onnxruntime"}

_SCRIPT = '''"""Ask the model of run {run} about images: python {script} cell.jpg [more.png ...]

It needs numpy, pillow, opencv-python-headless and {library}, and nothing else. Images of 8 bits a channel
give the answers of the app; what is none of the classes gets one of them all the same. Not a medical device.
"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import {library}
from PIL import Image, ImageOps

HERE = Path(__file__).resolve().parent
ABOUT = json.loads((HERE / {about}).read_text(encoding="utf-8"))
{layer}

def prepare(file):
    """An image as the model was trained on: float32 (side, side, 3), RGB, 0..255."""
    image = ImageOps.exif_transpose(Image.open(file)).convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    image = Image.alpha_composite(white, image).convert("RGB")
    kind, _, size = ABOUT["preprocessing"].partition(":")
    height, width = ABOUT["picture_size"]
    if kind == "challenge":
        side = min(200, *image.size)
        left, top = (round((length - side) / 2) for length in image.size)
        crop = image.crop((left, top, left + side, top + side))
        middle = np.asarray(crop.resize((224, 224), Image.Resampling.BILINEAR))
        pixels = cv2.resize(middle, (96, 96), interpolation=cv2.INTER_LANCZOS4)
    elif kind == "none" and image.size == (width, height):
        pixels = np.asarray(image)
    else:
        size = int(size or min(height, width))
        side = min(image.size)
        left, top = ((length - side) / 2 for length in image.size)
        box = (left, top, left + side, top + side)
        if image.size != (size, size):
            image = image.resize((size, size), Image.Resampling.LANCZOS, box=box)
        pixels = np.asarray(image)
    side = ABOUT["image_size"]
    if pixels.shape[:2] != (side, side):
        how = cv2.INTER_AREA if side < min(pixels.shape[:2]) else cv2.INTER_CUBIC
        pixels = cv2.resize(pixels, (side, side), interpolation=how)
    return pixels.astype(np.float32)


files = sys.argv[1:]
images = np.stack([prepare(file) for file in files])
{example}
for file, answer in zip(files, answers):
    print(json.dumps({{"file": file, **{{name: round(float(share), 6) for name, share in answer.items()}}}}))
'''


_ON_DISK = {"image_shape": "picture_size"}
"""Fields that are called otherwise in the file, as they were from the start."""


@dataclass(frozen=True)
class Usage:
    """What goes along with a model.

    Attributes:
        run: id of the run that it comes from.
        class_names: of its outputs, in order.
        preprocessing: how files become images, in the short form of `bcc.datasets.Preprocessing`.
        image_shape: height and width of the images that `preprocessing` gives.
        image_size: side of the square that the model takes; images are scaled to it.
        temperature: what the logits are divided by, so that probabilities mean what they say; 1 leaves them.
        calibrated_on: validation images that the temperature was fitted on, 0 where it was not fitted.
        dataset: source and fingerprint of the data that the run was trained on.
    """

    run: str
    class_names: tuple[str, ...]
    preprocessing: str
    image_shape: tuple[int, int]
    image_size: int
    temperature: float
    calibrated_on: int
    dataset: dict[str, str]

    def to_dict(self, format: str, file: str, input_name: str) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "file": file,
            "format": format,
            "input": input_name,
            **{_ON_DISK.get(name, name): value for name, value in asdict(self).items()},
            "pictures": "float32 (N, image_size, image_size, 3), RGB, 0 to 255; normalisation is inside",
            "output": "probabilities (N, classes), not calibrated: divide their logarithms by temperature",
            "example": EXAMPLES[format],
        }


def write_usage(usage: Usage, format: str, model: Path, folder: Path, input_name: str) -> list[Path]:
    """Write what goes along with a model: JSON, and a script that uses it.

    Args:
        usage: what to write.
        format: of the model.
        model: its place, which may not be there yet.
        folder: where the files go; a SavedModel has them inside, other formats beside them.
        input_name: what the model's input is called.

    Returns:
        Both files.
    """
    inside = format == "savedmodel"
    about = folder / ("about.json" if inside else f"{model.name}.json")
    script = folder / ("example.py" if inside else f"{model.name}.example.py")
    told = usage.to_dict(format, model.name, input_name)
    about.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    text = _SCRIPT.format(
        run=ascii(usage.run),
        script=ascii(script.name),
        library=_LIBRARIES[format],
        about=ascii(about.name),
        layer=_own_layer() if format == "keras" else "",
        example=EXAMPLES[format],
    )
    script.write_text(text, encoding="utf-8")
    return [about, script]


def add_to_onnx(path: Path, told: dict[str, Any]) -> None:
    """Write the same into an ONNX file's own metadata: texts as they are, all else as JSON."""
    import onnx

    model = onnx.load(str(path))
    for key, value in told.items():
        entry = model.metadata_props.add()
        entry.key = key
        entry.value = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    onnx.save(model, str(path))


def _own_layer() -> str:
    """The source of the one layer that Keras lacks, so that a model can be loaded without this program."""
    from bcc.models.layers import LayerScale

    return "\n\n" + inspect.getsource(LayerScale).replace("Any", "object") + "\n"
