"""Systems that speak SIP2 on the loopback: one that is not ours, and some that misbehave."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import pysip2
from anyio.abc import SocketAttribute
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

#: What a misbehaving server does with one connection.
Manners = Callable[[socket.socket], None]


@contextmanager
def serving(*manners: Manners) -> Iterator[int]:
    """Serve connections in turn, each by its own manners, further ones by the last; yield the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5)
    over = threading.Event()
    peers: list[socket.socket] = []

    def serve() -> None:
        turn = 0
        with suppress(OSError):
            while not over.is_set():
                peer, _ = listener.accept()
                peer.settimeout(5)
                peers.append(peer)
                with peer, suppress(OSError):
                    manners[min(turn, len(manners) - 1)](peer)
                turn += 1

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        for each in (listener, *peers):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(60)


def heard(peer: socket.socket) -> bytes:
    """Return the next line of the client's, nothing if it hung up."""
    line = b""
    while not line.endswith(b"\r"):
        byte = peer.recv(1)
        if not byte:
            return b""
        line += byte
    return line


def answers(*lines: bytes) -> Manners:
    """Answer each line that comes by the next of *lines*, then hang up once another comes."""

    def talk(peer: socket.socket) -> None:
        for line in lines:
            if heard(peer):
                peer.sendall(line)
        heard(peer)

    return talk


def over_tls(manners: Manners, context: ssl.SSLContext) -> Manners:
    def talk(peer: socket.socket) -> None:
        with context.wrap_socket(peer, server_side=True) as wrapped:
            manners(wrapped)

    return talk


def identity(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a server's context with a certificate for *name*, and a client's that trusts no other."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    (folder / "both.pem").write_bytes(secret + certificate.public_bytes(pem))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "both.pem")
    return server, ssl.create_default_context(cafile=str(folder / "certificate.pem"))


class Peer:
    """A library's system by pysip2: two patrons, two books, and a memory of what it was asked."""

    def __init__(self, encoding: str) -> None:
        self.loans: dict[str, str] = {}
        self.heard: list[str] = []
        self.busy = 0
        self.most_busy = 0
        self.server = pysip2.SIP2Server(
            encoding=encoding, institution_id="CN-420001", login_required=True, error_detection="required"
        )
        routes: Any = pysip2
        for route, answer in (
            (routes.LOGIN, self._login),
            (routes.PATRON_INFORMATION, self._patron),
            (routes.ITEM_INFORMATION, self._item),
            (routes.CHECKOUT, self._check_out),
            (routes.CHECKIN, self._check_in),
            (routes.HOLD, self._hold),
            (routes.RENEW, self._renew),
        ):
            self.server.route(route)(answer)

    @contextmanager
    def running(self) -> Iterator[int]:
        """Serve in a thread of its own; yield the port."""
        loop = asyncio.new_event_loop()
        ports: list[int] = []
        ready = threading.Event()
        over: list[asyncio.Event] = []

        async def serve() -> None:
            over.append(asyncio.Event())
            # Not its own start(), which leaves the listening socket open.
            async with await self.server.listen(port=0) as listener, anyio.create_task_group() as tasks:
                ports.append(listener.extra(SocketAttribute.local_port))  # noqa: S610 - no query of Django's
                tasks.start_soon(listener.serve, self.server._handle_connection)
                ready.set()
                await over[0].wait()
                tasks.cancel_scope.cancel()

        thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
        thread.start()
        assert ready.wait(60)
        try:
            yield ports[0]
        finally:
            loop.call_soon_threadsafe(over[0].set)
            thread.join(60)
            loop.close()

    def _login(self, request: Any, _context: Any) -> Any:
        right = (request.login_user_id, request.login_password) == ("broker", "s3cret")
        return pysip2.LoginResponse(ok="1" if right else "0")

    async def _patron(self, request: Any, context: Any) -> Any:
        self.heard.append(request.patron_identifier)
        self.busy += 1
        self.most_busy = max(self.busy, self.most_busy)
        await asyncio.sleep(0.01)
        self.busy -= 1
        names = {"P0001": "张瓅", "P0002": "李四"}
        card = request.patron_identifier
        return pysip2.PatronInformationResponse(
            patron_status=("Y         Y   " if card == "P0002" else " " * 14),
            language="000", transaction_date=context.now_18(),
            hold_items_count="0000", overdue_items_count="0000", charged_items_count="0000",
            fine_items_count="0000", recall_items_count="0000", unavailable_holds_count="0000",
            institution_id="CN-420001", patron_identifier=card, personal_name=names.get(card, ""),
            valid_patron="Y" if card in names else "N", email_address="zhang@bhu.example",
            valid_patron_password="Y" if request.patron_password == "1234" else "N",
            screen_message=("请到总台",),
        )  # fmt: skip

    def _item(self, request: Any, context: Any) -> Any:
        return pysip2.ItemInformationResponse(
            circulation_status="04" if request.item_identifier in self.loans else "03",
            security_marker="02", fee_type="01", transaction_date=context.now_18(),
            item_identifier=request.item_identifier, title_identifier="活着",
        )  # fmt: skip

    def _check_out(self, request: Any, context: Any) -> Any:
        holder = self.loans.setdefault(request.item_identifier, request.patron_identifier)
        return self._lent(pysip2.CheckoutResponse, request, context, ok=holder == request.patron_identifier)

    def _renew(self, request: Any, context: Any) -> Any:
        ok = self.loans.get(request.item_identifier) == request.patron_identifier
        return self._lent(pysip2.RenewResponse, request, context, ok=ok)

    def _lent(self, kind: Any, request: Any, context: Any, *, ok: bool) -> Any:
        return kind(
            ok="1" if ok else "0", renewal_ok="N", magnetic_media="N", desensitize="N",
            transaction_date=context.now_18(), institution_id="CN-420001",
            patron_identifier=request.patron_identifier, item_identifier=request.item_identifier,
            title_identifier="活着", due_date=request.nb_due_date[:8],
            screen_message=() if ok else ("该册已借出",),
        )  # fmt: skip

    def _check_in(self, request: Any, context: Any) -> Any:
        holder = self.loans.pop(request.item_identifier, None)
        return pysip2.CheckinResponse(
            ok="1" if holder else "0", resensitize="N", magnetic_media="N", alert="N",
            transaction_date=context.now_18(), institution_id="CN-420001",
            item_identifier=request.item_identifier, permanent_location="总馆",
        )  # fmt: skip

    def _hold(self, request: Any, context: Any) -> Any:
        return pysip2.HoldResponse(
            ok="1", available="N", transaction_date=context.now_18(), queue_position="2",
            institution_id="CN-420001", patron_identifier=request.patron_identifier,
            pickup_location=request.pickup_location,
        )  # fmt: skip
