"""A page used as somebody does who has no mouse: by the tabulator, Enter and letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: keys after which the next thing must have been reached
_PATIENCE = 80
_IS_AT = "found => found.some(one => one === document.activeElement)"


def press(page: Page, what: str) -> None:
    """Go to a button or link that leads to a page, press it, and wait for the page."""
    go_to(page, what)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def go_to(page: Page, what: str) -> None:
    """Press the tabulator until something has the focus.

    :raises AssertionError: if it is not reached
    """
    page.wait_for_selector(what, timeout=60_000)
    for _ in range(_PATIENCE):
        page.keyboard.press("Tab")
        if page.locator(what).evaluate_all(_IS_AT):
            return
    raise AssertionError(f"{what} is not reached")


def fill_in(page: Page, what: str, text: str) -> None:
    """Go to a field and say in it what *text* says."""
    go_to(page, what)
    field = page.locator(what)
    if field.evaluate("one => one.tagName") == "SELECT":
        field.select_option(text)
    elif field.get_attribute("type") in {"date", "month"}:
        field.fill(text)  # a browser's own calendar has keys of its own in each language
    else:
        page.keyboard.press("Control+A")
        page.keyboard.type(text)
