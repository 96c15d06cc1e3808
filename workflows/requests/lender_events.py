"""Events of what lenders could not be told."""

from dataclasses import dataclass

from workflows.event import Happened
from workflows.ids import LibraryCode


@dataclass(frozen=True, slots=True, kw_only=True)
class LenderNotTold(Happened):
    """A lender whose turn is over could not be told so in time; it may still send its book."""

    lender: LibraryCode
    #: whoever is asked although that may happen; None if nobody is
    beside: LibraryCode | None
    reason: str
