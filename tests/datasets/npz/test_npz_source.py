from __future__ import annotations

import pickle
import random
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bcc.datasets import CLASS_PRESETS, Dataset, cached_sets, hash_rows, load
from bcc.errors import UserError

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (12, 6, 7, 3), np.uint8)
LABELS = np.arange(12) % 3


def saved(folder: Path, name: str = "set.npz", **arrays: Any) -> Path:
    path = folder / name
    np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
    return path


def loaded(folder: Path, **arrays: Any) -> Dataset:
    return load(saved(folder, **{"images": IMAGES, "labels": LABELS, **arrays}))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    arrays(
        np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 5), st.integers(1, 5), st.sampled_from([1, 3]))
    ),
    st.sampled_from(["int8", "uint16", "int64", ">i4", ">u2"]),
    st.booleans(),
    st.booleans(),
)
def test_what_is_saved_is_what_is_loaded(
    tmp_path: Path, images: np.ndarray, dtype: str, column: bool, fortran: bool
) -> None:
    labels = (np.arange(len(images)) * 7 % 5).astype(dtype)
    stored = np.asfortranarray(images) if fortran else images
    path = saved(tmp_path, images=stored, labels=labels[:, None] if column else labels)
    data = load(path)
    assert (data.images == np.broadcast_to(images, (*images.shape[:3], 3))).all()
    assert data.images.dtype == np.uint8
    assert isinstance(data.images, np.memmap)
    assert not data.images.flags.writeable
    assert data.labels.dtype == np.int64
    assert (data.labels == labels).all()
    assert (data.row_hashes == hash_rows(np.asarray(data.images))).all()
    assert data.class_names == tuple(f"class {i}" for i in range(int(labels.max()) + 1))
    assert (data.split, data.origin, data.skipped) == (None, None, ())


def test_a_set_knows_where_it_came_from(tmp_path: Path) -> None:
    data = loaded(tmp_path)
    assert data.source == "set.npz"
    assert data.location == str(tmp_path / "set.npz")
    assert data.preprocessing.text == "none"
    assert data.image_shape == (6, 7)
    assert not data.is_synthetic


def test_many_pieces_make_one_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = loaded(tmp_path)
    monkeypatch.setattr("bcc.datasets.npz.npz_source.PIECE_BYTES", 300)
    for order in ("C", "F"):
        path = saved(tmp_path, f"{order}.npz", images=np.array(IMAGES, order=order), labels=LABELS)
        path_grey = saved(
            tmp_path, f"{order}g.npz", images=np.array(IMAGES[..., 0], order=order), labels=LABELS
        )
        assert (load(path).images == IMAGES).all()
        assert (load(path_grey).images == IMAGES[..., :1]).all()
        assert load(path).fingerprint == whole.fingerprint


def test_memory_does_not_grow_with_the_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = RNG.integers(0, 256, (3000, 20, 20, 3), np.uint8)
    paths = [saved(tmp_path, images=images, labels=np.zeros(3000, int))]
    paths += [saved(tmp_path, "f.npz", images=np.asfortranarray(images), labels=np.zeros(3000, int))]
    size = images.nbytes
    del images
    monkeypatch.setattr("bcc.datasets.npz.npz_source.PIECE_BYTES", 2**17)
    monkeypatch.setattr("bcc.datasets.npz.npy_member._COPY_BYTES", 2**17)
    load(saved(tmp_path, "small.npz", images=IMAGES, labels=LABELS))  # imports are not counted
    for path in paths:
        tracemalloc.start()
        try:
            load(path)
            assert tracemalloc.get_traced_memory()[1] < size / 3
        finally:
            tracemalloc.stop()


def test_a_compressed_file_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "packed.npz"
    np.savez_compressed(path, images=IMAGES, labels=LABELS)
    assert (load(path).images == IMAGES).all()


def test_grey_images_become_rgb(tmp_path: Path) -> None:
    data = loaded(tmp_path, images=IMAGES[..., 0])
    assert data.images.shape == IMAGES.shape
    assert (data.images == IMAGES[..., :1]).all()


def test_preprocessing_is_applied(tmp_path: Path) -> None:
    path = saved(tmp_path, images=IMAGES, labels=LABELS)
    data = load(path, preprocessing="resize:8")
    assert data.images.shape == (12, 8, 8, 3)
    assert (data.images == data.preprocessing.apply_batch(IMAGES)).all()
    assert load(path).fingerprint != data.fingerprint


def test_names_split_and_origin_are_read(tmp_path: Path) -> None:
    data = loaded(
        tmp_path,
        class_names=np.array(["blast", "cell", "Ångström"]),
        split=np.array(["train"] * 6 + ["val", "Validation", "test", "TEST", "", "none"]),
        origin=np.r_[np.full(11, -1), 40],
    )
    assert data.class_names == ("blast", "cell", "Ångström")
    assert data.split is not None
    assert data.split.tolist() == [0] * 6 + [1, 1, 2, 2, -1, -1]
    assert data.split.dtype == np.int8
    assert data.origin is not None
    assert data.origin.tolist() == [-1] * 11 + [40]


@pytest.mark.parametrize("dtype", ["int8", "int64", ">i2"])
def test_a_split_may_be_numbers(tmp_path: Path, dtype: str) -> None:
    data = loaded(tmp_path, split=(np.arange(12) % 4 - 1).astype(dtype)[:, None])
    assert data.split is not None
    assert data.split.tolist() == (np.arange(12) % 4 - 1).tolist()


def test_text_may_be_bytes(tmp_path: Path) -> None:
    data = loaded(tmp_path, class_names=np.char.encode(["ä", "b", "c"], "utf-8"))
    assert data.class_names == ("ä", "b", "c")
    path = saved(tmp_path, "s.npz", images=IMAGES, labels=LABELS, split=np.array([b"train", b"test"] * 6))
    assert load(path).split.tolist() == [0, 2] * 6  # type: ignore[union-attr]


def test_classes_without_rows_at_the_end_are_kept(tmp_path: Path) -> None:
    assert loaded(tmp_path, class_names=["a", "b", "c", "d"]).class_names == ("a", "b", "c", "d")


def test_a_set_of_one_class_can_be_looked_at(tmp_path: Path) -> None:
    assert loaded(tmp_path, labels=np.zeros(12, int)).class_names == ("class 0",)


WORDS = np.array(["lymphocyte", "basophil", "ig"])


@pytest.mark.parametrize("kind", ["U", "S"])
@pytest.mark.parametrize("column", [False, True])
def test_text_labels_name_the_classes(tmp_path: Path, kind: str, column: bool) -> None:
    words = WORDS[LABELS].astype(kind)
    data = loaded(tmp_path, labels=words[:, None] if column else words)
    # In the order of the alphabet, as folders would be; PBC's short name is written out.
    assert data.class_names == ("basophil", "immature granulocyte", "lymphocyte")
    assert data.labels.tolist() == np.array([2, 0, 1])[LABELS].tolist()
    assert "holds text, which names the classes" in data.notes[0]


def test_text_labels_in_several_spellings_are_one_class(tmp_path: Path) -> None:
    data = loaded(tmp_path, labels=["Blast", "BLAST", "Blast ", "Blast", "cell 2", "cell 10"] * 2)
    assert data.class_names == ("Blast", "cell 2", "cell 10")
    assert data.labels.tolist() == [0, 0, 0, 0, 1, 2] * 2
    assert "'BLAST' and 'Blast' are taken as one class, 'Blast'" in " ".join(data.notes)


def test_text_labels_follow_the_names_in_the_file(tmp_path: Path) -> None:
    names = ["ig", "basophil", "lymphocyte", "none of these"]
    data = loaded(tmp_path, labels=WORDS[LABELS], class_names=names)
    assert data.class_names == tuple(names)
    assert data.labels.tolist() == np.array([2, 1, 0])[LABELS].tolist()
    digits = load(saved(tmp_path, "d.npz", images=IMAGES, labels=LABELS.astype(str), class_names=list("abc")))
    assert (digits.labels == LABELS).all()


@pytest.mark.parametrize("dtype", ["int8", "bool", "float32"])
def test_one_hot_labels_are_understood(tmp_path: Path, dtype: str) -> None:
    data = loaded(tmp_path, labels=np.eye(4)[LABELS].astype(dtype))
    assert data.labels.tolist() == LABELS.tolist()
    assert "is one-hot" in data.notes[0]


def test_labels_that_begin_at_one(tmp_path: Path) -> None:
    data = loaded(tmp_path, labels=LABELS + 1)
    assert data.class_names == ("class 1", "class 2", "class 3")
    assert data.labels.tolist() == LABELS.tolist()
    assert "has the numbers 1, 2, 3" in data.notes[0]
    assert load(data.location, classes="a,b,c").class_names == ("a", "b", "c")
    # A list that begins with class 0 is told by its length.
    assert load(data.location, classes="none,a,b,c").class_names == ("a", "b", "c")
    named = load(saved(tmp_path, "n.npz", images=IMAGES, labels=LABELS + 1, class_names=list("abc")))
    assert (named.class_names, named.labels.tolist()) == (("a", "b", "c"), LABELS.tolist())
    assert "counts the classes from 1" in named.notes[0]


def test_labels_that_could_count_from_zero_or_one_are_said(tmp_path: Path) -> None:
    named = loaded(tmp_path, labels=LABELS + 1, class_names=list("abcd"))
    assert (named.class_names, named.labels.tolist()) == (tuple("abcd"), (LABELS + 1).tolist())
    (note,) = named.notes
    assert "counted from 0, 1 is taken as 'b' and 'a' has no images" in note
    command = note.partition("anew with ")[2].removesuffix(".")
    names = {"labels": LABELS + 1}
    exec(command, names)
    again = load(
        saved(tmp_path, "again.npz", images=IMAGES, labels=names["labels"], class_names=list("abcd"))
    )
    assert (again.labels.tolist(), again.notes) == (LABELS.tolist(), ())
    # As digits in text, and from a higher number.
    text = loaded(tmp_path, labels=(LABELS + 1).astype(str), class_names=list("abcd"))
    assert "could count the classes from 0 or from 1" in text.notes[0]
    higher = loaded(tmp_path, labels=LABELS + 2, class_names=list("abcde"))
    assert "2 is taken as 'c'" in higher.notes[0]
    assert "If 2 means 'b'" in higher.notes[0]
    # The places in one-hot rows leave no doubt.
    one_hot = loaded(tmp_path, labels=np.eye(4, dtype=int)[LABELS + 1], class_names=list("abcd"))
    assert not any("could count" in note for note in one_hot.notes)


def test_labels_with_gaps(tmp_path: Path) -> None:
    few = loaded(tmp_path, labels=np.array([0, 2, 5])[LABELS])
    assert few.class_names == tuple(f"class {number}" for number in range(6))
    assert "no image with the class numbers 1, 3, 4" in few.notes[0]
    assert load(few.location, classes="pbc").class_names[few.labels[2]] == "monocyte"
    codes = load(saved(tmp_path, "codes.npz", images=IMAGES, labels=np.array([0, 100, 255])[LABELS]))
    assert codes.class_names == ("class 0", "class 100", "class 255")
    assert codes.labels.tolist() == LABELS.tolist()


@pytest.mark.parametrize("labels", [LABELS - 1, LABELS * 10_000, [-7, 3] * 6])
def test_the_command_that_is_given_works(tmp_path: Path, labels: Any) -> None:
    with pytest.raises(UserError, match="number the classes from 0: ") as caught:
        loaded(tmp_path, labels=labels)
    command = str(caught.value).partition("from 0: ")[2].removesuffix(".")
    names = {"numpy": np, "labels": np.array(labels)}
    exec(command, names)
    again = load(saved(tmp_path, "again.npz", images=IMAGES, labels=names["labels"]))
    assert len(again.class_names) == len(np.unique(labels))


@pytest.mark.parametrize(
    ("images", "error"),
    [
        (IMAGES / 255, 0),
        ((IMAGES / 127.5 - 1).astype(np.float32), 1),
        (IMAGES.astype(np.float32), 0),
        (IMAGES.astype(np.int64), 0),
        (IMAGES.astype(np.uint16) * 16, 1),
        (IMAGES > 127, 128),
    ],
)
def test_the_command_that_makes_bytes_keeps_the_images(
    tmp_path: Path, images: np.ndarray, error: int
) -> None:
    with pytest.raises(UserError, match="expected uint8") as caught:
        loaded(tmp_path, images=images)
    command = str(caught.value).partition("convert with ")[2].removesuffix(".")
    again = load(saved(tmp_path, "again.npz", images=eval(command, {"images": images}), labels=LABELS))
    assert np.abs(np.asarray(again.images, int) - IMAGES).max() <= error


@pytest.mark.parametrize("key", ["classes", "label_names", "target_names"])
def test_names_of_classes_by_another_key_are_read_and_said(tmp_path: Path, key: str) -> None:
    found = loaded(tmp_path, **{key: np.array(["blast", "mature", "other"])})
    assert found.class_names == ("blast", "mature", "other")
    assert any(f"'{key}'" in note for note in found.notes)
    assert loaded(tmp_path, **{key: np.array(["row"] * 12)}).class_names[0] == "class 0"


def test_an_endless_label_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="such as inf"):
        loaded(tmp_path, labels=np.where(LABELS == 1, np.inf, LABELS))


@pytest.mark.parametrize(
    ("images", "labels"),
    [("X", "y"), ("x", "y"), ("image", "label"), ("imgs", "targets"), ("data", "target"), ("arr_0", "arr_1"),
     ("arr_1", "arr_0"), ("pictures", "classIds"), ("image_data", "image_labels"), ("images", "y")],
)  # fmt: skip
def test_other_names_of_images_and_labels(tmp_path: Path, images: str, labels: str) -> None:
    data = load(saved(tmp_path, **{images: IMAGES, labels: LABELS}))
    assert (data.images == IMAGES).all()
    assert (data.labels == LABELS).all()
    assert data.split is None
    assert data.notes == (f"Read '{images}' as the images and '{labels}' as their labels.",)


@pytest.mark.parametrize(
    "keys",
    [("x_train", "y_train", "x_test", "y_test"), ("X_train", "y_train", "X_test", "y_test"),
     ("train_x", "train_y", "test_x", "test_y"), ("xtrain", "ytrain", "xtest", "ytest"),
     ("train_data", "train_labels", "test_data", "test_labels"),
     ("train_set_x", "train_set_y", "test_set_x", "test_set_y"),
     ("images_train", "labels_train", "images_test", "labels_test"),
     ("trainImages", "trainLabels", "testImages", "testLabels")],
)  # fmt: skip
def test_other_names_of_the_sides(tmp_path: Path, keys: tuple[str, ...]) -> None:
    words = WORDS[LABELS]
    values = (IMAGES[:8], words[:8], IMAGES[8:], words[8:])
    data = load(saved(tmp_path, **dict(zip(keys, values, strict=True))))
    assert (data.images == IMAGES).all()
    assert data.class_names == ("basophil", "immature granulocyte", "lymphocyte")
    assert data.split is not None
    assert data.split.tolist() == [0] * 8 + [2] * 4
    assert all(f"'{key}'" in data.notes[0] for key in keys)


def test_a_test_part_without_labels_is_left_out_and_said(tmp_path: Path) -> None:
    data = load(saved(tmp_path, x_train=IMAGES, y_train=LABELS, x_test=IMAGES[:3]))
    assert len(data) == 12
    assert "'x_test' in set.npz has no labels and is left out" in " ".join(data.notes)
    with pytest.raises(UserError, match=r"set.npz has no labels for 'x_val'"):
        load(saved(tmp_path, x_train=IMAGES, y_train=LABELS, x_val=IMAGES[:3]))


def test_several_arrays_that_could_be_meant_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"several arrays that could be its images \(X, imgs\)"):
        load(saved(tmp_path, X=IMAGES, imgs=IMAGES, y=LABELS))
    with pytest.raises(UserError, match=r"text in one part and numbers in another"):
        load(saved(tmp_path, x_train=IMAGES, y_train=LABELS, x_val=IMAGES, y_val=WORDS[LABELS]))


def test_an_origin_in_a_larger_set_is_believed(tmp_path: Path) -> None:
    data = loaded(tmp_path, origin=np.full(12, 13_758))
    assert data.origin is not None
    assert data.origin.tolist() == [13_758] * 12


def test_a_small_file_that_unpacks_to_gigabytes_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bcc.datasets.zips.HARMLESS_TOTAL", 10**6)
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, images=np.zeros((400, 64, 64, 3), np.uint8), labels=np.zeros(400, int))
    with pytest.raises(UserError, match=r"bomb.npz is refused: it would unpack to .* times its size"):
        load(path)
    assert cached_sets() == []


def medmnist(grey: bool = False) -> dict[str, np.ndarray]:
    sides = {"train": slice(0, 7), "val": slice(7, 9), "test": slice(9, 12)}
    images = IMAGES[..., 0] if grey else IMAGES
    parts = {f"{side}_images": images[rows] for side, rows in sides.items()}
    return parts | {f"{side}_labels": LABELS[rows][:, None].astype(np.uint8) for side, rows in sides.items()}


@pytest.mark.parametrize("grey", [False, True])
def test_medmnist_keeps_its_split(tmp_path: Path, grey: bool) -> None:
    data = load(saved(tmp_path, "organmnist.npz", **medmnist(grey)))
    assert (data.images == (IMAGES[..., :1] if grey else IMAGES)).all()
    assert (data.labels == LABELS).all()
    assert data.split is not None
    assert data.split.tolist() == [0] * 7 + [1] * 2 + [2] * 3
    assert data.class_names == ("class 0", "class 1", "class 2")


def test_medmnists_blood_gets_its_names(tmp_path: Path) -> None:
    assert load(saved(tmp_path, "bloodmnist_64.npz", **medmnist())).class_names == CLASS_PRESETS["pbc"]
    # Nine classes are not PBC's, whatever the file is called.
    parts = medmnist() | {"test_labels": np.array([[8], [0], [1]])}
    assert load(saved(tmp_path, "bloodmnist_28.npz", **parts)).class_names[8] == "class 8"


def test_medmnist_without_validation_is_fine(tmp_path: Path) -> None:
    parts = {key: value for key, value in medmnist().items() if not key.startswith("val")}
    data = load(saved(tmp_path, **parts))
    assert data.split is not None
    assert sorted(set(data.split.tolist())) == [0, 2]


OBJECTS = np.empty(12, object)
OBJECTS[:] = [IMAGES[0]] * 12

BAD = [
    ({"images": None}, r"no 'images' \(it holds labels\)"),
    ({"labels": None}, r"no 'labels' \(it holds images\)"),
    ({"images": None, "labels": None, "x": LABELS}, r"no 'images' \(it holds x\)"),
    ({"images": IMAGES / 255}, "'images' in set.npz holds float64 values, expected uint8"),
    ({"images": IMAGES.astype(np.int64)}, "holds int64 values, expected uint8"),
    ({"images": np.concatenate([IMAGES, IMAGES[..., :1]], axis=3)}, r"\(12, 6, 7, 4\).*drop the alpha"),
    ({"images": IMAGES.transpose(0, 3, 1, 2)}, r"\(12, 3, 6, 7\).*channels last"),
    ({"images": IMAGES[0, 0]}, r"shape \(7, 3\): expected \(N, H, W, 3\)"),
    ({"images": IMAGES[:0], "labels": LABELS[:0]}, "holds no images"),
    ({"images": IMAGES[:, :0]}, "no pixels"),
    ({"images": OBJECTS}, "'images' in set.npz is a pickled object array"),
    ({"labels": LABELS.astype(object)}, "'labels' in set.npz is a pickled object array"),
    ({"labels": LABELS.astype(float)}, "'labels' in set.npz holds float64 values.*astype"),
    ({"labels": LABELS > 0}, "'labels' in set.npz holds bool values"),
    ({"labels": LABELS[:11]}, "11 values for 12 images"),
    ({"labels": np.eye(12) / 2}, r"shape \(12, 12\), expected \(12,\) or \(12, 1\), or one-hot.*argmax"),
    ({"labels": np.ones((12, 2), int)}, r"one-hot rows with a single 1 each"),
    ({"labels": LABELS + 0.5}, r"'labels' in set.npz holds float64 values such as 0.5"),
    ({"labels": ["a"] * 11 + [" "]}, "'labels' in set.npz has no text at row 11"),
    (
        {"labels": ["a"] * 11 + ["d"], "class_names": ["a", "b", "c"]},
        "has 'd', which is not among its 'class",
    ),
    ({"labels": np.zeros(12, "V0")}, "'labels' in set.npz holds values without any bytes"),
    (
        {"labels": np.full(12, 0x110000, np.uint32).view("U1")},
        "'labels' in set.npz holds letters that are no",
    ),
    ({"labels": LABELS - 1}, "from -1 to 1, expected class numbers from 0"),
    ({"labels": LABELS + 9_997}, "from 9997 to 9999.*at most 9998"),
    ({"labels": np.full(12, 2**64 - 1, np.uint64)}, "18446744073709551615"),
    ({"class_names": ["a", "b"]}, "class number 2, but 'class_names' has only 2 names"),
    ({"class_names": ["a", "b", "a"]}, "'a' twice"),
    ({"class_names": np.array(["a", "b", None])}, "'class_names' in set.npz must be a list"),
    ({"class_names": np.array(b"\xff\xfe")}, "'class_names' in set.npz must be a list"),
    ({"class_names": np.array([b"\xff", b"\xff", b"c"])}, "'class_names' in set.npz has .* twice"),
    ({"split": ["train"] * 11 + ["holdout"]}, "'split' in set.npz has 'holdout', expected train"),
    ({"split": np.full(12, 3)}, "'split' in set.npz has 3"),
    ({"split": np.zeros(12)}, "'split' in set.npz has float64 values"),
    ({"split": np.zeros(5, int)}, "5 values for 12 images"),
    ({"origin": np.full(12, -2)}, "'origin' in set.npz must hold whole numbers"),
    ({"origin": np.zeros(12)}, "'origin' in set.npz must hold whole numbers"),
    ({"origin": np.full(12, 10**9)}, "'origin' in set.npz has 1000000000, which can be no row"),
    ({"origin": np.full(12, 2**64 - 1, np.uint64)}, "'origin' in set.npz has 18446744073709551615"),
]


@pytest.mark.parametrize(("change", "words"), BAD)
def test_bad_arrays_are_refused_in_one_sentence(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words) as caught:
        loaded(tmp_path, **change)
    assert "set.npz" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_medmnist_must_be_whole_and_of_one_size(tmp_path: Path) -> None:
    parts = medmnist()
    with pytest.raises(UserError, match="no 'val_labels'"):
        load(saved(tmp_path, "a.npz", **{k: v for k, v in parts.items() if k != "val_labels"}))
    small = parts | {"val_images": parts["val_images"][:, :5]}
    with pytest.raises(UserError, match=r"'train_images' and 'val_images'.*resize:96"):
        load(saved(tmp_path, "b.npz", **small))
    assert len(load(tmp_path / "b.npz", preprocessing="resize:8")) == 12
    many = {k: np.repeat(v, 14, axis=1) if "labels" in k else v for k, v in parts.items()}
    with pytest.raises(UserError, match=r"'train_labels' in c.npz has shape \(7, 14\)"):
        load(saved(tmp_path, "c.npz", **many))


@pytest.mark.parametrize("kind", ["<U0", "|S0", "|V0"])
@pytest.mark.parametrize("key", ["images", "labels", "class_names", "split", "origin"])
def test_values_without_bytes_are_refused(tmp_path: Path, key: str, kind: str) -> None:
    path = tmp_path / "set.npz"
    shape = {"images": (12, 6, 7, 3), "class_names": (3,)}.get(key, (12,))
    with zipfile.ZipFile(path, "w") as file:
        for name, values in {"images": IMAGES, "labels": LABELS}.items():
            if name != key:
                with file.open(f"{name}.npy", "w") as member:
                    np.lib.format.write_array(member, values)
        with file.open(f"{key}.npy", "w") as member:
            header = {"descr": kind, "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(member, header)
    with pytest.raises(UserError, match=f"'{key}' in set.npz holds values without any bytes"):
        load(path)


class Trap:
    """Unpickling this leaves a trace."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


def test_nothing_is_ever_unpickled(tmp_path: Path) -> None:
    trap = np.empty(12, object)
    trap[:] = Trap(tmp_path / "sprung")
    for number, key in enumerate(("images", "labels", "class_names", "split", "origin")):
        with pytest.raises(UserError):
            load(saved(tmp_path, f"{number}.npz", **({"images": IMAGES, "labels": LABELS} | {key: trap})))
    # An array under any other name is not looked at.
    load(saved(tmp_path, "other.npz", images=IMAGES, labels=LABELS, notes=trap))
    raw = tmp_path / "raw.npz"
    raw.write_bytes(pickle.dumps(Trap(tmp_path / "sprung")))
    with pytest.raises(UserError, match=r"no complete .npz"):
        load(raw)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_file_cut_short_is_refused(tmp_path: Path, share: float) -> None:
    path = saved(tmp_path, images=IMAGES, labels=LABELS)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(UserError, match=r"set.npz is no complete .npz file.*copy it again"):
        load(path)


def test_a_member_that_is_shorter_than_its_header_says_is_refused(tmp_path: Path) -> None:
    whole = saved(tmp_path, images=IMAGES, labels=LABELS)
    path = tmp_path / "short.npz"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        new.writestr("images.npy", old.read("images.npy")[:-5])
        new.writestr("labels.npy", old.read("labels.npy"))
    with pytest.raises(UserError, match=r"short.npz is no complete .npz file .* at 'images'"):
        load(path)


def test_changed_pixels_are_noticed(tmp_path: Path) -> None:
    path = saved(tmp_path, images=IMAGES, labels=LABELS)
    data = bytearray(path.read_bytes())
    data[data.index(IMAGES.tobytes()) + 50] ^= 1
    path.write_bytes(data)
    with pytest.raises(UserError, match="at 'images'"):
        load(path)


def test_damage_anywhere_is_a_sentence_or_harmless(tmp_path: Path) -> None:
    said = []
    for packed in (False, True):
        path = tmp_path / "fuzz.npz"
        (np.savez_compressed if packed else np.savez)(path, images=IMAGES[:2, :2, :2], labels=LABELS[:2])
        whole = path.read_bytes()
        draw = random.Random(packed)
        for _ in range(150):
            data = bytearray(whole)
            for _ in range(draw.choice([1, 1, 4])):
                data[draw.randrange(len(data))] = draw.randrange(256)
            path.write_bytes(data)
            try:
                load(path)
            except UserError as error:
                said.append(str(error))
    assert said
    assert not any("\n" in sentence for sentence in said)
