"""The same network with cheaper gradients, on the same weights, for training and for maps of single images.

TensorFlow derives gradients operation by operation; most of a step is then reading and writing the same large
arrays again. Four kinds of layers are written anew: layer norm and GELU with gradients by hand, patches by a
product of matrices, and the depthwise convolution's gradient in its input as the same convolution with the
mirrored kernel (both have quick kernels, their gradients do not). Their values are the layers' own to
rounding; every other layer is used as it is. Saved models know nothing of this.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from bcc.models.own_gradient import own_gradient

Call = Callable[[Any, Any], Any]
"""From a layer and its input to what the layer would answer."""


def lean(model: keras.Model) -> keras.Model:
    """The same network, with cheaper gradients.

    Args:
        model: a functional model. Nothing of it is copied: what changes its weights changes this one too.

    Returns:
        A model of the same inputs and outputs, to call with or without `training`; not to be saved.
    """

    def call(layer: Any, *inputs: Any, **options: Any) -> Any:
        how = _way(layer)
        return layer(*inputs, **options) if how is None else _Lean(layer, how)(inputs[0])

    return keras.models.clone_model(model, clone_function=lambda layer: layer, call_function=call)


class _Lean(keras.layers.Layer):
    """Answers for another layer, in a way of its own."""

    def __init__(self, layer: Any, how: Call) -> None:
        super().__init__(name=f"lean_{layer.name}", dtype=layer.dtype_policy)
        self.layer, self._how = layer, how
        self.built = True

    def call(self, inputs: Any) -> Any:
        return self._how(self.layer, inputs)


def _way(layer: Any) -> Call | None:
    """How to call a layer more cheaply; none where there is no such way."""
    kinds = keras.layers
    if type(layer) is kinds.LayerNormalization:
        last = (-1, len(layer.input.shape) - 1)
        plain = layer.scale and layer.center and len(layer.axis) == 1 and layer.axis[0] in last
        return _layer_norm if plain else None
    if type(layer) is kinds.Activation:
        return _gelu if layer.activation is keras.activations.gelu else None
    still = getattr(layer, "activation", None) is keras.activations.linear
    if type(layer) is kinds.DepthwiseConv2D and still:
        odd = all(side % 2 for side in layer.kernel_size)
        one = (*layer.strides, *layer.dilation_rate, layer.depth_multiplier) == (1, 1, 1, 1, 1)
        return _depthwise if odd and one and layer.padding == "same" else None
    if type(layer) is kinds.Conv2D and still:
        # Without a border the paddings agree.
        sides = [side or 1 for side in layer.input.shape[1:3]]
        whole = all(side % step == 0 for side, step in zip(sides, layer.strides, strict=True))
        apart = tuple(layer.strides) == tuple(layer.kernel_size) and layer.groups == 1
        return _patches if apart and whole and max(layer.strides) > 1 else None
    return None


def _patches(layer: Any, inputs: Any) -> Any:
    """A convolution whose windows touch and never overlap: each patch of pixels is multiplied once."""
    (down, across), channels = layer.kernel_size, inputs.shape[-1]
    height, width = inputs.shape[1] // down, inputs.shape[2] // across
    parted = tf.reshape(inputs, [-1, height, down, width, across, channels])
    patches = tf.reshape(tf.transpose(parted, [0, 1, 3, 2, 4, 5]), [-1, down * across * channels])
    answer = patches @ tf.reshape(layer.kernel, [down * across * channels, layer.filters])
    if layer.use_bias:
        answer += layer.bias
    return tf.reshape(answer, [-1, height, width, layer.filters])


def _depthwise(layer: Any, inputs: Any) -> Any:
    steps = [1, 1, 1, 1]

    @own_gradient
    def convolved(images: Any, kernel: Any) -> tuple[Any, Callable[[Any], Any]]:
        def back(gradient: Any) -> tuple[Any, Any]:
            mirrored = tf.reverse(kernel, [0, 1])
            return (
                tf.nn.depthwise_conv2d(gradient, mirrored, steps, "SAME"),
                tf.nn.depthwise_conv2d_backprop_filter(images, kernel.shape, gradient, steps, "SAME"),
            )

        return tf.nn.depthwise_conv2d(images, kernel, steps, "SAME"), back

    answer = convolved(inputs, tf.convert_to_tensor(layer.kernel))
    return tf.nn.bias_add(answer, layer.bias) if layer.use_bias else answer


def _layer_norm(layer: Any, inputs: Any) -> Any:
    def mean(values: Any) -> Any:
        return tf.reduce_mean(values, axis=-1, keepdims=True)

    @own_gradient
    def levelled(values: Any, gamma: Any, beta: Any) -> tuple[Any, Callable[[Any], Any]]:
        away = values - mean(values)
        narrow = tf.math.rsqrt(mean(tf.square(away)) + layer.epsilon)
        even = away * narrow

        def back(gradient: Any) -> tuple[Any, Any, Any]:
            steep = gradient * gamma
            along = narrow * (steep - mean(steep) - even * mean(steep * even))
            channels = [-1, gradient.shape[-1]]
            return (
                along,
                tf.reduce_sum(tf.reshape(gradient * even, channels), axis=0),
                tf.reduce_sum(tf.reshape(gradient, channels), axis=0),
            )

        return even * gamma + beta, back

    gamma, beta = (tf.cast(values, tf.float32) for values in (layer.gamma, layer.beta))
    return tf.cast(levelled(tf.cast(inputs, tf.float32), gamma, beta), inputs.dtype)


def _gelu(layer: Any, inputs: Any) -> Any:
    """x times the normal distribution's share below x (Hendrycks and Gimpel 2016)."""

    @own_gradient
    def bent(values: Any) -> tuple[Any, Callable[[Any], Any]]:
        scaled = values * -(0.5**0.5)
        twice = tf.math.erfc(scaled)

        def back(gradient: Any) -> Any:
            # Square, sign and exponential are one pass over memory.
            bell = tf.exp(-tf.square(scaled)) * scaled
            return gradient * (0.5 * twice - 0.5641895835477563 * bell)

        return values * (0.5 * twice), back

    return bent(inputs)
