"""From one record of any kind, as a catalogue sent it, to a hit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.marc import dublin_core, marcxml
from connectors.marc.citations import citation
from connectors.marc.details import details
from connectors.marc.holdings import holdings
from connectors.marc.opac import copies, opac_holdings
from connectors.xml import local
from workflows.citation import Hit, Holding
from workflows.ids import LibraryCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml import etree

    from connectors.marc.opac import OpacHolding
    from connectors.marc.records import MarcRecord


def hit(element: etree._Element, *, library: str, identifier: str = "") -> Hit | None:
    """Return the work and the copies that *element* describes, None if it has no title.

    *identifier* names the record where it does not do so itself.
    """
    record = marcxml.marc_record(element)
    if record is None:
        return _dublin_core_hit(element, library, identifier)
    work = citation(record)
    if work is None:
        return None
    # Copies in OPAC form stand around a MARC record, never in it; most answers are bare records.
    is_bare = local(element) == "record"
    told = () if is_bare else opac_holdings(element, record_id=record.record_id, library=library)
    return Hit(
        citation=work, holdings=told or holdings(record, library=library), details=details(record, work)
    )


def marc_hit(record: MarcRecord, told: Sequence[OpacHolding] = (), *, library: str) -> Hit | None:
    """Return the work in *record* with the copies *told* beside it or in it, None if it has no title."""
    work = citation(record)
    if work is None:
        return None
    beside = copies(told, record_id=record.record_id, library=library)
    return Hit(
        citation=work, holdings=beside or holdings(record, library=library), details=details(record, work)
    )


def _dublin_core_hit(element: etree._Element, library: str, identifier: str) -> Hit | None:
    work = dublin_core.citation(element)
    if work is None:
        return None
    record_id = identifier or dublin_core.record_id(element)
    return Hit(
        citation=work,
        holdings=(Holding(library=LibraryCode(library), record_id=record_id),),
        details=dublin_core.details(element, work),
    )
