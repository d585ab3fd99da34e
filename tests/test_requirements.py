"""What is imported is pinned: no package is there only because another one happens to want it."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

from bcc.paths import PROJECT

OURS = {"bcc", "pages", "bench", "tests", "app"}
PEERS = {"albumentations", "torch"}
"""What `bench` measures beside and goes without where they are missing; never installed by BCC."""


def pinned(*files: str) -> dict[str, str]:
    """Names of distributions, as pip compares them, and their versions."""
    lines = [line for file in files for line in (PROJECT / file).read_text(encoding="utf-8").splitlines()]
    pins = [line.partition("==") for line in lines if line and not line.startswith("#")]
    assert all(sign and number for _, sign, number in pins), "every requirement has one version"
    return {normal(name): number for name, _, number in pins}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.partition("[")[0]).lower()


def imported(*places: str) -> dict[str, Path]:
    """Packages of others that modules import anywhere, inside functions too, each with one such module."""
    found: dict[str, Path] = {}
    for place in places:
        path = PROJECT / place
        for module in [path] if path.is_file() else sorted(path.rglob("*.py")):
            for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
                names: list[str] = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                    names = [node.module]
                for name in names:
                    found.setdefault(name.partition(".")[0], module)
    return {name: module for name, module in found.items() if name not in OURS | set(sys.stdlib_module_names)}


@pytest.mark.parametrize(
    ("places", "files"),
    [
        (("bcc", "pages", "app.py"), ("requirements.txt",)),
        (("bench", "tests"), ("requirements.txt", "requirements-dev.txt")),
    ],
)
def test_every_import_is_a_pinned_requirement(places: tuple[str, ...], files: tuple[str, ...]) -> None:
    pins, brings = pinned(*files), packages_distributions()
    unpinned = {
        name: str(module.relative_to(PROJECT))
        for name, module in imported(*places).items()
        if name not in PEERS and not {normal(one) for one in brings.get(name, [])} & set(pins)
    }
    assert unpinned == {}


def test_pins_are_what_the_checks_ran_with() -> None:
    pins = pinned("requirements.txt", "requirements-dev.txt")
    assert {name: version(name) for name in pins} == pins
