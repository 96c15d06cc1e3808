"""What is said in NCIP: what we ask a library's own system to do, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Term:
    """A word out of a list; the scheme names the list."""

    value: str
    scheme: str | None = None


@dataclass(frozen=True, slots=True)
class Identifier:
    """Whom or what a message is about, and whose number that is."""

    value: str
    agency: str | None = None
    kind: Term | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """What a patron shows to be believed, and what it is: a barcode, a PIN."""

    data: str
    kind: Term
    form: Term


@dataclass(frozen=True, slots=True)
class Work:
    """What a book is called."""

    title: str
    author: str | None = None
    isbn: str | None = None


# ---------------------------------------------------------------- what we ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Initiation:
    """What every message of ours says first: from whom, to whom, by which rules."""

    from_agency: Term
    to_agency: Term
    application_profile: Term | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupUser(Initiation):
    """Ask for a patron by number, by credentials, or, where a system wants that, by both."""

    user: Identifier | None = None
    credentials: tuple[Credential, ...] = ()
    wanted: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestItem(Initiation):
    """Ask for a copy by its barcode, or for any copy of a record."""

    user: Identifier
    request: Identifier
    request_type: Term
    scope: Term
    item: Identifier | None = None
    record: Identifier | None = None
    pickup_location: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequestItem(Initiation):
    user: Identifier
    request: Identifier
    request_type: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptItem(Initiation):
    request: Identifier
    action: Term
    user: Identifier
    item: Identifier
    work: Work
    pickup_location: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOutItem(Initiation):
    user: Identifier
    item: Identifier
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInItem(Initiation):
    item: Identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewItem(Initiation):
    user: Identifier
    item: Identifier
    due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteItem(Initiation):
    item: Identifier


Message = (
    LookupUser
    | RequestItem
    | CancelRequestItem
    | AcceptItem
    | CheckOutItem
    | CheckInItem
    | RenewItem
    | DeleteItem
)


# ---------------------------------------------------------------- what is answered


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a system did not do what it was asked; any part may be missing."""

    kind: str = ""
    detail: str = ""
    element: str = ""
    value: str = ""

    def __str__(self) -> str:
        about = ": ".join(part for part in (self.element, self.value) if part)
        return " - ".join(part for part in (self.kind, self.detail, about) if part) or "no reason given"


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when something holds, in the system's words; None where it does not say."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Privilege:
    """One thing a system says of a patron's standing: a class of patrons, or a state."""

    kind: str
    status: str = ""
    span: Span = Span()


@dataclass(frozen=True, slots=True)
class Block:
    kind: str
    span: Span = Span()


@dataclass(frozen=True, slots=True)
class Address:
    """A way to reach a patron by wire: `mailto`, `tel` or another system's word for it."""

    kind: str
    data: str


@dataclass(frozen=True, slots=True)
class UserFacts:
    name: str = ""
    addresses: tuple[Address, ...] = ()
    privileges: tuple[Privilege, ...] = ()
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a system answered; with a problem in it, it did not do what it was asked."""

    #: as in LookupUserResponse; empty if the message as a whole failed
    service: str = ""
    problems: tuple[Problem, ...] = ()
    user: str | None = None
    item: str | None = None
    request: str | None = None
    due: datetime | None = None
    facts: UserFacts = UserFacts()
