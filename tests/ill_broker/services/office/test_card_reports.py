"""Reports on loan cards: what happened in some months, by library, and the cards behind each figure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ill_broker.services.office.card_reports import CardsNarrowed
from ill_broker.services.office.reports import Asked, By, Report, Reports
from ill_broker.storage.card_reports import CardDeed, CardHappening
from ill_broker.storage.reports import Span
from ill_broker.storage.store import Store
from tests.factories import BJTU, PKU, SZUTL
from tests.ill_broker.services.card_desk import DESK, OFFICE, CardDesk
from workflows.actors import Actor, Role
from workflows.cards.card import ReportCardLost, TakeCardBack
from workflows.ids import CardId

YEARS = Span(first="2026-01", last="2027-12")


class World:
    """A desk that lends cards, and reports on them."""

    def __init__(self, store: Store) -> None:
        self.desk = CardDesk(store)
        self.reports = Reports(store, self.desk.directory)

    def told(self, by: By = By.MONTH, actor: Actor = OFFICE, span: Span = YEARS) -> list[tuple[Any, ...]]:
        asked = Asked(report=Report.CARDS, span=span, by=by)
        return list(self.reports.table(asked, actor, now=self.desk.now).rows)

    def page(
        self, narrowed: CardsNarrowed, after: tuple[CardId, int] | None = None, span: Span = YEARS
    ) -> Any:
        return self.reports.card_rows(span, narrowed, OFFICE, after=after, limit=1, now=self.desk.now)

    def listed(self, narrowed: CardsNarrowed, span: Span = YEARS) -> Iterator[CardHappening]:
        page = self.page(narrowed, span=span)
        yield from page.items
        while page.next:
            page = self.page(narrowed, page.next, span)
            yield from page.items


@pytest.fixture
def world(store: Store) -> World:
    """One card that came back in time, one that came back late, and one that was lost."""
    world = World(store)
    desk = world.desk
    desk.now = datetime(2026, 3, 2, 2, tzinfo=UTC)
    anna, ben = desk.patron("anna"), desk.patron("ben")
    prompt = desk.issued(anna, "C1")
    desk.now += timedelta(minutes=1)
    late = desk.issued(ben, "C2")
    desk.after(10).do(prompt, TakeCardBack())
    desk.after(60).do(late, TakeCardBack())
    desk.stocked("C3", library=SZUTL)
    desk.do(desk.issue(anna, "C3"), ReportCardLost())
    return world


def test_what_became_of_cards_stands_by_month_and_by_library(world: World) -> None:
    assert [("2026-03", 2, 1, 0, 0.0, 0), ("2026-05", 1, 1, 1, 1.0, 1)] == world.told()
    assert [("pku", 2, 2, 1, 0.5, 0), ("szutl", 1, 0, 0, None, 1)] == world.told(By.LENDER)
    assert [("bjtu", 3, 2, 1, 0.5, 1)] == world.told(By.HOME)
    assert [("2026-05", 1, 1, 1, 1.0, 1)] == world.told(span=Span(first="2026-04", last="2026-05"))


def test_a_month_ends_at_midnight_of_the_library(world: World) -> None:
    world.desk.now = datetime(2026, 6, 30, 16, tzinfo=UTC)
    world.desk.issue(world.desk.patron("carl"), "C1")

    assert ("2026-07", 1, 0, 0, None, 0) == world.told()[-1]


def test_a_desk_sees_the_cards_that_it_lends_and_those_that_are_its_own(world: World) -> None:
    assert world.told(actor=DESK) == world.told()
    assert [("szutl", 1, 0, 0, None, 1)] == world.told(By.LENDER, Actor(Role.STAFF, "stf_s", SZUTL))


def test_behind_each_figure_stand_its_cards_newest_first(world: World) -> None:
    def barcodes(span: Span = YEARS, **narrowed: Any) -> list[str]:
        return [one.barcode for one in world.listed(CardsNarrowed(**narrowed), span)]

    assert ["C3", "C3", "C2", "C1", "C2", "C1"] == barcodes()
    assert ["C3", "C2", "C1"] == barcodes(deed=CardDeed.ISSUED)
    assert ["C2", "C1"] == barcodes(deed=CardDeed.RETURNED) == barcodes(deed=CardDeed.RETURNED, lender=PKU)
    assert ["C2"] == barcodes(deed=CardDeed.RETURNED_LATE)
    assert ["C3"] == barcodes(deed=CardDeed.LOST, home=BJTU)
    assert ["C1", "C2", "C1"] == barcodes(span=Span(first="2026-03", last="2026-03"))
    assert [] == barcodes(home=PKU)
    assert () == world.page(CardsNarrowed(), after=(CardId("card_unknown0000"), 1)).items
