"""A lender's desk in Chinese, by keys alone and real processes: from the pull slip until the book is back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ill_broker.demo.consortium import PASSWORD
from tests.factories import BJTU, PKU
from tests.journeys.asking import asked
from tests.journeys.world import World
from tests.support.browsing import axe, chromium, kept
from tests.support.keys import fill_in, press

__all__ = ["axe", "chromium"]
pytestmark = pytest.mark.ci

#: call number -> title: as they were asked for, not as they stand
SHELVES = {"I242.4/36": "红楼梦", "I242.4/9": "水浒传"}
_CUT = "document.documentElement.scrollWidth > innerWidth"
_FAULTS = "axe.run().then(found => found.violations.map(one => one.id + ' ' + one.nodes[0].target))"


class Looked:
    """The clerk's browser; each page is looked at before anything is done there."""

    def __init__(self, browser: Any, axe: str) -> None:
        context = browser.new_context(
            viewport={"width": 1280, "height": 900}, locale="zh-CN", bypass_csp=True
        )
        self.page, self._axe = context.new_page(), axe
        self.faults: list[str] = []

    def at(self, name: str) -> Any:
        for width in (390, 1280):
            self.page.set_viewport_size({"width": width, "height": 900})
            kept(self.page, f"{name}-{width}")
            if self.page.evaluate(_CUT):
                self.faults.append(f"{name}: wider than {width}")
        self.page.evaluate(self._axe)
        self.faults += [f"{name}: {fault}" for fault in self.page.evaluate(_FAULTS)]
        return self.page


def test_a_lender_sends_a_book_from_its_shelf_and_has_it_back(
    tmp_path: Path, chromium: Any, axe: str
) -> None:
    with World(tmp_path, f"sqlite:///{tmp_path / 'broker.db'}", {"szutl": "silent"}) as world:
        first, _ = asked(world, (PKU,), SHELVES)
        clerk = Looked(chromium, axe)
        clerk.page.goto(f"{world.url}/log-in?to=/desk/lending")
        fill_in(clerk.page, "#f-login", f"desk@{PKU}")
        fill_in(clerk.page, "#f-password", PASSWORD)
        press(clerk.page, "main button.primary")
        by_itself = clerk.page.locator("text=本馆的系统会自己答复").count()
        press(clerk.at("lending"), "a:has-text('取书清单')")
        shelves = clerk.at("pull_list").locator("td:first-child strong").all_inner_texts()
        press(clerk.page, "a:has-text('打印全部取书单')")
        slips = clerk.at("pull_slips").locator(".slip .large").all_inner_texts()
        clerk.page.goto(f"{world.url}/desk/lending")
        press(clerk.page, "a:has-text('红楼梦')")
        press(clerk.at("lending_request"), "button.primary:has-text('可以出借')")
        clerk.page.goto(f"{world.url}/desk/lending?list=to_send")
        press(clerk.at("lending_to_send"), "a:has-text('红楼梦')")
        fill_in(clerk.page, "#f-tracking", "SF1029384756")
        press(clerk.at("lending_promised"), "button.primary:has-text('已寄出')")
        desk = world.log_in(f"desk@{BJTU}")
        sent = desk.get(f"/api/v1/requests/{first}")
        for step in ("arrival", "handover", "return", "shipment"):
            desk.post(f"/api/v1/requests/{first}/{step}", {})
        clerk.page.goto(f"{world.url}/desk/lending?list=to_receive")
        press(clerk.at("lending_to_receive"), "button:has-text('书已回馆')")
        clerk.page.wait_for_selector("text=没有等待收回的书")
        closed = desk.get(f"/api/v1/requests/{first}")
        clerk.page.goto(f"{world.url}/desk/lending/limits")
        clerk.at("lending_limits")

    assert ([], 0) == (clerk.faults, by_itself)
    assert ["I242.4/9", "I242.4/36"] == shelves == slips
    assert ("in_transit", "31234001") == (sent["status"], sent["item_barcode"])
    assert ("closed", "completed") == (closed["status"], closed["outcome"])
