"""What docs/desk says, in either language, is what a desk does: its lines are sent as they stand there."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.ill_broker.api.desk import AtTheDesk, Told, app, desk, services
from tests.support.sources import ROOT
from workflows.actors import Role

__all__ = ["app", "desk", "services"]

#: in the spring term; 31 days, and three more
LENT, LATE = "2026-04-09", "2026-05-13"


class ByThePage:
    """Staff who do each thing with the line that the page has for it."""

    def __init__(self, page: str, desk: AtTheDesk) -> None:
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        self._lines = dict(reversed(re.findall(r"`POST (/[a-z0-9/{}_-]+) ?(\{.*?\})?`", text)))
        self._desk = desk

    def does(self, path: str, library: str = "bjtu", **here: str) -> Told:
        """Send the page's line for *path*, with what is another here: a card, a barcode."""
        body: dict[str, Any] = json.loads(self._lines[path] or "{}") | here
        there = path.replace("{id}", self._desk.id).replace("{patron}", self._desk.who.id)
        answer = self._desk.as_(Role.STAFF, library).post(there, json=body)

        assert answer.status_code in {200, 201}, (path, answer.json["errors"])
        told: Told = answer.json
        return told

    def lends(self) -> None:
        number = self._desk.on(LENT).asked("szutl").seen()["number"]
        self.does("/arrivals", code=number)
        self.does("/requests/{id}/notification")
        self.does("/requests/{id}/handover", card=self._desk.who.card_number)


@pytest.fixture(params=["desk.md", "desk.zh.md"])
def page(request: pytest.FixtureRequest, desk: AtTheDesk) -> ByThePage:
    return ByThePage(request.param, desk)


def test_a_book_goes_its_way_by_the_page(page: ByThePage, desk: AtTheDesk) -> None:
    page.lends()
    due = desk.seen()["due"]
    renewed = page.does("/requests/{id}/renewal")["due"]
    steps = ("return", "undo", "return", "shipment")
    ways = [page.does(f"/requests/{{id}}/{step}")["status"] for step in steps]

    assert ("2026-05-10", "2026-06-10") == (due, renewed)
    assert ["returned", "on_loan", "returned", "returning"] == ways


def test_what_is_late_is_paid_by_the_page(page: ByThePage, desk: AtTheDesk) -> None:
    page.lends()
    desk.on(LATE)
    page.does("/requests/{id}/return")
    page.does("/accounts/{patron}/payments")

    assert "0.00" == desk.owed


@pytest.mark.parametrize(
    ("steps", "owed"),
    [(("loss", "settlement"), "120.00"), (("case", "case-settlement"), "10.00")],
    ids=["lost", "stained"],
)
def test_what_is_lost_or_damaged_is_charged_by_the_page(
    page: ByThePage, desk: AtTheDesk, steps: tuple[str, str], owed: str
) -> None:
    page.lends()
    for step in steps:
        page.does(f"/requests/{{id}}/{step}")

    assert owed == desk.owed


def test_a_lender_answers_by_the_page(page: ByThePage, desk: AtTheDesk) -> None:
    desk.on(LENT).asked("szutl")

    assert "accepted" == page.does("/requests/{id}/answer", library="szutl")["status"]


def test_a_reader_is_suspended_by_the_page(page: ByThePage, desk: AtTheDesk) -> None:
    desk.on(LENT).asked("szutl")
    told = page.does("/patrons/{patron}/suspensions", library="szutl")

    assert "theft" in json.dumps(told)
