"""Applying what partners have sent: one message that breaks holds up no other."""

from __future__ import annotations

from threading import Event, Thread
from typing import Any

import pytest

from ill_broker.jobs.postman import Postman
from ill_broker.storage import inbox
from ill_broker.storage.failures import Busy, Uncertain
from ill_broker.storage.inbox import Message, MessageState
from ill_broker.storage.store import Store
from tests.factories import START, SZUTL
from tests.ill_broker.services.lending import Lending
from tests.ill_broker.services.partners.test_inbound import body_of
from workflows.ids import MessageId
from workflows.requests.lifecycle import Status
from workflows.requests.request import Request


@pytest.fixture
def lending(store: Store) -> Lending:
    return Lending(store)


def put(lending: Lending, request: Request, status: str, name: str) -> Message:
    message = Message(
        library=SZUTL,
        message_id=MessageId(name),
        body=body_of(request, status).decode(),
        received_at=START,
        request_id=request.id,
    )
    with lending.store.writing() as conn:
        inbox.put(conn, message)
    return message


def state(lending: Lending, name: str) -> MessageState:
    with lending.store.reading() as conn:
        found = inbox.find(conn, SZUTL, MessageId(name))
    assert found is not None
    return found.state


def postman(lending: Lending) -> Postman:
    return Postman(lending.inbound, lambda: lending.now, pause=0.01)


def test_what_is_waiting_is_applied(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    put(lending, request, "WillSupply", "m1")

    assert (1, 0) == (postman(lending).round(), postman(lending).round())
    assert Status.ACCEPTED is lending.load(request).status


def failing_for(lending: Lending, name: str, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = lending.inbound.apply

    def broken(message: Message, **named: Any) -> MessageState:
        if message.message_id == name:
            raise error
        return apply(message, **named)

    monkeypatch.setattr(lending.inbound, "apply", broken)


def test_a_message_that_breaks_is_set_aside_and_the_next_is_applied(
    lending: Lending, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, plain = lending.asked(SZUTL), lending.asked(SZUTL)
    put(lending, odd, "WillSupply", "m1")
    put(lending, plain, "WillSupply", "m2")
    failing_for(lending, "m1", KeyError("a bug"), monkeypatch)
    postman(lending).round()

    assert (MessageState.QUARANTINED, MessageState.APPLIED) == (state(lending, "m1"), state(lending, "m2"))
    assert 0 == postman(lending).round()


@pytest.mark.parametrize("error", [Busy("locked"), Uncertain("broke")])
def test_a_message_that_the_database_was_in_the_way_of_comes_again(
    lending: Lending, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    put(lending, lending.asked(SZUTL), "WillSupply", "m1")
    with monkeypatch.context() as context:
        failing_for(lending, "m1", error, context)
        assert 0 == postman(lending).round()

    assert MessageState.WAITING is state(lending, "m1")
    assert 1 == postman(lending).round()


@pytest.mark.parametrize("error", [Busy("locked"), RuntimeError("a bug")])
def test_nothing_ends_the_postman_but_being_told_to_stop(
    lending: Lending, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    request = lending.asked(SZUTL)
    put(lending, request, "WillSupply", "m1")
    waiting, applied, stop, failed = lending.inbound.waiting, Event(), Event(), list[bool]()

    def fail_first(limit: int, *, asking: bool) -> list[Message]:
        if not failed:
            failed.append(True)
            raise error
        found = waiting(limit, asking=asking)
        if not found:
            applied.set()
        return found

    monkeypatch.setattr(lending.inbound, "waiting", fail_first)
    thread = Thread(target=postman(lending).run, args=(stop,))
    thread.start()
    assert applied.wait(60)
    stop.set()
    thread.join(60)

    assert (MessageState.APPLIED, False) == (state(lending, "m1"), thread.is_alive())
