"""Where library systems put their copies: one table of fields, and the OPAC form beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors import xml
from workflows.citation import Holding
from workflows.ids import LibraryCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from connectors.marc.records import Field, MarcRecord

_YES = frozenset({
    "available", "in", "checked in", "on shelf", "not checked out", "reshelving",
    "可借", "在架", "在馆", "在架上", "入藏",
})  # fmt: skip
_NO = frozenset({
    "unavailable", "out", "checked out", "due", "held", "on hold", "on holds shelf", "in transit", "on loan",
    "lost", "missing", "withdrawn", "reference", "check_holdings",
    "借出", "已借出", "外借", "预约", "丢失", "不外借", "馆内阅览", "阅览",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one kind of system writes barcode, call number, state and collection of a copy."""

    tag: str
    barcode: str
    call_number: str
    status: str = ""
    #: A subfield that holds anything but 0 when the copy is not to be had.
    barred_by: str = ""
    collection: str = ""
    #: Where UNIMARC and MARC 21 use one tag differently: which of the two this line is for.
    unimarc: bool | None = None


_PLACES = (
    _Place("952", "p", "o", status="k", barred_by="q714", collection="8"),  # Koha
    _Place("995", "f", "k", barred_by="o", collection="h", unimarc=True),  # Koha and others in France
    _Place("905", "b", "fs", status="y", collection="c", unimarc=True),  # CNMARC; a call number is $d/$e too
    _Place("AVA", "", "d", status="e", collection="j"),  # Alma
    _Place("926", "", "c"),  # Symphony
    _Place("852", "pg", "hj", status="rn", unimarc=False),  # the standard; Polaris says $r, Evergreen $n
    _Place("930", "", "a", unimarc=True),  # France, without a barcode
)


def holdings(record: MarcRecord, *, library: str) -> tuple[Holding, ...]:
    """Return the copies that *record* tells of; one of unknown state where it tells of none.

    A catalogue that shows a record without its copies still says that the library has the work.
    """
    empty = Holding(library=LibraryCode(library), record_id=record.record_id)
    for place in _PLACES:
        if place.unimarc in {None, record.is_unimarc}:
            copies = [_holding(field, place, record, library) for field in record.of(place.tag)]
            named = tuple(copy for copy in copies if copy.barcode or copy.call_number)
            if named:
                return named
            empty = next((copy for copy in copies if copy.available is not None), empty)
    return (empty,)


def _holding(field: Field, place: _Place, record: MarcRecord, library: str) -> Holding:
    return Holding(
        library=LibraryCode(library),
        record_id=record.record_id,
        barcode=field.first(*place.barcode) or None,
        call_number=_call_number(field, place),
        available=_availability(field, place),
        collection=(field.first(place.collection) if place.collection else "").lower() or "general",
    )


def _call_number(field: Field, place: _Place) -> str | None:
    number = field.first(*place.call_number)
    if field.tag == "852" and number:
        number = f"{number} {field.first('i')}".strip()
    if field.tag == "905" and not number:
        number = "/".join(part for part in (field.first("d"), field.first("e")) if part)
    return number or None


def _availability(field: Field, place: _Place) -> bool | None:
    told = available(field.first(*place.status))
    if place.barred_by:
        return told is not False and all(field.first(code) in {"", "0"} for code in place.barred_by)
    return told


def available(text: str) -> bool | None:
    """Return what a library's word for the state of a copy means, None if it means nothing to us."""
    word = text.strip().strip(".").casefold()
    if word in _YES:
        return True
    return False if word in _NO or word.startswith(("due ", "out ")) else None


def opac_holdings(element: etree._Element, *, record_id: str, library: str) -> tuple[Holding, ...]:
    """Return the copies in the OPAC form of Z39.50 in or under *element*."""
    found: list[Holding] = []
    for group in xml.descendants(element, "holdings"):
        for holding in xml.children(group, "holding"):
            found += _opac_holding(holding, record_id, library)
    return tuple(found)


def _opac_holding(element: etree._Element, record_id: str, library: str) -> Iterator[Holding]:
    call_number = xml.text_of(xml.child(element, "callNumber")).rstrip(" ,") or None
    noted = available(xml.text_of(xml.child(element, "publicNote")))
    copies = xml.child(element, "circulations")
    if copies is None or not len(copies):
        yield Holding(
            library=LibraryCode(library), record_id=record_id, call_number=call_number, available=noted
        )
        return
    for copy in xml.children(copies, "circulation"):
        yield Holding(
            library=LibraryCode(library),
            record_id=record_id,
            barcode=xml.text_of(xml.child(copy, "itemId")) or None,
            call_number=call_number,
            available=_opac_available(copy, noted),
        )


def _opac_available(copy: etree._Element, noted: bool | None) -> bool | None:  # noqa: FBT001
    now = xml.child(copy, "availableNow")
    if now is None:
        return noted
    # A temporary location is mostly a reserve shelf: such a copy does not travel.
    elsewhere = bool(xml.text_of(xml.child(copy, "temporaryLocation")))
    return now.get("value") == "1" and not elsewhere
