"""MARC records as ISO 2709 files and Z39.50 hold them, straight into our records.

pymarc reads the same five times slower, which would show in the start of every sandbox library.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connectors.marc import encodings
from connectors.marc.records import Field, MarcRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connectors.marc.encodings import Encoding

_LEADER = 24
_ENTRY = 12
_BASE = slice(12, 17)
_END_OF_RECORD = b"\x1d"
_END_OF_FIELD = b"\x1e"
_SUBFIELD = "\x1f"
_FIRST_DATA_FIELD = "010"
#: What is part of no text: control characters, save those that end lines and subfields.
_NOISE = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1c\\x7f]"
_NOISY_BYTES, _NOISY_TEXT = re.compile(_NOISE.encode()), re.compile(_NOISE)


class NotIso2709(ValueError):
    """The bytes are not such a file."""


def split(data: bytes) -> Iterator[bytes]:
    """Return the single records of a file."""
    return (part.lstrip() for part in data.split(_END_OF_RECORD) if part.strip())


def decode(raw: bytes, *, encoding: Encoding = "utf-8") -> MarcRecord:
    """Return one record.

    :raises NotIso2709: if leader, directory or encoding are broken
    """
    try:
        read = encodings.decoder(encoding, raw)
        # Looked for once in the whole: hardly any record has such bytes, and all would pay for the search.
        return _decoded(raw, _without_noise(read) if _NOISY_BYTES.search(raw) else read)
    except ValueError as error:
        raise NotIso2709(str(error)) from error


def _decoded(raw: bytes, read: Callable[[bytes], str]) -> MarcRecord:
    base = int(raw[_BASE])
    directory = raw[_LEADER : base - 1].decode("ascii")
    tags = [directory[at : at + 3] for at in range(0, len(directory), _ENTRY)]
    control: list[tuple[str, str]] = []
    fields: list[Field] = []
    for tag, octets in zip(tags, _contents(raw, base, directory), strict=True):
        if tag < _FIRST_DATA_FIELD:
            control.append((tag, read(octets)))
        else:
            indicators, *parts = read(octets).split(_SUBFIELD)
            fields.append(Field(tag, indicators, tuple((part[0], part[1:]) for part in parts if part)))
    return MarcRecord(raw[:_LEADER].decode("ascii"), tuple(control), tuple(fields))


def _contents(raw: bytes, base: int, directory: str) -> list[bytes]:
    """Return the fields as bytes: by the directory, or by their ends where the directory counts wrongly.

    Systems that convert records from one encoding to another often leave the old lengths standing.
    """
    places = [directory[at + 3 : at + _ENTRY] for at in range(0, len(directory), _ENTRY)]
    spans = [(base + int(place[4:]), int(place[:4])) for place in places]
    found = [raw[start : start + length] for start, length in spans]
    if all(0 < octets.find(_END_OF_FIELD) + 1 == len(octets) for octets in found):
        return [octets[:-1] for octets in found]
    parts = raw[base:].removesuffix(_END_OF_RECORD).removesuffix(_END_OF_FIELD).split(_END_OF_FIELD)
    if len(parts) != len(places):
        raise NotIso2709("the directory does not fit the fields")
    return parts


def _without_noise(read: Callable[[bytes], str]) -> Callable[[bytes], str]:
    def text(octets: bytes) -> str:
        return _NOISY_TEXT.sub("", read(octets))

    return text
