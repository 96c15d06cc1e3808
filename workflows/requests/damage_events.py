"""What has happened to a book that is lost, damaged or found again."""

from dataclasses import dataclass

from workflows.event import Happened
from workflows.losses.cases import CaseKind
from workflows.losses.compensation import Compensation
from workflows.losses.settlement import Settling


@dataclass(frozen=True, slots=True, kw_only=True)
class LossReported(Happened):
    note: str | None
    #: a damage that its lender treats as a loss is one
    kind: CaseKind = CaseKind.LOSS
    channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LossSettled(Happened):
    note: str | None
    settling: Settling | None = None
    #: what the lender asks for it
    compensation: Compensation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageRecorded(Happened):
    note: str
    settling: Settling | None = None
    #: what the lender asks for it
    compensation: Compensation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Happened):
    kind: CaseKind
    piece: int | None
    channel: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSettled(Happened):
    number: int
    note: str | None
    settling: Settling
    compensation: Compensation
    override_reason: str | None
    criticism: str | None
    #: what was reported lost is paid for or replaced
    ends_the_loss: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAfterSettlement(Happened):
    note: str | None
