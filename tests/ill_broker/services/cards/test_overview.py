"""What people see of loan cards, and what their holders are written."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ill_broker.services.cards.loan_cards import LoanCards
from ill_broker.services.cards.overview import SeenCard
from ill_broker.storage import outbox
from ill_broker.storage.store import Store
from tests.card_factories import DUE
from tests.factories import NLC
from tests.ill_broker.services.card_desk import DESK, OFFICE, OWNER, CardDesk, as_patron
from workflows.actors import Actor, Role
from workflows.cards.card import (
    LoanCard,
    RemindHolder,
    ReportCardLost,
    TakeCardBack,
)
from workflows.money import Money

STRANGER = Actor(Role.STAFF, "stf_nlc", NLC)


@pytest.fixture
def desk(store: Store) -> CardDesk:
    return CardDesk(store)


def seen(desk: CardDesk, card: LoanCard, actor: Actor) -> SeenCard:
    return desk.overview.one(card.id, actor, now=desk.now)


def test_a_holder_sees_what_the_card_admits_to_when_it_is_due_and_what_it_costs(desk: CardDesk) -> None:
    anna = desk.patron()
    card = desk.issued(anna)
    told = seen(desk.after(33), card, as_patron(anna))

    assert (
        "borrow_chinese_books",
        "read_paper_books_and_journals",
        "search_databases_in_electronic_reading_rooms",
    ) == told.rights
    assert told.fine is not None
    assert (3, Money("CNY", 30), DUE) == (told.fine.overdue_days, told.fine.amount, told.fine.due)
    assert isinstance(told.book_due, date)
    assert told.patron is None


def test_the_desk_and_the_office_see_who_has_a_card_and_its_library_does_not(desk: CardDesk) -> None:
    anna = desk.patron()
    card = desk.issued(anna)

    assert [anna, anna, None] == [seen(desk, card, actor).patron for actor in (DESK, OFFICE, OWNER)]


def listed(desk: CardDesk, actor: Actor, **wanted: Any) -> list[str]:
    wanted = {"limit": 25, "role": "desk", **wanted}
    return [each.card.barcode for each in desk.overview.page(actor, now=desk.now, **wanted).items]


def test_everybody_lists_the_cards_that_concern_them(desk: CardDesk) -> None:
    anna, boris = desk.patron(), desk.patron("boris")
    desk.issued(anna, "C1")
    desk.after(1).issued(boris, "C2")
    desk.after(1).stocked("C3", library=NLC)

    assert ["C3", "C2", "C1"] == listed(desk, DESK)
    assert ["C3"] == listed(desk, DESK, status="in_stock")
    assert ["C2"] == listed(desk, DESK, barcode="C2")
    assert [] == listed(desk, DESK, barcode="C2", status="lost")
    assert ([], ["C2", "C1"]) == (listed(desk, OWNER), listed(desk, OWNER, role="owner"))
    assert ["C3", "C2", "C1"] == listed(desk, OFFICE)
    assert (["C1"], []) == (listed(desk, as_patron(anna)), listed(desk, as_patron(anna), status="lost"))
    assert [] == listed(desk, as_patron(anna), barcode="C2")


def test_a_list_goes_on_where_it_ended(desk: CardDesk) -> None:
    for place in range(3):
        desk.after(1).stocked(f"C{place}")
    first = desk.overview.page(DESK, now=desk.now, limit=2, role="desk")
    rest = desk.overview.page(DESK, now=desk.now, limit=2, role="desk", after=first.next)

    assert (["C2", "C1"], ["C0"]) == (
        [one.card.barcode for one in first.items],
        [one.card.barcode for one in rest.items],
    )
    assert rest.next is None


def test_the_stock_of_each_desk_is_counted(desk: CardDesk) -> None:
    desk.issued(desk.patron(), "C1")
    desk.stocked("C2")
    desk.stocked("C3", library=NLC)

    def counts(actor: Actor) -> list[tuple[str, str, str, int]]:
        return [(one.desk, one.library, one.status, one.cards) for one in desk.overview.stock(actor)]

    of_nlc = ("bjtu", "nlc", "in_stock", 1)
    of_pku = [("bjtu", "pku", "in_stock", 1), ("bjtu", "pku", "issued", 1)]
    assert [of_nlc, *of_pku] == counts(DESK) == counts(OFFICE)
    assert (of_pku, [of_nlc]) == (counts(OWNER), counts(STRANGER))


def test_holders_are_written_to_at_the_issue_before_the_due_date_and_after_it(desk: CardDesk) -> None:
    anna = desk.patron()
    desk.issued(anna)
    told = [desk.deliver()]
    for days in (26, 1, 3, 1, 7):
        desk.after(days).remind()
        told.append(desk.deliver())

    assert [
        ["馆际互借证领取成功"],
        [],
        ["馆际互借证即将到期"],
        [],
        ["馆际互借证已逾期"],
        ["馆际互借证已逾期"],
    ] == told
    assert {anna.email} == {letter.to for letter in desk.mails.letters}
    assert 4 == len({letter.message_id for letter in desk.mails.letters})


def test_a_letter_says_which_card_is_due_where_and_when(desk: CardDesk) -> None:
    desk.issued(desk.patron("li", language="zh"))
    desk.deliver()
    (letter,) = desk.mails.letters

    assert "馆际互借证领取成功" == letter.subject
    assert all(word in letter.text for word in ("C1", "PKU", "BJTU", "2026年4月1日"))
    assert "zh" == letter.language


def test_nobody_is_reminded_twice_of_the_same(desk: CardDesk) -> None:
    desk.issued(desk.patron())
    desk.after(28)

    assert (1, 0) == (desk.remind(), desk.remind())


def test_a_letter_that_comes_too_late_is_not_sent(desk: CardDesk) -> None:
    anna = desk.patron()
    card = desk.issued(anna)
    desk.deliver()
    desk.after(28).remind()
    desk.do(card, TakeCardBack())

    assert [] == desk.deliver()


def test_a_card_that_is_late_by_now_is_not_said_to_be_due_soon(desk: CardDesk) -> None:
    desk.issued(desk.patron())
    desk.deliver()
    desk.after(28).remind()

    assert [] == desk.after(5).deliver()


def test_the_next_holder_does_not_get_the_letters_of_the_last(desk: CardDesk) -> None:
    anna, boris = desk.patron(), desk.patron("boris")
    card = desk.issued(anna)
    desk.do(card, TakeCardBack())
    desk.issue(boris)
    desk.deliver()

    assert [boris.email] == [letter.to for letter in desk.mails.letters]


def test_nobody_is_reminded_of_a_card_that_is_back_or_lost(desk: CardDesk) -> None:
    anna = desk.patron()
    desk.do(desk.issued(anna, "C1"), TakeCardBack())
    desk.do(desk.issued(anna, "C2"), ReportCardLost())

    assert 0 == desk.after(90).remind()


def test_a_holder_who_cannot_be_reminded_keeps_no_other_from_it(desk: CardDesk) -> None:
    first = desk.issued(desk.patron("anna"), "C1")
    second = desk.issued(desk.patron("boris"), "C2")

    class Failing(LoanCards):
        def handle(self, card_id: Any, *rest: Any, **named: Any) -> LoanCard:
            if card_id == first.id:
                raise RuntimeError
            return super().handle(card_id, *rest, **named)

    desk.cards = Failing(desk.store, desk.directory)

    assert 1 == desk.after(28).remind()
    assert "HolderReminded" in desk.happened(second)


def test_a_reminder_that_is_not_due_leaves_no_trace(desk: CardDesk) -> None:
    card = desk.issued(desk.patron())
    with desk.store.reading() as conn:
        before = outbox.counts(conn)
    after = desk.cards.handle(card.id, RemindHolder(), Actor(Role.SYSTEM, "system"), now=desk.now)
    with desk.store.reading() as conn:
        assert (card, before) == (after, outbox.counts(conn))
