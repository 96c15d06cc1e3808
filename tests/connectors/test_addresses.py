"""Which addresses are called: looked at when they are saved, and again at every call."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from connectors import transport
from connectors.addresses import ANYWHERE, Reach, forbidden, networks, open_socket, open_stream
from connectors.failures import Garbled, Refused, Unreachable
from connectors.transport import AsyncTarget, Target
from tests.connectors.sip2_servers import identity, over_tls, serving

PUBLIC = "93.184.216.34"
#: As a machine resolves what is no plain address: names, and the other spellings of numbers.
NAMES = {
    "ours.example": ["127.0.0.1"],
    "half.example": [PUBLIC, "10.0.0.7"],
    "good.example": [PUBLIC],
    "two.example": [PUBLIC, "93.184.216.35"],
    "nowhere.example": [],
}


def lookup(host: str, _port: int) -> list[str]:
    if host in NAMES:
        return NAMES[host]
    return [str(where[0]) for *_, where in socket.getaddrinfo(host, 0, flags=socket.AI_NUMERICHOST)]


REACH = Reach(lookup=lookup)
AT_HOME = Reach(networks(["127.0.0.0/8"]))


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.8.8.8", "loopback"),
        ("2130706433", "loopback"),
        ("0x7f000001", "loopback"),
        ("0177.0.0.1", "loopback"),
        ("127.1", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:7f00:1", "loopback"),
        ("::127.0.0.1", "loopback"),
        ("64:ff9b::127.0.0.1", "loopback"),
        ("2002:7f00:1::", "loopback"),
        ("ours.example", "loopback"),
        ("0.0.0.0", "unspecified"),  # noqa: S104 - nothing is bound
        ("::", "unspecified"),
        ("169.254.169.254", "link_local"),
        ("::ffff:169.254.169.254", "link_local"),
        ("0xa9fea9fe", "link_local"),
        ("fe80::1", "link_local"),
        ("10.0.0.7", "private"),
        ("172.16.3.4", "private"),
        ("192.168.1.1", "private"),
        ("fd00:ec2::254", "private"),
        ("fec0::1", "private"),
        ("half.example", "private"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("255.255.255.255", "private"),
        ("100.100.100.200", "reserved"),
    ],
)
def test_an_address_that_is_not_public_is_not_called_however_it_is_spelt(host: str, kind: str) -> None:
    with pytest.raises(Refused, match=rf"is not called \({kind}\); the operator can allow its network"):
        REACH.addresses("bhu", host, 80)


def test_the_metadata_of_a_cloud_is_not_called() -> None:
    for host in ("192.0.0.192", "100.100.100.200", "169.254.169.254", "fd00:ec2::254"):
        with pytest.raises(Refused):
            REACH.addresses("bhu", host, 80)


def test_a_public_address_is_called_at_what_its_name_resolved_to() -> None:
    assert (PUBLIC,) == REACH.addresses("bhu", "good.example", 443)
    assert (PUBLIC,) == REACH.addresses("bhu", PUBLIC, 443)
    assert ("2606:2800:220:1::1",) == REACH.addresses("bhu", "2606:2800:220:1::1", 443)


def test_a_network_that_the_operator_allowed_is_called() -> None:
    allowed = Reach(networks(["10.0.0.0/8", " 127.0.0.0/8"]), lookup)

    assert ("10.0.0.7",) == allowed.addresses("bhu", "10.0.0.7", 80)
    assert ("::ffff:127.0.0.1",) == allowed.addresses("bhu", "::ffff:127.0.0.1", 80)
    assert (PUBLIC, "10.0.0.7") == allowed.addresses("bhu", "half.example", 80)
    with pytest.raises(Refused):
        allowed.addresses("bhu", "192.168.1.1", 80)


def test_a_network_has_to_be_one() -> None:
    with pytest.raises(ValueError, match="not a net"):
        networks(["not a net"])


def test_a_name_without_an_address_may_have_one_later() -> None:
    def away(_host: str, _port: int) -> list[str]:
        raise socket.gaierror

    with pytest.raises(Unreachable, match="no address: gaierror"):
        Reach(lookup=away).addresses("bhu", "x.example", 80)
    with pytest.raises(Unreachable, match="no address"):
        REACH.addresses("bhu", "nowhere.example", 80)


def test_what_a_lookup_garbles_is_not_called() -> None:
    with pytest.raises(Refused, match="unreadable"):
        Reach(lookup=lambda _host, _port: ["what?"]).addresses("bhu", "x.example", 80)


def test_everywhere_means_everywhere() -> None:
    assert ("127.0.0.1",) == ANYWHERE.addresses("bhu", "127.0.0.1", 80)
    assert ANYWHERE.objection("127.0.0.1") is None


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://good.example/sru?db=1", None),
        (f"http://{PUBLIC}:8080/", None),
        ("http://[2606:2800:220:1::1]/", None),
        ("ftp://good.example/", "bad_scheme"),
        ("file:///etc/passwd", "bad_scheme"),
        ("good.example/sru", "bad_scheme"),
        ("http://user:word@good.example/", "userinfo"),
        ("http://good.example@127.0.0.1/", "userinfo"),
        ("http://good.example/#part", "fragment"),
        ("http:///sru", "missing_host"),
        ("http://good.example:0/", "bad_port"),
        ("http://good.example:99999/", "bad_url"),
        ("http://[::1/", "bad_url"),
        ("http://good.example/ sru", "bad_url"),
        ("http://good.example\\@127.0.0.1/", "bad_url"),
        ("http://图书馆.example/", "bad_url"),
        ("http://good.example/\n", "bad_url"),
        ("http://good.example/" + "x" * 2000, "bad_url"),
        ("http://-x.example/", "bad_host"),
        ("http://2130706433/", "bad_host"),
        ("http://0177.0.0.1/", "bad_host"),
        ("http://0x7f.1/", "bad_host"),
        ("http://127.1/", "bad_host"),
        ("http://10.0.0.256/", "bad_host"),
        ("http://127.0.0.1/", "forbidden_address"),
        ("http://[::ffff:7f00:1]/", "forbidden_address"),
        ("http://169.254.169.254/latest/meta-data/", "forbidden_address"),
        ("http://ours.example/", "forbidden_address"),
        ("http://nobodys.example/", "unknown_host"),
        ("http://without-address.example/", "unknown_host"),
        ("http://resolver-away.example/", "host_not_looked_up"),
        ("http://resolver-broken.example/", "host_not_looked_up"),
    ],
)
def test_an_address_is_looked_at_before_it_is_saved(url: str, code: str | None) -> None:
    trouble = {
        "nobodys.example": socket.EAI_NONAME,
        "resolver-away.example": socket.EAI_AGAIN,
        "resolver-broken.example": socket.EAI_FAIL,
    }

    def known(host: str, port: int) -> list[str]:
        if host in trouble:
            raise socket.gaierror(trouble[host], "why")
        return [] if host.startswith("without") else lookup(host, port)

    assert code == Reach(lookup=known).url_fault(url)


def test_only_the_form_is_looked_at_where_every_address_may_be_called() -> None:
    assert ANYWHERE.url_fault("http://127.0.0.1/") is None
    assert ANYWHERE.url_fault("http://0x7f.1/") == "bad_host"


class Web:
    """Answers, and keeps where it was called and by which name."""

    def __init__(self, *nobody_at: str) -> None:
        self.called: list[tuple[str, str, object]] = []
        self.nobody_at = nobody_at

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host in self.nobody_at:
            raise httpx.ConnectError("nobody there")
        name = request.extensions.get("sni_hostname")
        self.called.append((request.url.host, request.headers["host"], name))
        return httpx.Response(200, content=request.content)


def ways(web: Web, reach: Reach) -> Iterator[Callable[[str], bytes]]:
    """Return the ordinary way to call, and the one beside others."""
    usual = Target("bhu", reach=reach, transport=httpx.MockTransport(web))
    beside = AsyncTarget("bhu", reach=reach, transport=httpx.MockTransport(web))
    yield lambda url: usual.post(url, content=b"said", headers={}).body
    yield lambda url: asyncio.run(beside.call("POST", url, content=b"said", deadline=60)).body


def test_the_address_that_was_looked_at_is_the_one_that_is_called() -> None:
    web = Web()
    for way in ways(web, REACH):
        assert way("https://good.example:8443/sru") == b"said"

    assert [(PUBLIC, "good.example:8443", "good.example")] * 2 == web.called


def test_a_name_that_changes_between_two_looks_is_looked_at_each_time() -> None:
    turns = [[PUBLIC], ["127.0.0.1"]] * 2
    web = Web()
    for way in ways(web, Reach(lookup=lambda _host, _port: turns.pop(0))):
        way("http://turncoat.example/")
        with pytest.raises(Refused, match=r"127\.0\.0\.1 is not called"):
            way("http://turncoat.example/")

    assert [PUBLIC, PUBLIC] == [host for host, *_ in web.called]


def test_another_address_of_a_name_is_tried_where_nobody_takes_the_call() -> None:
    web = Web(PUBLIC)
    for way in ways(web, REACH):
        assert way("http://two.example/") == b"said"

    assert ["93.184.216.35"] * 2 == [host for host, *_ in web.called]


def test_nothing_is_called_in_somebodys_name() -> None:
    web = Web()
    for way in ways(web, REACH):
        with pytest.raises(Refused, match="userinfo"):
            way("http://user:word@good.example/")

    assert web.called == []


def test_a_redirect_is_not_followed_to_where_we_must_not_go() -> None:
    called = []

    def redirecting(request: httpx.Request) -> httpx.Response:
        called.append(request.url.host)
        return httpx.Response(302, headers={"location": "http://169.254.169.254/latest/meta-data/"})

    reply = Target("bhu", reach=REACH, transport=httpx.MockTransport(redirecting)).get("http://good.example")

    assert (302, [PUBLIC]) == (reply.status, called)


@pytest.fixture
def port() -> Iterator[int]:
    """Yield a port at which somebody takes calls and hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_hang_up, args=(listener,), daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def _hang_up(listener: socket.socket) -> None:
    try:
        while True:
            listener.accept()[0].close()
    except OSError:
        pass


def test_a_plain_connection_goes_to_an_address_that_was_looked_at(port: int) -> None:
    two = Reach(AT_HOME.allowed, lambda _host, _port: ["127.0.0.2", "127.0.0.1"])
    with open_socket(two, "bhu", "sip.example", port, timeout=60) as connection:
        assert ("127.0.0.1", port) == connection.getpeername()
    with pytest.raises(Refused):
        open_socket(REACH, "bhu", "ours.example", port, timeout=60)


def test_a_connection_beside_others_goes_to_an_address_that_was_looked_at(port: int) -> None:
    two = Reach(AT_HOME.allowed, lambda _host, _port: ["127.0.0.2", "127.0.0.1"])

    async def called(reach: Reach, host: str) -> object:
        _, writer = await open_stream(reach, "bhu", host, port, limit=1024)
        writer.transport.abort()
        return writer.get_extra_info("peername")

    assert asyncio.run(called(two, "z.example")) == ("127.0.0.1", port)
    assert asyncio.run(called(AT_HOME, "127.0.0.1")) == ("127.0.0.1", port)
    with pytest.raises(Refused):
        asyncio.run(called(REACH, "ours.example"))


def test_a_real_call_reaches_the_loopback_only_where_that_is_allowed(port: int) -> None:
    url = f"http://localhost:{port}/"
    with pytest.raises(Refused):
        Target("bhu", reach=Reach()).get(url)
    with pytest.raises((Garbled, Unreachable)):
        Target("bhu", reach=Reach(networks(["127.0.0.0/8", "::1/128"]))).get(url)


def test_the_words_say_what_to_do() -> None:
    assert "ILL_ALLOWED_NETWORKS" in forbidden("10.0.0.1", "private")


def test_a_certificate_is_held_against_the_name_not_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served, trusting = identity(tmp_path, "good.example")
    answer = over_tls(_answer, served)
    monkeypatch.setattr(transport, "_tls", lambda: trusting)
    home = Reach(AT_HOME.allowed, lambda _host, _port: ["127.0.0.1"])
    with serving(answer) as port:
        reply = Target("bhu", reach=home).get(f"https://good.example:{port}/")
        with pytest.raises(Unreachable):
            Target("bhu", reach=home).get(f"https://other.example:{port}/")

    assert (200, b"ok") == (reply.status, reply.body)


def _answer(peer: socket.socket) -> None:
    peer.recv(4096)
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
