"""Open the app in the browser."""

from __future__ import annotations

import os
import sys
import tomllib
from typing import Annotated

import typer

from bcc.cli.app import app
from bcc.cli.terminal import say
from bcc.errors import UserError
from bcc.paths import LESSON
from bcc.safe_text import shown

WILDCARDS = ("0.0.0.0", "::")
"""Addresses that mean every network of this computer, and no name that a browser could call."""


@app.command("app")
def open_app(
    address: Annotated[
        str | None,
        typer.Option(
            help="The address to listen on; 127.0.0.1 by default, which other computers cannot reach."
        ),
    ] = None,
    hosts: Annotated[
        list[str] | None,
        typer.Option(
            "--host",
            metavar="NAME",
            help="A host name under which browsers reach this computer; may be given several times.",
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="The port; 8501 by default, or the next free one."),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
) -> None:
    """Open the app in the browser, from any folder. It serves this computer only, as there is no password."""
    words = command(address, hosts or [], port, browser)
    sys.stdout.flush()
    # In place of this process, so that Ctrl-C and signals reach the server itself.
    os.execv(words[0], words)


@app.command("lesson")
def open_lesson(
    name: Annotated[
        str | None,
        typer.Argument(metavar="LESSON", help="Its number or name; without one the lessons are listed."),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="The port; 8501 by default, or the next free one."),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
) -> None:
    """Open the app at a lesson, or list the lessons."""
    from bcc.lessons import lesson_names, read_lesson

    if name is None:
        for one in lesson_names():
            lesson = read_lesson(one)
            say(f"{one:24} {lesson.minutes} min  {shown(lesson.title)}")
        return
    os.environ[LESSON] = read_lesson(name).name
    words = command(None, [], port, browser)
    sys.stdout.flush()
    os.execv(words[0], words)


def command(address: str | None, hosts: list[str], port: int | None, browser: bool) -> list[str]:
    """The command that serves the app.

    Address and hosts are said aloud, since settings of the folder it is started in and of the environment
    must not open the app to others. The rest, such as colours and fonts, Streamlit reads from the settings
    beside `app.py`, which it prefers to those of the folder.

    Raises:
        UserError: every network is to reach it, and under no name.
    """
    from bcc.paths import app_folder

    folder = app_folder()
    settings = tomllib.loads((folder / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["server"]
    address = address or str(settings["address"])
    if address in WILDCARDS and not hosts:
        raise UserError(
            f"With --address {address} other computers reach the app, without a password: say with --host "
            "under which name or address their browsers may call it."
        )
    names = dict.fromkeys([*settings["allowedHosts"], *hosts, *([] if address in WILDCARDS else [address])])
    # -P: Python looks for no modules in the folder that it is started in.
    words = [sys.executable, "-P", "-m", "streamlit", "run", str(folder / "app.py")]
    words += ["--server.address", address]
    for name in names:
        words += ["--server.allowedHosts", name]
    if port is not None:
        words += ["--server.port", str(port)]
    if not browser:
        words += ["--server.headless", "true"]
    return words
