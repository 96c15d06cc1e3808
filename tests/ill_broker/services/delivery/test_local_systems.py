"""Telling a patron's own library's system: what fails is put off or shown, and is never in the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.failures import Refused, Unreachable
from connectors.ports import ArrivedItem, Connectors
from ill_broker.services.delivery.back_off import MOST_ATTEMPTS
from ill_broker.storage import outbox, people
from ill_broker.storage.outbox import Entry, EntryState
from ill_broker.storage.store import Store
from tests.factories import BARCODE, BJTU
from tests.ill_broker.services.lending import Lending
from tests.ill_broker.services.local import AtHome, OwnSystem
from workflows.requests.commands import ShipBack, TakeBack
from workflows.requests.lifecycle import Status
from workflows.requests.request import Request


@pytest.fixture
def at_home(store: Store) -> AtHome:
    return AtHome(store, OwnSystem())


def failing(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def local(at_home: AtHome, request: Request) -> list[Entry]:
    return [entry for entry in at_home.entries(request) if entry.kind == outbox.LOCAL]


def card_of(at_home: AtHome, request: Request) -> str:
    with at_home.store.reading() as conn:
        patron = people.patron(conn, request.patron)
    assert patron is not None
    return patron.card_number


def test_an_arrived_book_is_put_on_the_hold_shelf_for_its_patron(at_home: AtHome) -> None:
    request = at_home.arrived()
    at_home.deliver()
    ((_, item),) = at_home.system.told

    assert isinstance(item, ArrivedItem)
    assert (card_of(at_home, request), BARCODE, request.citation.title) == (
        item.card_number,
        item.barcode,
        item.title,
    )
    assert [(EntryState.DONE, "told")] == [(one.state, one.result) for one in local(at_home, request)]


def test_the_system_is_told_of_the_whole_loan_in_order(at_home: AtHome) -> None:
    request = at_home.lent()
    due = request.due
    at_home.do(request, TakeBack())
    at_home.do(request, ShipBack())
    at_home.deliver()
    hold, *rest = at_home.system.told

    assert "hold" == hold[0]
    assert [
        ("check_out", card_of(at_home, request), BARCODE, due),
        ("check_in", BARCODE),
        ("forget", BARCODE),
    ] == rest
    assert 4 == len(set(at_home.system.names))


def test_the_number_that_the_system_gave_the_book_is_used_from_then_on(at_home: AtHome) -> None:
    at_home.system.number = "T9"
    request = at_home.lent()
    at_home.deliver()

    assert "T9" == at_home.load(request).local_barcode
    assert "T9" == at_home.system.told[-1][2]
    assert 1 == at_home.happened(request).count("HeldLocally")


def test_a_number_that_is_known_is_not_taken_down(at_home: AtHome) -> None:
    request = at_home.lent()
    at_home.deliver()

    assert "HeldLocally" not in at_home.happened(request)


def test_a_library_without_a_system_is_told_nothing(at_home: AtHome) -> None:
    at_home.plug(hold_shelf=None, circulation=None, temporary_items=None)
    request = at_home.lent()
    at_home.deliver()

    assert [] == local(at_home, request)
    assert [] == at_home.system.told


def test_a_system_that_was_unplugged_meanwhile_is_not_told(at_home: AtHome) -> None:
    request = at_home.lent()
    at_home.do(request, TakeBack())
    at_home.do(request, ShipBack())
    at_home.lenders.by_hand[BJTU] = Connectors(BJTU)
    at_home.deliver()

    assert ["no system"] * 4 == [entry.result for entry in local(at_home, request)]


def test_a_system_that_cannot_be_reached_is_told_again_under_the_same_name(at_home: AtHome) -> None:
    at_home.system.obey = failing(Unreachable("bjtu", "ConnectError"))
    request = at_home.arrived()
    at_home.deliver()
    (waiting,) = local(at_home, request)
    at_home.system.obey = lambda: None
    at_home.now = waiting.due_at
    at_home.deliver()

    assert EntryState.WAITING is waiting.state
    assert 2 == len(at_home.system.names)
    assert 1 == len(set(at_home.system.names))
    assert [EntryState.DONE] == [entry.state for entry in local(at_home, request)]


def test_what_the_system_refuses_is_set_aside_and_shown_to_the_desk(at_home: AtHome) -> None:
    at_home.system.obey = failing(Refused("bjtu", "User Blocked - owes 5.00"))
    request = at_home.arrived()
    at_home.deliver()
    (dead,) = local(at_home, request)

    assert (EntryState.DEAD, BJTU) == (dead.state, dead.library)
    assert ("local_system",) == at_home.load(request).attention


def test_the_desk_goes_on_while_the_system_refuses(at_home: AtHome) -> None:
    at_home.system.obey = failing(Refused("bjtu", "no"))
    request = at_home.lent()
    at_home.deliver()

    assert Status.RETURNED is at_home.do(request, TakeBack()).status


def test_the_desk_does_not_wait_for_the_system(at_home: AtHome) -> None:
    request = at_home.lent()

    assert Status.ON_LOAN is request.status
    assert [] == at_home.system.told


def test_a_system_that_stays_away_is_given_up_at_last(at_home: AtHome) -> None:
    at_home.system.obey = failing(Unreachable("bjtu", "ConnectError"))
    request = at_home.arrived()
    for _ in range(MOST_ATTEMPTS):
        at_home.deliver()
        at_home.now = max(entry.due_at for entry in local(at_home, request))

    assert [EntryState.DEAD] == [entry.state for entry in local(at_home, request)]
    assert ("local_system",) == at_home.load(request).attention


def test_a_message_that_was_set_aside_can_be_sent_anew(at_home: AtHome) -> None:
    at_home.system.obey = failing(Refused("bjtu", "no"))
    request = at_home.arrived()
    at_home.deliver()
    at_home.system.obey = lambda: None
    with at_home.store.writing() as conn:
        outbox.replay(conn, local(at_home, request)[0].id, now=at_home.now)
    at_home.deliver()

    assert [EntryState.DONE] == [entry.state for entry in local(at_home, request)]


def test_a_patron_who_is_forgotten_is_not_named_to_anybody(at_home: AtHome) -> None:
    request = at_home.arrived()
    with at_home.store.writing() as conn:
        people.erase(conn, request.patron, now=at_home.now)
    at_home.deliver()

    assert [] == at_home.system.told
    assert [EntryState.DEAD] == [entry.state for entry in local(at_home, request)]


def test_an_entry_without_its_request_is_a_fault_of_ours(at_home: AtHome) -> None:
    request = at_home.arrived()
    (entry,) = local(at_home, request)
    with pytest.raises(LookupError):
        at_home.delivery.deliver(_of_nobody(entry), now=at_home.now)


def _of_nobody(entry: Entry) -> Entry:
    return Entry(
        id=entry.id,
        kind=entry.kind,
        library=entry.library,
        body=entry.body,
        created_at=entry.created_at,
        due_at=entry.due_at,
    )


@pytest.mark.parametrize(
    ("has", "expected"),
    [
        ((), set()),
        (("patrons",), set()),
        (("hold_shelf",), {"hold"}),
        (("circulation",), {"check_out", "check_in"}),
        (("temporary_items",), {"forget"}),
    ],
)
def test_the_directory_says_what_each_system_can_be_told(
    at_home: AtHome, has: tuple[str, ...], expected: set[str]
) -> None:
    all_of_it = ("patrons", "hold_shelf", "circulation", "temporary_items")
    at_home.plug(**{what: None for what in all_of_it if what not in has})

    assert expected == set(at_home.directory.local_systems(at_home.now)[BJTU])


def test_nobody_has_a_system_as_far_as_a_directory_without_a_registry_knows(store: Store) -> None:
    lending = Lending(store)

    assert {frozenset()} == set(lending.directory.local_systems(lending.now).values())
