"""Cases of loss, damage and theft: what was reported, and how it was settled."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from workflows.losses.compensation import Compensation

#: how a loss comes to be known at a desk (R-SZUTL-19)
REPORTED_BY = ("on_site", "telephone", "internet", "mail")


class CaseKind(StrEnum):
    """What has happened to the book."""

    LOSS = "loss"
    STAIN = "stain"
    UNREADABLE = "unreadable"
    CUT = "cut"
    THEFT = "theft"
    #: something else of the library's, such as a lamp or a key card (R-SZUTL-27)
    OTHER_ITEM = "other_item"

    @property
    def terms(self) -> str:
        """The case of the policies whose terms hold."""
        return "loss" if self is CaseKind.OTHER_ITEM else self.value


class CaseEnd(StrEnum):
    """How a case was closed."""

    SETTLED = "settled"
    #: what was lost was found before anything was paid (R-SZUTL-19)
    FOUND = "found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case."""

    #: 1 is the request's first
    number: int
    kind: CaseKind
    #: fines stop, rates and deadlines count from here
    reported: datetime
    #: on site, by telephone and the like (R-SZUTL-19)
    channel: str | None = None
    note: str | None = None
    #: the number of the piece it is about; None: the book
    piece: int | None = None
    ended: datetime | None = None
    end: CaseEnd | None = None
    compensation: Compensation | None = None
    #: why staff set another amount than the rules (R-SZUTL-36)
    override_reason: str | None = None
    #: what staff resolved to say in a notice; never published by the service (R-FJMU-17)
    criticism: str | None = None

    @property
    def is_open(self) -> bool:
        return self.ended is None


Cases = tuple[Case, ...]


def opened(cases: Cases, kind: CaseKind, at: datetime, **facts: Any) -> Cases:
    """Return the cases with one more; the same loss is reported only once."""
    piece = facts.get("piece")
    if any(one.is_open and one.kind is kind is CaseKind.LOSS and one.piece == piece for one in cases):
        return cases
    return (*cases, Case(number=len(cases) + 1, kind=kind, reported=at, **facts))


def ended(cases: Cases, number: int, at: datetime, end: CaseEnd, **facts: Any) -> Cases:
    """Return the cases with one of them closed."""
    return tuple(
        replace(one, ended=at, end=end, **facts) if one.number == number and one.is_open else one
        for one in cases
    )


def find(cases: Cases, number: int) -> Case | None:
    """Return the open case of this number, None if there is none."""
    return next((one for one in cases if one.number == number and one.is_open), None)


def losses(cases: Cases, piece: int | None = None) -> Cases:
    """Return the open cases of the book's loss, or of a piece's."""
    return tuple(one for one in cases if one.is_open and one.kind is CaseKind.LOSS and one.piece == piece)


def is_damage(cases: Cases, reported: datetime | None) -> bool:
    """Tell whether what was reported then is a damage to the book, so that no return makes it undone."""
    return any(
        one.piece is None and one.reported == reported and one.kind is not CaseKind.LOSS for one in cases
    )


def is_the_loss(case: Case, reported: datetime | None) -> bool:
    """Tell whether a case is that of the book which counts as lost since *reported*."""
    return case.piece is None and (case.kind is CaseKind.LOSS or case.reported == reported)


def settled_with(cases: Cases, reported: datetime | None, at: datetime) -> Cases:
    """Return the cases with all others of the same loss closed: one book is paid for once."""
    for one in cases:
        if is_the_loss(one, reported):
            cases = ended(cases, one.number, at, CaseEnd.SETTLED)
    return cases


def found_at(cases: Cases, at: datetime, *numbers: int | None) -> Cases:
    """Return the cases with the losses closed of what was found: None is the book, else a piece."""
    for piece in numbers:
        for one in losses(cases, piece):
            cases = ended(cases, one.number, at, CaseEnd.FOUND)
    return cases


def not_found_at(cases: Cases, at: datetime | None) -> Cases:
    """Return the cases as they were before those that were closed at this instant as found."""
    return tuple(
        replace(one, ended=None, end=None) if at and one.end is CaseEnd.FOUND and one.ended == at else one
        for one in cases
    )
