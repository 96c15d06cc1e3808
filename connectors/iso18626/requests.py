"""What a partner asks of us, in our words."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from stdnum import isbn as isbn_numbers

from connectors.iso18626 import messages as m
from connectors.partner_ports import PartnerRequest
from workflows.citation import Citation

if TYPE_CHECKING:
    from datetime import tzinfo

_YEAR = re.compile(r"(?<![0-9])(1[0-9]{3}|20[0-9]{2})(?![0-9])")


def wanted(message: m.Request, *, zone: tzinfo) -> PartnerRequest:
    """Return all that is needed to lend to the patron of another agency.

    :param zone: where the day by which it is needed is a day
    """
    service, header = message.service or m.Service(), message.header
    kind = service.request_type or m.RequestType.NEW
    requester, patron = message.requester or m.RequestingAgencyInfo(), message.patron or m.PatronInfo()
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
