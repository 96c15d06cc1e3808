"""Where library systems put their copies: one table of fields."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING

from connectors.marc.words import available, stands_on_a_shelf
from workflows.citation import Holding
from workflows.ids import LibraryCode
from workflows.policies.item_types import Sign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.marc.records import Field, MarcRecord


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
    #: A subfield that names the place where the copy is now.
    current_location: str = ""
    #: Subfields that may tell the kind of a copy: its type, its labels, what stands before its call number,
    #: and where it stands.
    item_type: str = ""
    labels: str = ""
    prefix: str = ""
    places: str = ""
    #: Subfields without which the field means something else.
    needs: str = ""
    #: Where UNIMARC and MARC 21 use one tag differently: which of the two this line is for.
    unimarc: bool | None = None


_PLACES = (
    _Place(
        "952", "p", "o", status="k", barred_by="q714", collection="8", item_type="y", labels="z", places="c"
    ),  # Koha
    _Place("952", "b", "h", needs="bh", unimarc=False),  # FOLIO
    _Place(
        "995", "f", "k", barred_by="o", collection="h", unimarc=True, item_type="r", labels="u", places="e"
    ),  # Koha and others in France
    # CNMARC; a call number is $d/$e too
    _Place("905", "b", "fs", status="y", collection="c", unimarc=True, item_type="t", labels="n"),
    _Place("AVA", "", "d", status="e", collection="j", places="cq"),  # Alma
    _Place("926", "", "c", current_location="b", item_type="d", places="b"),  # Symphony by Z39.50
    # Symphony's own records
    _Place(
        "999",
        "i",
        "a",
        current_location="kl",
        needs="il",
        unimarc=False,
        item_type="t",
        labels="o",
        places="l",
    ),
    # the standard; Polaris says $r, Evergreen $n
    _Place("852", "pg", "hj", status="rn", unimarc=False, labels="z", prefix="k", places="cb"),
    _Place("930", "", "a", unimarc=True),  # France, without a barcode
)


def holdings(record: MarcRecord, *, library: str) -> tuple[Holding, ...]:
    """Return the copies that *record* tells of; one of unknown state where it tells of none.

    A catalogue that shows a record without its copies still says that the library has the work.
    """
    empty = Holding(library=LibraryCode(library), record_id=record.record_id)
    for place in _PLACES:
        there = record.under(place.tag)
        if there and place.unimarc in {None, record.is_unimarc}:
            fields = [field for field in there if all(map(field.first, place.needs))]
            copies = tuple(_holding(field, place, record, library) for field in fields)
            named = tuple(copy for copy in copies if copy.barcode or copy.call_number)
            if named:
                return named
            # Without a name of its own a copy counts only if something is said of it in so many words.
            said = (_told(field, place) is not None for field in fields)
            empty = next(compress(copies, said), empty)
    return (empty,)


def _holding(field: Field, place: _Place, record: MarcRecord, library: str) -> Holding:
    return Holding(
        library=LibraryCode(library),
        record_id=record.record_id,
        barcode=field.first(*place.barcode) or None,
        call_number=_call_number(field, place),
        available=_availability(field, place),
        collection=(field.first(place.collection) if place.collection else "").lower() or "general",
        signs=tuple(_signs(field, place)),
    )


def _signs(field: Field, place: _Place) -> Iterator[tuple[str, str]]:
    """Yield what may tell the kind of a copy; a word for its state is as good as a label."""
    for sign, codes in (
        (Sign.ITEM_TYPE, place.item_type),
        (Sign.LABEL, place.status + place.labels),
        (Sign.CALL_NUMBER, place.prefix),
        (Sign.PLACE, place.places),
    ):
        yield from ((sign.value, text) for code in codes for text in field.all(code) if text)


def _call_number(field: Field, place: _Place) -> str | None:
    number = field.first(*place.call_number)
    if field.tag == "852" and number:
        number = f"{number} {field.first('i')}".strip()
    if field.tag == "905" and not number:
        number = "/".join(part for part in (field.first("d"), field.first("e")) if part)
    return number or None


def _availability(field: Field, place: _Place) -> bool | None:
    told = _told(field, place)
    if place.barred_by:
        return told is not False and all(field.first(code) in {"", "0"} for code in place.barred_by)
    return told


def _told(field: Field, place: _Place) -> bool | None:
    if place.current_location:
        return stands_on_a_shelf(field.first(*place.current_location))
    return available(field.first(*place.status))
