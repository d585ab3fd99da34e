"""Where data and runs lie, and who decides."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from bcc import advice, paths


@pytest.fixture(autouse=True)
def _nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BCC_DATA", "BCC_RUNS", "BCC_HOME"):
        monkeypatch.delenv(name, raising=False)


def installed(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    """As if the package had been installed into `place`."""
    (place / "bcc" / "app").mkdir(parents=True)
    monkeypatch.setattr(paths, "PACKAGE", place / "bcc")


def test_a_checkout_keeps_its_own() -> None:
    top = Path(__file__).resolve().parents[1]
    assert paths.data_folder() == top / "data"
    assert paths.runs_folder() == top / "runs"
    assert (paths.app_folder() / "app.py").is_file()


def test_an_installed_package_keeps_them_in_the_users_own_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed(monkeypatch, tmp_path)
    assert paths.data_folder() == Path(platformdirs.user_data_dir("bcc", appauthor=False)) / "data"
    assert paths.runs_folder().parent == paths.data_folder().parent
    assert paths.app_folder() == tmp_path / "bcc" / "app"


@pytest.mark.parametrize("from_a_wheel", [False, True])
def test_who_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, from_a_wheel: bool) -> None:
    """`BCC_HOME` moves both, and each of the others wins over it; an empty value counts as none."""
    if from_a_wheel:
        installed(monkeypatch, tmp_path)
    usual = paths.runs_folder()
    monkeypatch.setenv("BCC_HOME", "/home of bcc")
    assert paths.data_folder() == Path("/home of bcc/data")
    assert paths.cache_folder() == Path("/home of bcc/data/.cache")
    assert paths.runs_folder() == Path("/home of bcc/runs")
    monkeypatch.setenv("BCC_RUNS", "/elsewhere")
    assert paths.data_folder() == Path("/home of bcc/data")
    assert paths.runs_folder() == Path("/elsewhere")
    monkeypatch.setenv("BCC_DATA", "/other")
    monkeypatch.setenv("BCC_HOME", "")
    monkeypatch.setenv("BCC_RUNS", "")
    assert paths.data_folder() == Path("/other")
    assert paths.runs_folder() == usual


def test_advice_is_what_the_person_can_type(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.argv", ["/checkout/bcc/__main__.py", "runs"])
    assert advice.command("runs") == "python -m bcc runs"
    monkeypatch.setattr("sys.argv", ["/environment/bin/bcc", "runs"])
    assert advice.command("runs") == "bcc runs"
    # The app, whose pages advise as well.
    monkeypatch.setattr("sys.argv", ["/environment/bin/streamlit", "run"])
    assert advice.command("runs") == "python -m bcc runs"
    installed(monkeypatch, tmp_path)
    assert advice.command("runs") == "bcc runs"
