"""From one record of any kind, as a catalogue sent it, to a hit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.marc import marcxml
from connectors.marc.citations import citation
from connectors.marc.holdings import holdings, opac_holdings
from workflows.citation import Hit

if TYPE_CHECKING:
    from lxml import etree


def hit(element: etree._Element, *, library: str) -> Hit | None:
    """Return the work and the copies that *element* describes, None if it has no title."""
    record = marcxml.marc_record(element)
    if record is None:
        return None
    work = citation(record)
    if work is None:
        return None
    copies = opac_holdings(element, record_id=record.record_id, library=library)
    return Hit(citation=work, holdings=copies or holdings(record, library=library))
