"""Which folders are taken for classes, on paths alone: no image is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product

import pytest

from bcc.datasets.folders.layout import Layout, UnclearLayoutError
from bcc.datasets.folders.tree import Arrangement, arrange
from bcc.errors import UserError


def tree(*folders: str, images: int = 2) -> list[str]:
    """Folders with images in each."""
    return [f"{folder}/{number}.png" for folder in folders for number in range(images)]


def of(outer: Sequence[str], inner: Sequence[str] = ("A", "B")) -> list[str]:
    """Each outer folder with each inner one."""
    return tree(*(f"{a}/{b}" for a, b in product(outer, inner)))


def read(files: Sequence[str], folders: Sequence[str] = (), layout: str = "") -> Arrangement:
    paths = [tuple(file.split("/")) for file in files]
    return arrange(paths, [tuple(folder.split("/")) for folder in folders], "SET", Layout.parse(layout))


def per_side(found: Arrangement) -> list[int]:
    return [sum(side == one for _, _, side in found.files) for one in range(3)]


FOUR = ("EOSINOPHIL", "LYMPHOCYTE", "MONOCYTE", "NEUTROPHIL")


@pytest.mark.parametrize(
    ("outer", "sides"),
    [
        (("TRAIN", "TEST", "TEST_SIMPLE"), [4, 0, 8]),
        (("Train", "Test-A", "Test-B"), [4, 0, 8]),
        (("train_set", "test_set"), [4, 0, 4]),
        (("TrainingSet", "ValidationSet", "TestSet"), [4, 4, 4]),
        (("01_train", "02_val", "03_test"), [4, 4, 4]),
        (("train", "Dev"), [4, 4, 0]),
        (("trainset", "testset"), [4, 0, 4]),
        (("train images", "valid images"), [4, 4, 0]),
        (("Training", "Validation", "Testing"), [4, 4, 4]),
        (("train_val", "test"), [4, 0, 4]),
        (("data_train", "data_test"), [4, 0, 4]),
        (("TRAIN", "HoldOut"), [4, 0, 4]),
        (("entrenamiento", "validacion", "prueba"), [4, 4, 4]),
        (("train", "test_hospital_3"), [4, 0, 4]),
        (("val", "test"), [0, 4, 4]),
        (("train", "validate"), [4, 4, 0]),
    ],
)
def test_parts_of_a_split_by_any_name(outer: tuple[str, ...], sides: list[int]) -> None:
    found = read(of(outer))
    assert found.class_names == ("A", "B")
    assert per_side(found) == sides
    # All of it is said, with the way to have it otherwise.
    assert all(f"'{part}'" in found.notes[0] for part in outer)
    assert "--layout" in found.notes[0]
    assert read(of([f"images/{one}" for one in outer])).class_names == ("A", "B")


def test_the_best_known_set_on_kaggle() -> None:
    found = read(of([f"images/{side}" for side in ("TRAIN", "TEST", "TEST_SIMPLE")], FOUR))
    assert found.class_names == tuple(name.lower() for name in FOUR)
    assert per_side(found) == [8, 0, 16]


@pytest.mark.parametrize("name", ["test", "docs", "unlabeled", "Unlabelled", "figures", "sample"])
@pytest.mark.parametrize("outer", [("train",), ("train", "val")])
def test_what_stands_beside_a_split_is_left_out_and_said(outer: tuple[str, ...], name: str) -> None:
    found = read(of(outer) + tree(name, images=3))
    assert found.class_names == ("A", "B")
    assert per_side(found)[0] == 4
    assert len(found.files) == 4 * len(outer)
    assert any(f"'{name}' is left out with its 3 images" in note for note in found.notes)
    assert [file for file, _ in found.skipped] == [f"{name}/"]


@pytest.mark.parametrize(
    ("files", "folders"),
    [
        (of(["fold_0", "fold_1", "fold_2"]), "fold_0, fold_1, fold_2"),
        (of(["Original", "Segmented"]), "Original, Segmented"),
        (of(["Dataset 1", "Dataset 2"]), "Dataset 1, Dataset 2"),
        (of(["patient_1", "patient_2", "patient_10"]), "patient_1, patient_2, patient_10"),
        (of(["Munich", "Barcelona"]), "Barcelona, Munich"),
        (of(["cells/site_a", "cells/site_b"]), "site_a, site_b"),
        (tree("lymphoid/B cell", "lymphoid/T cell", "myeloid/neutrophil"), "lymphoid, myeloid"),
    ],
)
def test_a_level_that_may_be_too_high_is_asked(files: list[str], folders: str) -> None:
    with pytest.raises(UnclearLayoutError) as caught:
        read(files)
    assert folders in str(caught.value)
    assert list(caught.value.choices) == ["group/class", "class"]
    assert "--layout group/class" in str(caught.value)
    assert "--layout class" in str(caught.value)
    assert "--layout" not in caught.value.doubt
    for layout in caught.value.choices:
        found = read(files, layout=layout)
        assert len(found.files) == len(files)
    assert ", ".join(read(files, layout="class").class_names) == folders


@pytest.mark.parametrize(
    "files",
    [
        tree("test", "train"),
        tree("A", "B", "test"),
        tree("A", "B", "test/A", "test/B"),
        tree("Dataset 1", "Dataset 2"),
        tree("Original", "Augmented"),
        of(["train_1", "test_1", "train_2", "test_2"]),
        of(["train/patient_1", "train/patient_2", "test/patient_3", "test/patient_4"]),
        of(["Dataset 1/train", "Dataset 1/test", "Dataset 2/train"]),
        of(["test", "hospital"]),
        tree("patient_1/images", "patient_2/images"),
        tree("lymphocyte", "granulocyte/neutrophil", "granulocyte/eosinophil"),
        tree("train/images", "test/images"),
        tree("images"),
        of(["training_data/fold_0", "training_data/fold_1"], ["all", "hem"]) + tree("test_phase/x"),
    ],
)
def test_other_doubts_are_asked_and_every_answer_opens(files: list[str]) -> None:
    with pytest.raises(UnclearLayoutError) as caught:
        read(files)
    assert caught.value.choices
    for layout in caught.value.choices:
        assert f"--layout {layout} (" in str(caught.value)
        assert read(files, layout=layout).files


def test_levels_as_a_person_says() -> None:
    files = of(["train/p1", "train/p2", "test/p3"])
    found = read(files, layout="split/group/class")
    assert (found.class_names, per_side(found)) == (("A", "B"), [8, 0, 4])
    assert read(files, layout="split / Class").class_names == ("p1", "p2", "p3")
    plain = read(of(["train", "test"]), layout="class")
    assert (plain.class_names, plain.files[0][2]) == (("test", "train"), None)
    with pytest.raises(UserError, match=r"folder 'fold_0' is called neither train, validation nor test"):
        read(of(["fold_0", "fold_1"]), layout="split/class")
    with pytest.raises(UserError, match=r"--layout group/class speaks of: its images lie 1 folder deep"):
        read(tree("A", "B"), layout="group/class")


@pytest.mark.parametrize("text", ["split", "class/class", "folder/class", "split/split/class", "/", "class/"])
def test_an_unknown_layout_is_refused(text: str) -> None:
    with pytest.raises(UserError, match=re.escape(f"The layout '{text}' is unknown; say what")):
        Layout.parse(text)


@pytest.mark.parametrize("text", ["", "auto+masks", "class", "split/class", "group/class+masks"])
def test_a_layout_is_written_as_it_is_read(text: str) -> None:
    assert Layout.parse(text).text == text


@pytest.mark.parametrize("around", ["cell_images/", ""])
def test_a_twin_inside_is_read_once(around: str) -> None:
    files = tree(*(f"{around}{one}" for one in ("A", "B", "cell_images/A", "cell_images/B")))
    found = read(files)
    assert found.class_names == ("A", "B")
    assert len(found.files) == 4
    assert found.skipped == [
        ("cell_images/", "left out with its 4 images: it repeats the classes beside it (A, B)")
    ]


def test_spellings_of_one_class_are_one_class() -> None:
    files = tree("train/Eosinophil", "train/lymphocyte", "train/B_cell", images=3)
    files += tree("test/EOSINOPHIL", "test/lymphocyte ", "test/B-cell")
    found = read(files)
    assert found.class_names == ("B_cell", "Eosinophil", "lymphocyte")
    assert per_side(found) == [9, 0, 6]
    said = " ".join(found.notes)
    assert "'EOSINOPHIL' and 'Eosinophil' are taken as one class, 'Eosinophil'" in said
    assert "'lymphocyte' and 'lymphocyte ' are taken as one class, 'lymphocyte'" in said
    assert read(tree("CD4+", "CD4-", "CD4")).class_names == ("CD4", "CD4+", "CD4-")


HELPERS = (
    "Annotations",
    "labels",
    "__pycache__",
    "$RECYCLE.BIN",
    "lost+found",
    "@eaDir",
    "scripts",
    "A/@eaDir",
)


@pytest.mark.parametrize(
    "copy",
    [
        *(
            "A - Copy",
            "A - Copy (2)",
            "A (1)",
            "a (12)",
            "A copy",
            "A copy 2",
            "A_copy",
            "A-copy",
            "A Copy 3",
        ),
        *("A (copy)", "A (another copy)", "A (3rd copy)", "A – Kopie", "A - Kopie (2)", "A.bak", "A_backup"),
        *("Copy of A", "Copy (2) of A", "Kopie von A", "kopie van A", "Copie de A", "A - Cópia", "Kopia A"),
        *("A - Copy - Copy", "Copy of A (1)", "A-copy"),
    ],
)
@pytest.mark.parametrize("around", ["", "train/"])
def test_a_folder_that_looks_like_a_copy_of_a_class_is_said(copy: str, around: str) -> None:
    files = tree(f"{around}A", f"{around}B", f"{around}{copy}") + (tree("test/A") if around else [])
    found = read(files)
    (note,) = [note for note in found.notes if "looks like a copy" in note]
    assert f"'{copy}' looks like a copy of 'A', but is read as a class of its own" in note
    assert "to merge, move the images into 'A'; to leave it out, move the folder away" in note
    assert len(found.class_names) == 3


def test_several_copies_are_one_sentence() -> None:
    (note,) = read(tree("A", "A - Copy", "A (1)", "Kopie von A", "B")).notes
    assert note.startswith("The folders 'A (1)' and 'A - Copy' and 'Kopie von A' look like copies of 'A', ")


@pytest.mark.parametrize(
    "folders",
    [
        ("Type (1)", "Type (2)"),
        ("A", "B copy"),
        ("copy", "A"),
        ("A", "A 2"),
        ("A", "photocopy"),
        ("A", "(1)"),
    ],
)
def test_classes_that_are_no_copies_of_one_another_are_left_alone(folders: tuple[str, ...]) -> None:
    assert read(tree(*folders)).notes == []


@pytest.mark.parametrize("around", ["", "set/"])
@pytest.mark.parametrize("train", [("train",), ("Training",), ("train", "val"), ("train", "docs")])
def test_training_images_in_one_heap_beside_classes_are_one_sentence(
    train: tuple[str, ...], around: str
) -> None:
    files = tree(*(f"{around}{one}" for one in (*train, "test/A", "test/B")))
    with pytest.raises(UnclearLayoutError) as caught:
        read(files)
    heap = train[0].partition("/")[0]
    assert str(caught.value) == (
        f"SET has no class folders in '{heap}', so that its 2 images belong to no class, while 'test' has "
        "the classes A, B; say which: --layout group/class (only the images in 'test' are taken, and "
        f"divided anew for training and testing); or sort the images in '{heap}' into such class folders."
    )
    assert list(caught.value.choices) == ["group/class"]


@pytest.mark.parametrize("inside", ["images", "unknown", "0"])
def test_a_heap_in_a_folder_of_its_own_is_one_sentence(inside: str) -> None:
    with pytest.raises(UserError) as caught:
        read(tree(f"train/{inside}", "test/A", "test/B"))
    assert str(caught.value) == (
        "SET has no class folders in 'train', so that its 2 images belong to no class, while 'test' has "
        "the classes A, B; sort the images in 'train' into such class folders, or move it away."
    )


def test_the_way_on_from_a_heap_reads_the_other_parts() -> None:
    found = read(tree("train", "test/A", "test/B", "val/A"), layout="group/class")
    assert (found.class_names, len(found.files)) == (("A", "B"), 6)
    assert {side for _, _, side in found.files} == {None}
    assert sum(reason == "not inside a class folder" for _, reason in found.skipped) == 2


def test_a_heap_beside_training_classes_is_left_out() -> None:
    found = read(tree("train_1/A", "train_1/B", "train_2", "test/A", "test/B"))
    assert per_side(found) == [4, 0, 4]
    assert any("'train_2' is left out" in note for note in found.notes)


def test_folders_without_images_are_listed_and_no_classes() -> None:
    files = tree("A", "B") + [f"{folder}/notes.txt" for folder in HELPERS]
    # Thumbnails that a network drive makes are no images of the set.
    files += ["@eaDir/thumb.jpg", "A/@eaDir/thumb.jpg"]
    found = read(files, ["val", "val/deeper"])
    assert found.class_names == ("A", "B")
    assert len(found.files) == 4
    assert [folder for folder, _ in found.skipped] == sorted(f"{folder}/" for folder in (*HELPERS, "val"))
    assert dict(found.skipped)["labels/"] == "holds no images"
    assert dict(found.skipped)["A/@eaDir/"] == "a folder of the operating system or of a tool"
    assert "Folders without images of the set are left out:" in found.notes[0]
    # They hide neither a split nor a single folder around.
    assert per_side(read(of(["images/train", "images/test"]), ["images/val", "Annotations"])) == [4, 0, 4]


def test_a_cell_without_images_is_missed() -> None:
    with pytest.raises(UserError, match=r"folder 'monocyte' in SET holds no images.*only 3 .heic files"):
        read([*tree("neutrophil"), *(f"monocyte/{number}.heic" for number in range(3))])
    # A part of a split may lack a class.
    found = read(tree("train/neutrophil", "train/monocyte", "test/neutrophil"), ["test/monocyte"])
    assert per_side(found) == [4, 0, 2]


def test_a_class_that_training_never_sees_is_said() -> None:
    found = read(tree("train/A", "train/B", "test/A", "test/Bs"))
    assert "The train part has no images of 'Bs', which test has" in found.notes[-1]


def test_a_class_may_be_divided_by_itself() -> None:
    found = read(of(["neutrophil", "monocyte"], ["train", "test"]))
    assert (found.class_names, per_side(found)) == (("monocyte", "neutrophil"), [4, 0, 4])


@pytest.mark.parametrize(
    "files",
    [
        tree("A/images", "B/images"),
        of(["neutrophil", "monocyte"], ["slide_1", "slide_2"]),
        tree("A/patient 1", "A", "B/patient 1"),
    ],
)
def test_folders_inside_classes_that_are_plainly_none(files: list[str]) -> None:
    found = read(files)
    assert len(found.class_names) == 2
    assert len(found.files) == len(files)
    assert found.notes


def test_numbers_in_names_count_as_numbers() -> None:
    names = [f"type {number}" for number in (1, 2, 3, 10, 11, 20)]
    assert read(tree(*names)).class_names == tuple(names)


def test_masks_beside_images_are_left_out_unless_told_otherwise() -> None:
    masks = [
        "A/1.png",
        "A/2_mask.png",
        "A/2_seg.PNG",
        "A/3-label.png",
        "A/mask_3.png",
        "A/2_mask_nucleus_1.png",
    ]
    files = ["A/1.bmp", "A/2.jpg", "A/3.tif", *masks, *tree("B")]
    found = read(files)
    assert len(found.files) == 5
    assert sorted(file for file, _ in found.skipped) == sorted(masks)
    assert all(reason.startswith("looks like a mask of ") for _, reason in found.skipped)
    assert "6 files look like masks" in found.notes[0]
    assert len(read(files, layout="auto+masks").files) == 11
    # Without an image beside them the names mean nothing.
    assert len(read(["A/1_mask.png", "B/2_seg.png"]).files) == 2


@pytest.mark.parametrize(
    ("files", "kept"),
    [
        (of(["A", "B"], ["images", "masks"]), 4),
        (of(["images", "masks"]), 4),
        (of(["train", "test", "masks"]), 8),
        (of(["train/images", "train/masks", "test/images", "test/masks"]), 8),
        (tree("A", "B", "Ground Truth"), 4),
        (tree("A", "B", "A_mask", "B-masks"), 4),
        (of(["Main Dataset", "Ground Truth Segmentation"]), 4),
    ],
)
def test_folders_of_masks_are_left_out(files: list[str], kept: int) -> None:
    found = read(files)
    assert (found.class_names, len(found.files)) == (("A", "B"), kept)
    assert any(re.search("looks? like (a )?mask", note) for note in found.notes)


@pytest.mark.parametrize("beside", [("band", "lymphocyte"), ("Stab", "EOS"), ("monocyte",)])
@pytest.mark.parametrize("around", ["", "train/"])
def test_seg_beside_cells_is_the_segmented_neutrophil(beside: tuple[str, ...], around: str) -> None:
    files = tree(*(around + name for name in ("SEG", *beside)))
    found = read(files)
    assert len(found.class_names) == 1 + len(beside)
    assert not found.skipped


@pytest.mark.parametrize(
    "files",
    [
        tree("neutrophil", "monocyte", "seg"),
        tree("A", "B", "seg"),
        tree("basophil", "monocyte", "seg/basophil", "seg/monocyte"),
    ],
)
def test_seg_elsewhere_holds_masks(files: list[str]) -> None:
    assert len(read(files).class_names) == 2


def test_an_endless_name_is_refused() -> None:
    with pytest.raises(UserError, match=r"name of 5,000 letters \(x{40}…") as caught:
        read(tree("x" * 5000, "y"))
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    "flat", ["test/images", "test/unknown", "test/0", "test1/test1", "Test/Unlabeled", "val/all_images"]
)
def test_a_part_with_one_folder_that_is_no_class_is_flat(flat: str) -> None:
    found = read(of(("train",)) + tree(flat))
    assert found.class_names == ("A", "B")
    assert per_side(found) == [4, 0, 0]
    assert any("has no class folders" in note for note in found.notes)


def test_one_class_alone_in_a_part_stays_a_class() -> None:
    assert per_side(read(of(("train",), ("all", "hem")) + tree("test/all"))) == [4, 0, 2]
    assert per_side(read(of(("train",), ("0", "1")) + tree("test/0"))) == [4, 0, 2]
    assert per_side(read(of(("train",)) + tree("test/B"))) == [4, 0, 2]


@pytest.mark.parametrize(
    "files",
    [
        tree("neutrophil_train", "monocyte_train", "neutrophil_test", "monocyte_test"),
        of([f"C-NMC_training_data/fold_{n}" for n in range(3)], ("all", "hem"))
        + tree("C-NMC_test_preliminary"),
    ],
)
def test_train_and_test_in_longer_names_are_no_classes(files: list[str]) -> None:
    with pytest.raises(UnclearLayoutError, match="sounds like a part of a split"):
        read(files)
    assert read(tree("Test positive", "Test negative")).class_names == ("Test negative", "Test positive")
