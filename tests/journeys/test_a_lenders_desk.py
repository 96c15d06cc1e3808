"""A lender's desk in Chinese, by keys alone and real processes: from the pull slip until the book is back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ill_broker.demo.consortium import PASSWORD
from ill_broker.services.members.directory import Directory
from ill_broker.services.requests.door import Requests
from ill_broker.storage import people
from ill_broker.storage.people import Enrolment
from ill_broker.storage.policy_files import builtin_book
from tests.factories import BJTU, PKU, a_citation, a_patron, a_request, held
from tests.journeys.world import BEGINS, World
from tests.support.browsing import axe, chromium, kept
from tests.support.keys import fill_in, press
from workflows.actors import Actor, Role
from workflows.ids import RequestId
from workflows.requests.request import Instants

__all__ = ["axe", "chromium"]
pytestmark = pytest.mark.ci

#: call number -> title: as they were asked for, not as they stand
SHELVES = {"I242.4/36": "红楼梦", "I242.4/9": "水浒传"}
_CUT = "document.documentElement.scrollWidth > innerWidth"
_FAULTS = "axe.run().then(found => found.violations.map(one => one.id + ' ' + one.nodes[0].target))"


def asked(world: World) -> list[RequestId]:
    """Let a reader of another library ask for the books, which this one alone has."""
    patron = replace(a_patron(), name="李华")
    requests = Requests(world.store, Directory(world.store, builtin_book()))
    with world.store.writing() as conn:
        people.enrol(conn, Enrolment(patron=patron, created_at=BEGINS))
    made = []
    for place, (shelf, title) in enumerate(SHELVES.items(), 1):
        wanted = a_request(
            id=RequestId(f"req_0000000000000000{place}"),
            number=f"K7M2-9{place}",
            citation=a_citation(title=title, isbn=None),
            holdings=(held(PKU, call_number=shelf, barcode=f"3123400{place}"),),
            instants=Instants(submitted=BEGINS),
        )
        who = Actor(Role.PATRON, patron.id, BJTU)
        made.append(requests.submit(wanted, patron, who, now=BEGINS).id)
    return made


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
        first, _ = asked(world)
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
