"""A library's own system with an NCIP responder on loopback: it knows its readers, books and loans."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from xml.sax.saxutils import escape

from lxml import etree

NAMESPACE = "http://www.niso.org/2008/ncip"


@dataclass
class LocalSystem:
    """Obeys as a simple system would, and gives every borrowed book a number of its own."""

    #: card numbers, and what stands against their holders
    readers: dict[str, str] = field(default_factory=dict)
    #: the books it was told of, by its own numbers: where each is
    books: dict[str, str] = field(default_factory=dict)
    due: dict[str, str] = field(default_factory=dict)
    #: what it was asked to do, in order
    asked: list[str] = field(default_factory=list)
    #: how many of the next messages it cannot take now
    busy: int = 0
    url: str = ""

    def answer(self, body: bytes) -> bytes:
        service = etree.fromstring(body)[0]
        name = etree.QName(service).localname
        self.asked.append(name)
        if self.busy:
            self.busy -= 1
            inner = _problem("Temporary Processing Failure")
        else:
            inner = f"<{name}Response>{getattr(self, f'_{name}')(service)}</{name}Response>"
        return f'<NCIPMessage xmlns="{NAMESPACE}">{inner}</NCIPMessage>'.encode()

    def _LookupUser(self, service: etree._Element) -> str:  # noqa: N802 - the service's own name
        card = _text(service, "UserIdentifierValue")
        if card not in self.readers:
            return _problem("Unknown User")
        against = self.readers[card]
        user = f"<UserId><UserIdentifierValue>{escape(card)}</UserIdentifierValue></UserId>"
        return user + (_problem("User Blocked", against) if against else "")

    def _AcceptItem(self, service: etree._Element) -> str:  # noqa: N802 - named by the message
        if _text(service, "UserIdentifierValue") not in self.readers:
            return _problem("Unknown User")
        number = f"L-{_text(service, 'ItemIdentifierValue')}"
        self.books[number] = "hold shelf"
        return f"<ItemId><ItemIdentifierValue>{escape(number)}</ItemIdentifierValue></ItemId>"

    def _CheckOutItem(self, service: etree._Element) -> str:  # noqa: N802 - named by the message
        number = _text(service, "ItemIdentifierValue")
        if number in self.books:
            self.books[number] = _text(service, "UserIdentifierValue")
            self.due[number] = _text(service, "DesiredDateDue")
        return self._known(number)

    def _CheckInItem(self, service: etree._Element) -> str:  # noqa: N802 - named by the message
        number = _text(service, "ItemIdentifierValue")
        if number in self.books:
            self.books[number] = "desk"
        return self._known(number)

    def _DeleteItem(self, service: etree._Element) -> str:  # noqa: N802 - named by the message
        number = _text(service, "ItemIdentifierValue")
        answer = self._known(number)
        self.books.pop(number, None)
        return answer

    def _known(self, number: str) -> str:
        return "" if number in self.books else _problem("Unknown Item")


@contextmanager
def served(system: LocalSystem) -> Iterator[LocalSystem]:
    """Serve *system* on a free port as long as the ``with`` block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = system.answer(body)
            self.send_response(200)
            self.send_header("content-type", "application/xml")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        system.url = f"http://127.0.0.1:{server.server_port}/ncip"
        yield system
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _problem(kind: str, detail: str = "") -> str:
    said = f"<ProblemType>{kind}</ProblemType><ProblemDetail>{escape(detail)}</ProblemDetail>"
    return f"<Problem>{said}</Problem>"


def _text(service: etree._Element, name: str) -> str:
    return service.findtext(f".//{{{NAMESPACE}}}{name}") or ""
