from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import IntegrityError

from ill_broker.storage import events, requests
from ill_broker.storage.failures import Busy, NumberTaken, Stale
from ill_broker.storage.store import Store
from tests.ill_broker.storage.samples import ANNA, BJTU, MINUTE, NLC, NOW, recorded, request
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode, PatronId, RequestId
from workflows.requests.lifecycle import Outcome, Status
from workflows.requests.request import Alarm, Deadline, LenderClaim, Request, RotaEntry

WORK = "isbn:9787020002207:"
NOBODY = RequestId("req_nobody")


def ids(found: list[Request]) -> list[int]:
    return [int(each.id.removeprefix("req_")) for each in found]


def insert(store: Store, *several: Request) -> None:
    with store.writing() as conn:
        for each in several:
            requests.insert(conn, each, WORK)


def test_a_request_is_found_by_its_id_and_its_number(store: Store) -> None:
    insert(store, request(1), request(2))
    with store.reading() as conn:
        assert request(1) == requests.load(conn, request(1).id)
        assert request(2) == requests.by_number(conn, "A2") == requests.by_number(conn, " ａ\u200b2")


def test_what_is_not_there_is_none(store: Store) -> None:
    with store.reading() as conn:
        assert requests.load(conn, NOBODY) is None
        assert requests.by_number(conn, "A9") is None
        assert events.with_request(conn, NOBODY) is None


def test_a_number_that_is_taken_asks_for_another_draw(store: Store) -> None:
    insert(store, request(1))
    with pytest.raises(NumberTaken), store.writing() as conn:
        requests.insert(conn, request(2, number="A1"), WORK)

    assert issubclass(NumberTaken, Busy)


def test_an_id_that_is_taken_is_a_fault(store: Store) -> None:
    insert(store, request(1))
    with pytest.raises(IntegrityError):
        insert(store, request(1, number="other"))


def test_a_saved_request_is_what_it_has_become(store: Store) -> None:
    insert(store, request(1))
    changed = request(
        1,
        status=Status.CLOSED,
        outcome=Outcome.LOST,
        lender=NLC,
        scanned_barcode="31",
        alarm=Alarm(at=NOW, what=Deadline.DUE),
        due=date(2026, 4, 1),
        attention=("lost",),
        version=3,
    )
    with store.writing() as conn:
        requests.save(conn, changed, was_version=1)
    with store.reading() as conn:
        assert changed == requests.load(conn, changed.id)


def test_a_request_that_has_moved_on_is_not_overwritten(store: Store) -> None:
    insert(store, request(1))
    with store.writing() as conn:
        requests.save(conn, request(1, version=2, calls=1), was_version=1)
    with pytest.raises(Stale), store.writing() as conn:
        requests.save(conn, request(1, version=2, calls=7), was_version=1)
    with store.reading() as conn:
        assert request(1, version=2, calls=1) == requests.load(conn, request(1).id)


def test_of_two_who_decide_on_the_same_state_one_is_stale(store: Store) -> None:
    insert(store, request(1))
    both_have_read = threading.Barrier(2)

    def decide(calls: int) -> str:
        with store.reading() as conn:
            seen = requests.load(conn, request(1).id)
        assert seen
        both_have_read.wait(60)
        try:
            with store.writing() as conn:
                requests.save(
                    conn, replace(seen, calls=calls, version=seen.version + 1), was_version=seen.version
                )
        except Stale:
            return "stale"
        return "saved"

    with ThreadPoolExecutor(2) as pool:
        assert ["saved", "stale"] == sorted(pool.map(decide, [1, 2]))


def named(lender_request_id: str, lender: LibraryCode = NLC) -> RotaEntry:
    return RotaEntry(lender=lender, reason="nearest", lender_request_id=lender_request_id)


def test_a_request_is_found_by_what_its_lenders_call_it(store: Store) -> None:
    first, second = request(1, rota=(named("7"),)), request(2, rota=(named("7", BJTU),))
    insert(store, first, second)
    with store.writing() as conn:
        requests.note_lender_ids(conn, first.id, [(NLC, "7")])
        requests.note_lender_ids(conn, second.id, [(BJTU, "7")])
        requests.note_lender_ids(conn, first.id, [(BJTU, "8")])
    with store.reading() as conn:
        assert [first.id, None] == [requests.by_lender_request_id(conn, NLC, theirs) for theirs in "78"]
        assert [second.id, first.id] == [requests.by_lender_request_id(conn, BJTU, theirs) for theirs in "78"]


def test_two_lenders_may_call_a_request_the_same(store: Store) -> None:
    both = request(1, rota=(named("7"), named("7", BJTU)))
    insert(store, both)
    with store.writing() as conn:
        requests.note_lender_ids(conn, both.id, [(BJTU, "7")])
    with store.reading() as conn:
        assert both.id == requests.by_lender_request_id(conn, BJTU, "7")


def test_a_lender_that_uses_an_id_twice_means_the_first_request(store: Store) -> None:
    insert(store, request(1), request(2))
    with store.writing() as conn:
        for number in (1, 2):
            requests.note_lender_ids(conn, request(number).id, [(NLC, "7")])
            requests.note_lender_ids(conn, request(number).id, ())
    with store.reading() as conn:
        assert request(1).id == requests.by_lender_request_id(conn, NLC, "7")


def test_a_barcode_finds_the_books_that_the_desk_has_to_do_with(store: Store) -> None:
    says = RotaEntry(lender=NLC, reason="nearest", claim=LenderClaim(item_barcode="31"))
    there = {"scanned_barcode": "31", "status": Status.ARRIVED}
    insert(
        store,
        request(1, **there),
        request(2, **there | {"status": Status.CLOSED}),
        request(3, **there | {"desk": NLC}),
        request(4, status=Status.IN_TRANSIT, lender=NLC, rota=(says,)),
        request(5, **there | {"scanned_barcode": "32"}),
    )
    with store.reading() as conn:
        assert [4, 1] == ids(requests.by_barcode(conn, BJTU, "31"))


def test_a_book_is_found_by_the_barcode_that_the_patrons_library_gave_it(store: Store) -> None:
    there = {"scanned_barcode": "31", "status": Status.ARRIVED}
    insert(store, request(1, **there, local_barcode="ILL-7"), request(2, **there))
    with store.reading() as conn:
        assert [1] == ids(requests.by_barcode(conn, BJTU, "ｉll-7"))


def test_alarms_that_have_come_are_found_the_oldest_first(store: Store) -> None:
    at = [NOW, NOW - MINUTE, NOW + MINUTE, NOW - 2 * MINUTE]
    insert(
        store, *(request(n, alarm=Alarm(at=when, what=Deadline.DUE)) for n, when in enumerate(at)), request(9)
    )
    with store.reading() as conn:
        assert [request(n).id for n in (3, 1, 0)] == requests.with_alarm_before(conn, NOW, 10)
        assert [request(3).id] == requests.with_alarm_before(conn, NOW, 1)


@pytest.fixture
def shelf(store: Store) -> Store:
    """Thirty requests in turn submitted, arrived and closed; every second one of Anna at the NLC."""
    statuses = (Status.SUBMITTED, Status.ARRIVED, Status.CLOSED)
    insert(
        store,
        *(
            request(
                n,
                status=statuses[n % 3],
                patron=ANNA if n % 2 else PatronId("pat_bert"),
                lender=NLC if n % 2 else LibraryCode("bhu"),
                attention=("disputed",) if n == 4 else (),
            )
            for n in range(30)
        ),
    )
    return store


def test_a_patron_sees_their_own_newest_first(shelf: Store) -> None:
    with shelf.reading() as conn:
        assert list(range(29, 0, -2)) == ids(requests.of_patron(conn, ANNA, limit=99))
        assert [28, 22] == ids(
            requests.of_patron(conn, PatronId("pat_bert"), statuses=[Status.ARRIVED], limit=2)
        )


def test_pages_follow_one_another_without_gap_or_repetition(shelf: Store) -> None:
    seen: list[int] = []
    after: RequestId | None = None
    with shelf.reading() as conn:
        while page := requests.at_desk(
            conn, BJTU, statuses=[Status.SUBMITTED, Status.ARRIVED], after=after, limit=7
        ):
            seen += ids(page)
            after = page[-1].id

    assert [n for n in range(29, -1, -1) if n % 3 != 2] == seen


def test_a_lender_sees_what_is_asked_of_it(shelf: Store) -> None:
    with shelf.reading() as conn:
        assert [27, 21, 15, 9, 3] == ids(requests.at_lender(conn, NLC, statuses=[Status.SUBMITTED], limit=9))
        assert [] == requests.at_lender(conn, LibraryCode("pku"), limit=9)


def test_the_office_sees_everything(shelf: Store) -> None:
    with shelf.reading() as conn:
        assert list(range(29, -1, -1)) == ids(requests.everywhere(conn, limit=99))
        assert [] == requests.everywhere(conn, statuses=[], limit=9)


def test_open_requests_are_counted(shelf: Store) -> None:
    with shelf.reading() as conn:
        assert requests.count_open(conn, ANNA) == 10
        assert requests.count_open(conn, PatronId("pat_carl")) == 0


def test_events_come_back_in_their_order_with_who_brought_them_about(store: Store) -> None:
    insert(store, request(1), request(2))
    by_staff = recorded(2, actor=Actor(Role.STAFF, "stf_1", BJTU))
    with store.writing() as conn:
        events.append(conn, request(1).id, [recorded(1), by_staff])
        events.append(conn, request(1).id, [recorded(3)])
        events.append(conn, request(2).id, [])
    with store.reading() as conn:
        assert [recorded(1), by_staff, recorded(3)] == events.all_of(conn, request(1).id)
        assert [] == events.all_of(conn, request(2).id)


def test_an_event_takes_its_place_once(store: Store) -> None:
    insert(store, request(1))
    with pytest.raises(IntegrityError), store.writing() as conn:
        events.append(conn, request(1).id, [recorded(1), recorded(1)])


def test_events_need_their_request(store: Store) -> None:
    with pytest.raises(IntegrityError), store.writing() as conn:
        events.append(conn, NOBODY, [recorded(1)])


def test_a_request_and_its_events_are_read_by_one_query(store: Store) -> None:
    insert(store, request(1), request(2))
    with store.writing() as conn:
        events.append(conn, request(1).id, [recorded(n) for n in range(12, 0, -1)])
        events.append(conn, request(2).id, [recorded(1)])
    asked: list[str] = []

    def note(_conn: Connection, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    with store.reading() as conn:
        event.listen(conn, "before_cursor_execute", note)
        seen = events.with_request(conn, request(1).id)

    assert (request(1), tuple(recorded(n) for n in range(1, 13))) == seen
    assert len([statement for statement in asked if "SELECT" in statement]) == 1
