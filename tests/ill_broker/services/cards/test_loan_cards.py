"""Loan cards on both engines: nobody gets a third one, whatever happens at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ill_broker.services.cards.loan_cards import BarcodeTaken, LoanCards, NewCard
from ill_broker.services.cards.overview import SeenCard
from ill_broker.services.people.registration import build_people
from ill_broker.services.refusals import Outdated, StillOpen, Unknown, UnknownHome
from ill_broker.settings import Settings
from ill_broker.storage import journal, tallies
from ill_broker.storage.failures import Busy, Stale
from ill_broker.storage.store import Store
from tests.card_factories import DUE
from tests.factories import BJTU, NLC, PKU, START
from tests.ill_broker.services.card_desk import DESK, OFFICE, OWNER, CardDesk, as_patron
from workflows.accounts.account import Kind
from workflows.actors import Actor, Role
from workflows.cards.card import (
    CardRefused,
    CardStatus,
    LoanCard,
    RecordCardFound,
    ReportCardLost,
    TakeCardBack,
    WithdrawCard,
    WrongCardState,
    held_key,
)
from workflows.ids import LibraryCode
from workflows.money import Money
from workflows.patrons import Patron
from workflows.refusals import NotAllowed

STRANGER = Actor(Role.STAFF, "stf_nlc", NLC)


@pytest.fixture
def desk(store: Store) -> CardDesk:
    return CardDesk(store)


def held(desk: CardDesk, patron: Patron) -> int:
    with desk.store.reading() as conn:
        return tallies.read(conn, [held_key(patron.id)])[held_key(patron.id)]


def reasons(refused: pytest.ExceptionInfo[CardRefused]) -> object:
    return refused.value.facts["reasons"]


def owed(desk: CardDesk, patron: Patron) -> Money:
    """Return what was posted to the patron's account at the consortium."""
    with desk.store.reading() as conn:
        posted = journal.page(conn, patron.id, after=None, limit=50)
    assert {("bulc", Kind.CARD_FINE)} >= {(each.lender, each.entry.posting.kind) for each in posted}
    return sum((each.entry.posting.amount for each in posted), Money.zero("CNY"))


def seen(desk: CardDesk, card: LoanCard, actor: Actor) -> SeenCard:
    return desk.overview.one(card.id, actor, now=desk.now)


def test_a_card_goes_out_for_thirty_days_and_comes_back(desk: CardDesk) -> None:
    anna = desk.patron()
    card = desk.issued(anna)
    assert card.loan is not None
    assert (CardStatus.ISSUED, DUE, 1) == (card.status, card.loan.due, held(desk, anna))
    back = desk.after(30).do(card, TakeCardBack())

    assert (CardStatus.IN_STOCK, None, 0) == (back.status, back.loan, held(desk, anna))
    assert ["CardStocked", "CardIssued", "CardReturned"] == desk.happened(card)
    assert Money("CNY", 0) == owed(desk, anna)


def test_what_a_late_card_costs_is_owed_when_it_is_back_and_not_before(desk: CardDesk) -> None:
    anna = desk.patron()
    first, second = desk.issued(anna, "C1"), desk.issued(anna, "C2")
    desk.after(34)
    assert Money("CNY", 0) == owed(desk, anna)
    desk.do(first, TakeCardBack())
    assert Money("CNY", 40) == owed(desk, anna)
    desk.after(1).do(second, TakeCardBack())

    assert Money("CNY", 90) == owed(desk, anna)


def test_a_third_card_is_refused_and_one_that_is_back_makes_room(desk: CardDesk) -> None:
    anna = desk.patron()
    first = desk.issued(anna, "C1")
    desk.issued(anna, "C2")
    desk.stocked("C3")
    with pytest.raises(CardRefused) as refused:
        desk.issue(anna, "C3")
    assert ["card_limit"] == reasons(refused)
    desk.do(first, TakeCardBack())

    assert CardStatus.ISSUED is desk.issue(anna, "C3").status


def test_a_lost_card_makes_no_room_until_it_is_found_or_given_up(desk: CardDesk) -> None:
    anna = desk.patron()
    first, second = desk.issued(anna, "C1"), desk.issued(anna, "C2")
    desk.do(first, ReportCardLost(), as_patron(anna))
    desk.do(second, ReportCardLost("on the bus"), as_patron(anna))
    assert 2 == held(desk, anna)
    desk.do(first, RecordCardFound())
    assert 1 == held(desk, anna)
    desk.do(second, WithdrawCard("never seen again"), OWNER)

    assert 0 == held(desk, anna)


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """Return what comes of several pieces of work that begin together: a result, or a refusal."""
    all_are_here = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        all_are_here.wait(60)
        try:
            return work()
        except (CardRefused, WrongCardState, Busy) as refusal:
            return refusal

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_however_many_desks_hand_out_at_once_nobody_gets_a_third_card(
    database_url: str, store: Store
) -> None:
    desk = CardDesk(store)
    anna = desk.patron()
    barcodes = [f"C{place}" for place in range(12)]
    for barcode in barcodes:
        desk.stocked(barcode)
    many = Store.open(database_url, threads=len(barcodes))
    desk.cards = LoanCards(many, desk.directory)
    outcomes = at_once([lambda barcode=barcode: desk.issue(anna, barcode) for barcode in barcodes])  # type: ignore[misc]  # mypy cannot infer a lambda's default
    many.close()
    refused = [outcome for outcome in outcomes if isinstance(outcome, CardRefused)]

    assert (2, 10) == (sum(isinstance(one, LoanCard) for one in outcomes), len(refused))
    assert {("card_limit",)} == {tuple(one.facts["reasons"]) for one in refused}  # type: ignore[arg-type]  # a fact may be anything
    assert 2 == held(desk, anna)


def test_one_card_is_handed_to_one_of_many_patrons(database_url: str, store: Store) -> None:
    desk = CardDesk(store)
    patrons = [desk.patron(f"reader{place}") for place in range(8)]
    card = desk.stocked()
    many = Store.open(database_url, threads=len(patrons))
    desk.cards = LoanCards(many, desk.directory)
    outcomes = at_once([lambda patron=patron: desk.issue(patron) for patron in patrons])  # type: ignore[misc]  # mypy cannot infer a lambda's default
    many.close()

    assert 1 == sum(isinstance(one, LoanCard) for one in outcomes)
    assert 1 == sum(held(desk, patron) for patron in patrons)
    assert ["CardStocked", "CardIssued"] == desk.happened(card)


def test_two_clerks_who_take_a_card_back_at_once_charge_for_it_once(database_url: str, store: Store) -> None:
    desk = CardDesk(store)
    anna = desk.patron()
    card = desk.issued(anna)
    desk.after(40)
    many = Store.open(database_url, threads=4)
    desk.cards = LoanCards(many, desk.directory)
    outcomes = at_once([lambda: desk.do(card, TakeCardBack())] * 4)
    many.close()

    assert 1 == sum(isinstance(one, LoanCard) for one in outcomes)
    assert (0, Money("CNY", 100)) == (held(desk, anna), owed(desk, anna))


def test_a_refusal_names_every_reason_and_changes_nothing(desk: CardDesk) -> None:
    anna, boris = desk.patron(), desk.patron("boris", verified_at=None)
    card = desk.issued(anna)
    with pytest.raises(CardRefused) as refused:
        desk.issue(boris)

    assert ["card_not_in_stock", "email_not_verified"] == reasons(refused)
    assert (0, ["CardStocked", "CardIssued"]) == (held(desk, boris), desk.happened(card))


def test_a_home_card_of_another_library_is_nobodys_here(desk: CardDesk) -> None:
    guest = desk.patron("guest", home=NLC)
    desk.stocked()
    with pytest.raises(CardRefused) as refused:
        desk.issue(guest)

    assert ["unknown_home_card"] == reasons(refused)


def test_the_cards_library_does_not_hand_it_out(desk: CardDesk) -> None:
    anna = desk.patron()
    desk.stocked()
    with pytest.raises(NotAllowed):
        desk.issue(anna, actor=OWNER)


def test_a_card_does_not_exist_for_strangers(desk: CardDesk) -> None:
    anna, other = desk.patron(), desk.patron("other")
    card = desk.issued(anna)
    for actor in (STRANGER, as_patron(other)):
        with pytest.raises(Unknown):
            desk.do(card, TakeCardBack(), actor)
        with pytest.raises(Unknown):
            seen(desk, card, actor)
    with pytest.raises(Unknown):
        desk.issue(other, actor=STRANGER)
    with pytest.raises(Unknown):
        desk.issue(other, barcode="none")


def test_a_holder_may_say_that_it_is_lost_and_no_more(desk: CardDesk) -> None:
    anna = desk.patron()
    card = desk.issued(anna)
    with pytest.raises(NotAllowed):
        desk.do(card, TakeCardBack(), as_patron(anna))

    assert CardStatus.LOST is desk.do(card, ReportCardLost(), as_patron(anna)).status


def test_a_card_that_has_moved_on_is_not_moved_by_who_means_an_earlier_one(desk: CardDesk) -> None:
    card = desk.stocked()

    def expect_another(version: int) -> None:
        raise Stale(str(version))

    with pytest.raises(Outdated) as outdated:
        desk.cards.handle(card.id, ReportCardLost(), DESK, now=desk.now, expected=expect_another)

    assert {"version": 1} == outdated.value.facts


def test_a_barcode_is_one_cards(desk: CardDesk) -> None:
    desk.stocked()
    with pytest.raises(BarcodeTaken):
        desk.stocked(actor=OWNER)


def test_only_the_library_the_desk_and_the_office_take_cards_into_stock(desk: CardDesk) -> None:
    with pytest.raises(NotAllowed):
        desk.stocked(actor=STRANGER)

    assert ["C1", "C2", "C3"] == [
        desk.stocked(barcode, actor).barcode
        for barcode, actor in (("C1", DESK), ("C2", OWNER), ("C3", OFFICE))
    ]


@pytest.mark.parametrize(("library", "at", "pointer"), [("xyz", "bjtu", "/library"), ("pku", "xyz", "/desk")])
def test_a_card_is_of_a_member_and_kept_by_a_member(
    desk: CardDesk, library: str, at: str, pointer: str
) -> None:
    new = NewCard(barcode="C1", library=LibraryCode(library), desk=LibraryCode(at))
    with pytest.raises(UnknownHome) as unknown:
        desk.cards.stock_in(new, OFFICE, now=START)

    assert (pointer, {"library": "xyz"}) == (unknown.value.pointer, unknown.value.facts)


def test_a_desk_keeps_no_cards_for_its_own_library(desk: CardDesk) -> None:
    with pytest.raises(CardRefused) as refused:
        desk.stocked(library=BJTU)

    assert ["own_library"] == reasons(refused)


def test_work_that_never_gets_its_turn_is_given_up(desk: CardDesk) -> None:
    def never(_: object, __: object) -> None:
        raise Stale("again")

    with pytest.raises(Busy):
        desk.cards.stock_in(NewCard(barcode="C1", library=PKU, desk=BJTU), DESK, now=START, also=never)


def test_what_belongs_into_the_transaction_is_undone_with_it(desk: CardDesk) -> None:
    anna = desk.patron()
    card = desk.stocked()

    def fail(_: object, __: object) -> None:
        raise KeyError("receipt")

    with pytest.raises(KeyError):
        desk.cards.issue("C1", anna.card_number, DESK, now=START, also=fail)
    with pytest.raises(KeyError):
        desk.cards.handle(card.id, ReportCardLost(), DESK, now=START, also=fail)

    assert (0, ["CardStocked"]) == (held(desk, anna), desk.happened(card))


def test_a_patron_with_a_card_cannot_be_forgotten(desk: CardDesk) -> None:
    anna = desk.patron()
    card = desk.issued(anna)
    known, *_ = build_people(desk.store, Settings(cheap_passwords=True))
    with pytest.raises(StillOpen) as still:
        known.erase(anna.id, now=desk.now)
    desk.do(card, TakeCardBack())
    known.erase(anna.id, now=desk.now)

    assert {"requests": 0, "loan_cards": 1, "suspensions": 0} == still.value.facts
