"""The files that say what BCC needs, and which version it is, agree with each other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bcc import __version__

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(name: str) -> dict[str, str]:
    """Name and version of every line of a requirements file."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = [line.split("==") for line in lines if line and not line.startswith("#")]
    names = [canonicalize_name(name) for name, _ in found]
    assert len(set(names)) == len(names), f"{name} names something twice"
    return {canonicalize_name(name): version for name, version in found}


def ranges(lines: list[str]) -> dict[str, Requirement]:
    return {canonicalize_name(one.name): one for one in map(Requirement, lines)}


def test_what_was_tried_lies_within_what_is_allowed() -> None:
    tried, allowed = pins("requirements.txt"), ranges(PROJECT["project"]["dependencies"])
    assert set(tried) == set(allowed), "requirements.txt and pyproject.toml name different packages"
    for name, version in tried.items():
        assert allowed[name].specifier.contains(version), f"{allowed[name]} does not allow {version}"


def test_every_range_has_both_ends() -> None:
    for name, one in ranges(PROJECT["project"]["dependencies"]).items():
        assert {part.operator for part in one.specifier} == {">=", "<"}, name


def test_the_checks_bring_what_builds_the_wheel() -> None:
    tried = pins("requirements-dev.txt")
    for name, one in ranges(PROJECT["build-system"]["requires"]).items():
        assert one.specifier.contains(tried[name])


def test_one_version_everywhere() -> None:
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    cited = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert cited is not None
    assert newest[1] == cited[1] == __version__
