from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from ill_broker.storage import cards
from ill_broker.storage.cards import RecordedCardEvent, StockCount
from ill_broker.storage.failures import Stale, Taken
from ill_broker.storage.records import from_json, to_json
from ill_broker.storage.store import Store
from tests.card_factories import a_card, an_issued_card
from tests.factories import ANNA, BJTU, DAY, NLC, PKU, START
from tests.support.stored import events_of
from workflows.actors import SYSTEM, Actor, Role
from workflows.cards.card import (
    CardCharge,
    CardEvent,
    CardFound,
    CardIssued,
    CardLost,
    CardNotice,
    CardReturned,
    CardStatus,
    CardStocked,
    CardWithdrawn,
    HolderReminded,
    LoanCard,
)
from workflows.ids import CardId
from workflows.money import Money
from workflows.requests.events import Because

CHARGE = CardCharge(patron=ANNA, overdue_days=3, amount=Money("CNY", 30))
EVENTS: tuple[CardEvent, ...] = (
    CardStocked(at=START, barcode="C1", library=PKU, desk=BJTU),
    CardIssued(
        at=START, patron=ANNA, due=START.date(), remind_at=START + DAY, because=Because(rule="R-BULC-6")
    ),
    HolderReminded(at=START, what=CardNotice.OVERDUE, remind_at=START + DAY),
    CardReturned(at=START, charge=CHARGE),
    CardLost(at=START, note="巴士"),
    CardFound(at=START, charge=replace(CHARGE, amount=None)),
    CardWithdrawn(at=START, note=None, charge=None),
)


def numbered(number: int, **facts: Any) -> LoanCard:
    return a_card(id=CardId(f"card_{number:08}"), barcode=f"C{number}", **facts)


def add(store: Store, *new: LoanCard) -> None:
    with store.writing() as conn:
        for card in new:
            cards.add(conn, card, now=START)


def page(store: Store, **wanted: Any) -> list[str]:
    wanted = {"statuses": list(CardStatus), "after": None, "limit": 10, **wanted}
    with store.reading() as conn:
        return [card.barcode for card in cards.page(conn, **wanted)]


@pytest.mark.parametrize(
    "card", [a_card(), an_issued_card(), an_issued_card(status=CardStatus.LOST, lost_at=START)]
)
def test_a_card_is_read_as_it_was_stored(store: Store, card: LoanCard) -> None:
    add(store, card)
    with store.reading() as conn:
        assert card == cards.load(conn, card.id) == cards.by_barcode(conn, card.barcode)


def test_a_card_that_is_not_there_is_none(store: Store) -> None:
    with store.reading() as conn:
        assert cards.load(conn, CardId("card_none")) is None
        assert cards.by_barcode(conn, "none") is None


def test_a_barcode_is_taken_once(store: Store) -> None:
    add(store, a_card())
    with pytest.raises(Taken) as taken, store.writing() as conn:
        cards.add(conn, a_card(id=CardId("card_other")), now=START)

    assert "barcode" == taken.value.what


def test_a_change_is_saved_over_the_version_that_it_rests_on(store: Store) -> None:
    add(store, a_card())
    changed = an_issued_card(version=2)
    with store.writing() as conn:
        cards.save(conn, changed, was_version=1)
    with pytest.raises(Stale), store.writing() as conn:
        cards.save(conn, a_card(version=2), was_version=1)
    with store.reading() as conn:
        assert changed == cards.load(conn, changed.id)


def test_the_cards_of_a_patron_are_those_not_back_yet(store: Store) -> None:
    loan = an_issued_card().loan
    lost = numbered(2, status=CardStatus.LOST, loan=loan, lost_at=START)
    add(store, numbered(1, status=CardStatus.ISSUED, loan=loan), lost, numbered(3))
    with store.reading() as conn:
        assert ["C2", "C1"] == [card.barcode for card in cards.held(conn, ANNA)]


def test_a_page_is_of_a_desk_a_library_or_all_and_of_some_statuses(store: Store) -> None:
    add(store, numbered(1), numbered(2, library=NLC), numbered(3, desk=NLC, status=CardStatus.LOST))

    assert ["C3", "C2", "C1"] == page(store)
    assert (["C2", "C1"], ["C3", "C1"]) == (page(store, desk=BJTU), page(store, library=PKU))
    assert (["C3"], []) == (
        page(store, statuses=[CardStatus.LOST]),
        page(store, statuses=[CardStatus.WITHDRAWN]),
    )
    assert (["C3", "C2"], ["C1"]) == (page(store, limit=2), page(store, after=CardId("card_00000002")))


def test_the_stock_is_counted_by_desk_library_and_status(store: Store) -> None:
    add(store, numbered(1), numbered(2), numbered(3, library=NLC), numbered(4, desk=NLC))
    of_pku = StockCount(desk=BJTU, library=PKU, status=CardStatus.IN_STOCK, cards=2)
    of_nlc = replace(of_pku, library=NLC, cards=1)
    at_nlc = replace(of_pku, desk=NLC, cards=1)
    with store.reading() as conn:
        assert [of_nlc, of_pku, at_nlc] == cards.stock(conn, None)
        assert [of_nlc, at_nlc] == cards.stock(conn, NLC)


def test_holders_are_reminded_when_it_is_time_the_longest_waiting_first(store: Store) -> None:
    add(
        store,
        numbered(1, remind_at=START + DAY),
        numbered(2, remind_at=START),
        numbered(3, remind_at=START + 2 * DAY),
        numbered(4),
    )

    def due(limit: int) -> list[str]:
        with store.reading() as conn:
            return [card_id[-1] for card_id in cards.to_remind(conn, START + DAY, limit)]

    assert (["2", "1"], ["2"]) == (due(10), due(1))


def test_reminders_are_found_by_their_index_however_many_cards_there_are(
    migrated_file: Path, tmp_path: Path
) -> None:
    shutil.copy(migrated_file, tmp_path / "plan.db")
    store = Store.open(f"sqlite:///{tmp_path / 'plan.db'}", threads=1)
    with store.reading() as conn:
        plan = conn.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT id FROM loan_cards WHERE alarm_at <= '2026' ORDER BY alarm_at LIMIT 9"
        ).all()
    store.close()

    assert any("ix_loan_cards_alarm_at" in str(step) for step in plan)


def test_what_has_happened_to_a_card_is_kept_in_order_with_who_did_it(store: Store) -> None:
    staff = Actor(Role.STAFF, "stf_1", BJTU)
    recorded = [
        RecordedCardEvent(seq=1, actor=staff, event=EVENTS[0]),
        RecordedCardEvent(seq=2, actor=SYSTEM, event=EVENTS[1]),
    ]
    add(store, a_card())
    with store.writing() as conn:
        for each in reversed(recorded):
            cards.record(conn, a_card().id, each)
    with store.reading() as conn:
        assert recorded == events_of(conn, a_card().id)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_read_as_it_was_written(event: CardEvent) -> None:
    assert event == from_json(CardEvent, to_json(event))  # type: ignore[arg-type]  # a union is no type to mypy


def test_every_kind_of_event_is_tried() -> None:
    assert set(get_args(CardEvent)) == {type(event) for event in EVENTS}
