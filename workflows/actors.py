"""Who moves a request."""

from dataclasses import dataclass
from enum import StrEnum

from workflows.ids import LibraryCode


class Role(StrEnum):
    """In what capacity somebody acts."""

    PATRON = "patron"
    #: desk staff of a library: at the pick-up desk, or at the lender's
    STAFF = "staff"
    #: the consortium's office
    OFFICE = "office"
    #: a member library's system
    PARTNER = "partner"
    #: the clock, and what comes of our own deliveries
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody whose identity is established."""

    role: Role
    #: patron id, staff id, library code or process name
    id: str
    #: the library whose desk or system this is; a patron's home library
    library: LibraryCode | None = None


#: the clock and the worker
SYSTEM = Actor(Role.SYSTEM, "system")
