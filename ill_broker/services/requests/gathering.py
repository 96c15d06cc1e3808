"""Everything that a decision may know, read before it is taken."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from ill_broker.services.members.directory import Directory
from ill_broker.storage import amendments as amendment_rows
from ill_broker.storage import people, tallies
from ill_broker.storage import privileges as privilege_rows
from ill_broker.storage import requests as request_rows
from workflows.citation import work_key
from workflows.decisions.draft import Known
from workflows.eligibility.eligibility import Standing
from workflows.ids import LibraryCode, PatronId
from workflows.policies.book import PolicyBook
from workflows.policies.policy import Policy
from workflows.requests.lifecycle import COUNTED, Status
from workflows.requests.limits import Limit, Slot, collection_of, day_slot
from workflows.requests.request import Request

#: more open requests than any policy allows one patron
_ALL = 200


def open_requests(conn: Connection, patron: PatronId) -> list[Request]:
    """Return every request of the patron that counts against the limits."""
    return request_rows.of_patron(conn, patron, statuses=COUNTED, limit=_ALL)


def gather(
    conn: Connection,
    request: Request,
    directory: Directory,
    *,
    now: datetime,
    asks: bool,
    lends: bool = False,
    renews: bool = False,
    revokes: bool = False,
    mine: Sequence[Request] | None = None,
) -> Known:
    """Return what may be known about *request*; the patron's standing too where it counts.

    :param asks: whether a lender may be asked
    :param lends: whether a loan may begin, which standing amendments are laid over
    :param renews: whether a loan may be renewed
    :param revokes: whether an amendment is taken back, beneath which another that stands may lie
    :param mine: the patron's open requests, where they were read already
    """
    known = Known(
        now=now,
        book=directory.book_for(conn, request),
        libraries=directory.libraries(now),
        local_systems=directory.local_systems(now),
    )
    if lends or revokes:
        standing = amendment_rows.of_status(conn, *amendment_rows.STANDING)
        known = replace(known, amendments=tuple(one.amendment for one in standing))
    if lends:
        patron = people.patron(conn, request.patron)
        known = replace(known, card_number=None if patron is None else patron.card_number)
    if asks or lends or renews:
        return _with_standings(conn, request, known, mine, asks=asks)
    return known


def _with_standings(
    conn: Connection, request: Request, known: Known, mine: Sequence[Request] | None, *, asks: bool
) -> Known:
    """Return the same with what the patron is to each lender that counts now."""
    mine = open_requests(conn, request.patron) if mine is None else mine
    others = [other for other in mine if other.id != request.id]
    privileges = privilege_rows.of_patron(conn, request.patron)
    privileges = privileges.with_losses([*others, *request_rows.lost(conn, request.patron)], known.book)
    if asks:
        lenders = {held.library for held in request.holdings} & known.libraries.keys()
    else:
        lenders = {request.lender} if request.lender else set()
    used = _quotas_used(conn, lenders, known.book, known.now) if asks else {}
    asked_today = _asked_today(conn, lenders, known) if asks else {}
    standings = {
        lender: replace(
            _standing(lender, known.book.policy(lender), others, used.get(lender, 0), known.now),
            asked_today=asked_today.get(lender, 0),
            suspended=bool(privileges.suspended(lender, _today(known, lender))),
            permission=privileges.permits(lender, work_key(request.citation)),
        )
        for lender in lenders
    }
    return replace(known, open_total=len(others), standings=standings, privileges=privileges)


def _today(known: Known, library: LibraryCode) -> date:
    return known.book.policy(library).calendar.local_day(known.now)


def _standing(
    lender: LibraryCode, policy: Policy, others: list[Request], used: int, now: datetime
) -> Standing:
    here = [other for other in others if other.lender == lender]
    today = policy.calendar.local_day(now)
    overdue = [
        one for one in here if one.status is Status.ON_LOAN and one.due is not None and one.due < today
    ]
    return Standing(
        open_at_lender=Counter(collection_of(one, lender) for one in here),
        open_total=len(others),
        overdue_at_lender=len(overdue),
        quota_used=used,
    )


def _quotas_used(
    conn: Connection, lenders: set[LibraryCode], book: PolicyBook, now: datetime
) -> dict[LibraryCode, int]:
    """Return how much of this month's quota is used, of each lender that has one."""
    keys = {
        Slot(Limit.QUOTA, f"{lender}:{policy.calendar.local_day(now):%Y-%m}").key: lender
        for lender in lenders
        if (policy := book.policy(lender)).monthly_quota is not None
    }
    used = tallies.read(conn, list(keys))
    return {lender: used.get(key, 0) for key, lender in keys.items()}


def _asked_today(conn: Connection, lenders: set[LibraryCode], known: Known) -> dict[LibraryCode, int]:
    """Return how much those were asked on their own day whose desk has said how much they want."""
    keys = {
        day_slot(lender, _today(known, lender)).key: lender
        for lender in lenders
        if known.libraries[lender].lending.daily_most is not None
    }
    return {keys[key]: used for key, used in tallies.read(conn, list(keys)).items()}
