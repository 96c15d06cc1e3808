"""Paper at a desk: who prints what, what it keeps to itself, and that a scanner reads it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Hand
from tests.ill_broker.api.desk import AtTheDesk, desk
from tests.ill_broker.api.reading import working
from tests.ill_broker.api.test_scans import app, services
from tests.support.browsing import chromium
from tests.support.sources import ROOT
from workflows.actors import Role

__all__ = ["app", "chromium", "desk", "services"]

STATIC = ROOT / "ill_broker" / "pages" / "static"


class Papers:
    """The browsers of the desk and of the lender."""

    def __init__(self, app: Flask, services: list[object], store: Store, clock: Hand) -> None:
        self._app, self._services, self._store, self._clock = app, services, store, clock

    def get(self, library: str, path: str) -> Any:
        now = self._clock.time
        return working(self._app, self._services, self._store, library, now).get(path)

    def printed(self, library: str, request: str, kind: str) -> str | None:
        """Return what a library prints, None if there is no such paper for it now."""
        answer = self.get(library, f"/desk/requests/{request}/paper/{kind}")
        return answer.text if answer.status_code == 200 else None


@pytest.fixture
def papers(app: Flask, services: list[object], store: Store, clock: Hand) -> Papers:
    return Papers(app, services, store, clock)


def test_each_side_prints_what_is_its_own_while_it_has_the_book(papers: Papers, desk: AtTheDesk) -> None:
    kinds = ("pull-slip", "shipping-label", "hold-slip", "band", "return-label")

    def there(library: str) -> list[str]:
        return [kind for kind in kinds if papers.printed(library, desk.id, kind) is not None]

    desk.asked("szutl")
    asked = there("szutl"), there("bjtu")
    desk.step("arrival")
    arrived = there("szutl"), there("bjtu")
    desk.step("handover")
    lent = there("szutl"), there("bjtu")
    desk.step("return")

    assert (["pull-slip", "shipping-label"], []) == asked
    assert ([], ["hold-slip", "band"]) == arrived
    assert ([], ["band"]) == lent
    assert (["return-label"], None) == (there("bjtu"), papers.printed("pku", desk.id, "return-label"))


def test_the_slip_on_the_shelf_says_no_more_than_its_reader_needs(papers: Papers, desk: AtTheDesk) -> None:
    desk.asked("szutl").step("arrival")
    told = desk.step("notification", result="reached")
    slip = papers.printed("bjtu", desk.id, "hold-slip") or ""

    assert told["number"] in slip
    assert "李*" in slip
    assert desk.who.name not in slip
    assert desk.who.mobile not in slip
    assert desk.who.email not in slip
    assert told["citation"]["title"] not in slip


def test_several_slips_come_on_one_page_without_those_that_have_gone_on(
    papers: Papers, desk: AtTheDesk
) -> None:
    wanted = [
        desk.asked("szutl", isbn=isbn).id for isbn in ("9787020002207", "9787020008735", "9787101003048")
    ]
    desk.step("answer", Role.STAFF, "szutl", status="Loaned")
    query = "&".join(f"request={one}" for one in [*wanted, wanted[0], "req_nobodys0"])
    page = papers.get("szutl", f"/desk/paper/pull-slip?{query}").text

    assert 2 == page.count('<article class="slip pull-slip"')
    assert "共 2 张" in page


def test_the_size_that_was_chosen_is_the_next_ones_too(
    app: Flask, services: list[object], store: Store, desk: AtTheDesk
) -> None:
    browser = working(app, services, store, "szutl")
    path = f"/desk/requests/{desk.asked('szutl').id}/paper/pull-slip"
    sizes = [
        re.findall(r'class="paper size-(\w+)"', browser.get(one).text)[0]
        for one in (path, f"{path}?size=80mm", path, f"{path}?size=a0")
    ]

    assert ["a6", "80mm", "80mm", "80mm"] == sizes


def test_paper_needs_nothing_that_the_pages_policy_forbids(papers: Papers, desk: AtTheDesk) -> None:
    page = papers.printed("szutl", desk.asked("szutl").id, "shipping-label") or ""

    assert 2 == len(re.findall(r'<svg (?:class="bars"|viewBox="[0-9 ]+" class="qr")', page))
    assert not re.search(r"<script(?![^>]*src=)|<style|\son[a-z]+=|\sstyle=", page)


@pytest.mark.ci
@pytest.mark.parametrize("size", ["a6", "a4", "80mm"])
def test_a_scanner_reads_the_number_which_leads_to_the_request(
    papers: Papers, desk: AtTheDesk, chromium: Any, tmp_path: Path, size: str
) -> None:
    desk.asked("szutl").step("answer", Role.STAFF, "szutl", status="WillSupply")
    answer = papers.get("szutl", f"/desk/requests/{desk.id}/paper/shipping-label?size={size}")
    read = sorted(scanned(chromium, answer.text, tmp_path / "label.png"))
    number = desk.seen()["number"]
    found = desk.as_(Role.STAFF).post("/scans", json={"code": read[0].partition(":")[2]}).json

    assert [f"CODE-128:{number}", f"QR-Code:{number}"] == read
    assert ("arrival", desk.id) == (found["done"]["step"], found["line"]["id"])


def scanned(chromium: Any, html: str, picture: Path) -> list[str]:
    """Return what a reader that is not ours finds on the paper, as a printer of 200 dots an inch has it."""
    if shutil.which("zbarimg") is None:
        pytest.skip("no zbarimg on PATH: Debian's zbar-tools")
    page = chromium.new_page(device_scale_factor=200 / 96)
    page.set_content(html)
    for sheet in ("page.css", "paper.css"):
        page.add_style_tag(path=STATIC / sheet)
    page.emulate_media(media="print")
    page.screenshot(path=picture, full_page=True)
    page.close()
    found = subprocess.run(["zbarimg", "--quiet", picture], capture_output=True, text=True, check=True)
    return found.stdout.split()
