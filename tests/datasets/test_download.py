from __future__ import annotations

import hashlib
import importlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from bcc.datasets import download, load
from bcc.datasets.download import FILES, ZENODO, downloads_folder
from bcc.errors import UserError


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and counts what it gave away."""

    served: ClassVar[list[str]] = []

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.served.append(self.path)
        if self.path.startswith("/cut/"):
            data = Path(self.directory, "bloodmnist.npz").read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2])
            return
        super().do_GET()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A local stand-in for Zenodo with a small file of the right name, whose MD5 counts as published."""
    folder = tmp_path / "served"
    folder.mkdir()
    rng = np.random.default_rng(0)
    parts: dict[str, Any] = {}
    for side, rows in (("train", 300), ("val", 40), ("test", 60)):
        parts[f"{side}_images"] = rng.integers(0, 256, (rows, 28, 28, 3), np.uint8)
        parts[f"{side}_labels"] = (np.arange(rows) % 8)[:, None].astype(np.uint8)
    np.savez(folder / "bloodmnist.npz", **parts)
    md5 = hashlib.md5((folder / "bloodmnist.npz").read_bytes()).hexdigest()
    monkeypatch.setitem(FILES, ("bloodmnist", 28), ("bloodmnist.npz", md5))
    monkeypatch.setattr(Quiet, "served", [])
    # A proxy of the machine must not be asked for a local address.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as service:
        thread = threading.Thread(target=service.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{service.server_port}"
        service.shutdown()
        thread.join()


def kept() -> list[str]:
    return sorted(file.name for file in downloads_folder().iterdir() if file.suffix != ".lock")


def test_a_file_is_downloaded_checked_and_kept(server: str) -> None:
    told: list[tuple[float, str]] = []
    path = download("bloodmnist", 28, progress=lambda *now: told.append(now), base_url=server)
    assert path == downloads_folder() / "bloodmnist.npz"
    assert hashlib.md5(path.read_bytes()).hexdigest() == FILES[("bloodmnist", 28)][1]
    assert told[-1][0] == 1
    assert told[-1][1].startswith("Downloading bloodmnist.npz")
    assert download("bloodmnist", 28, base_url=server) == path
    assert Quiet.served == ["/bloodmnist.npz?download=1"]


def test_what_was_downloaded_can_be_loaded(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The package's `download` is the function; this is the module.
    monkeypatch.setattr(importlib.import_module("bcc.datasets.download"), "ZENODO", server)
    data = load("bloodmnist:28")
    assert len(data) == 400
    assert data.class_names[3] == "immature granulocyte"
    assert data.split is not None
    assert np.bincount(data.split).tolist() == [300, 40, 60]
    load("bloodmnist:28")
    assert len(Quiet.served) == 1


def test_another_file_than_the_published_one_is_not_kept(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FILES, ("bloodmnist", 28), ("bloodmnist.npz", "0" * 32))
    with pytest.raises(UserError, match=r"is not the published file .* was not saved.*'synthetic'"):
        download("bloodmnist", 28, base_url=server)
    assert kept() == []


def test_a_download_that_breaks_off_is_not_kept(server: str) -> None:
    with pytest.raises(UserError, match=r"bloodmnist.npz"):
        download("bloodmnist", 28, base_url=f"{server}/cut")
    assert kept() == []


def test_a_file_that_is_not_served_is_a_sentence(server: str) -> None:
    with pytest.raises(UserError, match=r"bloodmnist_224.npz answered 404; put bloodmnist_224.npz into"):
        download("bloodmnist", 224, base_url=server)
    assert kept() == []


def test_no_network_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    # Nothing listens on the port of a server that has ended.
    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as gone:
        port = gone.server_port
    with pytest.raises(
        UserError, match=f"http://127.0.0.1:{port}/bloodmnist_64.npz cannot be reached.*yourself"
    ):
        download("bloodmnist", base_url=f"http://127.0.0.1:{port}")
    assert kept() == []


@pytest.mark.parametrize(("name", "size"), [("pathmnist", 64), ("bloodmnist", 96)])
def test_an_unknown_set_is_refused(name: str, size: int) -> None:
    with pytest.raises(
        UserError, match=f"There is no download '{name}' at {size} px; known is bloodmnist at 28, 64"
    ):
        download(name, size)


def test_the_addresses_are_medmnists() -> None:
    assert ZENODO == "https://zenodo.org/records/10519652/files"
    assert {size: file for (_, size), (file, _) in FILES.items()} == {
        28: "bloodmnist.npz",
        64: "bloodmnist_64.npz",
        128: "bloodmnist_128.npz",
        224: "bloodmnist_224.npz",
    }
    assert all(len(md5) == 32 for _, md5 in FILES.values())
