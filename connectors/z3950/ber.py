"""The basic encoding rules of ASN.1, as far as Z39.50 needs them: bounded in depth, length and number.

Read leniently (indefinite lengths, any number of bytes for a length), written strictly (definite, shortest).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: How deep elements may lie in each other; a record with its copies lies 14 deep.
MOST_DEPTH = 40
#: How many elements one message may hold.
MOST_ELEMENTS = 50_000

UNIVERSAL, CONTEXT = 0x00, 0x80
BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID, EXTERNAL, SEQUENCE = 1, 2, 3, 4, 5, 6, 8, 16
_STRING_TAGS = frozenset({OCTET_STRING, 12, 22, 25, 26, 27, 28, 30})

_CLASS, _CONSTRUCTED, _TAG = 0xC0, 0x20, 0x1F
_MORE, _LOW = 0x80, 0x7F
_INDEFINITE = 0x80
_FIRST_OIDS = 40
#: Neither a tag nor a length is ever written in more bytes than this.
_MOST_HEADER = 4
_MOST_INTEGER = 8
_MOST_OID = 40
_BITS = 8


class NotBer(ValueError):
    """The bytes are not BER, or more of it than we are willing to read."""


@dataclass(frozen=True, slots=True)
class Element:
    """One tagged value: bytes if it is primitive, further elements if it is constructed."""

    kind: int
    tag: int
    content: bytes | tuple[Element, ...]

    @property
    def parts(self) -> tuple[Element, ...]:
        """Return the elements inside, none where there can be none."""
        return self.content if isinstance(self.content, tuple) else ()

    def part(self, tag: int, *, kind: int = CONTEXT) -> Element | None:
        return next(self.all(tag, kind=kind), None)

    def all(self, tag: int, *, kind: int = CONTEXT) -> Iterator[Element]:
        return (part for part in self.parts if part.tag == tag and part.kind == kind)

    @property
    def octets(self) -> bytes:
        """Return the bytes of a string, put together where it was sent in pieces."""
        if isinstance(self.content, bytes):
            return self.content
        return b"".join(part.octets for part in self.content if part.tag in _STRING_TAGS)

    @property
    def number(self) -> int:
        """Return the integer, or the truth of a boolean as one.

        :raises NotBer: if it is none, or larger than 64 bits
        """
        if not isinstance(self.content, bytes) or not 0 < len(self.content) <= _MOST_INTEGER:
            raise NotBer("no integer")
        return int.from_bytes(self.content, "big", signed=True)

    @property
    def oid(self) -> str:
        """Return the object identifier in dots.

        :raises NotBer: if it is none
        """
        arcs = list(_arcs(self.octets))
        if not arcs:
            raise NotBer("no object identifier")
        first = min(arcs[0] // _FIRST_OIDS, 2)
        return ".".join(map(str, (first, arcs[0] - first * _FIRST_OIDS, *arcs[1:])))


def _arcs(octets: bytes) -> Iterator[int]:
    if len(octets) > _MOST_OID:
        raise NotBer("object identifier too long")
    value = 0
    for octet in octets:
        value = value << 7 | octet & _LOW
        if not octet & _MORE:
            yield value
            value = 0


# ---------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class _Header:
    kind: int
    tag: int
    is_constructed: bool
    #: None where the end is marked instead.
    length: int | None
    #: Where the content begins.
    start: int

    @property
    def is_end(self) -> bool:
        return not (self.kind or self.tag or self.is_constructed or self.length)


def _header(data: bytes | bytearray, at: int) -> _Header | None:
    """Return the header of the element at *at*, None if more bytes are needed to tell."""
    try:
        first = data[at]
        tag, at = first & _TAG, at + 1
        if tag == _TAG:
            tag, at = _long_tag(data, at)
        length, at = _length(data, at)
    except IndexError:
        return None
    is_constructed = bool(first & _CONSTRUCTED)
    if length is None and not is_constructed:
        raise NotBer("a primitive value without an end")
    return _Header(first & _CLASS, tag, is_constructed, length, at)


def _long_tag(data: bytes | bytearray, at: int) -> tuple[int, int]:
    tag = 0
    for place in range(at, at + _MOST_HEADER):
        tag = tag << 7 | data[place] & _LOW
        if not data[place] & _MORE:
            return tag, place + 1
    raise NotBer("tag too long")


def _length(data: bytes | bytearray, at: int) -> tuple[int | None, int]:
    first = data[at]
    if first < _INDEFINITE:
        return first, at + 1
    if first == _INDEFINITE:
        return None, at + 1
    size = first & _LOW
    if size > _MOST_HEADER:
        raise NotBer("length too long")
    end = at + 1 + size
    if end > len(data):
        raise IndexError
    return int.from_bytes(data[at + 1 : end], "big"), end


class Framer:
    """Cuts whole messages out of a stream; each byte is looked at once, however the pieces fall.

    A message is a constructed element with a tag of its own: what is not can be told by its first byte.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._data = bytearray()
        self._at = 0
        self._open = 0
        self._seen = 0

    @property
    def is_empty(self) -> bool:
        return not self._data

    def feed(self, data: bytes) -> None:
        self._data += data

    def message(self) -> bytes | None:
        """Return the next message, None if it is not whole yet.

        :raises NotBer: if it is not BER, or is or will be larger than the limit
        """
        while (header := _header(self._data, self._at)) is not None:
            self._step(header)
            if self._at > self._limit:
                raise NotBer(f"message larger than {self._limit} bytes")
            if not self._open:
                return self._cut()
        return None

    def _step(self, header: _Header) -> None:
        self._seen += 1
        if self._seen > MOST_ELEMENTS or self._open > MOST_DEPTH:
            raise NotBer("too many elements, or too deep")
        if not self._open and not (header.kind == CONTEXT and header.is_constructed):
            raise NotBer("no message")
        if header.is_end and self._open:
            self._open -= 1
        elif header.length is None:
            self._open += 1
        self._at = header.start + (header.length or 0)

    def _cut(self) -> bytes | None:
        if self._at > len(self._data):
            # Known to be whole only later; until then its header is read again, and nothing else.
            self._at = self._seen = 0
            return None
        whole = bytes(self._data[: self._at])
        del self._data[: self._at]
        self._at = self._seen = 0
        return whole


def decode(data: bytes) -> Element:
    """Return the one element that *data* holds.

    :raises NotBer: if it holds none, more than one, or too much
    """
    reader = _Reader(data)
    element, end = reader.element(0, len(data), depth=0)
    if element is None or end != len(data):
        raise NotBer("not one element")
    return element


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = MOST_ELEMENTS

    def element(self, at: int, end: int, *, depth: int) -> tuple[Element | None, int]:
        """Return the element at *at* and where it ends; None for the mark of an end."""
        self._left -= 1
        if self._left < 0 or depth > MOST_DEPTH:
            raise NotBer("too many elements, or too deep")
        header = _header(self._data, at)
        until = end if header is None or header.length is None else header.start + header.length
        if header is None or until > end:
            raise NotBer("cut short")
        if header.is_end:
            return None, until
        if not header.is_constructed:
            return Element(header.kind, header.tag, self._data[header.start : until]), until
        parts, at = self._parts(header, until, depth=depth + 1)
        return Element(header.kind, header.tag, parts), at

    def _parts(self, header: _Header, end: int, *, depth: int) -> tuple[tuple[Element, ...], int]:
        parts: list[Element] = []
        at = header.start
        while at < end:
            part, at = self.element(at, end, depth=depth)
            if part is None:
                if header.length is None:
                    return tuple(parts), at
                raise NotBer("an end that ends nothing")
            parts.append(part)
        if header.length is None:
            raise NotBer("cut short")
        return tuple(parts), at


# ---------------------------------------------------------------- writing


def encode(element: Element) -> bytes:
    """Return *element* with definite lengths."""
    if isinstance(element.content, bytes):
        return _framed(element.kind, element.tag, element.content)
    inner = b"".join(map(encode, element.content))
    return _framed(element.kind | _CONSTRUCTED, element.tag, inner)


def _framed(first: int, tag: int, content: bytes) -> bytes:
    head = bytes([first | tag]) if tag < _TAG else bytes([first | _TAG]) + _sevens(tag)
    size = len(content)
    if size < _INDEFINITE:
        return head + bytes([size]) + content
    length = size.to_bytes((size.bit_length() + _BITS - 1) // _BITS, "big")
    return head + bytes([_INDEFINITE | len(length)]) + length + content


def _sevens(value: int) -> bytes:
    """Return *value* in groups of seven bits, each but the last marked."""
    octets = [value & _LOW]
    while value := value >> 7:
        octets.append(value & _LOW | _MORE)
    return bytes(reversed(octets))


def group(tag: int, parts: Iterable[Element | None], *, kind: int = CONTEXT) -> Element:
    """Return a constructed element out of those *parts* that are there."""
    return Element(kind, tag, tuple(part for part in parts if part is not None))


def integer(tag: int, value: int, *, kind: int = CONTEXT) -> Element:
    size = value.bit_length() // _BITS + 1
    return Element(kind, tag, value.to_bytes(size, "big", signed=True))


def boolean(tag: int, *, value: bool, kind: int = CONTEXT) -> Element:
    return Element(kind, tag, b"\xff" if value else b"\x00")


def octets(tag: int, value: bytes, *, kind: int = CONTEXT) -> Element:
    return Element(kind, tag, value)


def text(tag: int, value: str, *, kind: int = CONTEXT) -> Element:
    return Element(kind, tag, value.encode())


def object_id(tag: int, dotted: str, *, kind: int = CONTEXT) -> Element:
    first, second, *rest = map(int, dotted.split("."))
    return Element(kind, tag, b"".join(map(_sevens, (first * _FIRST_OIDS + second, *rest))))


def bits(tag: int, places: Iterable[int], *, kind: int = CONTEXT) -> Element:
    """Return a bit string in which *places*, counted from the left, are set."""
    known = frozenset(places)
    size = max(known, default=0) + 1
    padding = -size % _BITS
    value = sum(1 << (size + padding - 1 - place) for place in known)
    return Element(kind, tag, bytes([padding]) + value.to_bytes((size + padding) // _BITS, "big"))
