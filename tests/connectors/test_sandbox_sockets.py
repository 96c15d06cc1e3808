"""The sandbox library's doors without HTTP, spoken to by hand: what no client of ours would say."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.failures import Garbled
from connectors.iso18626 import codec as iso
from connectors.iso18626 import messages as m
from connectors.sandbox.supplying import check_confirmation
from connectors.sip2 import codec, mapping
from connectors.sip2.messages import Code, Message
from connectors.z3950 import ber
from connectors.z3950 import codec as z3950
from connectors.z3950.messages import Close, InitializeRequest, PresentRequest, SearchRequest, Syntax
from connectors.z3950.messages import Operand as Word
from tests.connectors.iso18626_samples import header
from tests.connectors.sandboxes import opened, sandbox

Ports = dict[str, int]
WORD = Word(((1, 4),), b"law")


@pytest.fixture(scope="module")
def ports() -> Iterator[Ports]:
    with opened(sandbox(protocols=("sip2", "z3950"))) as ports:
        yield ports


def exchange(port: int, *pieces: bytes) -> list[bytes]:
    """Return what is answered to each piece; nothing once the library has hung up."""
    answers = []
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        for piece in pieces:
            try:
                connection.sendall(piece)
                answers.append(connection.recv(65536))
            except ConnectionError:
                answers.append(b"")
    return answers


def line(message: Message) -> bytes:
    return codec.encode(message, encoding="utf-8")


def told(port: int, *requests: Any) -> list[ber.Element | None]:
    answers = exchange(port, *(z3950.encode(request) for request in requests))
    return [ber.decode(answer) if answer else None for answer in answers]


def code(element: ber.Element | None) -> int:
    """Return the number of a diagnostic in place of records."""
    complaint = element.part(130) if element else None
    number = complaint.part(ber.INTEGER, kind=ber.UNIVERSAL) if complaint else None
    return number.number if number else 0


STATUS, LOGIN = line(mapping.status()), line(mapping.login("broker", "s3cret"))


def test_a_terminal_is_asked_again_for_what_cannot_be_read(ports: Ports) -> None:
    [answer, _] = exchange(ports["sip2"], b"\r\nnonsense\r", STATUS)

    assert codec.decode(answer, encoding="utf-8").code is Code.SAY_AGAIN


def test_a_terminal_hears_the_last_answer_again(ports: Ports) -> None:
    first, again = exchange(ports["sip2"], STATUS, line(Message(Code.ANSWER_AGAIN)))

    assert (first, b"98") == (again, first[:2])


@pytest.mark.parametrize(
    "pieces",
    [
        (line(Message(Code.END_SESSION, {"at": "20260302    101500"})),),
        (LOGIN, line(Message(Code.LOGIN_TOLD, {"ok": "1"}))),
        (b"x" * 70_000, b"x" * 70_000),
    ],
    ids=["without a login", "an answer", "a line without an end"],
)
def test_a_terminal_is_hung_up_on(ports: Ports, pieces: tuple[bytes, ...]) -> None:
    assert exchange(ports["sip2"], *pieces)[-1] == b""


def test_a_session_is_ended(ports: Ports) -> None:
    end = line(Message(Code.END_SESSION, {"at": "20260302    101500"}, (("AA", "P1"),)))
    patron = line(
        Message(Code.PATRON_STATUS, {"language": "000", "at": "20260302    101500"}, (("AA", "P1"),))
    )
    answers = exchange(ports["sip2"], LOGIN, patron, end)

    assert [b"94", b"24", b"36"] == [answer[:2] for answer in answers]


GREETING = InitializeRequest(message_size=65536)


def search(query: Any) -> SearchRequest:
    return SearchRequest(database="bhu", query=query, syntax=Syntax.MARC21)


@pytest.mark.parametrize(
    "requests",
    [(search(WORD),), (GREETING, Close(0))],
    ids=["a search before the greeting", "goodbye"],
)
def test_a_talk_is_closed(ports: Ports, requests: tuple[object, ...]) -> None:
    last = told(ports["z3950"], *requests)[-1]

    assert last is None or last.tag == 48


def test_what_is_no_ber_closes_the_talk(ports: Ports) -> None:
    [answer] = exchange(ports["z3950"], b"\xff" * 64)

    assert ber.decode(answer).tag == 48


@pytest.mark.parametrize(("start", "size"), [(0, 1), (1, 9999)])
def test_a_place_outside_the_result_is_complained_of(ports: Ports, start: int, size: int) -> None:
    present = PresentRequest(start=start, size=size, syntax=Syntax.MARC21)

    assert code(told(ports["z3950"], GREETING, search(WORD), present)[-1]) == 13


def test_a_query_of_another_kind_is_complained_of(ports: Ports) -> None:
    other = ber.encode(ber.group(22, (ber.group(21, (ber.octets(2, b"title=law"),)),)))
    answers = exchange(ports["z3950"], z3950.encode(GREETING), other)

    assert code(ber.decode(answers[-1])) == 107


@pytest.mark.parametrize(
    ("rpn", "wanted"),
    [
        (ber.group(0, (ber.text(31, "other"),)), 18),
        (ber.group(0, (ber.group(102, ()),)), 108),
        (ber.group(1, ()), 110),
    ],
)
def test_what_a_query_lacks_is_complained_of(ports: Ports, rpn: ber.Element, wanted: int) -> None:
    query = ber.group(1, (ber.object_id(ber.OID, "1.2.840.10003.3.1", kind=ber.UNIVERSAL), rpn))
    asked = ber.encode(ber.group(22, (ber.group(21, (query,)),)))

    assert wanted == code(ber.decode(exchange(ports["z3950"], z3950.encode(GREETING), asked)[-1]))


def test_what_confirms_nothing_is_garbled() -> None:
    other = iso.encode(m.RequestingMessage(header=header(), action=m.Action.CANCEL), m.Revision.V1_2)
    for body in (b"<x", other):
        with pytest.raises(Garbled):
            check_confirmation("bhu", body)
