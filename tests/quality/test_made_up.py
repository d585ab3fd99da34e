"""Made-up images that a scan learns from, and the learning."""

from __future__ import annotations

import numpy as np

from bcc.quality.colours import band_numbers
from bcc.quality.counterfeits import counterfeits, overlaid
from bcc.quality.recoloured import exposed, recoloured
from bcc.quality.strangers import chance_of_strangers, forest, linear

Cells = tuple[np.ndarray, np.ndarray]


def test_the_same_seed_makes_up_the_same_images(painted_cells: Cells) -> None:
    cells = painted_cells[0][:34]
    for make in (counterfeits, recoloured, exposed):
        first = make(cells, 3)
        assert first.shape == cells.shape
        assert first.dtype == np.uint8
        assert np.array_equal(first, make(cells, 3))
        assert not np.array_equal(first, make(cells, 4))


def test_two_images_over_one_another_are_darker_or_lighter_than_both(painted_cells: Cells) -> None:
    one, other = painted_cells[0][:2]
    darker = lighter = 0
    for seed in range(12):
        mixed = overlaid(one, other, np.random.default_rng(seed))
        darker += bool((mixed <= np.minimum(one, other) + 1e-6).all())
        lighter += bool((mixed >= np.maximum(one, other) - 1e-6).all())
    assert darker + lighter == 12
    assert darker
    assert lighter


def test_another_exposure_keeps_what_is_redder_redder_and_another_stain_need_not(
    painted_cells: Cells,
) -> None:
    samples = painted_cells[0][:, 1::3, 1::3]
    redder = samples[..., 0] > samples[..., 1]
    for make, kept in ((exposed, True), (recoloured, False)):
        made = make(samples, 0)
        assert bool((made[..., 0] >= made[..., 1])[redder].all()) is kept


def test_bands_know_nothing_of_place(painted_cells: Cells) -> None:
    samples = painted_cells[0][:5, 1::3, 1::3]
    numbers = band_numbers(samples)
    assert numbers.shape == (5, 26)
    assert np.isfinite(numbers).all()
    pixels = samples[:, ::2, ::2].reshape(5, 256, 3)
    mixed = np.repeat(np.repeat(pixels[:, ::-1].reshape(5, 16, 16, 3), 2, axis=1), 2, axis=2)
    # Equally bright pixels may change bands.
    assert np.allclose(band_numbers(mixed), numbers, atol=0.05)
    assert np.isfinite(band_numbers(np.zeros((1, 32, 32, 3), np.uint8))).all()


def test_strangers_are_told_from_a_sets_own_though_some_hide_among_them() -> None:
    rng = np.random.default_rng(0)
    own = rng.normal(0, 1, (400, 6)).astype(np.float32)
    own[:20] += 5
    strange = rng.normal(5, 1.5, (80, 6)).astype(np.float32)
    familiar = rng.normal(0, 1.5, (40, 6)).astype(np.float32)
    told: list[float] = []
    chance = chance_of_strangers(
        own,
        strange,
        familiar,
        np.ones(400, bool),
        (linear, forest(20), forest(40)),
        np.random.default_rng(1),
        told.append,
    )
    assert (chance[:20] > 0.5).all()
    assert (chance[20:] > 0.5).mean() < 0.01
    assert told == sorted(told)
