"""Emptying the outbox with several hands: nobody who hangs keeps the others waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest

from connectors import ports
from ill_broker.jobs.courier import Courier
from ill_broker.services.delivery.delivery import LEASE
from ill_broker.storage import outbox
from ill_broker.storage.failures import Busy, Uncertain
from ill_broker.storage.outbox import Entry, EntryState
from ill_broker.storage.store import Store
from tests.factories import PKU, SHLIB, START, SZUTL
from tests.ill_broker.services.lending import Lending
from workflows.ids import LibraryCode
from workflows.requests.request import Request

SECONDS = 20


@pytest.fixture
def lending(store: Store, database_url: str) -> Iterator[Lending]:
    wide = Store.open(database_url, threads=16)
    yield Lending(wide)
    wide.close()


@pytest.fixture
def hands() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def courier(lending: Lending, owner: str = "worker-1") -> Courier:
    return Courier(lending.hand(owner), lambda: lending.now, pause=0.01)


def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds, which is never longer than some seconds."""
    tick = Event()
    for _ in range(SECONDS * 100):
        if condition():
            return
        tick.wait(0.01)
    raise AssertionError("it never came")


def states(lending: Lending, *requests: Request) -> list[EntryState]:
    return [entry.state for request in requests for entry in lending.entries(request)]


def letters(lending: Lending, number: int) -> None:
    body = {"to": "a@example.org", "subject": "s", "text": "t", "language": "en"}
    with lending.store.writing() as conn:
        outbox.add(
            conn,
            [
                Entry(id=f"mail-{n}", kind="mail", body=body, created_at=START, due_at=START)
                for n in range(number)
            ],
        )


class Hanging:
    """Answers when it is let go."""

    def __init__(self) -> None:
        self.let_go = Event()
        self.calls = 0

    def __call__(self, _: object) -> None:
        self.calls += 1
        assert self.let_go.wait(SECONDS)


@contextmanager
def at_work(*couriers: Courier) -> Iterator[None]:
    """Let couriers work meanwhile."""
    stop = Event()
    threads = [Thread(target=one.run, args=(stop,)) for one in couriers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(SECONDS)


def test_a_library_that_hangs_keeps_two_hands_and_the_others_are_served(lending: Lending) -> None:
    slow = [lending.asked(SZUTL) for _ in range(6)]
    quick = [lending.asked(code) for code in (PKU, SHLIB) for _ in range(3)]
    hanging = Hanging()
    lending.lenders["szutl"].answer = hanging

    def served() -> bool:
        return states(lending, *quick) == [EntryState.DONE] * 6

    with at_work(courier(lending)):
        try:
            until(served)
            kept = hanging.calls
        finally:
            hanging.let_go.set()
        until(lambda: states(lending, *slow) == [EntryState.DONE] * 6)

    assert 1 <= kept <= 2


def test_a_mail_server_that_hangs_keeps_two_hands_as_well(lending: Lending) -> None:
    letters(lending, 10)
    request = lending.asked(SZUTL)
    hanging = Hanging()
    lending.mails.refuse = hanging
    with at_work(courier(lending)):
        try:
            until(lambda: states(lending, request) == [EntryState.DONE])
            kept = hanging.calls
        finally:
            hanging.let_go.set()

    assert 1 <= kept <= 2


def test_two_workers_do_each_entry_once(lending: Lending) -> None:
    requests = [lending.asked(code) for code in (PKU, SHLIB, SZUTL) for _ in range(4)]
    letters(lending, 8)
    two = [courier(lending, f"worker-{number}") for number in (1, 2)]

    def done() -> bool:
        return set(states(lending, *requests)) == {EntryState.DONE} and len(lending.mails.letters) >= 8

    with at_work(*two):
        until(done)
    told = [message.message_id for one in lending.lenders.known.values() for message in one.told]

    assert len(requests) == len(told) == len(set(told))
    assert 8 == len({letter.message_id for letter in lending.mails.letters}) == len(lending.mails.letters)


def test_a_worker_that_dies_is_followed_by_another_with_the_same_message(
    lending: Lending, hands: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = lending.asked(SZUTL)

    def killed(*_: Any, **__: Any) -> int:
        raise Uncertain("the connection broke")

    with monkeypatch.context() as broken:
        broken.setattr(outbox, "done", killed)
        first = courier(lending)
        assert 1 == first.round(hands)
        assert first._hand_free.wait(SECONDS)
        assert (1, True) == (
            len(lending.lenders["szutl"].told),
            "AskDelivered" in lending.happened(request),
        )
    lending.now += LEASE + timedelta(seconds=1)
    second = courier(lending, "worker-2")

    assert 1 == second.round(hands)
    until(lambda: states(lending, request) == [EntryState.DONE])
    assert 1 == len({message.message_id for message in lending.lenders["szutl"].told})


def test_a_fault_in_one_delivery_puts_that_one_off(lending: Lending, hands: ThreadPoolExecutor) -> None:
    request = lending.asked(SZUTL)

    def broken(_: ports.Message) -> str:
        raise KeyError("a bug")

    lending.lenders["szutl"].answer = broken

    assert 1 == courier(lending).round(hands)
    until(lambda: lending.entries(request)[0].last_failure is not None)
    (entry,) = lending.entries(request)

    assert ("szutl: KeyError", lending.now + timedelta(seconds=2)) == (entry.last_failure, entry.due_at)


@pytest.mark.parametrize("error", [Busy("locked"), Uncertain("broke"), RuntimeError("a bug")])
def test_a_database_that_fails_does_not_end_the_courier(
    lending: Lending, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    request = lending.asked(SZUTL)
    failed: list[bool] = []
    claim = outbox.claim

    def fail_first(*arguments: Any, **named: Any) -> list[Entry]:
        if not failed:
            failed.append(True)
            raise error
        return claim(*arguments, **named)

    monkeypatch.setattr(outbox, "claim", fail_first)
    with at_work(courier(lending)):
        until(lambda: states(lending, request) == [EntryState.DONE])

    assert [True] == failed


def test_with_no_hand_free_nothing_is_claimed(lending: Lending, hands: ThreadPoolExecutor) -> None:
    hanging = Hanging()
    codes = [LibraryCode(f"l{number}") for number in range(9)]
    body = {"what": "ask"}
    with lending.store.writing() as conn:
        outbox.add(
            conn,
            [
                Entry(id=f"e{code}", kind="tell", library=code, body=body, created_at=START, due_at=START)
                for code in codes
            ],
        )
    one = courier(lending)
    deliver = one._delivery.deliver
    one._delivery.deliver = lambda entry, **_: hanging(entry)  # type: ignore[method-assign]  # for the test alone
    try:
        got = [one.round(hands) for _ in range(6)]
        assert [2, 2, 2, 2, 0, 0] == got
    finally:
        hanging.let_go.set()
        one._delivery.deliver = deliver  # type: ignore[method-assign]  # for the test alone
