"""What the service may ask of a member library, whatever protocol it speaks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from connectors.partner_ports import Requester
    from workflows.citation import Citation, Hit, Holding, Query
    from workflows.policies.item_types import Kinds


# ---------------------------------------------------------------- finding

MOST_RECORDS = 200  #: More are not taken at once, whoever asks for how many.


@dataclass(frozen=True, slots=True)
class FoundRecords:
    """What one library answered to one query."""

    library: str
    hits: tuple[Hit, ...]
    total: int  #: How many the library says it has; at least as many as it sent.
    complaints: tuple[str, ...] = ()  #: What the library complained of although it answered.
    taken: int = 0  #: Places of its list that the answer fills, records that cannot be read included.


class Finder(Protocol):
    async def find(
        self, query: Query, *, deadline: float, after: int = 0, most: int = MOST_RECORDS
    ) -> FoundRecords:
        """Return *most* records behind the first *after* of the library's list, within *deadline* seconds.

        :raises PartnerFailure: if it cannot be reached, refuses, or cannot be understood
        """


# ---------------------------------------------------------------- harvesting


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestedRecord:
    """One record of a library's list; *hit* is None where it is gone, or describes nothing."""

    identifier: str
    datestamp: str = ""
    is_deleted: bool = False
    hit: Hit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestPage:
    """A part of a library's list."""

    records: tuple[HarvestedRecord, ...] = ()
    token: str | None = None  #: By what the next part is asked for; None at the end.
    #: How many records the library says the whole list has.
    total: int | None = None
    #: When the library answered, by its own clock; None where it does not say.
    said_at: datetime | None = None


class Harvester(Protocol):
    def begin(self, *, since: datetime | None = None) -> HarvestPage:
        """Return the first page of what changed *since*, or of all that the library has.

        :raises PartnerFailure: if it cannot be reached, refuses, or cannot be understood
        """

    def go_on(self, token: str) -> HarvestPage:
        """Return the page that *token* stands for.

        :raises ListLost: if the library knows nothing of it any more
        :raises PartnerFailure: if it cannot be reached, refuses, or cannot be understood
        """


# ---------------------------------------------------------------- asking and telling


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the book is to be sent."""

    library: str
    name: str
    address: str = ""
    #: Both in Chinese; empty where the library has no Chinese name.
    name_zh: str = ""
    address_zh: str = ""

    def said(self, language: str) -> tuple[str, str]:
        """Return name and address in a language."""
        if language == "zh":
            return self.name_zh or self.name, self.address_zh or self.address
        return self.name, self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What every message to a lender carries."""

    #: Names this message for ever: a lender that gets it twice acts on it once.
    message_id: str
    request_id: str
    #: When what the message tells of happened.
    at: datetime
    #: The lender's own id of the request, once it has told us.
    lender_request_id: str | None = None
    note: str | None = None
    #: The request's short number, as it should stand on the parcel.
    number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskToSupply(Envelope):
    citation: Citation
    desk: Desk
    holding: Holding | None = None
    needed_by: date | None = None
    #: The lender said before that it may be asked again.
    is_retry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAsk(Envelope):
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptConditions(Envelope):
    condition: str | None = None
    #: what is asked for, again: some protocols accept by asking anew
    ask: AskToSupply | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectConditions(Envelope):
    condition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TellReceived(Envelope):
    item_barcode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TellReturned(Envelope):
    """The book is on its way back to the lender."""

    item_barcode: str | None = None
    tracking: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TellDueDate(Envelope):
    """The day by which the lender may expect the book back with us."""

    lender_due: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TellRenew(Envelope):
    #: The last day the patron would keep it.
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TellLost(Envelope):
    item_barcode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TellDamaged(Envelope):
    item_barcode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusQuestion(Envelope):
    """Ask where the request stands with the lender."""


Telling = (
    CancelAsk
    | AcceptConditions
    | RejectConditions
    | TellReceived
    | TellReturned
    | TellDueDate
    | TellRenew
    | TellLost
    | TellDamaged
    | StatusQuestion
)
Message = AskToSupply | Telling


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The lender has the message; this is not yet its answer."""

    message_id: str
    lender_request_id: str | None = None
    #: What our own desk has to do by hand, because no machine of the lender's listens.
    desk_task: str | None = None


class Supplier(Protocol):
    def ask(self, message: AskToSupply) -> Acknowledgement:
        """Ask the library to lend.

        :raises PartnerFailure: if it did not take the message, or may not have
        """

    def tell(self, message: Telling) -> Acknowledgement:
        """Tell or ask the library something about a request it knows.

        :raises PartnerFailure: if it did not take the message, or may not have
        """


class Witness(Protocol):
    def did_you_get(self, message_id: str) -> bool:
        """Say whether the library has this message of ours.

        :raises PartnerFailure: if it does not say
        """


# ---------------------------------------------------------------- a library's own system


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalPatron:
    """What a library's own system says of one of its patrons."""

    card_number: str
    name: str = ""
    email: str | None = None
    phone: str | None = None
    #: The library's own word for the kind of patron, as it came.
    category: str | None = None
    #: The last day on which the card is good; None if the library does not say.
    valid_until: date | None = None
    #: Why this patron may not borrow now, in the library's words; empty if nothing stands against it.
    blocks: tuple[str, ...] = ()
    #: Whether the password was right; None if none was sent, or the library does not say.
    password_is_right: bool | None = None


class PatronDirectory(Protocol):
    def look_up(self, card_number: str, *, password: str | None = None) -> LocalPatron | None:
        """Return what the library knows of whoever holds that card, or None if nobody does.

        :raises PartnerFailure: if it does not answer, or not clearly
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedItem:
    """A lender's book that has come for one of the library's own patrons."""

    message_id: str
    request_id: str
    card_number: str
    barcode: str
    title: str
    author: str | None = None
    isbn: str | None = None
    #: Where the patron fetches it, in the local system's code; None for its default.
    pickup_location: str | None = None


class HoldShelf(Protocol):
    def accept(self, item: ArrivedItem) -> str:
        """Make the book known to the local system and hold it for the patron; return its barcode there.

        :raises PartnerFailure: if the system did not take it, or may not have
        """


class LocalCirculation(Protocol):
    def check_out(self, message_id: str, *, card_number: str, barcode: str, due: date) -> None:
        """Record the hand-over in the local system.

        :raises PartnerFailure: if the system did not take it, or may not have
        """

    def check_in(self, message_id: str, *, barcode: str) -> None:
        """Record the return in the local system.

        :raises PartnerFailure: if the system did not take it, or may not have
        """


class TemporaryItems(Protocol):
    def forget(self, message_id: str, *, barcode: str) -> None:
        """Have the local system forget a borrowed book that has gone back.

        :raises PartnerFailure: if the system did not do it, or may not have
        """


# ---------------------------------------------------------------- patrons' mailboxes and telephones


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An e-mail; *message_id* stays the same when it is sent again.

    It consists of letters, digits and ``_-.:``.
    """

    message_id: str
    at: datetime  #: When it was written.
    to: str
    subject: str
    text: str
    language: str  #: As workflows.languages names it.
    html: str | None = None  #: The text once more; None in what release 0.1 left in the outbox.


class Mailer(Protocol):
    def send(self, letter: Letter) -> None:
        """Hand the letter to the mail server.

        :raises PartnerFailure: if the server did not take it
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortText:
    message_id: str
    to: str  #: E.164.
    text: str


class SmsGateway(Protocol):
    def send(self, text: ShortText) -> None:
        """Hand the text to the gateway.

        :raises PartnerFailure: if the gateway did not take it
        """


# ---------------------------------------------------------------- who can what


@dataclass(frozen=True, slots=True)
class Connectors:
    """What one library can be asked by machine; None where it cannot."""

    library: str
    finder: Finder | None = None
    supplier: Supplier | None = None
    witness: Witness | None = None
    patrons: PatronDirectory | None = None
    hold_shelf: HoldShelf | None = None
    circulation: LocalCirculation | None = None
    temporary_items: TemporaryItems | None = None
    #: From a need (find, harvest, ask, patrons, hold_shelf, circulation, temporary_items) to what serves it.
    served_by: Mapping[str, str] = field(default_factory=dict, compare=False)
    harvester: Harvester | None = None
    #: Its own system, which asks us for its patrons.
    requester: Requester | None = None
    kinds: Kinds | None = None  #: Its words for kinds of copies.


class Registry(Protocol):
    def connectors(self, library: str) -> Connectors:
        """Return the connectors of *library*; a library without any falls back to the desk."""
