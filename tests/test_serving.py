"""The command that `bcc app` turns into."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bcc.cli.serving import command
from bcc.errors import UserError


def values(words: list[str], option: str) -> list[str]:
    """What follows an option, each time that it stands there."""
    return [value for name, value in pairwise(words) if name == option]


def test_left_alone_it_serves_this_computer() -> None:
    words = command(None, [], None, browser=True)
    assert values(words, "--server.address") == ["127.0.0.1"]
    assert values(words, "--server.allowedHosts") == ["127.0.0.1", "localhost"]
    assert "--server.port" not in words
    assert "--server.headless" not in words


def test_what_is_asked_for_is_added() -> None:
    words = command("192.0.2.7", ["cells.example"], 8600, browser=False)
    assert values(words, "--server.address") == ["192.0.2.7"]
    assert values(words, "--server.allowedHosts") == ["127.0.0.1", "localhost", "cells.example", "192.0.2.7"]
    assert values(words, "--server.port") == ["8600"]
    assert values(words, "--server.headless") == ["true"]


@pytest.mark.parametrize("every", ["0.0.0.0", "::"])
def test_every_network_wants_a_name(every: str) -> None:
    with pytest.raises(UserError, match="without a password: say with --host"):
        command(every, [], None, browser=True)
    hosts = values(command(every, ["cells.example"], None, browser=True), "--server.allowedHosts")
    assert hosts == ["127.0.0.1", "localhost", "cells.example"]
