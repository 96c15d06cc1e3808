"""`ill-broker serve` as a stranger finds it: half-sent, endless, forged and never read, on a bare socket."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from random import Random
from select import select

import pytest

from ill_broker import clock
from ill_broker.services.people.registration import build_people
from ill_broker.services.people.sessions import Sessions
from ill_broker.settings import Settings
from ill_broker.storage import libraries, people
from ill_broker.storage.people import Staff
from ill_broker.storage.store import Store
from ill_broker.web.edges import LARGEST
from ill_broker.web.front import SECONDS
from tests.ill_broker.api.client import HOME, a_patron
from tests.support.processes import Child, NotReady
from workflows.actors import Actor, Role
from workflows.ids import StaffId
from workflows.libraries import Library

#: so long may a test wait for what comes at once on a machine that has nothing else to do
PATIENCE = 20.0
LOG_IN = b"POST /api/v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
HALF = LOG_IN + b"Content-Length: 1000\r\n\r\n{"
CHUNKED = b"POST /api/v1/webhooks/szutl HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
PROVIDER = """
- library: bjtu
  issuer: https://{silent}
  client_id: broker
  client_secret_file: /dev/null
"""
PATHS = ("/api/v1/libraries/a?a=%20b", "/nowhere/%e4%b8%ad", "/%ff")
HEADERS = ("Content-Length: 2", "Content-Length: 2", "Cookie: a=b", "Cookie: \xe9")
SPOIL = (b"", b"\0", b"\xff", b"%", b"%00", b"\r\n", b"\n", b":", b" ", b"_", b"-1", b"9" * 30, b"//")
CHUNK = b"10000\r\n" + b"x" * 65536 + b"\r\n"


@pytest.fixture(scope="module")
def database(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("serving") / "ill.db"
    shutil.copy(migrated_file, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="module")
def silent() -> Iterator[str]:
    """Return where calls are taken and never answered, as host and port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture(scope="module")
def environment(database: str, silent: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    providers = tmp_path_factory.mktemp("sign_on") / "providers.yaml"
    providers.write_text(PROVIDER.format(silent=silent), encoding="utf-8")
    return {
        "ILL_OPENID_PROVIDERS": str(providers),
        "ILL_DATABASE_URL": database,
        "ILL_ALLOWED_NETWORKS": "127.0.0.0/8",
        "ILL_SECRET_KEY": "a key for the tests alone, and long",
        "ILL_LOG_LEVEL": "warning",
    }


@pytest.fixture(scope="module")
def port(environment: dict[str, str]) -> Iterator[int]:
    port = free_port()
    with Child("-m", "ill_broker", "serve", "--port", str(port), environment=environment) as child:
        child.wait_until_ready()
        yield port


@pytest.fixture
def connect(port: int) -> Iterator[Callable[[bytes], socket.socket]]:
    """Connect and send; every connection ends with the test."""
    with ExitStack() as stack:

        def connected(data: bytes) -> socket.socket:
            made = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
            made.sendall(data)
            return made

        yield connected


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def get(path: str, *headers: str) -> bytes:
    return "\r\n".join((f"GET {path} HTTP/1.1", "Host: a", "Connection: close", *headers, "", "")).encode()


def status(answering: socket.socket) -> int:
    """Return the status of the answer that comes, as soon as its first line is here."""
    with answering.makefile("rb") as answer:
        first = answer.readline()
        return int(first.split()[1]) if first else 0


Connect = Callable[[bytes], socket.socket]


def test_half_sent_bodies_hold_nobody_up(connect: Connect) -> None:
    waiting = [connect(HALF) for _ in range(20)]

    assert 200 == status(connect(get("/healthz")))
    assert 422 == status(connect(HALF.replace(b"1000", b"2") + b"}"))
    assert all(is_open(one) for one in waiting)


def is_open(connection: socket.socket) -> bool:
    """Say whether the other side still listens and has said nothing."""
    connection.settimeout(0)
    with suppress(BlockingIOError):
        connection.recv(1)
        return False
    return True


def test_answers_that_nobody_reads_hold_nobody_up(connect: Connect) -> None:
    asked = get("/docs/swagger-ui-bundle.js")
    waiting = [connect(asked) for _ in range(20)]

    assert 200 == status(connect(get("/healthz")))
    assert [200] * 20 == [status(one) for one in waiting]


def test_more_bodies_than_there_is_room_for_come_again_and_small_ones_are_taken(connect: Connect) -> None:
    """Each holds almost a megabyte of the 64 that a process keeps, and does not end."""
    head = LOG_IN + b"Content-Length: %d\r\n\r\n" % LARGEST
    waiting = [connect(head) for _ in range(80)]
    for one in waiting:
        with suppress(ConnectionError):  # refused before its end
            one.sendall(b" " * (LARGEST - 1))
    ready, _, _ = select(waiting, [], [], PATIENCE)
    refused = ready[0].recv(65536)
    small = connect(HALF.replace(b"1000", b"2") + b"}")

    assert refused.startswith(b"HTTP/1.1 503")
    assert b"retry-after: 5" in refused.lower()
    assert 422 == status(small)
    for one in waiting:
        one.close()
    assert came_true(lambda: 422 == status(connect(head + b"{}" + b" " * (LARGEST - 2))))


@pytest.mark.ci
def test_whoever_takes_nothing_of_an_answer_loses_the_connection(port: int) -> None:
    """Several answers on one connection: more than the kernel keeps for who does not read."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port))
        connection.sendall(b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: a\r\n\r\n" * 6)
        time.sleep(SECONDS + 5)
        connection.settimeout(PATIENCE)
        with pytest.raises(ConnectionResetError):
            everything(connection)


def everything(answering: socket.socket) -> bytes:
    """Return what comes until the other side ends the connection in peace."""
    return b"".join(iter(lambda: answering.recv(65536), b""))


def test_a_body_in_pieces_is_taken_whole_or_refused(connect: Connect) -> None:
    within, beyond = connect(CHUNKED + CHUNK * 15 + b"0\r\n\r\n"), connect(CHUNKED)
    with suppress(ConnectionError):  # refused before its end
        beyond.sendall(CHUNK * 17 + b"0\r\n\r\n")

    assert (401, 413) == (status(within), status(beyond))


@pytest.mark.parametrize("chunk", [b"zz\r\n{}", b"-1\r\n{}", b"f" * 20 + b"\r\n{}", b"\r\n", b"2\r\n{}x\r\n"])
def test_what_is_no_chunk_is_the_senders_fault(connect: Connect, chunk: bytes) -> None:
    assert 400 == status(connect(CHUNKED + chunk + b"\r\n0\r\n\r\n"))


def test_a_body_that_says_it_is_too_large_is_refused_unread(connect: Connect) -> None:
    head = f"POST /api/v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: {2**20 + 1}\r\n\r\n"

    assert 413 == status(connect(head.encode()))


def test_no_spoilt_request_is_a_fault(connect: Connect) -> None:
    spoiler = Random(8)  # noqa: S311 - which faults are tried is no secret
    answers: Counter[int] = Counter()
    for _ in range(300):
        spoilt = bytearray(get(spoiler.choice(PATHS), *HEADERS))
        for _ in range(spoiler.randint(0, 3)):
            at = spoiler.randrange(len(spoilt))
            spoilt[at : at + spoiler.randint(0, 3)] = spoiler.choice(SPOIL)
        connection = connect(bytes(spoilt) + b"\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        answers[status(connection)] += 1

    assert {400, 401, 404} <= answers.keys()
    assert not [code for code in answers if code >= 500]


@pytest.mark.parametrize("name", ["X_Forwarded_For", "X_Client_Subject", "x-api_key"])
def test_a_header_that_could_be_taken_for_another_is_refused(connect: Connect, name: str) -> None:
    forged = get("/healthz").replace(b"\r\n\r\n", f"\r\n{name}: 10.0.0.1\r\n\r\n".encode())

    assert 400 == status(connect(forged))


@pytest.fixture(scope="module")
def desk(database: str, silent: str) -> Iterator[bytes]:
    """Return the head of a desk's requests; its library's system takes calls and stays silent."""
    host, _, at = silent.partition(":")
    at_home = {"sip2": {"host": host, "port": int(at)}}
    with closing(Store.open(database, threads=1)) as store:
        settings = Settings(cheap_passwords=True)
        with store.writing() as conn:
            libraries.put(conn, Library(code=HOME, name="BJTU", name_zh="北京交通大学图书馆"), at_home)
            people.add_staff(conn, Staff(id=StaffId("stf_00000001"), library=HOME, login="desk", name="Desk"))
        a_patron(store)
        sessions = next(one for one in build_people(store, settings) if isinstance(one, Sessions))
        opened = sessions.open_for(Actor(Role.STAFF, "stf_00000001", HOME), now=clock.now())
        yield f"Host: a\r\nAuthorization: Bearer {opened.token}\r\n\r\n".encode()


def test_a_home_system_that_stays_silent_holds_nobody_up(connect: Connect, desk: bytes) -> None:
    path = b"/api/v1/patrons/pat_00000001/home-card"
    asking = [connect(b"GET " + path + b" HTTP/1.1\r\n" + desk) for _ in range(4)]
    time.sleep(0.5)  # until they have been heard

    assert 200 == status(connect(get("/healthz")))
    assert [True] * 4 == [is_open(one) for one in asking]
    assert 200 == status(connect(b"GET " + path + b" HTTP/1.1\r\n" + desk))


def test_a_sign_on_that_stays_silent_holds_nobody_up(connect: Connect) -> None:
    asking = [connect(get("/api/v1/openid/bjtu/login")) for _ in range(4)]
    time.sleep(0.5)  # until they have been heard

    assert 200 == status(connect(get("/healthz")))
    assert [True] * 4 == [is_open(one) for one in asking]


def test_a_second_service_on_the_same_port_fails_in_one_line(
    port: int, environment: dict[str, str], start: Callable[..., Child]
) -> None:
    second = start("-m", "ill_broker", "serve", "--port", str(port), environment=environment)
    with pytest.raises(NotReady) as told:
        second.wait_until_ready()

    line, *more = str(told.value).splitlines()

    assert line.startswith(f"Error: cannot listen on 127.0.0.1:{port}: Address already in use")
    assert not more
    assert 1 == second.process.wait(PATIENCE)


@pytest.mark.ci
def test_what_serves_ends_with_the_process_that_started_it(
    environment: dict[str, str], start: Callable[..., Child]
) -> None:
    port = free_port()
    two = {**environment, "ILL_WORKERS": "2"}
    serving = start("-m", "ill_broker", "serve", "--port", str(port), environment=two)
    serving.wait_until_ready()
    os.kill(serving.process.pid, signal.SIGKILL)
    serving.process.wait(PATIENCE)

    assert came_true(lambda: nobody_listens(port))


def nobody_listens(port: int) -> bool:
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return False
    return True


def came_true(what: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.ci
def test_a_service_that_is_to_stop_does_so_although_it_waits_for_a_member(
    environment: dict[str, str], start: Callable[..., Child]
) -> None:
    port = free_port()
    serving = start("-m", "ill_broker", "serve", "--port", str(port), environment=environment)
    serving.wait_until_ready()
    with socket.create_connection(("127.0.0.1", port)) as waiting:
        waiting.sendall(get("/api/v1/openid/bjtu/login"))
        time.sleep(0.5)  # until it has been heard
        serving.process.send_signal(signal.SIGTERM)

        assert 0 == serving.process.wait(PATIENCE)
