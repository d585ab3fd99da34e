"""The wheel: built here, installed into an environment of its own, used from folders without a checkout.

The environment sees the packages of the one that the tests run in, so that nothing is fetched.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest

from bcc import __version__
from bcc.runs import Run

ROOT = Path(__file__).resolve().parents[1]
TRAP = "raise SystemExit('a file of the folder was taken for a module')"
PATIENCE = 240
"""Seconds after which a process is taken to hang."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout with what is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    offline = ["--no-build-isolation", "--no-deps", "--no-index", "--disable-pip-version-check", "--quiet"]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *offline, "-w", folder, ROOT], check=True)
    (made,) = folder.iterdir()
    return made


@dataclass(frozen=True)
class Installed:
    """An environment with BCC in it, and a person who has never used it."""

    folder: Path
    home: Path

    @property
    def site_packages(self) -> Path:
        (found,) = (self.folder / "lib").glob("python*/site-packages")
        return found

    @property
    def environment(self) -> dict[str, str]:
        """What a process of this person sees: no setting of BCC, and no path to modules."""
        ours = ("BCC_", "PYTHON", "XDG_", "STREAMLIT_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return {**kept, "HOME": str(self.home), "TF_CPP_MIN_LOG_LEVEL": "3"}

    @property
    def runs(self) -> Path:
        return self.home / ".local" / "share" / "bcc" / "runs"

    def bcc(self, *words: str | Path, cwd: Path) -> str:
        """What a command prints; it must end well."""
        done = subprocess.run(
            [self.folder / "bin" / "bcc", *words],
            cwd=cwd, env=self.environment, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel alone, in an environment that sees the packages of this one."""
    root = tmp_path_factory.mktemp("installed")
    (root / "home").mkdir()
    made = Installed(root / "environment", root / "home")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", made.folder], check=True)
    seen = [place for place in sys.path if Path(place).name in ("site-packages", "dist-packages")]
    (made.site_packages / "packages_of_the_tests.pth").write_text("\n".join(seen))
    pip = [sys.executable, "-m", "pip", "--python", made.folder / "bin" / "python", "install"]
    offline = ["--no-deps", "--no-index", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, *offline, wheel], check=True)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of a person's own, with files that are called as modules are."""
    made = tmp_path / "folder"
    (made / "pages").mkdir(parents=True)
    for name in ("random.py", "bcc.py", "pages/__init__.py"):
        (made / name).write_text(TRAP)
    return made


def test_the_wheel_holds_all_of_the_package_and_the_app(wheel: Path) -> None:
    """Presets, weights, the mark of the types, images and settings of the app: all that lies there."""
    there = {
        path.relative_to(ROOT).as_posix()
        for top in ("bcc", "pages")
        for path in (ROOT / top).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    within = {one if one.startswith("bcc/") else f"bcc/app/{one}" for one in there}
    within |= {"bcc/app/app.py", "bcc/app/.streamlit/config.toml"}
    with zipfile.ZipFile(wheel) as file:
        held = {name for name in file.namelist() if not name.startswith(f"bcc-{__version__}.dist-info/")}
    assert held == within
    assert {"bcc/py.typed", "bcc/models/pbc/weights.npz", "bcc/training/presets/quick.json"} < held
    assert "bcc/lessons/texts/1-what-is-in-a-set.md" in held


def test_nothing_but_bcc_appears_in_site_packages(installed: Installed) -> None:
    names = {path.name for path in installed.site_packages.iterdir()}
    assert names == {"bcc", f"bcc-{__version__}.dist-info", "packages_of_the_tests.pth"}


def test_commands_run_in_an_empty_folder_and_leave_it_empty(installed: Installed, tmp_path: Path) -> None:
    assert installed.bcc("--version", cwd=tmp_path) == f"bcc {__version__}\n"
    first = f"No runs yet: bcc train --preset quick --run {installed.runs}"
    assert installed.bcc("runs", cwd=tmp_path).startswith(first)
    assert "learning_rate" in installed.bcc("fields", cwd=tmp_path)
    assert "Nothing waits" in installed.bcc("queue", cwd=tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_weights_that_ship_answer(installed: Installed, folder: Path) -> None:
    cv2.imwrite(str(folder / "cell.png"), np.full((96, 96, 3), 200, np.uint8))
    installed.bcc("predict", "pbc", "cell.png", "--out", "answers.csv", cwd=folder)
    assert "basophil" in (folder / "answers.csv").read_text().splitlines()[0]


def test_the_queue_trains(installed: Installed, folder: Path, tiny_npz: Callable[..., Path]) -> None:
    """The worker and the training find the package by themselves, from a folder full of traps."""
    tiny_npz(folder / "tiny.npz", rows=40, classes=4)
    name = installed.bcc("submit", "--preset", "quick", "--data", "./tiny.npz", cwd=folder).split()[0]
    run = Run(installed.runs / name)
    given_up = time.monotonic() + PATIENCE
    while "tiny.npz: " not in run.tail(run.log):
        assert time.monotonic() < given_up, (run.read_state(), run.tail(run.console))
        assert run.read_state().status in ("queued", "running"), run.tail(run.console)
        time.sleep(0.1)
    assert installed.bcc("kill", name, cwd=folder) == f"{name}: killed\n"
    (row,) = json.loads(installed.bcc("runs", "--json", cwd=folder))
    assert (row["id"], row["status"]) == (name, "stopped")


DRAWN = """
import json, sys
from importlib import resources
from pathlib import Path
from streamlit.testing.v1 import AppTest
from bcc.datasets import load

dataset = load(sys.argv[1])
app = AppTest.from_file(str(resources.files("bcc") / "app" / "app.py"), default_timeout=120)
app.query_params["data"] = dataset.fingerprint
app.run()
from pages.parts.state import links
titles = {}
for name in links.PAGES:
    app.switch_page(f"pages/{name}.py").run()
    assert not app.exception, (name, app.exception)
    titles[name] = app.title[0].value
print(json.dumps([titles, str(Path(links.__file__))]))
"""


def test_every_page_is_drawn(installed: Installed, folder: Path, tiny_npz: Callable[..., Path]) -> None:
    path = tiny_npz(folder / "tiny.npz", rows=40, classes=4)
    done = subprocess.run(
        [installed.folder / "bin" / "python", "-P", "-c", DRAWN, path],
        cwd=folder, env=installed.environment, capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    titles, place = json.loads(done.stdout.splitlines()[-1])
    assert len(titles) == len(list((ROOT / "pages").glob("[a-z]*.py")))
    assert Path(place).is_relative_to(installed.site_packages / "bcc" / "app")


@pytest.fixture
def server(installed: Installed, folder: Path) -> Iterator[tuple[psutil.Process, int]]:
    """`bcc app`, where settings of the folder and of the environment want to open it to every network."""
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "config.toml").write_text(
        '[server]\naddress = "0.0.0.0"\nallowedHosts = ["*"]\n'
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**installed.environment, "STREAMLIT_SERVER_ADDRESS": "0.0.0.0"}
    with (folder / "server.log").open("w") as log:
        process = psutil.Popen(
            [installed.folder / "bin" / "bcc", "app", "--no-browser", "--port", str(port)],
            cwd=folder, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield process, port
    finally:
        process.terminate()
        process.wait(20)


def test_the_app_listens_on_this_computer_alone(server: tuple[psutil.Process, int], folder: Path) -> None:
    process, port = server
    given_up = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
                assert answer.read() == b"ok"
            break
        except OSError:
            assert process.poll() is None, (folder / "server.log").read_text()
            assert time.monotonic() < given_up, (folder / "server.log").read_text()
            time.sleep(0.2)
    listening = {one.laddr for one in process.net_connections("tcp") if one.status == psutil.CONN_LISTEN}
    assert listening == {("127.0.0.1", port)}
