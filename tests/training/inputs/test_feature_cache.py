from __future__ import annotations

import errno
import os
import time
from typing import Any

import numpy as np
import pytest

from bcc.errors import UserError
from bcc.training.inputs.feature_cache import FeatureStore, features_folder, make_room

SLOTS, SHAPE = 50, (3, 2)


def features_of(slots: np.ndarray) -> np.ndarray:
    """What the trunk would say: a function of the slot alone."""
    return (slots[:, None, None] + np.arange(6).reshape(SHAPE) / 8).astype(np.float32)


@pytest.fixture
def store() -> FeatureStore:
    return FeatureStore("key", SLOTS, SHAPE)


def test_what_was_computed_is_read_back(store: FeatureStore) -> None:
    wanted = np.array([3, 7, 8, 49])
    assert not store.open(wanted).any()
    assert store.fill(wanted, features_of, at_once=3) == 4
    assert store.open(wanted).all()
    np.testing.assert_array_equal(store.reader()[wanted], features_of(wanted))


def test_only_what_is_missing_is_computed(store: FeatureStore) -> None:
    asked: list[int] = []

    def compute(slots: np.ndarray) -> np.ndarray:
        asked.extend(slots)
        return features_of(slots)

    store.fill(np.arange(10), compute, at_once=1)
    again = FeatureStore("key", SLOTS, SHAPE)
    assert again.fill(np.arange(5, 15), compute, at_once=1) == 5
    assert asked == list(range(15))


@pytest.mark.parametrize("damage", ["flipped", "shortened", "no sums", "torn sums"])
def test_damage_is_found_and_mended(store: FeatureStore, damage: str) -> None:
    wanted = np.arange(SLOTS)
    store.fill(wanted, features_of)
    path, sums = store.folder / "features.bin", store.folder / "sums.npy"
    if damage == "flipped":
        content = bytearray(path.read_bytes())
        content[10 * store.slot_bytes + 5] ^= 1
        path.write_bytes(content)
    elif damage == "shortened":
        os.truncate(path, 100)
    elif damage == "no sums":
        sums.unlink()
    else:
        sums.write_bytes(sums.read_bytes()[:60])
    assert (~store.open(wanted)).sum() == (1 if damage == "flipped" else SLOTS)
    store.fill(wanted, features_of)
    np.testing.assert_array_equal(store.reader(), features_of(wanted))


def test_a_crash_amid_computing_leaves_nothing_false(store: FeatureStore) -> None:
    def crash(slots: np.ndarray) -> np.ndarray:
        if slots[0] >= 20:
            raise RuntimeError
        return features_of(slots)

    with pytest.raises(RuntimeError):
        store.fill(np.arange(SLOTS), crash, at_once=10)
    there = store.open(np.arange(SLOTS))
    store.fill(np.arange(SLOTS), features_of)
    assert not there[20:].any()
    np.testing.assert_array_equal(store.reader(), features_of(np.arange(SLOTS)))


def test_a_full_disk_is_one_sentence(store: FeatureStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.fill(np.arange(5), features_of)

    def full(slots: np.ndarray) -> np.ndarray:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(UserError, match=r"^The disk is full: 'features.bin' could not be written to"):
        store.fill(np.arange(10), full)
    assert store.open(np.arange(5)).all()


def filled(key: str, used_at: float) -> FeatureStore:
    store = FeatureStore(key, SLOTS, (4096,))
    store.fill(np.arange(SLOTS), lambda slots: np.ones((len(slots), 4096), np.float32))
    os.utime(store.folder, (used_at, used_at))
    return store


def test_the_longest_unused_go_first() -> None:
    now = time.time()
    stores = {key: filled(key, now - age) for key, age in (("new", 10), ("old", 1000), ("older", 2000))}
    size = SLOTS * 4 * 4096
    make_room(size, budget=round(3.2 * size), keep={"older"})
    assert {path.name for path in features_folder().iterdir() if path.is_dir()} == {"new", "older"}
    make_room(size, budget=round(3.2 * size))
    assert stores["new"].open(np.arange(SLOTS)).all()


def test_what_another_process_fills_stays() -> None:
    store = filled("busy", time.time() - 1000)
    with store.lock():
        make_room(10, budget=1000)
        assert store.open(np.arange(SLOTS)).all()
    make_room(10, budget=1000)
    assert not store.folder.exists()


def test_what_cannot_fit_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match=r"takes 3.0 GB, more than cache_gigabytes \(2\) allows"):
        make_room(3 * 10**9, budget=2 * 10**9)

    class Usage:
        free = 5 * 10**8

    monkeypatch.setattr("bcc.training.inputs.feature_cache.shutil.disk_usage", lambda _: Usage)
    with pytest.raises(UserError, match=r"takes 1.0 GB and the disk of .* has 0.5 GB left: make room"):
        make_room(10**9, budget=2 * 10**9)


def test_two_that_fill_at_once_do_the_work_once() -> None:
    import threading

    store, calls, results = FeatureStore("shared", SLOTS, SHAPE), [], []

    def compute(slots: np.ndarray) -> Any:
        calls.append(len(slots))
        time.sleep(0.02)
        return features_of(slots)

    def fill() -> None:
        results.append(FeatureStore("shared", SLOTS, SHAPE).fill(np.arange(SLOTS), compute, at_once=25))

    threads = [threading.Thread(target=fill) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [0, 0, SLOTS]
    assert calls == [25, 25]
    assert store.open(np.arange(SLOTS)).all()
