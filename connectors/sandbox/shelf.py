"""Which copies a sandbox library owns: the demonstration's records, dealt the same way every time."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from connectors.marc import iso2709
from connectors.marc.cnmarc import to_cnmarc
from connectors.marc.records import Field, MarcRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

_FEWEST_OWNERS = 2
_OWNER_COUNTS = 3
_WHOLE = 2**32
_ON_LOAN_EVERY = 8
_TWO_COPIES_EVERY = 5


@dataclass(slots=True)
class Copy:
    """One copy on the shelf, or away from it."""

    barcode: str
    call_number: str
    available: bool


@dataclass(frozen=True, slots=True)
class Title:
    record: MarcRecord
    copies: tuple[Copy, ...]


def records() -> Iterator[bytes]:
    """Return the records of the demonstration, not yet read."""
    packed = resources.files("connectors").joinpath("data", "records.mrc.gz").read_bytes()
    return iso2709.split(gzip.decompress(packed))


def owners(record_id: str, libraries: tuple[str, ...]) -> tuple[str, ...]:
    """Return the two to four of *libraries* that own a title."""
    count = _FEWEST_OWNERS + _dice(record_id, "owners") % _OWNER_COUNTS
    return tuple(sorted(libraries, key=lambda code: _dice(record_id, code))[:count])


def titles(library: str, libraries: tuple[str, ...], *, share: float = 1.0) -> Iterator[Title]:
    """Return what *library* owns when *share* of all titles is dealt over *libraries*."""
    for raw in records():
        record_id = _record_id(raw)
        dealt = _dice(record_id, "share") < share * _WHOLE
        if dealt and library in owners(record_id, libraries):
            record = iso2709.decode(raw)
            yield Title(record, tuple(_copies(record, library)))


def outgoing(title: Title, *, library: str, cnmarc: bool) -> MarcRecord:
    """Return the record as it leaves the library, with its copies in it."""
    if cnmarc:
        fields = (_field_905(copy, library) for copy in title.copies)
        return to_cnmarc(title.record, agency=library.upper()).with_fields(fields)
    return title.record.with_fields(_field_952(copy, library) for copy in title.copies)


def _record_id(raw: bytes) -> str:
    """Return field 001, which stands first, without reading the rest."""
    base = int(raw[12:17])
    return raw[base : raw.index(b"\x1e", base)].decode().strip()


def _copies(record: MarcRecord, library: str) -> Iterator[Copy]:
    call_number = " ".join(next(record.of("050")).all("a")) if record.first("050", "a") else "Z"
    rest = record.first("050", "b")
    seed = record.record_id + library
    count = 2 if _dice(seed, "copies") % _TWO_COPIES_EVERY == 0 else 1
    number = _dice(seed, "barcode") % 10_000_000
    for copy in range(count):
        away = _dice(seed, f"away{copy}") % _ON_LOAN_EVERY == 0
        yield Copy(f"{library.upper()}{number:07}{copy + 1}", f"{call_number} {rest}".strip(), not away)


def _field_952(copy: Copy, library: str) -> Field:
    """Write a copy as Koha does: $q tells that it is out."""
    out = () if copy.available else (("q", "2026-01-01"),)
    subfields = (("a", library), ("b", library), ("7", "0"), ("o", copy.call_number), ("p", copy.barcode))
    return Field("952", "  ", (*subfields, *out))


def _field_905(copy: Copy, library: str) -> Field:
    state = "在架" if copy.available else "借出"
    return Field(
        "905", "  ", (("a", library.upper()), ("b", copy.barcode), ("f", copy.call_number), ("y", state))
    )


def _dice(*seed: str) -> int:
    return int.from_bytes(hashlib.sha256(":".join(seed).encode()).digest()[:4])
