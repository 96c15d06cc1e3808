"""What holds when all is over, whatever was killed meanwhile: nothing is lost, and nothing happened twice."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta

from sqlalchemy import text

from ill_broker.storage import events, inbox, outbox
from ill_broker.storage import requests as request_rows
from tests.journeys.crowd import LENDER, PATIENCE, Crowd
from tests.journeys.world import World, until
from tests.support.smtp import text_of
from workflows.requests.lifecycle import Outcome, Status

#: what happens once in every journey, in whatever order the lender's messages come
ONCE = {
    "Submitted", "AskedLender", "Shipped", "Arrived", "Called", "Notified", "HandedOver",
    "TakenBack", "ShippedBack", "ReceivedByLender", "Closed",
}  # fmt: skip
#: what the lender says beside: that it has the request, and that it will supply
SAID = {"RequestReceived", "Accepted", "Noted"}
#: noted unless the worker dies right after asking, and the lender is faster than the next worker
OFTEN_NOTED = "AskDelivered"
#: the number of a request, as letters tell it
NUMBER = re.compile(r"(?<![A-Z0-9])[A-Z0-9]{4}-[A-Z0-9]{2}(?![A-Z0-9])")


def assert_all_is_well(crowd: Crowd, journeys: int) -> None:
    """Fail unless each of so many journeys has come to its end once."""
    _assert_nothing_waits(crowd.world)
    assert journeys == len(crowd.acknowledged)
    _assert_each_journey_happened_once(crowd)
    _assert_limits_are_given_back(crowd.world)
    _assert_the_lender_was_asked_once_each(crowd)
    _assert_no_letter_came_twice(crowd)


def _assert_nothing_waits(world: World) -> None:
    def left() -> tuple[dict[outbox.EntryState, int], dict[inbox.MessageState, int]]:
        world.jump(timedelta(seconds=10))  # what was put off is not waited for as long as a library would
        with world.store.reading() as conn:
            return outbox.counts(conn), inbox.counts(conn)

    def is_done(counts: tuple[dict[outbox.EntryState, int], dict[inbox.MessageState, int]]) -> bool:
        going_out, coming_in = counts
        return not (
            going_out[outbox.EntryState.WAITING]
            + going_out[outbox.EntryState.LEASED]
            + sum(coming_in.values())
        )

    going_out, _ = until(left, is_done, seconds=PATIENCE, pause=1.0)

    assert 0 == going_out[outbox.EntryState.DEAD]


def _assert_each_journey_happened_once(crowd: Crowd) -> None:
    with crowd.world.store.reading() as conn:
        found = request_rows.everywhere(conn, limit=1000)
        happened = {request.id: events.all_of(conn, request.id) for request in found}

    assert set(crowd.acknowledged) == set(happened)
    assert {(Status.CLOSED, Outcome.COMPLETED)} == {(each.status, each.outcome) for each in found}
    for request_id, recorded in happened.items():
        names = Counter(type(each.event).__name__ for each in recorded)
        rests_on = Counter((type(each.event), each.event.because.message) for each in recorded)

        assert names.pop(OFTEN_NOTED, 1) == 1
        assert Counter(ONCE) == Counter({name: count for name, count in names.items() if name not in SAID})
        assert len(SAID) - 1 == sum(names[name] for name in SAID)
        assert 1 == max(count for (_, message), count in rests_on.items() if message)
        assert set(crowd.acknowledged[request_id]) <= set(names)


def _assert_limits_are_given_back(world: World) -> None:
    with world.store.reading() as conn:
        used = conn.execute(text("SELECT key FROM tallies WHERE used <> 0 AND key NOT LIKE 'quota:%'"))

        assert [] == list(used.scalars())


def _assert_the_lender_was_asked_once_each(crowd: Crowd) -> None:
    asked = crowd.world.sandboxes[LENDER].get("/sandbox/requests")["requests"]
    heard = ["request.ask", "request.due_date", "request.received", "request.returned"]

    assert sorted(crowd.acknowledged) == sorted(each["request_id"] for each in asked)
    assert [heard] * len(asked) == [sorted(each["heard"]) for each in asked]


def _assert_no_letter_came_twice(crowd: Crowd) -> None:
    """A letter that was handed over when the worker died goes again, and is known by its Message-ID."""
    letters = {
        letter["message-id"]: (letter["to"], letter["subject"], *NUMBER.findall(text_of(letter)))
        for letter in crowd.world.postbox.letters
    }

    assert {} == {what: count for what, count in Counter(letters.values()).items() if count > 1}
