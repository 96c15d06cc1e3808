"""A partner's name of its request leads to ours, and the newest name is the one that counts."""

from __future__ import annotations

from dataclasses import replace

from ill_broker.storage import partner_requests
from ill_broker.storage.partner_requests import Link
from ill_broker.storage.store import Store
from tests.factories import BJTU, HOUR, PKU, START
from workflows.ids import RequestId

LINK = Link(library=BJTU, their_id="R-1", received_at=START)
OURS = RequestId("req_1")


def test_a_name_is_taken_down_once_and_for_its_library_alone(store: Store) -> None:
    with store.writing() as conn:
        taken = [partner_requests.put(conn, replace(LINK, received_at=START + n * HOUR)) for n in range(2)]
    with store.reading() as conn:
        assert LINK == partner_requests.find(conn, BJTU, "R-1")
        assert partner_requests.find(conn, PKU, "R-1") is None
    assert [True, False] == taken


def test_the_last_word_on_what_came_of_it_counts(store: Store) -> None:
    with store.writing() as conn:
        partner_requests.put(conn, LINK)
        partner_requests.resolve(conn, BJTU, "R-1", refused="no_holding")
        refused = partner_requests.find(conn, BJTU, "R-1")
        partner_requests.resolve(conn, BJTU, "R-1", request_id=OURS)
        taken = partner_requests.find(conn, BJTU, "R-1")

    assert [replace(LINK, refused="no_holding"), replace(LINK, request_id=OURS)] == [refused, taken]


def test_of_two_names_of_one_request_the_newest_is_told(store: Store) -> None:
    newer = replace(LINK, their_id="A-2", received_at=START + HOUR)
    with store.writing() as conn:
        for link in (newer, LINK):
            partner_requests.put(conn, replace(link, request_id=OURS))
        newest = partner_requests.newest(conn, OURS)
        assert partner_requests.newest(conn, RequestId("req_2")) is None

    assert newest is not None
    assert "A-2" == newest.their_id
