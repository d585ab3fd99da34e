"""People who walk through the app in browsers of their own: what they do on each page, and how it went.

Everything that a visitor does is drawn from a seed. An action is timed from the click or key that began it
until the page is settled: the script has ended and stays so for a moment, and the right heading is there.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Error, Page, TimeoutError

TITLES = {
    "home": "Blood cell classifiers",
    "data": "Data",
    "augment": "Augment",
    "clean": "Clean",
    "metrics": "Metrics",
    "saliency": "Saliency",
    "predict": "Predict",
    "runs": "Runs",
    "compare": "Compare",
}
"""Page -> its heading."""
PAUSE = (8.0, 15.0)
"""Seconds between two actions of one person, at least and at most."""
LIMIT = 120.0
"""Seconds after which a page counts as one that never settles."""
RELOADS = 0.15
"""Share of visits that come by a reload, with a session of its own, and not by a link."""

_ARM = """() => {
    const app = document.querySelector("[data-testid=stApp]");
    const soak = window.soak = {began: performance.now(), seen: false};
    // The last thing that the person did before the app began to work.
    const note = () => { if (!soak.seen) soak.began = performance.now(); };
    for (const kind of ["click", "keydown", "change"]) window.addEventListener(kind, note, true);
    new MutationObserver(() => { soak.seen = true; })
        .observe(app, {attributes: true, attributeFilter: ["data-test-script-state"]});
}"""
_SETTLED = """([heading, quiet, unseen, limit]) => new Promise((resolve) => {
    const soak = window.soak || {began: 0, seen: true};
    const first = performance.now();
    let calm = null;
    const look = () => {
        const now = performance.now();
        const app = document.querySelector("[data-testid=stApp]");
        const titles = [...document.querySelectorAll("h1")].map((one) => one.innerText.trim());
        const still = app && app.getAttribute("data-test-script-state") === "notRunning"
            && titles.includes(heading);
        if (!still) calm = null;
        else if (calm === null) calm = now;
        const patience = soak.seen ? quiet : unseen;
        if (calm !== null && now - calm >= patience) resolve([(calm - soak.began) / 1000, soak.seen]);
        else if (now - first > limit) resolve([null, true]);
        else setTimeout(look, 20);
    };
    look();
})"""
"""Gives the seconds from the deed until all was calm, null where that never came; and whether the app
began to work at all."""
_TRIED = ("/_stcore/health", "/_stcore/host-config")
_QUIET_MS = 400
_UNSEEN_MS = 2000
"""How long to wait for the app to begin to work at all: what a browser does alone makes no rerun."""


@dataclass
class Action:
    """One thing that a visitor did.

    Attributes:
        visitor: number of the person.
        moment: seconds since 1970 when it began.
        page: where.
        what: in a word or two.
        seconds: until the page was settled; `None` where it never was, or the app had nothing to do.
        problems: what was on the page, in the browser's console or in the way.
        refusals: sentences about bad input on the page.
    """

    visitor: int
    moment: float
    page: str
    what: str
    seconds: float | None = None
    problems: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)


Deed = Callable[[Page, random.Random], Awaitable[bool]]
"""Does something on a page; says whether there was something to do."""


def radio(label: str) -> Deed:
    """Choose another one of a group of which one is always chosen."""

    async def deed(page: Page, rng: random.Random) -> bool:
        group = page.get_by_role("radiogroup", name=label, exact=True)
        return await _click_one(group.get_by_role("radio", checked=False), rng)

    return deed


def pill(label: str) -> Deed:
    """Switch one of several on or off."""

    async def deed(page: Page, rng: random.Random) -> bool:
        return await _click_one(page.get_by_role("toolbar", name=label).get_by_role("button"), rng)

    return deed


def press(label: str) -> Deed:
    """Press a button."""

    async def deed(page: Page, rng: random.Random) -> bool:
        return await _click_one(page.get_by_test_id("stMain").get_by_role("button", name=label), rng)

    return deed


def open_tab(*names: str) -> Deed:
    """Open one of these tabs."""

    async def deed(page: Page, rng: random.Random) -> bool:
        return await _click_one(page.get_by_role("tab", name=rng.choice(names), exact=True), rng)

    return deed


def choose(label: str) -> Deed:
    """Take a line of a list."""

    async def deed(page: Page, rng: random.Random) -> bool:
        boxes = page.get_by_role("combobox", name=label, exact=True)
        if not await _click_one(boxes, rng):
            return False
        options = page.get_by_role("option")
        try:
            await options.first.wait_for(state="visible", timeout=5_000)
        except TimeoutError:
            # A page that was drawn anew at this moment has closed the list.
            if not await _click_one(boxes, rng):
                return False
            await options.first.wait_for(state="visible")
        return await _click_one(options, rng)

    return deed


def slide(label: str | None = None) -> Deed:
    """Move a slider a few steps."""

    async def deed(page: Page, rng: random.Random) -> bool:
        sliders = page.get_by_test_id("stMain").get_by_role("slider", name=label)
        count = await sliders.count()
        if not count:
            return False
        await sliders.nth(rng.randrange(count)).focus()
        way = rng.choice(("ArrowLeft", "ArrowRight"))
        for _ in range(rng.randint(1, 4)):
            await page.keyboard.press(way)
        return True

    return deed


def key(letter: str, button: str) -> Deed:
    """Press the key of a button, where that can be pressed."""

    async def deed(page: Page, rng: random.Random) -> bool:
        buttons = page.get_by_test_id("stMain").get_by_role("button", name=button)
        if not await buttons.count() or not await buttons.first.is_enabled():
            return False
        await page.keyboard.press(letter)
        return True

    return deed


def write(label: str, *texts: str) -> Deed:
    """Write one of these texts into a field."""

    async def deed(page: Page, rng: random.Random) -> bool:
        await page.get_by_role("textbox", name=label, exact=True).fill(rng.choice(texts))
        await page.keyboard.press("Enter")
        return True

    return deed


DEEDS: dict[str, dict[str, Deed]] = {
    "home": {"another run": choose("Run"), "another set": choose("Dataset")},
    "data": {
        "a class": choose("Class"),
        "next page": press("Next page"),
        "first page": press("Page 1"),
    },
    "augment": {
        "a slider": slide(),
        "a topic": radio("Topic"),
        "an augmentation": radio("Augmentation"),
        "other cells": press("Other cells"),
        "another draw": press("Draw"),
        "another view": radio("Show"),
        "a recipe or one": radio("Try"),
        "a whole recipe": choose("Recipe"),
    },
    "clean": {
        "a tab": open_tab("Overview", "Findings", "Map", "Balance", "Masks", "Selections"),
        "the findings": open_tab("Findings"),
        "a kind": radio("Kind"),
        "what is shown": radio("Show"),
        "drop": key("d", "Drop"),
        "keep": key("k", "Keep"),
        "next": key("n", "Next"),
        "undo": key("u", "Undo"),
    },
    "metrics": {
        "a tab": open_tab("Confusion", "Scores", "Curves", "Confidence", "Images", "Training", "Export"),
        "another split": radio("Split"),
        "other numbers": radio("Numbers"),
        "own or other images": radio("Images"),
        "which images": radio("Which"),
    },
    "saliency": {
        "a method": choose("Method"),
        "a stage": choose("Stage of the network"),
        "the cover": slide("Cover"),
        "which images": radio("Images to explain"),
        "a class": choose("Class"),
        "a target": choose("Explain"),
        "other images": press("Others"),
        "images or classes": radio("Show"),
    },
    "predict": {
        "examples": open_tab("Examples"),
        "other examples": press("Others"),
        "when to warn": slide("Warn below (%)"),
        "a method": choose("Saliency"),
        "preprocessing": choose("Preprocessing"),
    },
    "runs": {
        "a search": write("Search", "atto", "quick", "nothing of the kind", ""),
        "a status": pill("Status"),
        "a tab": open_tab("Curves", "Settings", "Parallel", "Final scores"),
        "a figure": radio("Figure"),
    },
    "compare": {
        "another run": choose("Compare with"),
        "together": pill("Together"),
        "several looks": pill("First run, test-time augmentation"),
        "own or other images": radio("Images"),
    },
}
"""Page -> what can be done there."""


class Visitor:
    """One person with a browser of their own."""

    def __init__(self, number: int, seed: int, address: str, found: list[Action]) -> None:
        """Not in the browser yet.

        Args:
            number: counted from 0.
            seed: of all visitors.
            address: of the app, with the run to begin with.
            found: where every action is put down.
        """
        self.number = number
        self.rng = random.Random(f"{seed}:{number}")
        self.address = address
        self.found = found
        self._console: list[str] = []

    async def walk(self, browser: Browser, until: float) -> None:
        """Go from page to page until this moment (`time.monotonic`), then close the browser."""
        context = await browser.new_context(viewport={"width": 1400, "height": 900})
        page = await context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self._console.append(f"page error: {error}"))
        # Not all at the same moment.
        await asyncio.sleep(self.rng.uniform(0, PAUSE[0]))
        await self._act(page, "home", "arrives", lambda: page.goto(self.address))
        way: list[str] = []
        while time.monotonic() < until:
            await asyncio.sleep(self.rng.uniform(*PAUSE))
            if not way:
                way = self.rng.sample(list(TITLES), len(TITLES))
            name = way.pop()
            if not await self._act(page, name, "comes by a link", partial(_follow, page, name)):
                continue
            if self.rng.random() < RELOADS:
                await asyncio.sleep(self.rng.uniform(*PAUSE))
                await self._act(page, name, "reloads", page.reload)
            for _ in range(self.rng.randint(1, 3)):
                await asyncio.sleep(self.rng.uniform(*PAUSE))
                what = self.rng.choice(list(DEEDS[name]))
                await self._act(page, name, what, partial(self._do, page, name, what))
        await context.close()

    async def _do(self, page: Page, name: str, what: str) -> None:
        """What was drawn, or else the first thing that can be done on the page as it is."""
        others = self.rng.sample(list(DEEDS[name]), len(DEEDS[name]))
        for one in (what, *others):
            if await DEEDS[name][one](page, self.rng):
                return

    async def _act(self, page: Page, name: str, what: str, deed: Callable[[], Awaitable[Any]]) -> bool:
        """Do something, wait until the page is settled, and look at it; says whether that could be done."""
        action = Action(self.number, time.time(), name, what)
        self._console.clear()
        try:
            if what not in ("arrives", "reloads"):
                await page.evaluate(_ARM)
            await deed()
            wanted = [TITLES[name], _QUIET_MS, _UNSEEN_MS, 1000 * LIMIT]
            seconds, worked = await page.evaluate(_SETTLED, wanted)
            action.seconds = seconds if worked else None
            if seconds is None:
                action.problems.append(f"not settled after {LIMIT:.0f} s: {page.url}")
            action.problems += [f"on the page: {text}" for text in await _texts(page, "stException")]
            action.refusals = await _texts(page, "stAlertContentError")
            done = True
        except Error as error:
            action.problems.append(f"could not be done: {str(error)[:2000]}")
            await page.keyboard.press("Escape")
            done = False
        action.problems += [f"console: {text}" for text in self._console]
        self.found.append(action)
        return done

    def _note(self, message: ConsoleMessage) -> None:
        # At the address of a page Streamlit first tries whether the server begins there.
        trying = message.location.get("url", "").endswith(_TRIED) and "404" in message.text
        if message.type == "error" and not trying:
            self._console.append(f"{message.text[:400]} ({message.location.get('url', '')})")


async def _click_one(found: Any, rng: random.Random) -> bool:
    """Click one of those that can be seen and are not disabled; whether there was one."""
    usable = [one for one in await found.all() if await one.is_visible() and await one.is_enabled()]
    if not usable:
        return False
    await rng.choice(usable).click()
    return True


async def _follow(page: Page, name: str) -> None:
    """Click the sidebar's link."""
    label = "Home" if name == "home" else TITLES[name]
    await page.get_by_test_id("stSidebar").get_by_role("link", name=label, exact=True).click()


async def _texts(page: Page, kind: str) -> list[str]:
    return [text[:600] for text in await page.get_by_test_id(kind).all_inner_texts()]
