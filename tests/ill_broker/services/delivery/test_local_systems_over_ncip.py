"""A book's whole stay in a library whose own system speaks NCIP, over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.ncip.client import NcipSystem
from connectors.ncip.mapping import NcipProfile
from connectors.transport import Limits, Target
from ill_broker.services.people.home_cards import HomeCards
from ill_broker.storage import people
from ill_broker.storage.store import Store
from tests.factories import BARCODE
from tests.ill_broker.services.local import AtHome
from tests.support.ncip import LocalSystem, served
from workflows.home_cards import HomeCard
from workflows.requests.commands import (
    Arrive,
    CallResult,
    HandOver,
    RecordCall,
    ReportedStatus,
    ShipBack,
    TakeBack,
)
from workflows.requests.request import Request

NUMBER = f"L-{BARCODE}"


@pytest.fixture
def system() -> Iterator[LocalSystem]:
    with served(LocalSystem()) as system:
        yield system


@pytest.fixture
def at_home(store: Store, system: LocalSystem) -> AtHome:
    profile = NcipProfile(url=system.url, our_agency="CN-110001", their_agency="CN-420001")
    target = Target("bjtu", Limits(connect=2.0, total=5.0))
    return AtHome(store, NcipSystem(target, profile, lambda: datetime.now(UTC)))


def asked(at_home: AtHome, system: LocalSystem) -> tuple[Request, str]:
    """Return a request on its way, and the card of its patron, whom the system knows."""
    request = at_home.asked()
    with at_home.store.reading() as conn:
        patron = people.patron(conn, request.patron)
    assert patron is not None
    system.readers[patron.card_number] = ""
    at_home.hear(request, ReportedStatus.LOANED, item_barcode=BARCODE)
    return request, patron.card_number


def settle(at_home: AtHome) -> None:
    """Carry out what is due now, and what is put off, until nothing is."""
    for _ in range(3):
        at_home.deliver()
        at_home.now += timedelta(minutes=1)


def test_a_borrowed_book_lives_in_the_local_system_from_arrival_to_return(
    at_home: AtHome, system: LocalSystem
) -> None:
    request, card = asked(at_home, system)
    at_home.do(request, Arrive(barcode=BARCODE))
    settle(at_home)
    on_arrival = dict(system.books)
    at_home.do(request, RecordCall(result=CallResult.REACHED))
    due = at_home.do(request, HandOver()).due
    settle(at_home)
    on_loan = dict(system.books)
    at_home.do(request, TakeBack())
    settle(at_home)
    on_return = dict(system.books)
    at_home.do(request, ShipBack())
    settle(at_home)

    assert [{NUMBER: "hold shelf"}, {NUMBER: card}, {NUMBER: "desk"}, {}] == [
        on_arrival,
        on_loan,
        on_return,
        system.books,
    ]
    assert f"{due}T23:59:59+08:00" == system.due[NUMBER]
    assert () == at_home.load(request).attention


def test_a_system_that_is_busy_gets_it_later(at_home: AtHome, system: LocalSystem) -> None:
    request, _ = asked(at_home, system)
    system.busy = 1
    at_home.do(request, Arrive(barcode=BARCODE))
    settle(at_home)

    assert {NUMBER: "hold shelf"} == system.books
    assert ["AcceptItem", "AcceptItem"] == system.asked


def test_a_patron_whom_the_system_does_not_know_is_shown_to_the_desk(
    at_home: AtHome, system: LocalSystem
) -> None:
    request, _ = asked(at_home, system)
    system.readers.clear()
    at_home.do(request, Arrive(barcode=BARCODE))
    settle(at_home)

    assert ("local_system",) == at_home.load(request).attention


def test_a_home_card_is_looked_up_where_it_was_issued(at_home: AtHome, system: LocalSystem) -> None:
    patron = at_home.patron()
    checks = HomeCards(at_home.store, at_home.directory, at_home.lenders)
    found = [checks.state(patron, now=at_home.now)]
    for against in ("", "owes 5.00"):
        system.readers[patron.card_number] = against
        found.append(checks.state(patron, now=at_home.now))

    assert [HomeCard.UNKNOWN, HomeCard.VALID, HomeCard.BLOCKED] == found
