"""A library without a system answers by the link of a letter, by keys alone, until the book is back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.factories import BJTU, NLC
from tests.journeys.asking import asked
from tests.journeys.world import World, until
from tests.support.browsing import chromium, kept
from tests.support.keys import fill_in, go_to, press
from tests.support.smtp import text_of
from workflows.ids import LibraryCode

__all__ = ["chromium"]
pytestmark = pytest.mark.ci

SHLIB = LibraryCode("shlib")
LETTER_BOX = "huiji@nlc.example"
_LINK = re.compile(r"http\S+/partner/\S+")


def write_to(world: World, library: str) -> None:
    """Have the office say that the library is asked by letter."""
    where = f"{world.url}/api/v1/libraries/{library}/connectors"
    with httpx.Client(headers={"Authorization": f"Bearer {world.log_in('office').token}"}) as office:
        version = office.get(where).headers["ETag"]
        told = {"connectors": {"email": {"address": LETTER_BOX}}}
        office.put(where, json=told, headers={"If-Match": version}).raise_for_status()


def test_a_library_answers_by_the_link_of_a_letter(tmp_path: Path, chromium: Any) -> None:
    with World(tmp_path, f"sqlite:///{tmp_path / 'broker.db'}", {"szutl": "silent"}) as world:
        write_to(world, NLC)
        first, second = asked(world, (NLC, SHLIB), {"I242.4/36": "红楼梦", "I242.4/9": "水浒传"})
        until(lambda: world.postbox.to(LETTER_BOX), lambda seen: len(seen) >= 2)
        links = {
            title: _LINK.findall(text_of(letter))[0]
            for letter in world.postbox.to(LETTER_BOX)
            for title in ("红楼梦", "水浒传")
            if title in text_of(letter)
        }
        page = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN").new_page()
        page.goto(links["水浒传"])
        kept(page, "by_letter-asked")
        go_to(page, "button[value=Unfilled]")
        page.keyboard.press("Enter")
        stays = page.locator("button[value=Unfilled]").count()
        page.reload()
        fill_in(page, "#f-reason", "OnLoan")
        press(page, "button[value=Unfilled]")
        over = page.inner_text("main")

        page.goto(links["红楼梦"])
        press(page, "button.primary")
        fill_in(page, "input[name=tracking]", "SF1029384756")
        press(page, "button.primary")
        desk = world.log_in(f"desk@{BJTU}")
        sent, elsewhere = (desk.get(f"/api/v1/requests/{each}") for each in (first, second))
        for step in ("arrival", "handover", "return", "shipment"):
            desk.post(f"/api/v1/requests/{first}/{step}", {})
        page.goto(links["红楼梦"])
        kept(page, "by_letter-back")
        press(page, "button.primary")
        closed = desk.get(f"/api/v1/requests/{first}")

    assert (1, True) == (stays, "不再由贵馆办理" in over)
    assert ("in_transit", NLC, "submitted", SHLIB) == (
        sent["status"],
        sent["lender"],
        elsewhere["status"],
        elsewhere["lender"],
    )
    assert ("closed", "completed") == (closed["status"], closed["outcome"])
