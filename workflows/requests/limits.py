"""What a request takes up of every limit, so that the database can hold the limits.

Each slot is one of the number that a limit allows, counted in one tally. A saved change takes the slots that
the request has gained and gives back those it has lost; a tally that is full refuses, under any concurrency.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never

from workflows.citation import work_key
from workflows.ids import LibraryCode
from workflows.libraries import Library
from workflows.policies.book import PolicyBook
from workflows.requests.request import Request


class Limit(StrEnum):
    """What is limited."""

    #: requests of one patron at once (R-BJTU-4, R-PKU-1; G-8)
    PATRON = "patron"
    #: open requests of one patron for one work: never two
    WORK = "work"
    #: items of one lender with one patron at once
    LENDER = "lender"
    #: the same in one collection (R-BHU-2)
    COLLECTION = "collection"
    #: a lender's month (R-NLC-4, R-SHLIB-5)
    QUOTA = "quota"
    #: what a lender is asked in a day, as its desk has said; never given back
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Slot:
    """One of the number that a limit allows."""

    limit: Limit
    #: whose tally
    of: str

    @property
    def key(self) -> str:
        """The tally's name in the database."""
        return f"{self.limit}:{self.of}"


@dataclass(frozen=True, slots=True)
class Turnover:
    """What a decision takes of tallies and gives back, by their keys."""

    given_back: tuple[str, ...] = ()
    #: each with how much there is of it; None where nobody limits it
    taken: Mapping[str, int | None] = field(default_factory=dict)


def collection_of(request: Request, lender: LibraryCode) -> str:
    """Return the collection of the lender's copy; general where none is known."""
    copy = request.copy_at(lender)
    return copy.collection if copy else "general"


def slots_of(request: Request | None) -> frozenset[Slot]:
    """Return all that the request takes up now; no request takes nothing."""
    if request is None:
        return frozenset()
    slots = set()
    if request.is_open:
        slots |= {
            Slot(Limit.PATRON, request.patron),
            Slot(Limit.WORK, f"{request.patron}:{work_key(request.citation)}"),
        }
        if request.lender:
            at_lender = f"{request.patron}:{request.lender}"
            collection = collection_of(request, request.lender)
            slots |= {
                Slot(Limit.LENDER, at_lender),
                Slot(Limit.COLLECTION, f"{at_lender}:{collection}"),
            }
    if request.quota:
        slots.add(Slot(Limit.QUOTA, request.quota))
    return frozenset(slots)


def day_slot(lender: LibraryCode, day: date) -> Slot:
    """Return one of what a lender is asked on a day of its own."""
    return Slot(Limit.DAY, f"{lender}:{day}")


def turnover(
    before: Request | None,
    after: Request,
    book: PolicyBook,
    *,
    forced: bool,
    libraries: Mapping[LibraryCode, Library] = MappingProxyType({}),
) -> Turnover:
    """Return what the request no longer takes up, and what it does now.

    :param libraries: whose desks may have said how much they are asked in a day
    :param forced: it has happened, and is not refused: there is as much of everything as there must be
    """
    had = slots_of(before) | _days(before, book, libraries)
    has = slots_of(after) | _days(after, book, libraries)
    return Turnover(
        # in one order for everybody, so that two transactions never wait for each other
        given_back=tuple(sorted(slot.key for slot in had - has)),
        taken={slot.key: None if forced else ceiling(slot, after, book, libraries) for slot in has - had},
    )


def _days(
    request: Request | None, book: PolicyBook, libraries: Mapping[LibraryCode, Library]
) -> frozenset[Slot]:
    """Return the days on which lenders were asked whose desk has said how much a day may bring."""
    return frozenset(
        day_slot(entry.lender, book.policy(entry.lender).calendar.local_day(entry.asked_at))
        for entry in (request.rota if request else ())
        if entry.asked_at and entry.lender in libraries
        if libraries[entry.lender].lending.daily_most is not None
    )


def ceiling(
    slot: Slot,
    request: Request,
    book: PolicyBook,
    libraries: Mapping[LibraryCode, Library] = MappingProxyType({}),
) -> int | None:
    """Return how much of a tally there is; None if nobody limits it."""
    match slot.limit:
        case Limit.PATRON:
            return book.policy(request.home).borrowing.max_items
        case Limit.WORK:
            return 1
        case Limit.DAY:
            return libraries[LibraryCode(slot.of.partition(":")[0])].lending.daily_most
        case Limit.QUOTA:
            return book.policy(str(request.quota).partition(":")[0]).monthly_quota
        case Limit.LENDER:
            return _limits(request, book).get("total")
        case Limit.COLLECTION:
            return _limits(request, book).get(slot.of.rpartition(":")[2])
        case _:
            assert_never(slot.limit)


def _limits(request: Request, book: PolicyBook) -> Mapping[str, int]:
    policy = book.policy(str(request.lender))
    return policy.categories[str(request.category)].limits
