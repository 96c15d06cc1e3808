"""Copies as ISO 20775 tells them (the schema isohold): without the work they are copies of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors import xml
from workflows.citation import Holding
from workflows.ids import LibraryCode
from workflows.policies.item_types import Sign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

#: What a status is about: to be lent. One that names no purpose is about that, too.
_FOR_LOAN = frozenset({"", "1"})
_STATES = {"1": True, "2": False}


def copies(element: etree._Element, *, record_id: str, library: str) -> tuple[Holding, ...]:
    """Return the copies in or under *element*."""
    found = xml.descendants(element, "copyInformation")
    return tuple(_copy(each, record_id, library) for each in found)


def record_id(element: etree._Element) -> str:
    """Return the record whose copies *element* tells of, nothing if it does not say."""
    resource = next(xml.descendants(element, "resource"), None)
    named = None if resource is None else xml.child(resource, "resourceIdentifier")
    return "" if named is None else xml.text_of(xml.child(named, "value"))


def _copy(element: etree._Element, record_id: str, library: str) -> Holding:
    piece = xml.child(element, "pieceIdentifier")
    return Holding(
        library=LibraryCode(library),
        record_id=record_id,
        barcode=(None if piece is None else xml.text_of(xml.child(piece, "value"))) or None,
        call_number=xml.text_of(xml.child(element, "shelfLocator")) or None,
        available=_availability(element),
        signs=tuple(_signs(element)),
    )


def _signs(element: etree._Element) -> Iterator[tuple[str, str]]:
    for sign, name in ((Sign.ITEM_TYPE, "policy"), (Sign.LABEL, "note"), (Sign.PLACE, "sublocation")):
        yield from (
            (sign.value, text) for each in xml.descendants(element, name) if (text := xml.text_of(each))
        )


def _availability(element: etree._Element) -> bool | None:
    for status in xml.descendants(element, "status"):
        if xml.text_of(xml.child(status, "availableFor")) in _FOR_LOAN:
            return _STATES.get(xml.text_of(xml.child(status, "availabilityStatus")))
    return None
