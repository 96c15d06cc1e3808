"""A finder over Z39.50 beside targets that behave, complain, hang, lie and flood."""

from __future__ import annotations

import asyncio

import pytest

from connectors.addresses import Reach
from connectors.failures import Garbled, PartnerFailure, Refused, Unreachable
from connectors.ports import FoundRecords
from connectors.transport import MEGABYTE, Limits
from connectors.z3950 import ber
from connectors.z3950.client import Z3950Finder
from connectors.z3950.mapping import Z3950Profile
from connectors.z3950.messages import Credentials, Syntax
from tests.connectors.factories import iso2709, marc21
from tests.support.z3950 import (
    FakeTarget,
    Turn,
    accepted,
    ask,
    closed,
    complaint,
    presented,
    record,
    refusal,
    searched,
    surrogate,
)
from workflows.citation import Query

MARC = record(iso2709(marc21()))
BOTH = (Syntax.OPAC, Syntax.MARC21)


def heard(target: FakeTarget) -> list[int]:
    """Return the tags of what a target was sent."""
    return [message.tag for message in target.heard]


def number(message: ber.Element, tag: int) -> int:
    part = message.part(tag)
    assert part is not None
    return part.number


def test_a_book_is_found_in_three_steps_and_a_farewell() -> None:
    target = FakeTarget([accepted(), searched(1), presented(MARC)])
    found = ask(target)

    assert [hit.citation.title for hit in found.hits] == ["Three bodies"]
    assert heard(target) == [20, 22, 24, 48]


def test_a_query_for_nothing_asks_nobody() -> None:
    target = FakeTarget([])

    assert ask(target, Query(text=" ")) == FoundRecords("bhu", (), 0)
    assert target.heard == []


def test_a_target_that_refuses_so_long_a_question_is_asked_for_what_was_typed() -> None:
    refused = searched(0, is_true=False, told=refusal(110))
    target = FakeTarget([accepted(), refused, accepted(), searched(1), presented(MARC)])

    assert 1 == len(ask(target, Query(title="三体")).hits)


def test_nothing_found_is_no_failure_and_nothing_is_presented() -> None:
    target = FakeTarget([accepted(), searched(0)])

    assert ask(target) == FoundRecords("bhu", (), 0)
    assert heard(target) == [20, 22, 48]


def test_user_password_and_group_are_sent() -> None:
    target = FakeTarget([accepted(), searched(0)])
    ask(target, credentials=Credentials(user="u", password="p", group="g"))
    identity = target.heard[0].part(7)

    assert identity is not None
    assert [part.octets for part in identity.parts[0].parts] == [b"g", b"u", b"p"]


def test_no_more_records_are_taken_than_asked_for() -> None:
    target = FakeTarget([accepted(), searched(1000), presented(MARC, MARC, MARC)])
    found = ask(target, size=2)

    assert [len(found.hits), found.total, number(target.heard[2], 29)] == [2, 1000, 2]


def test_what_did_not_fit_in_one_answer_is_asked_for_again() -> None:
    target = FakeTarget([accepted(), searched(3), presented(MARC, surrogate(16)), presented(MARC)])
    found = ask(target)

    assert [len(found.hits), found.complaints] == [2, ("16 record larger than the preferred message",)]
    assert [number(target.heard[3], tag) for tag in (30, 29)] == [3, 1]


def test_a_target_that_presents_nothing_is_not_asked_for_ever() -> None:
    target = FakeTarget([accepted(), searched(3), presented(MARC), presented()])

    assert len(ask(target).hits) == 1
    assert heard(target) == [20, 22, 24, 24, 48]


@pytest.mark.parametrize("turn", [presented(told=refusal(238)), presented(surrogate(239), surrogate(239))])
def test_records_are_taken_in_another_form_where_the_first_is_not_to_be_had(turn: bytes) -> None:
    target = FakeTarget([accepted(), searched(2), turn, presented(MARC, MARC)])
    found = ask(target, syntaxes=BOTH)

    assert len(found.hits) == 2
    assert [message.parts[-1].oid for message in target.heard[2:4]] == [each.value for each in BOTH]


def test_another_form_is_not_asked_for_where_something_else_is_wrong() -> None:
    target = FakeTarget([accepted(), searched(2), presented(told=refusal(14))])

    with pytest.raises(Refused):
        ask(target, syntaxes=BOTH)
    assert heard(target) == [20, 22, 24, 48]


def test_a_target_without_named_elements_gives_its_own() -> None:
    target = FakeTarget([accepted(), searched(1), presented(told=refusal(25)), presented(MARC)])

    assert len(ask(target).hits) == 1
    assert [message.part(19) is None for message in target.heard[2:4]] == [False, True]


@pytest.mark.parametrize(
    ("turns", "detail", "again"),
    [
        ([accepted(is_true=False)], "the greeting was not accepted", False),
        ([accepted(is_true=False, told=complaint(1011))], "1011 wrong user or password", False),
        (
            [accepted(), searched(0, is_true=False, told=refusal(109, "X"))],
            "109 database unavailable X",
            False,
        ),
        ([accepted(), searched(0, told=refusal(2))], "2 temporary system error", True),
        ([accepted(), searched(0, is_true=False)], "the search failed", False),
        (
            [accepted(), searched(1), presented(told=refusal(14))],
            "14 system error in presenting records",
            False,
        ),
        ([accepted(), closed(7, "idle")], "closed: lack of activity idle", True),
        ([closed(5)], "closed: security violation", False),
    ],
)
def test_a_target_that_will_not_is_a_refusal(turns: list[Turn], detail: str, *, again: bool) -> None:
    with pytest.raises(Refused) as caught:
        ask(turns)

    assert [caught.value.detail, caught.value.again] == [detail, again]


@pytest.mark.parametrize(
    "turns",
    [
        [b"HTTP/1.1 400 Bad Request\r\n\r\n"],
        [accepted(), accepted()],
        [accepted(), b"\xb7\x84\x7f\xff\xff\xff"],
        [accepted(), b"\xb7\x80" + b"\xa1\x80" * 30_000],
        [accepted(), searched(1), presented(record(b"not marc"))],
        [accepted(), searched(1), presented(record(b"<!DOCTYPE r><r/>", Syntax.XML))],
        [accepted(), searched(1), presented(record(b"<r>" * 100_000, Syntax.XML))],
    ],
)
def test_what_nobody_can_read_is_garbled(turns: list[Turn]) -> None:
    with pytest.raises(Garbled):
        ask(turns)


@pytest.mark.parametrize(
    ("turns", "detail"),
    [
        ([None], "closed the connection"),
        ([accepted(), searched(7)[:-2], None], "no answer in time"),
        ([accepted(), b"", b""], "no answer in time"),
    ],
)
def test_a_target_that_hangs_or_goes_is_unreachable(turns: list[Turn], detail: str) -> None:
    with pytest.raises(Unreachable) as caught:
        ask(turns, deadline=0.2)

    assert [caught.value.detail, caught.value.again] == [detail, True]


def test_an_answer_cut_short_is_no_whole_answer() -> None:
    async def cut(writer: asyncio.StreamWriter) -> None:
        writer.write(searched(7)[:-2])
        await writer.drain()
        writer.close()

    with pytest.raises(Unreachable, match="in the middle"):
        ask([accepted(), cut])


def test_a_flood_ends_at_the_limit() -> None:
    target = FakeTarget([accepted()])
    target.turns.append(target.flood)

    with pytest.raises(Garbled):
        ask(target, limits=Limits(size=MEGABYTE))
    assert target.sent < 20 * MEGABYTE


def test_a_trickle_of_answers_ends_at_the_limit() -> None:
    large = presented(record(bytes(40_000)))
    turns = [accepted(), searched(10), *[large] * 10]

    with pytest.raises(Garbled, match="larger than 100000 bytes"):
        ask(turns, limits=Limits(size=100_000))


def test_nobody_there_is_unreachable() -> None:
    async def run(host: str, port: int) -> FoundRecords:
        finder = Z3950Finder("bhu", Z3950Profile(host=host, port=port))
        return await finder.find(Query(text="x"), deadline=2)

    for host in ("127.0.0.1", "nowhere.invalid"):
        with pytest.raises(Unreachable):
            asyncio.run(run(host, 1))


def test_no_address_is_called_that_may_not_be() -> None:
    finder = Z3950Finder("bhu", Z3950Profile(host="127.0.0.1", port=1), reach=Reach())

    with pytest.raises(PartnerFailure, match=r"127\.0\.0\.1 is not called"):
        asyncio.run(finder.find(Query(text="x"), deadline=1))
