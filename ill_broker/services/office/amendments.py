"""Amendments: what one would change, laying it over every live loan, and taking it back."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import Connection

from ill_broker.services.audit import record
from ill_broker.services.members.directory import Directory
from ill_broker.services.refusals import Unknown
from ill_broker.services.requests.door import Requests
from ill_broker.storage import amendments as rows
from ill_broker.storage import requests as request_rows
from ill_broker.storage.amendments import STANDING, UNFINISHED, AmendmentStatus, KeptAmendment
from ill_broker.storage.audit import Action, Subject
from ill_broker.storage.store import Store
from workflows.actors import Actor, Role
from workflows.decisions.amending import Touched
from workflows.decisions.amendment_sweep import Sweep
from workflows.errors import InvalidCase, WorkflowError
from workflows.ids import AmendmentId, RequestId
from workflows.loan_clock.amendments import Amendment
from workflows.money import Money
from workflows.requests.commands import Amend, RevokeAmendment
from workflows.requests.request import Request

#: loans read at a time; never all of them
_PAGE = 500

#: what else belongs into the transaction that saves an amendment
Also = Callable[[Connection, KeptAmendment], None]


class _TakenBack(WorkflowError):
    """The amendment was revoked while it was laid over loans."""


@dataclass(slots=True)
class Sums:
    """What the loans of one currency cost by now, and would cost."""

    loans: int
    fine: Money
    new_fine: Money

    def count(self, found: Touched) -> None:
        """Add one loan; a fine whose rate is not stated adds nothing."""
        zero = self.fine - self.fine
        self.loans += 1
        self.fine += found.before.fine.amount or zero
        self.new_fine += found.after.fine.amount or zero


@dataclass(slots=True)
class Totals:
    """All loans together, by currency."""

    examined: int = 0
    touched: int = 0
    #: loans that their lender's policy cannot judge; they stay as they are
    unjudged: int = 0
    currencies: dict[str, Sums] = field(default_factory=dict)
    #: how many loans go from one due date to another
    moves: Counter[tuple[date, date]] = field(default_factory=Counter)

    def count(self, found: Touched) -> None:
        """Add a loan that the amendment touches."""
        currency = found.before.fine.currency
        zero = Money.zero(currency)
        self.touched += 1
        self.moves[found.move] += 1
        self.currencies.setdefault(currency, Sums(0, zero, zero)).count(found)


@dataclass(frozen=True, slots=True)
class DryRun:
    """A page of the loans that an amendment would touch, newest first."""

    items: tuple[Touched, ...]
    next: RequestId | None
    #: of all loans, told with the first page
    totals: Totals | None


class Amendments:
    """Lays amendments over loans."""

    def __init__(self, store: Store, directory: Directory, requests: Requests) -> None:
        self._store = store
        self._directory = directory
        self._requests = requests

    def dry_run(
        self, amendment: Amendment, *, now: datetime, limit: int, after: RequestId | None = None
    ) -> DryRun:
        """Return what an amendment would change; nothing is changed.

        :raises InvalidCase: ``unknown_policy`` if it names a lender that there is none of
        """
        self._check(amendment, now)
        sweep, totals, items = Sweep(amendment, as_of=now), Totals(), list[Touched]()
        for request in self._live(after):
            found = self._touched(request, sweep, totals)
            if found is not None and len(items) <= limit:
                items.append(found)
            if after is not None and len(items) > limit:
                break
        more = items[limit - 1].request.id if len(items) > limit else None
        return DryRun(tuple(items[:limit]), more, totals if after is None else None)

    def apply(
        self, amendment: Amendment, actor: Actor, *, now: datetime, also: Also = lambda *_: None
    ) -> KeptAmendment:
        """Lay an amendment over every live loan and those that begin later, and return what is kept of it.

        One that says the same and still stands is answered instead of a second one. Should the process die
        meanwhile, :meth:`finish` goes on.

        :raises InvalidCase: ``unknown_policy`` if it names a lender that there is none of
        """
        self._check(amendment, now)

        def work(conn: Connection) -> KeptAmendment:
            kept = rows.saying(conn, amendment)
            if kept is None:
                kept = KeptAmendment(
                    amendment=amendment, status=AmendmentStatus.APPLYING, author=actor.id, created_at=now
                )
                rows.add(conn, kept)
                record(conn, Action.LOANS_AMENDED, (Subject.AMENDMENT, kept.amendment.id), now=now)
            also(conn, kept)
            return kept

        return self._lay(self._store.write(work), now)

    def revoke(
        self,
        amendment_id: AmendmentId,
        reason: str,
        actor: Actor,
        *,
        now: datetime,
        also: Also = lambda *_: None,
    ) -> KeptAmendment:
        """Take an amendment back from every live loan that has it; again is no more than once.

        :raises Unknown: if there is none of this id
        """

        def work(conn: Connection) -> KeptAmendment:
            kept = _load(conn, amendment_id)
            if kept.status in STANDING:
                kept = replace(
                    kept,
                    status=AmendmentStatus.REVOKING,
                    revoked_at=now,
                    revoked_by=actor.id,
                    revoked_because=reason,
                )
                rows.save(conn, kept)
                record(conn, Action.AMENDMENT_REVOKED, (Subject.AMENDMENT, amendment_id), now=now)
            also(conn, kept)
            return kept

        return self._take_back(self._store.write(work), now)

    def finish(self, now: datetime) -> int:
        """Go on with what a process left unfinished and return how many amendments that were."""
        with self._store.reading() as conn:
            unfinished = rows.of_status(conn, *UNFINISHED)
        for kept in unfinished:
            (self._lay if kept.status is AmendmentStatus.APPLYING else self._take_back)(kept, now)
        return len(unfinished)

    def one(self, amendment_id: AmendmentId) -> KeptAmendment:
        """Return an amendment.

        :raises Unknown: if there is none of this id
        """
        with self._store.reading() as conn:
            found = rows.load(conn, amendment_id)
        if found is None:
            raise Unknown
        return found

    def page(self, *, limit: int, after: AmendmentId | None = None) -> list[KeptAmendment]:
        """Return amendments, newest first."""
        with self._store.reading() as conn:
            return rows.page(conn, after=after, limit=limit)

    def _check(self, amendment: Amendment, now: datetime) -> None:
        book = self._directory.in_force(now)
        for lender in (*amendment.lenders, *amendment.exclude_lenders):
            book.policy(lender)

    def _lay(self, kept: KeptAmendment, now: datetime) -> KeptAmendment:
        """Lay it over all live loans, until none is left that it touches."""
        office = Actor(Role.OFFICE, kept.author)
        command = Amend(amendment=kept.amendment)

        def still_stands(conn: Connection, _: Request) -> None:
            if _load(conn, kept.amendment.id).status not in STANDING:
                raise _TakenBack

        sweep, touched = Sweep(kept.amendment, as_of=now), 0
        while done := sum(
            self._handled(request, command, office, now, still_stands)
            for request in self._live()
            if self._touched(request, sweep, Totals())
        ):
            touched += done
        return self._became(kept.amendment.id, AmendmentStatus.APPLYING, AmendmentStatus.APPLIED, touched)

    def _take_back(self, kept: KeptAmendment, now: datetime) -> KeptAmendment:
        office = Actor(Role.OFFICE, kept.revoked_by or kept.author)
        command = RevokeAmendment(amendment=kept.amendment.id)
        while sum(
            self._handled(request, command, office, now)
            for request in self._live()
            if any(one.id == kept.amendment.id for one in request.amendments)
        ):
            pass
        return self._became(kept.amendment.id, AmendmentStatus.REVOKING, AmendmentStatus.REVOKED)

    def _handled(
        self,
        request: Request,
        command: Amend | RevokeAmendment,
        office: Actor,
        now: datetime,
        also: Callable[[Connection, Request], None] | None = None,
    ) -> bool:
        """Tell whether the loan was changed; one that came back meanwhile is no live loan any more."""
        try:
            after = self._requests.handle(request.id, command, office, now=now, also=also)
        except WorkflowError:
            return False
        return after.version > request.version

    def _became(
        self, amendment_id: AmendmentId, was: AmendmentStatus, now_is: AmendmentStatus, touched: int = 0
    ) -> KeptAmendment:
        def work(conn: Connection) -> KeptAmendment:
            kept = _load(conn, amendment_id)
            status = now_is if kept.status is was else kept.status
            kept = replace(kept, status=status, touched=kept.touched + touched)
            rows.save(conn, kept)
            return kept

        return self._store.write(work)

    def _touched(self, request: Request, sweep: Sweep, totals: Totals) -> Touched | None:
        totals.examined += 1
        try:
            found = sweep.found(request, self._directory.book)
        except InvalidCase:
            totals.unjudged += 1
            return None
        if found is not None:
            totals.count(found)
        return found

    def _live(self, after: RequestId | None = None) -> Iterator[Request]:
        """Yield the outline of every loan whose book is out, newest first, a page at a time."""
        while True:
            with self._store.reading() as conn:
                page = request_rows.loans_out(conn, after=after, limit=_PAGE)
                self._directory.book_for(conn, *page)
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].id


def _load(conn: Connection, amendment_id: AmendmentId) -> KeptAmendment:
    kept = rows.load(conn, amendment_id, for_update=True)
    if kept is None:
        raise Unknown
    return kept
