"""What the documentation says of the program is what the program says of itself."""

from __future__ import annotations

import re
from pathlib import Path

from bcc.specs import describe
from bcc.training import TrainConfig, preset_names

ROOT = Path(__file__).resolve().parent.parent


def test_the_table_of_fields_is_the_specs() -> None:
    """docs/training.md lists every field with its default, bounds and help, in the spec's own words."""
    text = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    for row in describe(TrainConfig):
        line = f"| `{row['field']}` | {row['default']} | {row['allowed']} | {row['help']} |"
        assert line in text, f"docs/training.md lacks or differs: {line}"


def test_every_preset_is_documented() -> None:
    text = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    for name in preset_names():
        assert f"| `{name}` |" in text


def test_every_command_is_documented() -> None:
    from bcc.cli import app

    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    for command in app.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__.replace("_", "-")
        assert re.search(rf"^\| `{name}[ `]", text, re.MULTILINE), name


def test_links_between_pages_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"


def test_files_and_modules_named_in_the_docs_exist() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for name in re.findall(r"`([\w./-]+)`", page.read_text(encoding="utf-8")):
            if re.match(r"(bcc|pages|tests|bench|tools|docs)/", name):
                assert (ROOT / name).exists(), f"{page.name} names {name}, which is not there"
            elif re.fullmatch(r"bcc(\.\w+)+", name):
                assert _is_module(name) or _is_module(name.rpartition(".")[0]), f"{page.name} names {name}"


def _is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()


def test_every_augmentation_is_documented() -> None:
    from bcc.augment import catalogue

    text = (ROOT / "docs" / "augmentation.md").read_text(encoding="utf-8")
    for kind in catalogue().values():
        assert f"| `{kind.name}` | {kind.topic} | {kind.about} | {kind.hurts} |" in text


def test_the_run_directory_lists_every_file_once() -> None:
    text = (ROOT / "docs" / "run-directory.md").read_text(encoding="utf-8")
    names = re.findall(r"^\| `([\w.*/-]+)`", text, re.MULTILINE)
    assert len(names) > 20
    assert len(names) == len(set(names))
