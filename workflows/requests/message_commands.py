"""Commands of the service itself: what became of messages, ours and theirs."""

from dataclasses import dataclass
from typing import ClassVar

from workflows.ids import LibraryCode, MessageId
from workflows.requests.lifecycle import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDelivered:
    """A message of ours reached its lender."""

    step: ClassVar[Step] = Step.DELIVERED
    message: MessageId
    lender_request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordUndeliverable:
    """A message of ours was refused by its lender, or could not be brought there in time."""

    step: ClassVar[Step] = Step.UNDELIVERABLE
    message: MessageId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordNotTold:
    """A lender that was asked could not be told in time that its book is not wanted any more."""

    step: ClassVar[Step] = Step.UNDELIVERABLE
    lender: LibraryCode
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLocally:
    """A message of ours reached the system of the patron's own library, or was given up."""

    step: ClassVar[Step] = Step.DELIVERED
    message: MessageId
    #: what the system calls the book, if it gave it a number of its own
    barcode: str | None = None
    #: why it was given up
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSetAside:
    """A partner said something of the request that could not be applied."""

    step: ClassVar[Step] = Step.DELIVERED
    library: LibraryCode
    message: MessageId


#: what became of messages, ours and theirs
OfMessages = RecordDelivered | RecordUndeliverable | RecordNotTold | RecordLocally | RecordSetAside
