"""A browser, and the demonstration behind it, for tests that look at pages as people do."""

from __future__ import annotations

import os
import random
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.processes import READY_SECONDS, Child, NotReady
from tests.support.sources import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: who of the demonstration looks: nobody, readers and desk of a library, those of another, the office
LOGINS = {
    "": "",
    "patron": "li.hua@bjtu.example",
    "late": "emma@bjtu.example",
    "suspended": "wu.qiang@bjtu.example",
    "staff": "desk@bjtu",
    "neighbour": "zhou.ming@pku.example",
    "their_desk": "desk@pku",
    "office": "office",
}
PASSWORD = "lend me a book"
_QUIET = (
    "--disable-gpu --disable-background-networking --disable-component-update --disable-sync --no-first-run"
)
#: as much of a page as fits beside words, in a file that is not too large
_BEST_HEIGHT = 640
_AXE = ROOT / "tests" / "support" / "axe" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return the browser that is installed here.

    Not for longer than a file: as long as it is there its driver's event loop runs in this thread, and no
    test beside it may run one of its own.
    """
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium or Chrome on PATH")
    sandboxed = ["--no-sandbox"] if os.geteuid() == 0 else []
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - few tests need it

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=[*_QUIET.split(), *sandboxed])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the script that says what somebody could not see, read or reach."""
    if not _AXE.exists():
        pytest.skip("axe-core is not there: npm ci --prefix tests/support/axe")
    return _AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a running service with everything that the demonstration has done."""
    database = tmp_path_factory.mktemp("demonstration") / "broker.db"
    address = f"http://127.0.0.1:{_free_port()}"
    arguments = ("-m", "ill_broker", "demo", "--port", address.rpartition(":")[2])
    with Child(*arguments, "--database", f"sqlite:///{database}") as running:
        _wait(running)
        yield address
        running.end()


def _wait(running: Child) -> None:
    ends = time.monotonic() + READY_SECONDS
    while not any(line.startswith("Ctrl-C") for line in running.output):
        if time.monotonic() > ends or running.process.poll() is not None:
            raise NotReady("".join(running.output))
        time.sleep(0.2)


def _free_port() -> int:
    """Return a free port that no outgoing call is given: it is some seconds until it is taken."""
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 - chance is enough
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def log_in(page: Page, address: str, who: str) -> None:
    """Log somebody of the demonstration in."""
    if not who:
        return
    page.goto(f"{address}/log-in")
    page.fill("#f-login", LOGINS[who])
    page.fill("#f-password", PASSWORD)
    page.click("main button.primary")


def speak(page: Page, address: str, language: str) -> None:
    """Have pages in a language, as somebody does whom the page speaks another to: by its switch."""
    page.goto(address)
    if page.locator(f"html[lang^={language}]").count() == 0:
        page.click(f"header button[name=language][value={language}]")
        page.wait_for_selector(f"html[lang^={language}]")


def kept(page: Page, name: str, *, is_best: bool = False) -> None:
    """Keep a picture of the page where somebody wants to look at it; of the best, of its top as well."""
    if folder := os.environ.get("ILL_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
        if is_best:
            size = page.viewport_size or {"width": 1280, "height": 900}
            page.set_viewport_size({"width": size["width"], "height": _BEST_HEIGHT})
            page.screenshot(path=Path(folder) / "best" / f"{name.partition('-')[0]}.png")
            page.set_viewport_size(size)
