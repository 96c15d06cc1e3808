"""Copies in the OPAC form: as Z39.50 sends them, and as the XML that YAZ makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors import xml
from connectors.marc.words import available
from workflows.citation import Holding
from workflows.ids import LibraryCode
from workflows.policies.item_types import Sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml import etree


@dataclass(frozen=True, slots=True, kw_only=True)
class Circulation:
    """What the OPAC form says of one copy."""

    #: None where the target does not say.
    is_available: bool | None = None
    item_id: str = ""
    is_on_hold: bool = False
    temporary_location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpacHolding:
    """One place where copies stand, and the copies, if they are told one by one."""

    call_number: str = ""
    public_note: str = ""
    location: str = ""
    shelf: str = ""
    circulations: tuple[Circulation, ...] = ()


def copies(holdings: Iterable[OpacHolding], *, record_id: str, library: str) -> tuple[Holding, ...]:
    """Return the copies that *holdings* tell of."""
    return tuple(copy for holding in holdings for copy in _copies(holding, record_id, library))


def _copies(holding: OpacHolding, record_id: str, library: str) -> Iterator[Holding]:
    noted = available(holding.public_note)
    for copy in holding.circulations or (Circulation(),):
        yield Holding(
            library=LibraryCode(library),
            record_id=record_id,
            barcode=copy.item_id.strip() or None,
            call_number=holding.call_number.strip(" ,") or None,
            available=_availability(copy, noted),
            signs=tuple((sign.value, text) for sign, text in _signs(holding, copy) if text),
        )


def _signs(holding: OpacHolding, copy: Circulation) -> Iterator[tuple[Sign, str]]:
    yield Sign.LABEL, holding.public_note.strip()
    for place in (copy.temporary_location, holding.shelf, holding.location):
        yield Sign.PLACE, place.strip()


def _availability(copy: Circulation, noted: bool | None) -> bool | None:  # noqa: FBT001 -- three states, not a switch
    if copy.is_available is None:
        return noted
    # A temporary location is mostly a reserve shelf: such a copy does not travel. One on hold is promised.
    return copy.is_available and not copy.temporary_location.strip() and not copy.is_on_hold


def opac_holdings(element: etree._Element, *, record_id: str, library: str) -> tuple[Holding, ...]:
    """Return the copies in OPAC XML in or under *element*."""
    groups = xml.descendants(element, "holdings")
    found = [_holding(holding) for group in groups for holding in xml.children(group, "holding")]
    return copies(found, record_id=record_id, library=library)


def _holding(element: etree._Element) -> OpacHolding:
    told = xml.child(element, "circulations")
    return OpacHolding(
        call_number=xml.text_of(xml.child(element, "callNumber")),
        public_note=xml.text_of(xml.child(element, "publicNote")),
        location=xml.text_of(xml.child(element, "localLocation")),
        shelf=xml.text_of(xml.child(element, "shelvingLocation")),
        circulations=() if told is None else tuple(map(_circulation, xml.children(told, "circulation"))),
    )


def _circulation(element: etree._Element) -> Circulation:
    now, hold = xml.child(element, "availableNow"), xml.child(element, "onHold")
    return Circulation(
        is_available=None if now is None else now.get("value") == "1",
        item_id=xml.text_of(xml.child(element, "itemId")),
        is_on_hold=hold is not None and hold.get("value") == "1",
        temporary_location=xml.text_of(xml.child(element, "temporaryLocation")),
    )
