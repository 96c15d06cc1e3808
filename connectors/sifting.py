"""What a member could not be asked is looked for in what it sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from workflows.discovery.criteria import NOTHING, fitting

if TYPE_CHECKING:
    from connectors.ports import FoundRecords
    from workflows.citation import Query


def sifted(found: FoundRecords, rest: Query) -> FoundRecords:
    """Return of *found* what fits *rest*; before all is taken, the member's total is the most it may be."""
    if rest == NOTHING:
        return found
    hits = fitting(found.hits, rest)
    return replace(found, hits=hits, total=len(hits) if found.taken >= found.total else found.total)
