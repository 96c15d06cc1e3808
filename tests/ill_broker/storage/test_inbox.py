from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from ill_broker.storage import inbox
from ill_broker.storage.inbox import Message, MessageState
from ill_broker.storage.store import Store
from tests.ill_broker.storage.samples import BJTU, MINUTE, NLC, NOW, message
from workflows.ids import MessageId, RequestId

ONE, OTHER = RequestId("req_1"), RequestId("req_2")


def put(store: Store, *messages: Message) -> list[bool]:
    with store.writing() as conn:
        return [inbox.put(conn, each) for each in messages]


def look(store: Store, name: str) -> Message:
    with store.reading() as conn:
        found = inbox.find(conn, NLC, MessageId(name))
    assert found
    return found


def names(messages: list[Message]) -> list[str]:
    return [each.message_id for each in messages]


def test_a_message_comes_back_as_it_came(store: Store) -> None:
    whole = message(
        "a",
        body='{"note": "书🙂"}',
        headers={"webhook-id": "a"},
        request_id=ONE,
        lender_request_id="L1",
        status="Loaned",
        occurred_at=NOW - MINUTE,
    )
    put(store, whole)

    assert whole == look(store, "a")


def test_a_message_is_new_once_and_the_first_one_stays(store: Store) -> None:
    assert [True, False, True] == put(
        store, message("a", body="1"), message("a", body="2"), message("a", library=BJTU)
    )
    assert look(store, "a").body == "1"


def test_of_many_that_bring_the_same_message_one_is_first(store: Store) -> None:
    all_are_here = threading.Barrier(8)

    def bring(_: int) -> bool:
        all_are_here.wait(60)
        return put(store, message("a"))[0]

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(bring, range(8))) == 1


def test_the_longest_waiting_is_applied_first(store: Store) -> None:
    put(
        store,
        message("new"),
        message("old", received_at=NOW - MINUTE),
        message("done", state=MessageState.APPLIED),
    )
    with store.writing() as conn:
        assert ["old"] == names(inbox.waiting(conn, 1))
        assert ["old", "new"] == names(inbox.waiting(conn, 9))


def test_what_became_of_a_message_is_noted_once(store: Store) -> None:
    put(store, message("a"))
    seen = look(store, "a")
    with store.writing() as conn:
        assert inbox.mark(conn, seen, MessageState.APPLIED, now=NOW + MINUTE, request_id=ONE)
        assert not inbox.mark(conn, seen, MessageState.REFUSED, now=NOW + MINUTE, reason="too late")

    applied = look(store, "a")
    assert (MessageState.APPLIED, ONE, NOW + MINUTE, None) == (
        applied.state,
        applied.request_id,
        applied.applied_at,
        applied.reason,
    )


def test_a_refusal_keeps_its_reason_and_the_request(store: Store) -> None:
    put(store, message("a", request_id=ONE))
    with store.writing() as conn:
        inbox.mark(conn, message("a", request_id=ONE), MessageState.REFUSED, now=NOW, reason="not-theirs")

    refused = look(store, "a")
    assert ("not-theirs", ONE, None) == (refused.reason, refused.request_id, refused.applied_at)


def quarantine(store: Store) -> None:
    waits = {"state": MessageState.QUARANTINED}
    put(
        store,
        message("by ours", request_id=ONE, **waits),
        message("by theirs", lender_request_id="L1", received_at=NOW - MINUTE, **waits),
        message("of another lender", library=BJTU, lender_request_id="L1", **waits),
        message("of another request", request_id=OTHER, **waits),
        message("of nobody", **waits),
        message("applied", request_id=ONE, state=MessageState.APPLIED),
    )


def test_what_is_released_waits_to_be_applied_again(store: Store) -> None:
    quarantine(store)
    with store.writing() as conn:
        assert inbox.release(conn, ONE) == 1
        assert inbox.release(conn, ONE, library=NLC, lender_request_id="L1") == 1
        assert inbox.release(conn, ONE) == 0
        assert ["by theirs", "by ours"] == names(inbox.waiting(conn, 9))


def test_what_came_lately_is_released_together(store: Store) -> None:
    quarantine(store)
    with store.writing() as conn:
        assert inbox.release_since(conn, NOW) == 0
        assert inbox.release_since(conn, NOW - MINUTE) == 4
        assert ["by theirs"] == names(inbox.listed(conn))


def test_the_desk_sees_what_could_not_be_applied(store: Store) -> None:
    quarantine(store)
    put(store, message("refused", state=MessageState.REFUSED, received_at=NOW + MINUTE), message("fresh"))
    with store.reading() as conn:
        assert ["refused"] == names(inbox.listed(conn, limit=1))
        assert ["of another lender"] == names(inbox.listed(conn, library=BJTU))
        assert ["by theirs"] == names(inbox.listed(conn, before=NOW))
        assert ["fresh"] == names(inbox.listed(conn, states=[MessageState.WAITING]))
        assert {
            MessageState.WAITING: 1,
            MessageState.QUARANTINED: 5,
            MessageState.REFUSED: 1,
        } == inbox.counts(conn)


def test_every_message_about_a_request_is_shown(store: Store) -> None:
    quarantine(store)
    with store.reading() as conn:
        found = inbox.listed(conn, states=[*MessageState], request_id=ONE)
        assert {"by ours", "applied"} == set(names(found))
        assert inbox.find(conn, NLC, MessageId("unheard of")) is None


def test_workers_apply_each_message_once(store: Store) -> None:
    put(store, *(message(f"{n:02}") for n in range(40)))
    all_are_here = threading.Barrier(4)

    def work(_: int) -> list[str]:
        all_are_here.wait(60)
        applied: list[str] = []
        while True:
            with store.writing() as conn:
                messages = inbox.waiting(conn, 3)
                applied += [
                    each.message_id
                    for each in messages
                    if inbox.mark(conn, each, MessageState.APPLIED, now=NOW)
                ]
            if not messages:
                return applied

    with ThreadPoolExecutor(4) as pool:
        applied = [name for mine in pool.map(work, range(4)) for name in mine]

    assert [f"{n:02}" for n in range(40)] == sorted(applied)
