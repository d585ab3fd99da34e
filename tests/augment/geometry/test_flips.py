from __future__ import annotations

import numpy as np
import pytest

from bcc.augment.geometry import Flips


def seen(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """For each image which of the four mirror images it became: bit 0 left-right, bit 1 top-bottom."""
    forms = (before, before[:, :, ::-1], before[:, ::-1], before[:, ::-1, ::-1])
    matches = np.stack([(form == after).all(axis=(1, 2, 3)) for form in forms])
    assert (matches.sum(axis=0) == 1).all(), "every image is exactly one of its mirror images"
    return matches.argmax(axis=0)


def test_every_mirror_image_is_as_likely(batch) -> None:
    counts = np.bincount(seen(batch.images, batch.through(Flips())), minlength=4)
    # 400 draws at 1/4 each: 100 give or take three and a half standard deviations.
    assert (np.abs(counts - 100) < 31).all(), counts


@pytest.mark.parametrize(
    ("flips", "form"),
    [
        (Flips(horizontal=0, vertical=0), 0),
        (Flips(horizontal=1, vertical=0), 1),
        (Flips(horizontal=0, vertical=1), 2),
        (Flips(horizontal=1, vertical=1), 3),
    ],
)
def test_sure_chances_leave_no_choice(batch, flips: Flips, form: int) -> None:
    assert (seen(batch.images, batch.through(flips)) == form).all()


def test_chances_are_kept(batch) -> None:
    forms = seen(batch.images, batch.through(Flips(horizontal=0.2, vertical=0.8)))
    assert np.mean(forms & 1) == pytest.approx(0.2, abs=0.07)
    assert np.mean(forms >> 1) == pytest.approx(0.8, abs=0.07)


def test_a_image_does_not_depend_on_its_batch(batch) -> None:
    whole = batch.through(Flips())
    order = np.random.default_rng(0).permutation(len(whole))[:37]
    np.testing.assert_array_equal(batch.through(Flips(), order), whole[order])


def test_images_need_not_be_square(batch) -> None:
    import tensorflow as tf

    wide = batch.images[:20, :5]
    images, _ = Flips()(tf.constant(wide), tf.constant(batch.labels[:20]), tf.constant(batch.keys[:20]))
    seen(wide, images.numpy())
