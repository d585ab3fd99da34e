"""A gradient by hand counts in and outside of graphs, and goes with its graph."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework import ops

from bcc.explain import Explainer
from bcc.models.own_gradient import own_gradient


@own_gradient
def doubled(values: Any) -> tuple[Any, Any]:
    """Twice the values, with a gradient that is nobody else's: 5."""
    return 2.0 * values, lambda above: 5.0 * above


def gradient_of(function: Any, values: Any) -> np.ndarray:
    with tf.GradientTape() as tape:
        tape.watch(values)
        answer = function(values)
    return tape.gradient(answer, values).numpy()


def test_the_gradient_is_the_one_by_hand_wherever_it_is_asked_for() -> None:
    values = tf.constant([1.0, 2.0])
    assert gradient_of(doubled, values).tolist() == [5.0, 5.0]
    # From outside of a graph, which asks the list of the process.
    assert gradient_of(tf.function(doubled), values).tolist() == [5.0, 5.0]

    @tf.function
    def inside(seen: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(seen)
            answer = doubled(seen)
        return tape.gradient(answer, seen)

    assert inside(values).numpy().tolist() == [5.0, 5.0]
    with tf.Graph().as_default() as graph:
        held = tf.constant([1.0, 2.0])
        (found,) = tf.gradients(doubled(held), held)
    with tf.compat.v1.Session(graph=graph) as session:
        assert session.run(found).tolist() == [5.0, 5.0]


def test_nothing_is_left_of_a_graph() -> None:
    gc.collect()
    before = set(ops.gradient_registry.list())
    function = tf.function(doubled)
    graph = function.get_concrete_function(tf.constant([1.0])).graph
    there = weakref.ref(graph)
    assert len(set(ops.gradient_registry.list()) - before) == 1
    del function, graph
    gc.collect()
    assert there() is None
    assert set(ops.gradient_registry.list()) == before


def test_a_model_that_was_explained_can_go(atto: keras.Model, rng_images: np.ndarray) -> None:
    """A page that follows a run in training loads a model for every epoch."""
    before = set(ops.gradient_registry.list())
    model = keras.models.clone_model(atto)
    weights = weakref.ref(model.weights[0])
    explainer = Explainer(model)
    explainer(rng_images[:1], np.zeros(1, int))
    del model, explainer
    gc.collect()
    assert weights() is None
    assert set(ops.gradient_registry.list()) <= before
