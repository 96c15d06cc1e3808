"""MARC records as ISO 2709 files hold them, in UTF-8, straight into our records.

pymarc reads the same five times slower, which would show in the start of every sandbox library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.marc.records import Field, MarcRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEADER = 24
_ENTRY = 12
_BASE = slice(12, 17)
_END_OF_RECORD = b"\x1d"
_END_OF_FIELD = "\x1e"
_SUBFIELD = "\x1f"
_FIRST_DATA_FIELD = "010"


class NotIso2709(ValueError):
    """The bytes are not such a file."""


def split(data: bytes) -> Iterator[bytes]:
    """Return the single records of a file."""
    return (part.lstrip() for part in data.split(_END_OF_RECORD) if part.strip())


def decode(raw: bytes) -> MarcRecord:
    """Return one record.

    :raises NotIso2709: if leader, directory or encoding are broken
    """
    try:
        base = int(raw[_BASE])
        return _decoded(raw, base)
    except ValueError as error:
        raise NotIso2709(str(error)) from error


def _decoded(raw: bytes, base: int) -> MarcRecord:
    control: list[tuple[str, str]] = []
    fields: list[Field] = []
    for at in range(_LEADER, base - 1, _ENTRY):
        entry = raw[at : at + _ENTRY].decode("ascii")
        tag, length, start = entry[:3], int(entry[3:7]), int(entry[7:12])
        # Lengths count bytes, so the text is decoded field by field.
        text = raw[base + start : base + start + length].decode().rstrip(_END_OF_FIELD)
        if tag < _FIRST_DATA_FIELD:
            control.append((tag, text))
        else:
            indicators, *parts = text.split(_SUBFIELD)
            fields.append(Field(tag, indicators, tuple((part[0], part[1:]) for part in parts if part)))
    return MarcRecord(raw[:_LEADER].decode("ascii"), tuple(control), tuple(fields))
