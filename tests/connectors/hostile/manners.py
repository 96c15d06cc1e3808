"""How a member library's server may behave at its worst, and as what each has to end."""

from __future__ import annotations

import asyncio
import gzip
import itertools
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from connectors.failures import Garbled, PartnerFailure, Refused, Unreachable

Manners = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

#: seconds between two bytes of a server that drips
DRIP = 0.04
MEGABYTE = 1024 * 1024
_PIECE = 65536
_FOREVER = 60.0
_KINDS = {"U": Unreachable, "R": Refused, "G": Garbled}


@dataclass(frozen=True)
class Behaviour:
    manners: Manners
    #: what may come of it; nothing else may
    ends: tuple[type[PartnerFailure], ...]

    @property
    def is_slow(self) -> bool:
        """Whether waiting for it is what ends it."""
        return Unreachable in self.ends


def of(ends: str, manners: Manners) -> Behaviour:
    return Behaviour(manners, tuple(_KINDS[letter] for letter in ends))


# ---------------------------------------------------------------- what servers do


def says(*pieces: bytes, then_hangs: bool = False) -> Manners:
    """Say *pieces*, then hang up, or stay silent."""

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if then_hangs:
            await asyncio.sleep(_FOREVER)

    return talk


def floods(first: bytes, piece: bytes, most: int | None = None) -> Manners:
    """Say *first*, then *piece* for ever or *most* times."""

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        for _ in itertools.count() if most is None else range(most):
            writer.write(piece)
            await writer.drain()

    return talk


def drips(first: bytes, then: Iterable[bytes]) -> Manners:
    """Say *first*, then a little of *then* at a time."""

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        for each in then:
            writer.write(each)
            await writer.drain()
            await asyncio.sleep(DRIP)

    return talk


def bytes_of(text: bytes) -> list[bytes]:
    return [bytes([each]) for each in text]


# ---------------------------------------------------------------- HTTP

OK = b"HTTP/1.1 200 OK\r\n"
_XML, _JSON = "application/xml", "application/json"


def head(status: str = "200 OK", **headers: str | int) -> bytes:
    told = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\nConnection: close\r\n{told}\r\n".encode("latin-1")


def page(body: bytes, status: str = "200 OK", kind: str = _XML, **headers: str | int) -> Manners:
    return says(head(status, Content_Type=kind, Content_Length=len(body), **headers) + body)


def away(location: str, status: str = "302 Found") -> Manners:
    return page(b"", status, Location=location)


_DECLARED = b'<?xml version="1.0" encoding="UTF-8"?>'
_ENTITIES = b"".join(b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, 10))
BOMB = _DECLARED + b'<!DOCTYPE l [<!ENTITY l0 "lol">' + _ENTITIES + b"]><l>&l9;</l>"
QUADRATIC = b'<!DOCTYPE l [<!ENTITY a "' + b"a" * 20_000 + b'">]><l>' + b"&a;" * 5_000 + b"</l>"
EXTERNAL = b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>'
NESTED_XML = b"<a>" * 100_000 + b"</a>" * 100_000
NESTED_JSON = b"[" * 100_000 + b"]" * 100_000
HTML = b"<!DOCTYPE html><html><head><title>Log in</title></head><body>Welcome to our Wi-Fi<br></body></html>"
XHTML = b"<html xmlns='http://www.w3.org/1999/xhtml'><body><p>Welcome</p></body></html>"
NUL_XML = b"<searchRetrieveResponse>\x00</searchRetrieveResponse>"

#: bodies that are no answer, whatever was asked
BODIES: Mapping[str, bytes] = {
    "nul in xml": NUL_XML,
    "nothing but nul": b"\x00" * 1000,
    "nul in json": b'{"a": "\x00"}',
    "invalid utf-8 in xml": _DECLARED + b"<a>\xff\xfe\xfa</a>",
    "invalid utf-8 in json": b'{"a": "\xff\xfe"}',
    "utf-16 xml": '<?xml version="1.0" encoding="UTF-16"?><a>书</a>'.encode("utf-16"),
    "utf-16 json": '{"a": "书"}'.encode("utf-16"),
    "gb18030 that says utf-8": _DECLARED + "<a>书名</a>".encode("gb18030"),
    "gb18030": '<?xml version="1.0" encoding="GB18030"?><a>书名</a>'.encode("gb18030"),
    "unknown encoding": b'<?xml version="1.0" encoding="klingon"?><a/>',
    "utf-7": b'<?xml version="1.0" encoding="UTF-7"?><a/>',
    "doctype": b"<!DOCTYPE a><a/>",
    "billion laughs": BOMB,
    "quadratic bomb": QUADRATIC,
    "external entity": EXTERNAL,
    "parameter entity": b'<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><a/>',
    "xinclude": b'<a xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="file:///etc/passwd"/></a>',
    "nested xml": NESTED_XML,
    "nested json": NESTED_JSON,
    "nested objects": b'{"a":' * 100_000,
    "a long number": b"[" + b"9" * 10_000 + b"]",
    "no number": b'{"a": NaN}',
    "cut short xml": b"<searchRetrieveResponse><records>",
    "cut short json": b'[{"patron_id": 1',
    "a list of lists": b"[[], [[]]]",
    "a text": b'"yes"',
    "another document": b"<a><b/></a>",
    "html": HTML,
    "xhtml": XHTML,
    "packed unsaid": gzip.compress(b"<a/>" * 1000),
}

ENDLESS = (b"<a>x</a>" * _PIECE)[:_PIECE]
_UNSAID = b"\r\n"

HTTP: dict[str, Behaviour] = {
    "hangs before the head": of("U", says(then_hangs=True)),
    "hangs within the head": of("U", says(OK + b"Content-Ty", then_hangs=True)),
    "hangs after the head": of("U", says(head(Content_Length=100), then_hangs=True)),
    "hangs within the body": of("U", says(head(Content_Length=100) + b"<a>", then_hangs=True)),
    "drips its head": of("U", drips(b"", bytes_of(OK + b"X: " + b"x" * 2000))),
    "drips its body": of("U", drips(head(Content_Length=2000), bytes_of(b"<" * 2000))),
    "drips the size of a chunk": of("UG", drips(head(Transfer_Encoding="chunked"), bytes_of(b"0" * 2000))),
    "drips what comes first": of("U", drips(b"", [head("100 Continue")] * 2000)),
    "floods with what comes first": of("U", floods(b"", head("100 Continue") * 100)),
    "endless head": of("UG", floods(OK, b"X-A: 1\r\n" * 100)),
    "endless line in the head": of("G", floods(OK + b"X-A: ", b"x" * _PIECE)),
    "endless body": of("G", floods(OK + _UNSAID, ENDLESS)),
    "endless small chunks": of("UG", floods(head(Transfer_Encoding="chunked"), b"1\r\nx\r\n" * 1000)),
    "endless chunk": of("G", floods(head(Transfer_Encoding="chunked") + b"ffffffffff\r\n", ENDLESS)),
    "200 MB, told": of("G", floods(head(Content_Length=200 * MEGABYTE), ENDLESS, 3200)),
    "200 MB, untold": of("G", floods(OK + _UNSAID, ENDLESS, 3200)),
    "gzip bomb": of("G", page(gzip.compress(b"x" * (60 * MEGABYTE), 1), Content_Encoding="gzip")),
    "gzip bomb in chunks": of("G", floods(
        head(Content_Encoding="gzip", Transfer_Encoding="chunked"), b"5\r\n\x1f\x8b\x08\x00\x00\r\n")),
    "chunks that are none": of("G", says(head(Transfer_Encoding="chunked") + b"zz\r\nyy\r\n0\r\n\r\n")),
    "negative length": of("G", says(head(Content_Length=-1) + b"<a/>")),
    "length that is none": of("G", says(head(Content_Length="4e9") + b"<a/>")),
    "two lengths": of("G", says(OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n<a/>")),
    "no http": of("UG", says(b"SSH-2.0-OpenSSH_9.2p1\r\n")),
    "a status that is none": of("G", says(b"HTTP/1.1 99999 Yes\r\n\r\n")),
    "nothing but nul in the head": of("G", says(b"\x00" * 4096)),
    "hangs up at once": of("U", says()),
    "hangs up in mid-head": of("U", says(OK + b"Content-Le")),
    "hangs up in mid-body": of("U", says(head(Content_Length=100) + b"<a>")),
    "hangs up in mid-chunk": of("U", says(head(Transfer_Encoding="chunked") + b"64\r\n<a>")),
    "html 404": of("R", page(HTML, "404 Not Found", "text/html")),
    "html 403": of("R", page(HTML, "403 Forbidden", "text/html")),
    "html 500": of("U", page(HTML, "500 Internal Server Error", "text/html")),
    "not let in": of("R", page(b"", "401 Unauthorized")),
    "too busy for ever": of("R", page(b"", "429 Too Many Requests", Retry_After="9" * 400)),
    "busy until no day": of("U", page(b"", "503 Busy", Retry_After="Mon, 99 Foo 10000 25:61:61 GMT")),
    "nested json 400": of("R", page(b"[" * 930 + b'"x"' + b"]" * 930, "400 Bad Request", _JSON)),
    "bomb 500": of("U", page(BOMB, "500 Internal Server Error")),
    "redirect to the metadata": of("R", away("http://169.254.169.254/latest/meta-data/")),
    "redirect to loopback": of("R", away("http://127.0.0.1:1/", "307 Temporary Redirect")),
    "redirect to a file": of("R", away("file:///etc/passwd", "303 See Other")),
    "redirect to itself": of("R", away("/", "308 Permanent Redirect")),
    "picture": of("G", page(b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, kind="image/png")),
    "nothing at all": of("G", page(b"")),
    **{f"says {name}": of("G", page(body)) for name, body in BODIES.items()},
    "says xml as json": of("G", page(b"<a/>", kind=_JSON)),
    "says json as json": of("G", page(b"{}", kind=_JSON)),
}  # fmt: skip


# ---------------------------------------------------------------- HTTP, as much as is ever taken in


def filled(first: bytes, piece: bytes, last: bytes, *, pieces: int = MEGABYTE * 2) -> bytes:
    """Return as many of *piece* between the others as fit into the largest answer, *pieces* at most."""
    return first + piece * min(pieces, (5 * MEGABYTE - len(first + last)) // len(piece)) + last


_SRU, _SRU_END = b"<searchRetrieveResponse><records>", b"</records></searchRetrieveResponse>"
_RECORD = (
    b'<record><recordData><record xmlns="http://www.loc.gov/MARC21/slim"><datafield tag="245">'
    b'<subfield code="a">x</subfield></datafield></record></recordData></record>'
)
_BIBLIO = b'{"fields": [{"245": {"subfields": [{"a": "x"}]}}, {"999": {"subfields": [{"c": "1"}]}}]}'

#: answers as large as they may be, made of as many parts as there can be, or as many as are read
HEAVY: dict[str, bytes] = {
    "small elements": filled(_SRU, b"<a/>x", _SRU_END),
    "as many elements as are read": filled(_SRU, b"<a/>x", _SRU_END, pieces=119_000),
    "attributes": b"<a " + b" ".join(b'a%d=""' % number for number in range(450_000)) + b"/>",
    "records": filled(_SRU, _RECORD, _SRU_END),
    "as many records as are read": filled(_SRU, _RECORD, _SRU_END, pieces=8_000),
    "one text": filled(_SRU, b"x", _SRU_END, pieces=5 * MEGABYTE),
    "small objects": filled(b"[{}", b",{}", b"]"),
    "small lists": filled(b"[[]", b",[]", b"]"),
    "small texts": filled(b'["x"', b',"x9"', b"]"),
    "biblios": filled(b"[" + _BIBLIO, b"," + _BIBLIO, b"]"),
    "as many biblios as are read": filled(b"[" + _BIBLIO, b"," + _BIBLIO, b"]", pieces=11_000),
    "patrons": filled(b'[{"patron_id": 1}', b',{"patron_id": 1}', b"]", pieces=50_000),
    "bomb": BOMB,
    "nested xml": NESTED_XML,
    "nested json": NESTED_JSON,
}

#: what the one port for HTTP is asked for, by the first part of the path
WEB: dict[str, Manners] = {
    **{name: behaviour.manners for name, behaviour in HTTP.items()},
    **{f"heavy {name}": page(body) for name, body in HEAVY.items()},
    "good": page(_SRU + _RECORD + _SRU_END),
}


# ---------------------------------------------------------------- lines: SIP2

#: of a SIP2 system
LINES: dict[str, Behaviour] = {
    "silent": of("U", says(then_hangs=True)),
    "endless line": of("G", floods(b"", b"9" * _PIECE)),
    "endless lines": of("G", floods(b"", b"\r\n" * 1000)),
    "endless nothing": of("G", floods(b"", b"\x00" * _PIECE)),
    "drips": of("U", drips(b"", bytes_of(b"9" * 2000))),
    "drips empty lines": of("U", drips(b"", [b"\r"] * 2000)),
    "truncated": of("UG", says(b"98YYYY")),
    "garbage": of("G", says(b"\xff\xfe\x00\x81garbage\r\n", then_hangs=True)),
    "another protocol": of("G", says(b"HTTP/1.1 400 Bad Request\r\n\r\n", then_hangs=True)),
    "asks again for ever": of("G", floods(b"", b"96\r")),
    "hangs up": of("U", says()),
}


# ---------------------------------------------------------------- BER: Z39.50


def _greeted(*then: bytes, hang: bool = True) -> Manners:
    """Accept the greeting (an initialize response), then say *then* to whatever comes."""
    return says(bytes.fromhex("b5038c01ff"), *then, then_hangs=hang)


BER: dict[str, Behaviour] = {
    "silent": of("U", says(then_hangs=True)),
    "silent after the greeting": of("U", _greeted()),
    "drips": of("U", drips(b"\xb5\x83\x00\x10\x00", bytes_of(b"\x04" * 2000))),
    "endless": of("G", floods(b"\xb5\x80", b"\xa1\x80" * 1000)),
    "endless small parts": of("G", floods(b"\xb5\x80", b"\x05\x00" * 1000)),
    "endless string": of("G", floods(b"\xb5\x84\x7f\xff\xff\xff", b"\x00" * _PIECE)),
    "longer than the limit": of("G", says(b"\xb5\x84\x7f\xff\xff\xff\x04\x01", then_hangs=True)),
    "long length": of("G", says(b"\xb5\x89" + b"\xff" * 9, then_hangs=True)),
    "long tag": of("G", says(b"\xbf" + b"\xff" * 100, then_hangs=True)),
    "nested": of("G", says(b"\xb5\x80" + b"\xa1\x80" * 100_000, then_hangs=True)),
    "truncated": of("U", says(b"\xb5\x20\x8c\x01")),
    "garbage": of("G", says(b"\x00\x01\x02\x03" * 100, then_hangs=True)),
    "another protocol": of("G", says(b"HTTP/1.1 400 Bad Request\r\n\r\n", then_hangs=True)),
    "another answer": of("G", _greeted(bytes.fromhex("b5038c01ff"))),
    "hangs up": of("U", says()),
    "hangs up after the greeting": of("U", _greeted(hang=False)),
    "found more than there are numbers": of("G", _greeted(bytes.fromhex("b70d97097fffffffffffffffff9601ff"))),
}

# ---------------------------------------------------------------- replies: SMTP

#: beside some of LINES, what only a mail server can do
MAIL: dict[str, Behaviour] = {
    "greets for ever": of("U", floods(b"", b"220-hello\r\n" * 1000)),
    "drips its greeting": of("U", drips(b"", [b"220-hello\r\n"] * 2000)),
    "silent after its greeting": of("U", says(b"220 hello\r\n", then_hangs=True)),
    "offers for ever": of("U", floods(b"220 hello\r\n", b"250-SIZE\r\n" * 1000)),
    "a line that never ends": of("R", floods(b"220 ", b"9" * _PIECE)),
    "hangs up after its greeting": of("U", says(b"220 hello\r\n")),
    "no letters": of("R", says(b"554 no\r\n", then_hangs=True)),
    "garbage": of("R", says(b"\xff\xfe\x00\x81\r\n", then_hangs=True)),
    "another protocol": of("R", says(b"SSH-2.0-OpenSSH_9.2p1\r\n", then_hangs=True)),
    **{name: LINES[name] for name in ("silent", "drips", "hangs up")},
}

TALKS: dict[str, dict[str, Behaviour]] = {"lines": LINES, "ber": BER, "mail": MAIL}
