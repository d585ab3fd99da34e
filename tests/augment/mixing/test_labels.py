"""Labels of mixed images: the share of pixels, counted in the images themselves."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from bcc.augment import Augmentation, image_keys
from bcc.augment.keys import uniform
from bcc.augment.mixing import CutMix, FMix, MixUp
from bcc.augment.mixing.partners import partners
from bcc.augment.mixing.shares import beta


def one_colour_each(number: int, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Image i holds the value i everywhere and is of class i, so that pixels tell where they come from."""
    images = np.broadcast_to(
        np.arange(number, dtype=np.float32)[:, None, None, None], (number, height, width, 3)
    )
    return np.ascontiguousarray(images), np.eye(number, dtype=np.float32)


def mixed(
    step: Augmentation, number: int, height: int, width: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    images, labels = one_colour_each(number, height, width)
    keys = image_keys(seed, 0, np.arange(number))
    result = step(tf.constant(images), tf.constant(labels), tf.constant(keys))
    return result[0].numpy(), result[1].numpy()


@pytest.mark.parametrize("kind", [CutMix, FMix])
@settings(max_examples=25, deadline=None)
@given(
    number=st.integers(1, 9),
    height=st.integers(4, 33),
    width=st.integers(4, 33),
    alpha=st.floats(0.1, 8),
    share=st.floats(0, 1),
    seed=st.integers(0, 10_000),
)
def test_a_label_is_the_share_of_pixels(
    kind: type[Augmentation], number: int, height: int, width: int, alpha: float, share: float, seed: int
) -> None:
    step = kind.model_validate({"alpha": alpha, "share": share})
    images, labels = mixed(step, number, height, width, seed)
    counted = np.stack([(images[..., 0] == source).mean(axis=(1, 2)) for source in range(number)], axis=1)
    np.testing.assert_allclose(labels, counted, atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(number=st.integers(1, 9), alpha=st.floats(0.1, 8), share=st.floats(0, 1), seed=st.integers(0, 10_000))
def test_mixup_blends_images_as_it_blends_labels(number: int, alpha: float, share: float, seed: int) -> None:
    images, labels = mixed(MixUp(alpha=alpha, share=share), number, 5, 6, seed)
    np.testing.assert_allclose(images[:, 2, 3, 0], labels @ np.arange(number), atol=1e-4)
    assert labels[~np.eye(number, dtype=bool)].max(initial=0) <= share + 1e-5


@pytest.mark.parametrize("kind", [CutMix, FMix, MixUp])
def test_a_batch_of_one_stays_as_it_is(kind: type[Augmentation]) -> None:
    rng = np.random.default_rng(0)
    image = rng.uniform(0, 255, (1, 9, 7, 3)).astype(np.float32)
    label = np.array([[0.25, 0.75]], np.float32)
    images, labels = kind()(
        tf.constant(image), tf.constant(label), tf.constant(image_keys(0, 0, np.arange(1)))
    )
    np.testing.assert_array_equal(images.numpy(), image)
    np.testing.assert_array_equal(labels.numpy(), label)


def test_a_whole_box_has_the_drawn_share_of_the_area() -> None:
    """Its sides go with the square root of the share (Yun et al. 2019, equation 2)."""
    side, most = 64, 0.6
    keys = tf.constant(image_keys(3, 0, np.arange(400)))
    drawn = most * beta(keys, tf.fill([400], 1.0), "cutmix").numpy()
    middle = uniform(keys, 2, "cutmix middle").numpy()
    half = np.sqrt(drawn)[:, None] / 2
    whole = ((middle - half > 0) & (middle + half < 1)).all(axis=1)
    assert whole.sum() > 80
    _, labels = mixed(CutMix(alpha=1.0, share=most), 400, side, side, 3)
    # Pixels are taken or left whole: a side is off by less than one of them.
    np.testing.assert_allclose(np.sqrt(1 - np.diag(labels)[whole]), np.sqrt(drawn[whole]), atol=1 / side)


def test_a_box_at_the_border_is_clipped_before_it_is_counted() -> None:
    _, labels = mixed(CutMix(alpha=1.0), 400, 16, 16, 3)
    partner_share = 1 - np.diag(labels)
    # A whole box of half the area and a middle anywhere keeps far less than half of the image.
    assert 0.15 < partner_share.mean() < 0.4


def test_partners_are_a_ring_whatever_the_order() -> None:
    keys = image_keys(2, 5, np.arange(50))
    other = partners(tf.constant(keys)).numpy()
    assert sorted(other) == list(range(50))
    assert (other != np.arange(50)).all()
    order = np.random.default_rng(1).permutation(50)
    again = partners(tf.constant(keys[order])).numpy()
    np.testing.assert_array_equal(order[again], other[order])
    assert (partners(tf.constant(image_keys(2, 6, np.arange(50)))).numpy() != other).any()


@pytest.mark.parametrize("alpha", [0.05, 0.2, 0.4, 0.9, 1.0, 1.5, 4.0, 8.0])
def test_shares_are_beta_distributed(alpha: float) -> None:
    from scipy.stats import beta as scipy_beta
    from scipy.stats import kstest

    keys = image_keys(0, 0, np.arange(4000))
    drawn = beta(tf.constant(keys), tf.fill([4000], np.float32(alpha)), "test").numpy()
    # Very near 0 and 1 the density of a small alpha is finer than float32.
    assert (
        kstest(np.clip(drawn, 1e-6, 1 - 1e-6), scipy_beta(alpha, alpha).cdf).statistic
        < 0.26 * (alpha < 0.1) + 0.04
    )


def test_fmix_takes_the_share_that_it_drew() -> None:
    keys = tf.constant(image_keys(4, 0, np.arange(100)))
    _, labels = mixed(FMix(alpha=1.0), 100, 32, 32, 4)
    drawn = beta(keys, tf.ones([100]), "fmix").numpy()
    np.testing.assert_allclose(1 - np.diag(labels), drawn, atol=0.02)
