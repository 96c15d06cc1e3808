"""A repository's records as hits, and its complaints as failures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.failures import ListLost, Refused
from connectors.marc.catalogue import hit
from connectors.oaipmh.codec import instant
from connectors.ports import HarvestedRecord, HarvestPage

if TYPE_CHECKING:
    from connectors.oaipmh.messages import Page, Record
    from workflows.citation import Hit

#: The list is empty, which is an answer as good as any.
_EMPTY = "noRecordsMatch"
_LOST = "badResumptionToken"


def harvest_page(page: Page, *, library: str) -> HarvestPage:
    """Return what *page* says the library has, or has no longer.

    :raises ListLost: if the repository knows nothing of the list any more
    :raises Refused: if it complained of something else and sent nothing
    """
    complaints = [complaint for complaint in page.complaints if complaint.code != _EMPTY]
    if complaints and not page.records:
        text = "; ".join(map(str, complaints))
        if any(complaint.code == _LOST for complaint in complaints):
            raise ListLost(library, text)
        raise Refused(library, text)
    return HarvestPage(
        records=tuple(_harvested(record, library) for record in page.records),
        token=page.token,
        total=page.total,
        said_at=instant(page.said_at),
    )


def _harvested(record: Record, library: str) -> HarvestedRecord:
    header = record.header
    return HarvestedRecord(
        identifier=header.identifier,
        datestamp=header.datestamp,
        is_deleted=header.is_deleted,
        hit=None if record.metadata is None else _named(record, library),
    )


def _named(record: Record, library: str) -> Hit | None:
    """Return the work and its copies; a record without a number of its own goes by the repository's name."""
    assert record.metadata is not None  # noqa: S101 - the caller has looked
    name = record.header.identifier
    found = hit(record.metadata, library=library, identifier=name)
    if found is None or all(holding.record_id for holding in found.holdings):
        return found
    named = (replace(holding, record_id=holding.record_id or name) for holding in found.holdings)
    return replace(found, holdings=tuple(named))
