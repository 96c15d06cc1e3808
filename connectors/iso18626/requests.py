"""What a partner asks of us, in our words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stdnum import isbn as isbn_numbers

from connectors.iso18626 import messages as m
from workflows.citation import Citation

if TYPE_CHECKING:
    from datetime import date, datetime, tzinfo

_YEAR = re.compile(r"(?<![0-9])(1[0-9]{3}|20[0-9]{2})(?![0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRequest:
    """What another agency asks for one of its own patrons; it is named by agency and request id."""

    #: such as "ISIL:CN-420001"
    agency: str
    request_id: str
    citation: Citation
    said_at: datetime | None = None
    #: it asks again what it asked before, under this id or the previous one
    is_retry: bool = False
    #: it only asks where its request stays
    is_reminder: bool = False
    previous_request_id: str | None = None
    #: false if nothing but a copy will do
    takes_loan: bool = True
    #: the record that it found in our catalogue
    record_id: str | None = None
    needed_by: date | None = None
    note: str | None = None
    #: the agency's own id of its patron
    patron: str | None = None
    library_name: str | None = None
    deliver_to: str | None = None
    most_costs: str | None = None


def wanted(message: m.Request, *, zone: tzinfo) -> PartnerRequest:
    """Return all that is needed to lend to the patron of another agency.

    :param zone: where the day by which it is needed is a day
    """
    service, header = message.service or m.Service(), message.header
    kind = service.request_type or m.RequestType.NEW
    requester, patron = message.requester or m.Requester(), message.patron or m.Patron()
    return PartnerRequest(
        agency=f"{header.requesting.type}:{header.requesting.value}",
        request_id=header.request_id,
        said_at=header.timestamp,
        is_retry=kind is m.RequestType.RETRY,
        is_reminder=kind is m.RequestType.REMINDER,
        previous_request_id=service.previous_request_id,
        takes_loan=service.service_type is not m.ServiceType.COPY,
        citation=citation(message),
        record_id=message.bibliography.record_id,
        needed_by=service.needed_by.astimezone(zone).date() if service.needed_by else None,
        note=service.note,
        patron=patron.id,
        library_name=requester.name,
        deliver_to=_addresses(message.destinations),
        most_costs=_costs(message.billing),
    )


def citation(message: m.Request) -> Citation:
    """Return the work asked for; where a title is missing, whatever else names it stands in its place."""
    work, publication = message.bibliography, message.publication or m.Publication()
    numbers = {one.code.upper(): one.value for one in reversed(work.item_ids)}
    title = ": ".join(filter(None, (work.title, work.subtitle)))
    names = (title, work.component_title, work.series, work.record_id, numbers.get("ISBN"))
    year = _YEAR.search(publication.date or "")
    named = next(filter(None, names), "?")
    return Citation(
        title=named,
        author=work.author,
        isbn=_isbn13(numbers.get("ISBN", "")),
        issn=numbers.get("ISSN"),
        year=int(year[0]) if year else None,
        publisher=publication.publisher,
        language="chi" if any(unicodedata.name(mark, "").startswith("CJK") for mark in named) else "und",
        edition=work.edition,
        volume=", ".join(work.volumes) or None,
    )


def _isbn13(text: str) -> str | None:
    digits = isbn_numbers.compact(text)
    return str(isbn_numbers.to_isbn13(digits)) if isbn_numbers.is_valid(digits) else None


def _addresses(destinations: tuple[m.Destination, ...]) -> str | None:
    """Return the postal addresses in the order in which they are preferred, one a line."""
    ordered = sorted(destinations, key=lambda one: one.order if one.order is not None else len(destinations))
    lines = [_line(one.address.physical) for one in ordered if one.address and one.address.physical]
    return "\n".join(filter(None, lines)) or None


def _line(address: m.PhysicalAddress) -> str:
    place = " ".join(filter(None, (address.postal_code, address.locality)))
    return ", ".join(filter(None, (address.line1, address.line2, place, address.region, address.country)))


def _costs(billing: m.Billing | None) -> str | None:
    most = billing.maximum if billing else None
    return f"{most.amount:f} {most.currency}" if most else None
