from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bcc.cells import FEATURE_COUNT, simple_features
from bcc.errors import UserError

PHOTOGRAPHS = Path(__file__).resolve().parents[3] / "shared" / "data" / "pbc"


def noise(count: int, height: int = 96, width: int = 96, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, height, width, 3), dtype=np.uint8)


def stripes(upright: bool) -> np.ndarray:
    wave = np.where(np.arange(96) // 8 % 2, 200, 60).astype(np.uint8)
    plane = np.tile(wave, (96, 1)) if upright else np.tile(wave[:, None], (1, 96))
    return np.repeat(plane[..., None], 3, axis=-1)


@pytest.mark.parametrize("size", [(16, 16), (33, 17), (96, 96), (100, 200)])
def test_every_image_gets_a_row_of_finite_numbers(size: tuple[int, int]) -> None:
    features = simple_features(noise(3, *size))
    assert features.shape == (3, FEATURE_COUNT)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()
    assert len(np.unique(features, axis=0)) == 3


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_plain_image_has_colour_but_no_edges(value: int) -> None:
    features = simple_features(np.full((1, 64, 64, 3), value, dtype=np.uint8))[0]
    histograms = features[:1024].reshape(4, 256)
    assert np.array_equal(histograms.max(axis=1), np.ones(4)), "one colour fills one bin of each histogram"
    assert not features[1024:].any()


def test_the_histograms_are_shares() -> None:
    histograms = simple_features(noise(2))[:, :1024].reshape(2, 4, 256)
    assert np.allclose((histograms**2).sum(axis=-1), 1, atol=1e-5)


def test_a_image_gets_the_same_numbers_in_any_company() -> None:
    images = noise(300)
    together = simple_features(images)
    assert np.array_equal(together, simple_features(images))
    assert np.array_equal(together[137:138], simple_features(images[137:138]))


def test_rows_come_in_the_order_asked_for_from_a_file_on_disk(tmp_path: Path) -> None:
    images = noise(140, 20, 20)
    np.save(tmp_path / "images.npy", images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    rows = np.array([139, 0, 7, 7])
    assert np.array_equal(simple_features(mapped, rows=rows), simple_features(images)[rows])


def test_progress_ends_at_one() -> None:
    seen: list[float] = []
    simple_features(noise(300, 16, 16), lambda share, sentence: seen.append(share))
    assert len(seen) > 1
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_edges_tell_upright_from_level_stripes_and_keep_out_of_the_colours() -> None:
    upright, level = simple_features(np.stack([stripes(True), stripes(False)]))
    assert np.abs(upright[1024:] - level[1024:]).max() > 0.3
    assert np.abs(upright[:512] - level[:512]).max() < 1e-6


def test_orientation_is_the_same_for_dark_on_light_and_light_on_dark() -> None:
    image = stripes(True)
    plain, inverted = simple_features(np.stack([image, 255 - image]))
    blocks = slice(1024, 1024 + 144)
    assert np.abs(plain[blocks] - inverted[blocks]).max() < 0.05


def test_an_edge_is_counted_where_it_is() -> None:
    image = np.full((96, 96, 3), 200, dtype=np.uint8)
    image[:, 40:] = 90
    strength = simple_features(image[None])[0, -36:].reshape(6, 6)
    assert (strength[:, 2] > 0).all()
    assert not np.delete(strength, 2, axis=1).any()


def test_no_rows_give_no_lines() -> None:
    assert simple_features(noise(2), rows=np.array([], dtype=np.int64)).shape == (0, FEATURE_COUNT)


def test_images_that_are_too_small_are_refused_in_a_sentence() -> None:
    with pytest.raises(UserError, match=r"15 x 40 px.*16 px"):
        simple_features(noise(1, 15, 40))


@pytest.mark.parametrize("images", [np.zeros((2, 32, 32), np.uint8), np.zeros((2, 32, 32, 3), np.float32)])
def test_other_arrays_are_a_mistake_in_the_program(images: np.ndarray) -> None:
    with pytest.raises(ValueError, match="uint8"):
        simple_features(images)


@pytest.mark.skipif(not PHOTOGRAPHS.is_dir(), reason="the PBC photographs are not beside the repository")
def test_real_cells_of_two_classes_lie_apart() -> None:
    def some(name: str) -> np.ndarray:
        files = sorted((PHOTOGRAPHS / name).glob("*.jpg"))[:40]
        images = [cv2.imread(str(file))[80:280, 80:280, ::-1] for file in files]
        return simple_features(np.stack(images))

    platelets, neutrophils = some("platelet"), some("neutrophil")
    own = np.linalg.norm(neutrophils[:20] - neutrophils[20:].mean(axis=0), axis=1)
    other = np.linalg.norm(neutrophils[:20] - platelets.mean(axis=0), axis=1)
    assert (own < other).mean() > 0.9
