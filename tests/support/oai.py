"""A repository of our own that speaks OAI-PMH, and some that misbehave."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import httpx

from connectors.transport import Target

NAMESPACE = 'xmlns="http://www.openarchives.org/OAI/2.0/"'
MARC = """<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader>
<controlfield tag="001">{number}</controlfield>
<datafield tag="245" ind1=" " ind2=" "><subfield code="a">{title}</subfield></datafield>
<datafield tag="952" ind1=" " ind2=" "><subfield code="p">b{number}</subfield>
<subfield code="k">available</subfield></datafield></record>"""


@dataclass
class Answer:
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    #: says that it is longer than it is, and hangs up
    breaks_off: bool = False


@dataclass
class Repository:
    """A library's catalogue: by number, title (None for what is gone) and day of the last change."""

    records: dict[int, tuple[str | None, str]] = field(default_factory=dict)
    size: int = 2
    said_at: str = "2026-03-02T02:00:00Z"
    granularity: str = "YYYY-MM-DDThh:mm:ssZ"
    total: int | None = None
    #: what is answered instead, once each
    instead: list[Answer] = field(default_factory=list)
    #: what was asked
    asked: list[dict[str, str]] = field(default_factory=list)
    #: told to every question before it is answered
    watch: Callable[[dict[str, str]], None] = lambda _: None

    def answer(self, params: dict[str, str]) -> Answer:
        self.asked.append(params)
        if params.get("verb") == "Identify":
            return self._wrapped(
                "<Identify><repositoryName>Ours</repositoryName>"
                f"<granularity>{self.granularity}</granularity><deletedRecord>persistent</deletedRecord></Identify>"
            )
        self.watch(params)
        if self.instead:
            return self.instead.pop(0)
        return self._list(params)

    def _list(self, params: dict[str, str]) -> Answer:
        since, at = params.get("from", ""), 0
        if "resumptionToken" in params:
            place, _, since = params["resumptionToken"].partition("|")
            at = int(place)
        known = [(number, *told) for number, told in self.records.items() if told[1] >= since[:10]]
        if not known:
            return complaint("noRecordsMatch")
        part = "".join(_record(*one) for one in known[at : at + self.size])
        token = self._token(at + self.size, since, len(known))
        return self._wrapped(f"<ListRecords>{part}{token}</ListRecords>")

    def _token(self, at: int, since: str, known: int) -> str:
        total = known if self.total is None else self.total
        token = f"{at}|{since}" if at < known else ""
        return f'<resumptionToken completeListSize="{total}">{token}</resumptionToken>'

    def _wrapped(self, inside: str) -> Answer:
        return Answer(
            f"<OAI-PMH {NAMESPACE}><responseDate>{self.said_at}</responseDate>{inside}</OAI-PMH>".encode()
        )


def _record(number: int, title: str | None, day: str) -> str:
    gone = ' status="deleted"' if title is None else ""
    metadata = "" if title is None else f"<metadata>{MARC.format(number=number, title=title)}</metadata>"
    stamp = f"<identifier>oai:bhu:{number}</identifier><datestamp>{day}</datestamp>"
    return f"<record><header{gone}>{stamp}</header>{metadata}</record>"


def complaint(code: str, text: str = "") -> Answer:
    return Answer(f'<OAI-PMH {NAMESPACE}><error code="{code}">{text}</error></OAI-PMH>'.encode())


def target(repository: Repository, library: str = "bhu") -> Target:
    """Return what carries calls to the repository without a network."""

    def carry(request: httpx.Request) -> httpx.Response:
        said = request.content.decode() if request.method == "POST" else request.url.query.decode()
        answer = repository.answer(dict(parse_qsl(said)))
        return httpx.Response(answer.status, content=answer.body, headers=dict(answer.headers))

    return Target(library, transport=httpx.MockTransport(carry))


@contextmanager
def serving(repository: Repository) -> Iterator[str]:
    """Serve the repository on the loopback; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["content-length"])).decode())

        def _answer(self, said: str) -> None:
            answer = repository.answer(dict(parse_qsl(said)))
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.body) + 1_000 * answer.breaks_off))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/oai"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
