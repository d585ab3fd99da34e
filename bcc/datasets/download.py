"""Fetch public datasets, checked by their MD5.

BloodMNIST is part of MedMNIST v2 (Yang et al., Scientific Data 10:41, 2023; CC BY 4.0), made from the same
photographs as the challenge (Acevedo et al., Data in Brief 30 (2020) 105474). Addresses and sums are those
that the `medmnist` package lists. The file is read by `bcc.datasets.npz.npz_source`.
"""

from __future__ import annotations

from pathlib import Path

from bcc.atomic_files import why_not_written
from bcc.datasets.conversion import ProgressCallback, Throttled
from bcc.errors import UserError
from bcc.paths import data_folder

ZENODO = "https://zenodo.org/records/10519652/files"

FILES: dict[tuple[str, int], tuple[str, str]] = {
    ("bloodmnist", 28): ("bloodmnist.npz", "7053d0359d879ad8a5505303e11de1dc"),
    ("bloodmnist", 64): ("bloodmnist_64.npz", "2b94928a2ae4916078ca51e05b6b800b"),
    ("bloodmnist", 128): ("bloodmnist_128.npz", "adace1e0ed228fccda1f39692059dd4c"),
    ("bloodmnist", 224): ("bloodmnist_224.npz", "b718ff6835fcbdb22ba9eacccd7b2601"),
}
"""(name, side in px) -> file name and MD5."""

_CHUNK = 2**18
_TIMEOUT = 30


def downloaded(name: str, size: int = 64) -> Path | None:
    """Return the file if it exists, whether downloaded or placed into the data folder."""
    file, _ = _known(name, size)
    for place in (downloads_folder() / file, data_folder() / file):
        if place.is_file():
            return place
    return None


def downloads_folder() -> Path:
    """Return the folder of downloads."""
    return data_folder() / "downloads"


def download(
    name: str, size: int = 64, progress: ProgressCallback | None = None, base_url: str | None = None
) -> Path:
    """Download a dataset unless it exists already.

    Args:
        name: "bloodmnist".
        size: side of the images: 28, 64, 128 or 224 px.
        progress: called with a share in 0..1 and a text, at most ten times a second.
        base_url: another place that serves the same files.

    Returns:
        The checked file in `data/downloads/`.

    Raises:
        UserError: an unknown dataset, no network, or a file that is not the published one; nothing is saved.
    """
    file, md5 = _known(name, size)
    address = f"{base_url or ZENODO}/{file}"
    import pooch
    import requests
    from filelock import FileLock

    folder = downloads_folder()
    way_on = f"put {file} into the data folder yourself, or use the built-in set 'synthetic'"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f"{file}.lock"):
            fetched = pooch.retrieve(
                url=f"{address}?download=1",
                known_hash=f"md5:{md5}",
                fname=file,
                path=folder,
                downloader=pooch.HTTPDownloader(
                    progressbar=_Progress(file, Throttled(progress)), chunk_size=_CHUNK, timeout=_TIMEOUT
                ),
            )
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else "an error"
        raise UserError(f"{address} answered {status}; {way_on}.") from error
    except requests.RequestException as error:
        raise UserError(f"{address} cannot be reached (no network?); {way_on}.") from error
    except ValueError as error:
        raise UserError(
            f"What came from {address} is not the published file (its MD5 differs) and was not saved; "
            f"try again, or {way_on}."
        ) from error
    except OSError as error:
        raise UserError(why_not_written(error, f"'{file}'", folder)) from error
    return Path(fetched)


def _known(name: str, size: int) -> tuple[str, str]:
    if (name, size) not in FILES:
        names = " and ".join(sorted({known for known, _ in FILES}))
        sizes = ", ".join(str(side) for known, side in FILES if known == name) or "28, 64, 128, 224"
        raise UserError(f"There is no download '{name}' at {size} px; known is {names} at {sizes} px.")
    return FILES[(name, size)]


class _Progress:
    """Progress bar with the interface that pooch expects."""

    def __init__(self, file: str, progress: Throttled) -> None:
        self.total = 0
        self._file, self._progress, self._done = file, progress, 0

    def update(self, count: int) -> None:
        # pooch ends with a reset and one update by the total: nothing is counted twice.
        self._done += count
        share = min(self._done / self.total, 1.0) if self.total else 0.0
        self._progress(share, f"Downloading {self._file}: {min(self._done, self.total) / 1e6:,.0f} MB")

    def reset(self) -> None:
        self._done = 0

    def close(self) -> None:
        """Nothing to close."""
