from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from bcc.training.loop.weight_averaging import WeightAverage


@pytest.fixture
def variable() -> keras.Variable:
    return keras.Variable(np.array([1.0, 2.0]))


def test_the_average_follows_the_formula(variable: keras.Variable) -> None:
    average = WeightAverage([variable], memory=0.5)
    expected = np.array([1.0, 2.0])
    for step in range(30):
        variable.assign([step, -step])
        average.update(tf.constant(step, tf.int64))
        memory = min(0.5, (1 + step) / (10 + step))
        expected = memory * expected + (1 - memory) * np.array([step, -step])
        np.testing.assert_allclose(average.averages[0].numpy(), expected, rtol=1e-5)


def test_the_first_weights_are_forgotten_soon(variable: keras.Variable) -> None:
    """With a memory of a thousand steps, ten steps would otherwise weigh one hundredth."""
    average = WeightAverage([variable], memory=0.999)
    for step in range(10):
        variable.assign([100.0, 100.0])
        average.update(tf.constant(step, tf.int64))
    assert average.averages[0].numpy().min() > 99


def test_averages_stand_in_only_within_the_block(variable: keras.Variable) -> None:
    average = WeightAverage([variable], memory=0.9)
    variable.assign([5.0, 6.0])
    average.update(tf.constant(100, tf.int64))
    with average.in_place():
        np.testing.assert_allclose(variable.numpy(), [0.9 * 1 + 0.1 * 5, 0.9 * 2 + 0.1 * 6], rtol=1e-6)
    np.testing.assert_array_equal(variable.numpy(), [5, 6])


def test_weights_come_back_after_a_failure(variable: keras.Variable) -> None:
    average = WeightAverage([variable], memory=0.9)
    variable.assign([5.0, 6.0])
    with pytest.raises(KeyError), average.in_place():
        raise KeyError
    np.testing.assert_array_equal(variable.numpy(), [5, 6])


def test_no_memory_costs_nothing(variable: keras.Variable) -> None:
    average = WeightAverage([variable], memory=0)
    assert average.averages == []
    variable.assign([5.0, 6.0])
    average.update(tf.constant(0, tf.int64))
    with average.in_place():
        np.testing.assert_array_equal(variable.numpy(), [5, 6])
