"""The Saliency page: maps beside images, per class, at a stage that is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def saliency(open_page: Callable, finished: Any) -> Callable[..., Any]:
    """`saliency(**query)`: the page on the finished run."""
    return lambda **query: open_page("saliency", data=finished.dataset.fingerprint, run="done", **query)


def test_the_layer_and_its_map_are_named(saliency: Callable, texts: Callable) -> None:
    app = saliency()
    assert not app.exception
    assert not app.error
    # 32 px give maps of 8, 4, 2 and 1 cells: only the first is at least 6 x 6.
    assert "Grad-CAM at **stage 1 (8 x 8)**, layer `convnext_atto_stage_0_block_0_output`" in " ".join(
        caption.value for caption in app.caption
    )
    assert len(app.selectbox(key="layer:done").options) == 4


def test_rows_are_shown_beside_their_maps(saliency: Callable, finished: Any, html: Callable) -> None:
    app = saliency()
    app.segmented_control(key="way:3").set_value("by row number").run()
    app.text_input(key="row_numbers").set_value("3, 14").run()
    text = html(app)
    assert len(re.findall("<img ", text)) == 4
    for row in (3, 14):
        assert f"row {row}" in text
        assert finished.dataset.class_names[finished.dataset.labels[row]] in text


def test_another_class_can_be_explained(saliency: Callable, html: Callable) -> None:
    app = saliency()
    app.segmented_control(key="way:3").set_value("of a class").run()
    app.selectbox(key="of_class").set_value("class 2").run()
    app.selectbox(key="target").set_value("class 0").run()
    assert not app.exception
    assert "class 0" in html(app)
    before = re.findall(r"row (\d+)", html(app))
    app.button(key="draw_others").click().run()
    assert set(re.findall(r"row (\d+)", html(app)))
    assert before


@pytest.mark.parametrize(
    ("text", "sentence"), [("9999", "There is no row 9999"), ("one", "Rows are numbers")]
)
def test_bad_rows_are_one_sentence(saliency: Callable, texts: Callable, text: str, sentence: str) -> None:
    app = saliency()
    app.segmented_control(key="way:3").set_value("by row number").run()
    app.text_input(key="row_numbers").set_value(text).run()
    assert not app.exception
    assert len(app.error) == 1
    assert sentence in texts(app.error)


def test_classes_have_a_mean_map_and_samples(saliency: Callable, finished: Any, html: Callable) -> None:
    app = saliency(show="classes")
    app.number_input(key="per_class").set_value(2).run()
    assert not app.exception
    assert len(re.findall("mean map", html(app))) == len(finished.dataset.class_names)
    # The mean, and two typical, two best and two worst.
    assert len(re.findall("<img ", html(app))) == 7 * len(finished.dataset.class_names)


def test_a_shallower_stage_can_be_chosen(saliency: Callable) -> None:
    app = saliency()
    deepest = app.selectbox(key="layer:done").options[-1]
    app.selectbox(key="layer:done").set_value("convnext_atto_stage_3_block_0_output").run()
    assert not app.exception
    assert "stage 4 (1 x 1)" in deepest
    assert "stage 4 (1 x 1)" in " ".join(caption.value for caption in app.caption)


def test_a_damaged_model_is_one_sentence(open_page: Callable, finished: Any, texts: Callable) -> None:
    finished.run.model.write_bytes(b"PK\x03\x04 and then nothing")
    app = open_page("saliency", data=finished.dataset.fingerprint, run="done")
    assert not app.exception
    assert "model.keras" in texts(app.error)


@pytest.mark.parametrize("method", ["Grad-CAM++", "SmoothGrad"])
def test_another_method_can_be_chosen(saliency: Callable, html: Callable, method: str) -> None:
    app = saliency(method=method)
    assert not app.exception
    assert app.selectbox(key="method").value == method.lower().replace("-", "")
    assert app.selectbox(key="layer:done").disabled == (method == "SmoothGrad")
    assert "<img " in html(app)


def test_two_classes_are_compared(saliency: Callable, html: Callable) -> None:
    app = saliency(show="between classes")
    assert not app.exception
    assert app.selectbox(key="difference_one").value != app.selectbox(key="difference_other").value
    assert html(app).count("<img ") == 2


def test_maps_are_scored_when_asked_and_the_scores_are_kept(
    saliency: Callable, finished: Any, texts: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pages.parts.saliency import trust

    monkeypatch.setattr(trust, "METHODS", ("gradcam", "gradient"))
    app = saliency(show="trust")
    assert not app.exception
    assert not app.dataframe
    app.number_input(key="trust_per_class").set_value(2).run()
    next(button for button in app.button if button.label == "Score the maps").click().run()
    assert not app.exception
    table = app.dataframe[0].value
    assert set(table["method"]) == {"Grad-CAM", "gradient", "uniform", "centre", "darkness"}
    assert len(list(finished.run.trust.iterdir())) == 1
    assert "Score the maps" not in [button.label for button in app.button]


def test_weights_are_randomised_when_asked_and_the_run_stays_as_it_is(
    saliency: Callable, finished: Any, html: Callable
) -> None:
    app = saliency(show="trust")
    app.pills(key="randomised_methods").set_value(["gradcam", "gradient"]).run()
    assert "Maps by" not in html(app)
    before = finished.run.model.read_bytes()
    app.button(key="randomise").click().run()
    assert not app.exception
    # A map as it was, then without head, stages 4 to 1 and stem, for each method.
    assert html(app).count("<img ") == 2 * 7
    assert html(app).count("1.00 correlation") >= 2
    assert "forget" not in [button.key for button in app.button]
    assert finished.run.model.read_bytes() == before
    app.pills(key="randomised_methods").set_value([]).run()
    assert not app.exception


@pytest.mark.parametrize(("old", "new"), [("pictures", "images"), ("made up", "generated images")])
def test_addresses_of_older_versions_keep_working(saliency: Callable, old: str, new: str) -> None:
    app = saliency(show=old)
    assert not app.exception
    assert app.segmented_control(key="show").value == new


def test_images_are_generated_on_request(saliency: Callable, finished: Any, html: Callable) -> None:
    app = saliency(show="generated images")
    assert "<img " not in html(app)
    app.number_input(key="made_up_steps").set_value(80)
    next(button for button in app.button if button.label == "Generate").click().run()
    assert not app.exception
    assert html(app).count("<img ") == len(finished.dataset.class_names)


def test_a_model_that_wants_to_run_code_is_one_sentence(
    open_page: Callable, finished: Any, texts: Callable
) -> None:
    import keras

    inputs = keras.Input((32, 32, 3))
    outputs = keras.layers.Lambda(lambda x: x * 2)(inputs)
    keras.Model(inputs, outputs).save(finished.run.model)
    for name in ("saliency", "paint"):
        app = open_page(name, data=finished.dataset.fingerprint, run="done")
        assert not app.exception
        assert "it contains code to run" in texts(app.error)


def test_the_other_engine_stands_beside_ours_with_its_correlation(
    saliency: Callable, html: Callable, texts: Callable
) -> None:
    app = saliency()
    assert app.selectbox(key="engine").value == "bcc"
    app.segmented_control(key="way:3").set_value("by row number").run()
    app.text_input(key="row_numbers").set_value("3, 14").run()
    app.selectbox(key="engine").set_value("tf-keras-vis").run()
    assert not app.exception
    assert len(re.findall("<img ", html(app))) == 2 * 3
    said = " ".join(markdown.value for markdown in app.markdown)
    assert float(re.findall(r"\*\*(\d\.\d{4})\*\* over all values", said)[0]) > 0.99
    assert len(re.findall(r"[01]\.\d{3} alike", html(app))) == 2


def test_a_method_that_the_other_engine_lacks_is_left_to_ours(saliency: Callable, html: Callable) -> None:
    app = saliency(method="Grad-CAM", engine="tf-keras-vis")
    assert app.selectbox(key="engine").value == "tf-keras-vis"
    app.selectbox(key="method").set_value("integrated_gradients").run()
    assert not app.exception
    assert not app.error
    assert app.selectbox(key="engine:only").disabled
    assert "alike" not in html(app)


def test_the_other_engine_makes_up_images_under_its_regularisers(
    saliency: Callable, finished: Any, html: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pages.parts.saliency import activation_maximisation as made_up

    asked = []

    def quick(model: Any, classes: Any, steps: int, seed: int, options: Any, report: Any) -> Any:
        asked.append(options)
        return made_up_by_library(model, classes, 2, seed, options, report)

    made_up_by_library = made_up.class_images_of_library
    monkeypatch.setattr(made_up, "class_images_of_library", quick)
    app = saliency(show="generated images")
    app.selectbox(key="made_up_engine").set_value("tf-keras-vis").run()
    app.slider(key="made_up_total_variation").set_value(0.5).run()
    next(button for button in app.button if button.label == "Generate").click().run()
    assert not app.exception
    assert [options.total_variation for options in asked] == [0.5]
    assert html(app).count("<img ") == len(finished.dataset.class_names)
