from __future__ import annotations

import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Connection

from ill_broker.storage import outbox
from ill_broker.storage.outbox import Entry, EntryState
from ill_broker.storage.records import from_dict
from ill_broker.storage.store import Store
from tests.ill_broker.storage.samples import BJTU, MINUTE, NLC, NOW, entry, request
from workflows.ids import LibraryCode, MessageId, RequestId
from workflows.requests.effects import Channel, Effect, Notice, SendNotice, Tell, TellLender

LEASE = timedelta(seconds=30)
ONE, OTHER = RequestId("req_1"), RequestId("req_2")


def forget(conn: Connection, before: datetime, *, notices: datetime = NOW) -> int:
    return outbox.forget(
        conn, letters_before=before, done_before=before, dead_before=before, notices_before=notices
    )


def add(store: Store, *entries: Entry) -> None:
    with store.writing() as conn:
        outbox.add(conn, entries)


def claim(
    store: Store,
    owner: str = "me",
    now: datetime = NOW,
    limit: int = 10,
    not_for: Collection[LibraryCode] = (),
) -> list[str]:
    with store.writing() as conn:
        lent = outbox.claim(conn, owner=owner, now=now, lease=LEASE, limit=limit, not_for=not_for)
    return [each.id for each in lent]


def done(store: Store, *ids: str, owner: str = "me") -> int:
    with store.writing() as conn:
        return outbox.done(conn, ids, owner=owner, now=NOW, result={"reference": "X"})


def look(store: Store, entry_id: str) -> Entry:
    with store.reading() as conn:
        found = outbox.find(conn, entry_id)
    assert found
    return found


def test_what_is_to_be_told_to_a_lender_is_an_entry_for_that_library() -> None:
    effect = TellLender(lender=NLC, what=Tell.DUE_DATE, message=MessageId("m1"), lender_due=date(2026, 4, 1))
    (made,) = outbox.orders(request(), effect, NOW)

    assert ("m1:tell", "tell", NLC, request().id) == (made.id, made.kind, made.library, made.request_id)
    assert effect == from_dict(Effect, made.body)  # type: ignore[arg-type]  # a union is no type to mypy


def test_a_notice_is_an_entry_for_each_channel_and_texts_go_through_hands_of_their_own() -> None:
    effect = SendNotice(notice=Notice.ARRIVED, message=MessageId("m2"), channels=tuple(Channel))
    made = outbox.orders(request(), effect, NOW)

    assert [
        ("m2:notice:email", "notice", None),
        ("m2:notice:sms", "notice", "sms-gateway"),
        ("m2:notice:call", "notice", None),
    ] == [(each.id, each.kind, each.library) for each in made]
    assert [(channel,) for channel in Channel] == [from_dict(SendNotice, each.body).channels for each in made]


def test_what_waits_for_the_morning_has_not_been_tried(store: Store) -> None:
    add(store, entry("a"))
    claim(store)
    with store.writing() as conn:
        assert not outbox.wait(conn, "a", owner="other", until=NOW, now=NOW)
        assert outbox.wait(conn, "a", owner="me", until=NOW + MINUTE, now=NOW)
    found = look(store, "a")

    assert (EntryState.WAITING, 0, NOW + MINUTE) == (found.state, found.attempts, found.due_at)
    assert ([], ["a"]) == (claim(store), claim(store, now=NOW + MINUTE))


def test_notices_are_kept_longer_than_other_deliveries(store: Store) -> None:
    add(store, entry("a", kind="notice"), entry("b", kind="mail"))
    claim(store)
    done(store, "a", "b")
    with store.writing() as conn:
        assert forget(conn, NOW + MINUTE) == 1
        assert outbox.find(conn, "a") is not None
        assert forget(conn, NOW + MINUTE, notices=NOW + MINUTE) == 1


def test_an_entry_is_lent_as_it_was_added(store: Store) -> None:
    add(store, entry("a", request_id=ONE, body={"text": "请\ud800", "n": [1, None]}))
    with store.writing() as conn:
        (lent,) = outbox.claim(conn, owner="me", now=NOW, lease=LEASE, limit=9)

    expected = entry("a", request_id=ONE, body={"text": "请\ud800", "n": [1, None]})
    assert (
        replace(expected, state=EntryState.LEASED, attempts=1, due_at=NOW + LEASE, first_tried_at=NOW) == lent
    )


def test_an_entry_that_is_there_already_stays_as_it_is(store: Store) -> None:
    add(store, entry("a", kind="mail"))
    add(store, entry("a", kind="tell"), entry("b"))
    add(store)

    assert look(store, "a").kind == "mail"
    assert ["a", "b"] == claim(store)


def test_the_longest_due_are_lent_first_and_what_is_not_due_waits(store: Store) -> None:
    add(store, entry("late", due_at=NOW + MINUTE), entry("new"), entry("old", due_at=NOW - MINUTE))

    assert ["old"] == claim(store, limit=1)
    assert ["new"] == claim(store)
    done(store, "old", "new")
    assert ["late"] == claim(store, now=NOW + MINUTE)


def test_what_is_lent_is_not_lent_again_before_its_lease_ends(store: Store) -> None:
    add(store, entry("a"))

    assert ["a"] == claim(store)
    assert [] == claim(store, "other", NOW + LEASE - timedelta(seconds=1))
    assert ["a"] == claim(store, "other", NOW + LEASE)


def test_whose_lease_was_taken_over_can_no_longer_settle_it(store: Store) -> None:
    add(store, entry("a"))
    claim(store, "slow")
    claim(store, "quick", NOW + LEASE)

    with store.writing() as conn:
        assert outbox.done(conn, ["a"], owner="slow", now=NOW) == 0
        assert not outbox.put_off(conn, "a", owner="slow", at=NOW, now=NOW, failure="timeout")
        assert not outbox.bury(conn, "a", owner="slow", now=NOW, failure="timeout")
    assert done(store, "a", owner="quick") == 1


def test_what_is_done_stays_done(store: Store) -> None:
    add(store, entry("a"), entry("b"))
    claim(store)

    assert done(store, "a", "b", "unknown") == 2
    assert done(store, "a") == 0
    assert [] == claim(store, now=NOW + 9 * LEASE)
    settled = look(store, "a")
    assert (EntryState.DONE, NOW, {"reference": "X"}) == (settled.state, settled.done_at, settled.result)


def test_what_is_put_off_comes_again_then_and_remembers_why(store: Store) -> None:
    add(store, entry("a"))
    claim(store)
    with store.writing() as conn:
        assert outbox.put_off(conn, "a", owner="me", at=NOW + MINUTE, now=NOW, failure="unreachable")

    assert [] == claim(store, now=NOW + MINUTE / 2)
    assert ["a"] == claim(store, now=NOW + MINUTE)
    again = look(store, "a")
    assert (2, "unreachable") == (again.attempts, again.last_failure)


def test_a_request_tells_a_library_one_thing_after_the_other(store: Store) -> None:
    add(
        store,
        entry("ask", request_id=ONE),
        entry("cancel", request_id=ONE),
        entry("elsewhere", request_id=OTHER),
    )

    assert ["ask", "elsewhere"] == claim(store)
    done(store, "elsewhere")
    assert [] == claim(store)
    with store.writing() as conn:
        outbox.put_off(conn, "ask", owner="me", at=NOW + MINUTE, now=NOW, failure="unreachable")
    assert [] == claim(store)
    assert ["ask"] == claim(store, now=NOW + MINUTE)
    done(store, "ask")
    assert ["cancel"] == claim(store)


def test_what_goes_to_different_places_does_not_wait_for_one_another(store: Store) -> None:
    add(
        store,
        entry("nlc", request_id=ONE),
        entry("bjtu", request_id=ONE, library=BJTU),
        entry("notice", request_id=ONE, library=None),
        entry("another notice", request_id=ONE, library=None),
        entry("mail", library=None),
        entry("another mail", library=None),
    )

    assert 6 == len(claim(store))


def test_a_dead_letter_holds_nothing_up(store: Store) -> None:
    add(store, entry("ask", request_id=ONE), entry("cancel", request_id=ONE))
    claim(store)
    with store.writing() as conn:
        assert outbox.bury(conn, "ask", owner="me", now=NOW, failure="refused")

    assert ["cancel"] == claim(store)


def test_dead_letters_are_shown_and_can_be_replayed(store: Store) -> None:
    add(store, entry("a"), entry("b"), entry("c", library=BJTU), entry("fine"))
    claim(store)
    with store.writing() as conn:
        for name in "abc":
            outbox.bury(conn, name, owner="me", now=NOW, failure=f"refused {name}")
    with store.reading() as conn:
        assert ["c", "b", "a"] == [dead.id for dead in outbox.dead_letters(conn)]
        assert ["refused b"] == [
            dead.last_failure for dead in outbox.dead_letters(conn, library=NLC, limit=1)
        ]
    with store.writing() as conn:
        assert outbox.replay(conn, "a", now=NOW + MINUTE)
        assert not outbox.replay(conn, "a", now=NOW + MINUTE)
        assert not outbox.replay(conn, "fine", now=NOW + MINUTE)

    assert (EntryState.WAITING, 0, None) == (
        look(store, "a").state,
        look(store, "a").attempts,
        look(store, "a").done_at,
    )
    assert "a" in claim(store, now=NOW + MINUTE)


def test_a_library_that_does_not_answer_can_be_left_out(store: Store) -> None:
    add(store, entry("nlc"), entry("bjtu", library=BJTU), entry("mail", library=None))

    assert ["bjtu", "mail"] == claim(store, not_for=[NLC])


def test_all_that_is_done_for_a_request_is_shown_in_order(store: Store) -> None:
    add(store, entry("a", request_id=ONE), entry("b", request_id=OTHER), entry("c", request_id=ONE))
    with store.reading() as conn:
        assert ["a", "c"] == [each.id for each in outbox.of_request(conn, ONE)]
        assert outbox.find(conn, "nothing") is None


def test_the_next_due_is_known(store: Store) -> None:
    with store.reading() as conn:
        assert outbox.next_due(conn) is None
    add(store, entry("a", due_at=NOW + MINUTE), entry("b", due_at=NOW - MINUTE))
    with store.reading() as conn:
        assert NOW - MINUTE == outbox.next_due(conn)


def test_entries_are_counted_and_what_is_done_is_forgotten(store: Store) -> None:
    add(store, entry("a"), entry("b", due_at=NOW + MINUTE))
    claim(store)
    done(store, "a")
    with store.writing() as conn:
        assert {EntryState.WAITING: 1, EntryState.LEASED: 0, EntryState.DEAD: 0} == outbox.counts(conn)
        assert forget(conn, NOW) == 0
        assert forget(conn, NOW + MINUTE) == 1
        assert ["b"] == [each.id for name in "ab" if (each := outbox.find(conn, name))]


@pytest.mark.parametrize("limit", [1, 7])
def test_workers_never_hold_the_same_entry_and_lose_none(store: Store, limit: int) -> None:
    add(store, *(entry(f"{n:03}", request_id=RequestId(f"r{n % 40}")) for n in range(120)))
    all_are_here = threading.Barrier(4)

    def work(owner: str) -> list[str]:
        all_are_here.wait(60)
        mine: list[str] = []
        while lent := claim(store, owner, limit=limit):
            mine += lent
            assert done(store, *lent, owner=owner) == len(lent)
        return mine

    with ThreadPoolExecutor(4) as pool:
        delivered = [name for mine in pool.map(work, "abcd") for name in mine]
    delivered += work_off(store)

    assert [f"{n:03}" for n in range(120)] == sorted(delivered)


def work_off(store: Store) -> list[str]:
    """Deliver what nobody could take while others held what had to go before it."""
    rest: list[str] = []
    while lent := claim(store):
        rest += lent
        done(store, *lent)
    return rest
