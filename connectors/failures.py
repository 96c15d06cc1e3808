"""What can go wrong between a member library and us.

PartnerFailure          we called them
  Unreachable             no answer came: later may be better
  Refused                 an answer came, and it was no
    ListLost                it has forgotten the list it was in the middle of
  Garbled                 an answer came that nobody can read
MessageFault            they called us
  NotAuthentic            the signature or its time is wrong
  Unreadable              signed, but not a message of ours
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PartnerFailure(Exception):
    """A call to a member library did not do what it should."""

    #: Whether the same call may succeed later.
    again = False

    def __init__(
        self, library: str, detail: str, *, again: bool | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{library}: {detail}")
        self.library = library
        self.detail = detail
        #: Seconds the library asked us to wait, if it said so.
        self.retry_after = retry_after
        if again is not None:
            self.again = again


class Unreachable(PartnerFailure):
    """No whole answer came in time."""

    again = True


class Refused(PartnerFailure):
    """The library answered that it will not."""


class ListLost(Refused):
    """The library no longer knows the list that it was in the middle of: it has to be begun anew."""

    again = True


class Garbled(PartnerFailure):
    """The library answered something that cannot be read."""


class MessageFault(Exception):
    """A message that reached us cannot be taken."""


class NotAuthentic(MessageFault):
    """The message is not proven to come from this library, or not now."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong in a message, and where."""

    path: str
    detail: str


class Unreadable(MessageFault):
    """The message is not of the form agreed; *defects* names everything that is wrong."""

    def __init__(self, *defects: Defect) -> None:
        super().__init__("; ".join(f"{defect.path}: {defect.detail}" for defect in defects))
        self.defects = defects


class Objection(StrEnum):
    """Why a message that can be read is not taken."""

    #: it names a request that is not its sender's to speak of
    UNKNOWN_REQUEST = "unknown request"
    #: it does not say when what it tells of happened
    TIMELESS = "says no time"
    #: nothing here does what it asks for
    NOT_OFFERED = "not offered here"
