"""A clerk's calls by keyboard alone: one key a call, and the next reader is at hand by itself."""

from __future__ import annotations

from typing import Any

import pytest

from ill_broker.demo.client import Client
from tests.support.browsing import LOGINS, PASSWORD, log_in

pytestmark = pytest.mark.ci
#: reached, no answer, accepted by message: two of them end on the hold shelf
KEYS = "rna"


def counts(address: str) -> dict[str, int]:
    told: dict[str, int] = Client(address).log_in(LOGINS["staff"], PASSWORD).get("/api/v1/desk")
    return told


def test_a_call_is_one_key_and_the_next_is_at_hand(chromium: Any, demonstration: str) -> None:
    before, called = counts(demonstration), []
    page = chromium.new_context().new_page()
    log_in(page, demonstration, "staff")
    page.goto(f"{demonstration}/desk/lists/to-call")
    for key in KEYS:
        called.append(page.locator(".at-hand .number").first.inner_text())
        page.keyboard.press(key)
        page.wait_for_selector(f".taken:has-text('{called[-1]}')")
    after = counts(demonstration)
    page.context.close()

    assert len(KEYS) == len({*called})
    assert (2, -2) == (after["on_shelf"] - before["on_shelf"], after["to_call"] - before["to_call"])


def test_p_prints_the_paper_that_is_shown(chromium: Any, demonstration: str) -> None:
    page = chromium.new_context().new_page()
    log_in(page, demonstration, "staff")
    page.goto(f"{demonstration}/desk/lists/on-shelf")
    book = page.get_attribute(".rows a.title", "href")
    page.goto(f"{demonstration}{book}/paper/hold-slip")
    page.evaluate("() => { window.print = () => { document.body.dataset.printed = 'yes' } }")
    page.keyboard.press("Control+k")
    before = page.get_attribute("body", "data-printed")
    page.keyboard.press("p")
    after = page.get_attribute("body", "data-printed")
    page.context.close()

    assert (None, "yes") == (before, after)
