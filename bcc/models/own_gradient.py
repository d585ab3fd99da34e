"""Gradients by hand that go with their graph.

`tf.custom_gradient` enters each of its uses inside a graph into a list of the process that is never cleared.
The entry holds the graph, and with it the weights: a server that makes a graph for every model that it shows
would grow for ever. Here the graph holds its gradients, and the list only knows where they are.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import tensorflow as tf
from tensorflow.python.framework import ops

_COLLECTION = "gradients by hand"
_TYPE = "type"
"""Where an entry of the list has its function."""


def own_gradient(function: Callable[..., Any]) -> Callable[..., Any]:
    """Like `tf.custom_gradient`, for functions of tensors that give one tensor."""
    known = tf.custom_gradient(function)

    def call(*inputs: Any) -> Any:
        answer = known(*inputs)
        if not tf.executing_eagerly():
            _hand_to_graph(answer.op)
        return answer

    return call


def _hand_to_graph(operation: Any) -> None:
    """Let the graph keep what the list of the process has kept of one operation."""
    name = operation.get_attr("_gradient_op_type").decode()
    # There is no public way to take an entry out.
    entries = ops.gradient_registry._registry
    gradient = entries[name][_TYPE]
    operation.graph.add_to_collection(_COLLECTION, gradient)
    weak = weakref.ref(gradient)

    def passed_on(asked: Any, *above: Any) -> Any:
        there = weak()
        assert there is not None, "the graph lives while somebody asks for its gradients"
        return there(asked, *above)

    entries[name][_TYPE] = passed_on
    weakref.finalize(gradient, entries.pop, name, None)
