"""Images in a folder or a zip, one folder per class, as a source for the conversion.

Two threads decode and preprocess (Pillow and OpenCV release Python's lock), a few images ahead of the
writer and in a fixed order. Nothing of a zip is ever unpacked to disk: entries are read one by one.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import numpy as np

from bcc.datasets.conversion import PIECE_BYTES, Piece
from bcc.datasets.folders.tree import Arrangement, Parts
from bcc.datasets.images.bit_depth import Kind
from bcc.datasets.images.decode import (
    DEEP_SUFFIXES,
    DecodedImage,
    UnreadableImageError,
    check_not_tiny,
    depth_of_file,
    read_image,
    whites_of,
)
from bcc.errors import UserError
from bcc.safe_text import encodable

THREADS = 2
_AHEAD = 2


class ImagePreprocessing(Protocol):
    """Interface of a fixed transform from an image of any size to one that is stored or predicted."""

    @property
    def kind(self) -> str:
        """ "none" where images are left alone."""
        ...

    def apply(self, image: np.ndarray) -> np.ndarray:
        """uint8 (H, W, 3) RGB -> (h, w, 3)."""
        ...


class ImageFiles:
    """Decoded images of an arrangement, in its order."""

    def __init__(
        self,
        arrangement: Arrangement,
        fetch: Callable[[Parts], Path | bytes],
        preprocessing: ImagePreprocessing,
        name: str,
    ) -> None:
        """Prepare to read.

        Args:
            arrangement: which file is in which class.
            fetch: gives a file's path or bytes; called from several threads.
            preprocessing: applied to every image.
            name: of the folder or zip, for messages.
        """
        self._arrangement, self._fetch, self._preprocessing = arrangement, fetch, preprocessing
        self._name = name
        self.rows = len(arrangement.files)
        self.class_names = tuple(map(encodable, arrangement.class_names))
        self.skipped = [(encodable(file), reason) for file, reason in arrangement.skipped]
        self.notes = list(arrangement.notes)
        names = dict.fromkeys(name for values in arrangement.about.values() for name in values)
        self.columns: dict[str, list[str]] = {encodable(name): [] for name in names}

    def pieces(self) -> Iterator[Piece]:
        """Yield all readable images in order.

        Raises:
            UserError: no image of a class can be read.
        """
        is_split = bool(self._arrangement.files) and self._arrangement.files[0][2] is not None
        images: list[np.ndarray] = []
        labels: list[int] = []
        sides: list[int] = []
        files: list[str] = []
        found: set[int] = set()
        assumed: Counter[str] = Counter()
        seen = 0

        def piece() -> Piece:
            split = np.array(sides, np.int8) if is_split else None
            stacked = self._stack(images)
            return Piece(stacked, np.array(labels, np.int64), split, None, seen, tuple(files))

        for (path, label, side), image in zip(self._arrangement.files, self._decoded(), strict=True):
            seen += 1
            if isinstance(image, UnreadableImageError):
                self.skipped.append((encodable("/".join(path)), str(image)))
                continue
            images.append(image.pixels)
            assumed.update(image.notes)
            files.append(encodable("/".join(path)))
            about = self._arrangement.about.get(path, {})
            for name, values in self.columns.items():
                values.append(encodable(about.get(name, "")))
            labels.append(label)
            sides.append(-1 if side is None else side)
            found.add(label)
            if len(images) * image.pixels.nbytes >= PIECE_BYTES or seen >= 256:
                yield piece()
                images, labels, sides, files, seen = [], [], [], [], 0
        if images:
            yield piece()
        self.notes += [f"{count:,} of the images: {note}." for note, count in assumed.most_common()]
        missing = [name for label, name in enumerate(self.class_names) if label not in found]
        if missing and found:
            raise UserError(
                f"No image of the class '{missing[0]}' in {self._name} can be read; replace them or remove "
                "the folder."
            )

    def write_companions(self, folder: Path) -> None:
        """Do nothing: folders have only images."""

    def close(self) -> None:
        """Do nothing: no file is open."""

    def _stack(self, images: list[np.ndarray]) -> np.ndarray:
        sizes = {image.shape for image in images}
        if len(sizes) > 1:
            (height, width, _), (other_height, other_width, _) = sorted(sizes)[0], sorted(sizes)[-1]
            raise UserError(
                f"The images in {self._name} differ in size ({width} x {height} and {other_width} x "
                f"{other_height} px); choose a preprocessing such as resize:96 to bring them to one."
            )
        return np.stack(images)

    def _decoded(self) -> Iterator[DecodedImage | UnreadableImageError]:
        with ThreadPoolExecutor(THREADS) as pool:
            paths = [path for path, _, _ in self._arrangement.files]
            whites = self._whites(pool, paths)

            def work(path: Parts) -> DecodedImage | UnreadableImageError:
                try:
                    read = read_image(self._fetch(path), whites)
                    if self._preprocessing.kind != "none":
                        check_not_tiny(read.pixels)
                    return DecodedImage(self._preprocessing.apply(read.pixels), read.notes)
                except UnreadableImageError as reason:
                    return reason

            waiting: deque[Future[DecodedImage | UnreadableImageError]] = deque()
            try:
                for path in paths:
                    waiting.append(pool.submit(work, path))
                    if len(waiting) > _AHEAD:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def _whites(self, pool: ThreadPoolExecutor, paths: list[Parts]) -> dict[Kind, float]:
        """What becomes 255 in images of more than 8 bits, one answer for the whole set."""

        def look(path: Parts) -> tuple[Kind, float] | None:
            try:
                return depth_of_file(self._fetch(path))
            except UnreadableImageError:
                return None

        # The headers of other formats need not be opened.
        return whites_of(pool.map(look, [path for path in paths if path[-1].lower().endswith(DEEP_SUFFIXES)]))
