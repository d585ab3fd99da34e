"""Our saliency against plain tf-keras-vis: one image and a batch of 32, atto and tiny, default stage.

tf-keras-vis is used as its documentation says: an object made once on the model up to its scores, then
called. The peers take turns within one process; the first call, which traces our graph, is timed apart. Maps
are compared before they are scaled. SmoothGrad draws its noise anew on either side, so its maps agree less;
under the same noise they are equal, which the tests check.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from bcc.explain.methods import METHODS, Method, ScoreCam, find_method
from bcc.models import ModelOptions, Size
from bench.report import machine, median_seconds, table

SIDE, BATCH, CLASSES = 96, 32, 8


def main() -> None:
    """Measure atto and tiny, print two tables."""
    import keras

    keras.utils.disable_interactive_logging()
    from bcc.models.build import build_model

    rows, passes = [], []
    for size in ("atto", "tiny"):
        model = build_model(ModelOptions(model=size, layer_scale=0.1, image_size=SIDE), CLASSES)
        linear = _up_to_scores(model)
        rows += [_compare(size, model, linear, find_method(name)) for name in METHODS]
        passes.append(_all_channels(size, model))
    header = ["model", "method", "first call, s", "one image, ms", "tf-keras-vis, ms", "share",
              "batch of 32, ms", "tf-keras-vis, ms", "share", "correlation"]  # fmt: skip
    about = f"{SIDE} px. {machine('tensorflow', 'keras', 'tf-keras-vis')}."
    table("Saliency", header, rows, about)
    header = ["model", "channels", "ScoreCAM, ms", "as many forward passes, ms", "ratio"]
    table("ScoreCAM over all channels, one image", header, passes, "Forward passes in batches of 32.")


def _compare(size: Size, model: Any, linear: Any, method: Method) -> list[str]:
    from bcc.explain import Explainer

    explainer = Explainer(model, method=method, batch_size=BATCH)
    images, classes = _images(BATCH), np.arange(BATCH) % CLASSES
    peer = _peer(linear, method.name, explainer.stage.layer)
    start = time.perf_counter()
    explainer(images[:1], classes[:1])
    first = time.perf_counter() - start
    calls: dict[str, Callable[[], object]] = {"ours": lambda: explainer(images[:1], classes[:1])}
    many: dict[str, Callable[[], object]] = {"ours": lambda: explainer(images, classes)}
    if peer is not None:
        calls["peer"] = lambda: peer(images[:1], classes[:1])
        many["peer"] = lambda: peer(images, classes)
    slow = method.name in ("smoothgrad", "scorecam")
    one = median_seconds(calls, repeats=3 if slow else 7)
    batch = _once(many) if slow else median_seconds(many, repeats=3)
    print(size, method.name, one, batch, file=sys.stderr, flush=True)
    row = [size, method.name, f"{first:.1f}"]
    for seconds in (one, batch):
        row.append(f"{1000 * seconds['ours']:.1f}")
        other = seconds.get("peer")
        row += ["", ""] if other is None else [f"{1000 * other:.0f}", f"1/{other / seconds['ours']:.0f}"]
    if peer is None:
        return [*row, ""]
    ours = [explainer.raw(images[i : i + 1], classes[i : i + 1])[0] for i in range(4)]
    theirs = [np.asarray(peer(images[i : i + 1], classes[i : i + 1]))[0] for i in range(4)]
    alike = min(
        np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(ours, theirs, strict=True) if b.std() > 0
    )
    return [*row, f"{alike:.4f}"]


def _once(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """One call of each, where a call of the peer takes a minute."""
    taken = {}
    for name, call in calls.items():
        start = time.perf_counter()
        call()
        taken[name] = time.perf_counter() - start
    return taken


def _peer(linear: Any, name: str, layer: str) -> Callable[[np.ndarray, np.ndarray], Any] | None:
    """tf-keras-vis's method of that name, maps not scaled."""
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
    from tf_keras_vis.layercam import Layercam
    from tf_keras_vis.saliency import Saliency
    from tf_keras_vis.scorecam import Scorecam
    from tf_keras_vis.utils.scores import CategoricalScore

    kinds = {"gradcam": Gradcam, "gradcam++": GradcamPlusPlus, "layercam": Layercam, "scorecam": Scorecam,
             "gradient": Saliency, "smoothgrad": Saliency}  # fmt: skip
    if name not in kinds:
        return None
    how: dict[str, Any] = {"normalize_map": False}
    if kinds[name] is not Saliency:
        how = {"penultimate_layer": layer, "seek_penultimate_conv_layer": False, "expand_cam": False}
        how["normalize_cam"] = False
    how |= {"smoothgrad": {"smooth_samples": 20}, "scorecam": {"max_N": 10}}.get(name, {})
    library = kinds[name](linear, clone=False)
    return lambda images, classes: library(
        CategoricalScore([int(c) for c in classes]), images.astype(np.float32), **how
    )


def _all_channels(size: Size, model: Any) -> list[str]:
    """ScoreCAM over every channel of the default stage against that many plain predictions."""
    from bcc.explain import Explainer
    from bcc.models.prediction import Predictor

    explainer = Explainer(model, method=ScoreCam(channels=0))
    channels = int(model.get_layer(explainer.stage.layer).output.shape[-1])
    predictor = Predictor(model, batch_size=BATCH)
    image, many = _images(1), _images(channels)
    calls: dict[str, Callable[[], object]] = {
        "scorecam": lambda: explainer(image, np.zeros(1, np.int64)),
        "passes": lambda: predictor(many),
    }
    taken = median_seconds(calls, repeats=3)
    ratio = taken["scorecam"] / taken["passes"]
    return [size, str(channels), *(f"{1000 * taken[name]:.0f}" for name in calls), f"{ratio:.2f}"]


def _images(count: int) -> np.ndarray:
    """Painted cells, uint8 (count, SIDE, SIDE, 3)."""
    from bcc.datasets.synthetic import CLASS_NAMES, draw_spec, paint

    cells = [paint(draw_spec(CLASS_NAMES[i % CLASSES], i % 64), SIDE).image for i in range(min(count, 64))]
    return np.stack([cells[i % len(cells)] for i in range(count)])


def _up_to_scores(model: Any) -> Any:
    import keras

    return keras.Model(model.inputs, model.get_layer("logits").output)


if __name__ == "__main__":
    main()
