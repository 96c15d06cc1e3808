"""A clerk's calls by keyboard alone: one key a call, and the next reader is at hand by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.support.browsing import LOGINS, PASSWORD, log_in

pytestmark = pytest.mark.ci
#: reached, no answer, accepted by message: two of them end on the hold shelf
KEYS = "rna"


@contextmanager
def api(address: str, who: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{address}/api/v1", timeout=60) as client:
        told = client.post("/sessions", json={"login": LOGINS[who], "password": PASSWORD}).json()
        client.headers["Authorization"] = f"Bearer {told['token']}"
        yield client


def arrive(reader: httpx.Client, desk: httpx.Client, many: int) -> None:
    """Let as many books arrive for the demonstration's reader."""
    search = reader.post("/searches", json={"text": "history"}).json()
    ends = time.monotonic() + 120
    while search["finished_at"] is None and time.monotonic() < ends:
        time.sleep(0.3)
        search = reader.get(f"/searches/{search['id']}").json()
    for work in search["works"]:
        made = reader.post("/requests", json={"search": search["id"], "work": work["id"]})
        if made.status_code == 201 and many:
            many -= desk.post(f"/requests/{made.json()['id']}/arrival", json={}).status_code == 200


def counts(address: str) -> dict[str, int]:
    with api(address, "staff") as desk:
        told: dict[str, int] = desk.get("/desk").json()
        return told


def test_a_call_is_one_key_and_the_next_is_at_hand(chromium: Any, demonstration: str) -> None:
    with api(demonstration, "patron") as reader, api(demonstration, "staff") as desk:
        arrive(reader, desk, len(KEYS))
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
