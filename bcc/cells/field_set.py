"""Photographs of whole fields become a dataset of single cells: found, cut out, brought to one size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from bcc.atomic_files import why_not_written, write_arrays
from bcc.cells.fields import FieldCells, FoundCell, crop, find_cells
from bcc.datasets.classes import UNLABELLED
from bcc.datasets.folders.folder_listing import FolderListing
from bcc.datasets.images.decode import UnreadableImageError, is_image, read_image
from bcc.datasets.unlabelled_images import places_of
from bcc.errors import UserError
from bcc.progress import Progress

COLUMNS = ("field", "x", "y", "width", "height", "kind", "nucleus_area", "red_cell_radius")
"""Columns of the dataset; lengths in pixels of the field."""


@dataclass(frozen=True)
class FieldSet:
    """Cells cut out of fields.

    Attributes:
        images: uint8 (N, size, size, 3).
        cells: what was found, in the order of the images.
        fields: name of the field of each cell.
        radii: radius of a red cell in that field, in its pixels.
        counts: field -> (nucleated cells, platelets), fields without any included.
        skipped: files that could not be read, with the reason.
    """

    images: np.ndarray
    cells: tuple[FoundCell, ...]
    fields: tuple[str, ...]
    radii: tuple[float, ...]
    counts: dict[str, tuple[int, int]]
    skipped: tuple[tuple[str, str], ...]

    def save(self, path: Path) -> None:
        """Write an `.npz` that opens as a dataset without labels, with `COLUMNS`.

        Raises:
            UserError: no cell was found, or the file cannot be written.
        """
        if not len(self.images):
            raise UserError("No cell was found in these fields, so there is nothing to write.")
        rows = []
        for field, cell, radius in zip(self.fields, self.cells, self.radii, strict=True):
            box = [f"{value:.1f}" for value in (cell.x, cell.y, cell.width, cell.height)]
            rows.append([field, *box, cell.kind, f"{cell.nucleus_area:.2f}", f"{radius:.1f}"])
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_arrays(
                path,
                images=self.images,
                labels=np.zeros(len(self.images), np.int64),
                class_names=np.array([UNLABELLED]),
                files=np.array([f"{row[0]} ({row[1]}, {row[2]})" for row in rows]),
                column_names=np.array(COLUMNS),
                column_values=np.array(rows).T,
            )
        except OSError as error:
            raise UserError(why_not_written(error, f"'{path}'")) from error


def cut_fields(
    sources: Sequence[str],
    size: int = 96,
    red_cell_radius: float | None = None,
    platelets: bool = True,
    progress: Progress | None = None,
) -> FieldSet:
    """Find the cells of fields and cut them out.

    Args:
        sources: photographs, folders of them, or patterns.
        size: side of the images made, in pixels.
        red_cell_radius: in pixels of a field; measured on each field when missing.
        platelets: whether platelets are cut out too.
        progress: called with (share done, sentence).

    Raises:
        UserError: there is no photograph.
    """
    places = _photographs(sources)
    skipped: list[tuple[str, str]] = []

    def fields() -> Iterator[tuple[str, np.ndarray, FieldCells]]:
        for place, (name, path) in enumerate(places.items()):
            if progress is not None:
                progress(place / len(places), f"Finding cells in {name}")
            try:
                field = np.ascontiguousarray(read_image(path).pixels)
                yield name, field, find_cells(field, red_cell_radius)
            except (UnreadableImageError, UserError) as reason:
                skipped.append((name, str(reason)))

    found = cut_out(fields(), size, platelets)
    return replace(found, skipped=tuple(skipped))


def cut_out(fields: Iterable[tuple[str, np.ndarray, FieldCells]], size: int, platelets: bool) -> FieldSet:
    """Cut the cells that were found out of their fields.

    Args:
        fields: name, uint8 (H, W, 3), and what was found in each.
        size: side of the images made, in pixels.
        platelets: whether platelets are cut out too.
    """
    images: list[np.ndarray] = []
    cells: list[FoundCell] = []
    names: list[str] = []
    radii: list[float] = []
    counts: dict[str, tuple[int, int]] = {}
    for name, field, found in fields:
        nucleated = sum(cell.kind == "nucleated" for cell in found.cells)
        counts[name] = nucleated, len(found.cells) - nucleated
        for cell in found.cells:
            if cell.kind == "nucleated" or platelets:
                square = crop(field, cell, found.crop_side, found.glass)
                images.append(cv2.resize(square, (size, size), interpolation=cv2.INTER_AREA))
                cells.append(cell)
                names.append(name)
                radii.append(found.red_cell_radius)
    stacked = np.stack(images) if images else np.zeros((0, size, size, 3), np.uint8)
    return FieldSet(stacked, tuple(cells), tuple(names), tuple(radii), counts, ())


def _photographs(sources: Sequence[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for source in sources:
        for place in places_of(source):
            if place.is_dir():
                inside = [path for path in sorted(FolderListing(place).files) if is_image(path[-1])]
                found |= {"/".join(path): place.joinpath(*path) for path in inside}
            elif is_image(place.name):
                found[place.name] = place
    if not found:
        raise UserError("No photograph was found there (jpg, png, bmp, tif or webp).")
    return found
