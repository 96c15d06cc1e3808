"""A library's own system by SIP2: against servers that misbehave."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from connectors.addresses import Reach
from connectors.failures import Garbled, PartnerFailure, Refused, Unreachable
from connectors.ports import LocalPatron
from connectors.sip2.client import Sip2System
from connectors.sip2.codec import checksum
from connectors.sip2.mapping import Sip2Profile
from tests.connectors.sip2_clients import DUE, NOW, OPEN, PATIENT, QUICK, SECRETS, system, told
from tests.connectors.sip2_servers import Manners, answers, heard, identity, over_tls, serving


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Close the clients of a test when it is over."""
    yield
    while OPEN:
        OPEN.pop().close()


# ---------------------------------------------------------------- servers that misbehave


def silence(peer: socket.socket) -> None:
    heard(peer)
    heard(peer)


def hang_up(_peer: socket.socket) -> None:
    """End the talk before it begins."""


def endless(peer: socket.socket) -> None:
    heard(peer)
    while True:
        peer.sendall(b"64" + b"x" * 1000)


def endless_blanks(peer: socket.socket) -> None:
    heard(peer)
    while True:
        peer.sendall(b"\r\n" * 500)


def drip(peer: socket.socket) -> None:
    heard(peer)
    pause = threading.Event()
    for _ in range(200):
        peer.sendall(b"6")
        pause.wait(0.02)


def half_a_line(peer: socket.socket) -> None:
    heard(peer)
    peer.sendall(told()[:30])


@pytest.mark.parametrize(
    ("manners", "failure", "words"),
    [
        (silence, Unreachable, "no answer"),
        (drip, Unreachable, "no answer"),
        (hang_up, Unreachable, "hung up|reset|not sent|ConnectionReset"),
        (half_a_line, Unreachable, "hung up"),
        (endless, Garbled, "10000 bytes"),
        (endless_blanks, Garbled, "10000 bytes"),
        (answers(b"HTTP/1.1 400 Bad Request\r"), Garbled, "unknown message"),
        (answers(b"64Y\r"), Garbled, "cut short"),
        (answers(b"941\r"), Garbled, "94 in answer to 63"),
        (answers(b"64" + b"\xff" * 100 + b"\r"), Garbled, "not utf-8"),
        (answers(told(sequence=7)), Garbled, "another request"),
        (answers(*[told(damage=1)] * 4), Garbled, "not understood"),
        (answers(*[b"96AZFEF6\r"] * 4), Garbled, "not understood"),
    ],
)
def test_a_system_that_misbehaves_fails_in_our_words(
    manners: Manners, failure: type[PartnerFailure], words: str
) -> None:
    limits = QUICK if words == "no answer" else PATIENT
    with serving(manners) as port, pytest.raises(failure, match=words):
        system(port, limits=limits).look_up("P1")


def test_nobody_at_the_other_end_is_worth_another_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken_port:
        port = taken_port.getsockname()[1]
    with pytest.raises(Unreachable, match="no connection") as caught:
        system(port).look_up("P1")

    assert caught.value.again


@pytest.mark.parametrize(
    ("first", "said_again"), [(told(damage=1), b"97AZ"), (b"96AZFEF6\r", b"63"), (b"\n96\r\n", b"63")]
)
def test_a_damaged_line_is_said_again(first: bytes, said_again: bytes) -> None:
    lines: list[bytes] = []

    def damaged_once(peer: socket.socket) -> None:
        for answer in (first, told()):
            lines.append(heard(peer))
            peer.sendall(answer)

    with serving(damaged_once) as port:
        found = system(port).look_up("P1")

    assert LocalPatron(card_number="P1", name="张三") == found
    assert lines[1].startswith(said_again)
    assert lines[1] == lines[0] or said_again == b"97AZ"


@pytest.mark.parametrize("end", [b"\r", b"\r\n", b"\n\r"])
def test_lines_may_end_in_either_order(end: bytes) -> None:
    with serving(answers(told("a").replace(b"\r", end), told("b", sequence=2).replace(b"\r", end))) as port:
        client = system(port)
        names = [found.name for _ in range(2) if (found := client.look_up("P1"))]

    assert ["a", "b"] == names


@pytest.mark.parametrize(
    ("said", "connections"),
    [(b"", 2), (b"\n", 1), (b"\r\n", 1), (b"64 stray\r", 2), (b"\n" * 20_000, 2), (None, 2)],
)
def test_a_connection_that_idled_is_looked_at_before_it_is_used(said: bytes | None, connections: int) -> None:
    idled, begun = threading.Event(), []

    def speak(peer: socket.socket) -> None:
        begun.append(peer)
        number = 0
        while heard(peer):
            number += 1
            peer.sendall(told(sequence=number))
            if said:
                peer.sendall(said)
            elif said is None:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                peer.close()
            else:
                peer.shutdown(socket.SHUT_WR)
            idled.set()

    with serving(speak) as port:
        client = system(port)
        client.look_up("P1")
        idled.wait(60)
        client.look_up("P1")
        client.close()

    assert connections == len(begun)


def test_a_question_whose_answer_never_came_is_put_anew_once() -> None:
    def hang_up_on_the_second(peer: socket.socket) -> None:
        heard(peer)
        peer.sendall(told("a"))
        heard(peer)

    with serving(hang_up_on_the_second, answers(told("b")), hang_up) as port:
        client = system(port)
        client.look_up("P1")
        found = client.look_up("P1")
        client.close()
        with pytest.raises(Unreachable):
            client.look_up("P1")

    assert LocalPatron(card_number="P1", name="b") == found


def test_an_order_whose_answer_never_came_is_not_given_twice() -> None:
    orders: list[bytes] = []

    def hang_up_on_the_order(peer: socket.socket) -> None:
        heard(peer)
        peer.sendall(told())
        orders.append(heard(peer))

    with serving(hang_up_on_the_order) as port:
        client = system(port)
        client.look_up("P1")
        with pytest.raises(Unreachable, match="check_out may have been done") as caught:
            client.check_out("m", card_number="P1", barcode="B1", due=DUE)

    assert [b"11"] == [order[:2] for order in orders]
    assert caught.value.again


def test_an_order_whose_answer_nobody_can_read_may_have_been_done() -> None:
    with serving(answers(b"??\r")) as port, pytest.raises(Garbled, match="check_in may have been done"):
        system(port).check_in("m", barcode="B1")


def test_a_check_in_that_is_refused_while_somebody_has_the_book_is_refused() -> None:
    out = b"18040201" + b" " * 18 + b"ABB1|AJx|\r"
    with (
        serving(answers(b"100NNN" + b" " * 18 + b"AFnein|\r", out)) as port,
        pytest.raises(Refused, match="nein"),
    ):
        system(port).check_in("m", barcode="B1")


def test_a_system_that_numbers_its_answers_unasked_is_understood() -> None:
    with serving(answers(told(sequence=7))) as port:
        found = system(port, checksum=False).look_up("P1")

    assert found == LocalPatron(card_number="P1", name="张三")


def test_an_order_never_says_more_than_it_should() -> None:
    with serving(silence) as port, pytest.raises(Refused, match="17"):
        system(port).item_state("B1|AAP2")


def test_what_a_system_cannot_answer_in_full_is_asked_in_short() -> None:
    lines: list[bytes] = []

    def short(peer: socket.socket) -> None:
        greeting = b"98YYYYNY030003" + b" " * 18 + b"2.00AOx|BXYYYNYYYN|\r"
        for answer in (greeting, told().replace(b"64", b"24", 1).replace(b"0" * 24, b"")[:-6] + b"0000\r"):
            lines.append(heard(peer))
            body = answer[:-5]
            peer.sendall(body + b"%04X\r" % checksum(body) if body.endswith(b"AZ") else answer)

    with serving(short) as port:
        system(port, greets=True, terminal_secret="terminal").look_up("P1")

    assert [b"99", b"23"] == [line[:2] for line in lines]
    assert b"|ACt1|" in lines[1]


def test_a_system_that_is_off_line_is_worth_another_try() -> None:
    greeting = b"98NYYYNY030003" + b" " * 18 + b"2.00AOx|\r"
    with serving(answers(greeting)) as port, pytest.raises(Unreachable, match="off line"):
        system(port, greets=True).look_up("P1")


def test_who_waits_too_long_for_a_connection_is_told_so() -> None:
    asked, over = threading.Event(), threading.Event()

    def slow(peer: socket.socket) -> None:
        heard(peer)
        asked.set()
        over.wait(60)
        peer.sendall(told())

    with serving(slow) as port, ThreadPoolExecutor(1) as thread:
        client = system(port)
        first = thread.submit(client.look_up, "P1")
        asked.wait(60)
        client._pool._patience = 0.01
        with pytest.raises(Unreachable, match="busy"):
            client.look_up("P2")
        over.set()

        assert first.result() is not None


def test_a_system_that_speaks_no_tls_where_it_should_is_unreachable() -> None:
    with serving(answers(b"941\r", b"941\r")) as port, pytest.raises(Unreachable, match="no connection"):
        system(port, limits=QUICK, tls=True).look_up("P1")


@pytest.mark.parametrize(("name", "fits"), [("localhost", True), ("elsewhere.example", False)])
def test_a_talk_over_tls_is_with_the_one_it_should_be(tmp_path: Path, name: str, *, fits: bool) -> None:
    server, client = identity(tmp_path, name)
    with serving(over_tls(answers(told("a"), told("b", sequence=2)), server)) as port:
        secured = system(port, host="localhost", tls=True, context=client)
        if not fits:
            with pytest.raises(Unreachable, match="SSLCertVerificationError"):
                secured.look_up("P1")
            return
        names = [found.name for _ in range(2) if (found := secured.look_up("P1"))]
        secured.close()

    assert ["a", "b"] == names


def test_nobody_is_called_where_we_must_not_go() -> None:
    profile = Sip2Profile(host="10.0.0.1", port=6001)
    client = Sip2System("bhu", profile, secrets=SECRETS, now=lambda: NOW, reach=Reach())

    with pytest.raises(Refused, match=r"10\.0\.0\.1 is not called"):
        client.look_up("P1")
