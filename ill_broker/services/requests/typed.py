"""Typed requests: left by a reader, looked at by their library's desk, made requests of or ended."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection

from ill_broker import mint
from ill_broker.services.audit import record
from ill_broker.services.members.directory import Directory
from ill_broker.services.refusals import Unknown
from ill_broker.services.requests import typed_notices
from ill_broker.services.requests.submissions import Submission, Submissions
from ill_broker.services.transaction import decided
from ill_broker.storage import outbox, people
from ill_broker.storage import typed_requests as rows
from ill_broker.storage.audit import Action, Subject
from ill_broker.storage.store import Store
from workflows.actors import SYSTEM, Actor, Role
from workflows.citation import Citation, work_key
from workflows.decisions import pickups
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode, PatronId, StaffId, TypedRequestId
from workflows.patrons import Patron
from workflows.refusals import WrongState
from workflows.requests import typed as rules
from workflows.requests.request import Request
from workflows.requests.typed import MOST, TypedRequest, TypedStatus

#: what else belongs into the transaction that saves one
Also = Callable[[Connection, "SeenTyped"], None]
#: what is ended in one run of the job at most
_BATCH = 500
#: what a desk has done, where it was more than to write something down
_ACTIONS = {TypedStatus.MATCHED: Action.TYPED_MATCHED, TypedStatus.DECLINED: Action.TYPED_DECLINED}


class TooManyTyped(WorkflowError):
    """As many of the reader's are looked at as may be at a time."""

    code = "too_many_typed_requests"
    title = "Your library looks at as many as one may have at a time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing:
    """What a reader types."""

    citation: Citation
    note: str | None = None
    needed_by: date | None = None
    #: one of the pick-up sites of the reader's library
    pickup_site: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a desk has found: a work in a search of its own, or nothing, and then a library asked by hand."""

    search: str | None = None
    work: str | None = None
    lender: LibraryCode | None = None


@dataclass(frozen=True, slots=True)
class SeenTyped:
    """A typed request, whose it is, and why a request of theirs would be refused now."""

    typed: TypedRequest
    patron: Patron | None
    hindrances: tuple[str, ...] = ()
    #: who of the desk has acted on it last
    by_name: str | None = None


@dataclass(frozen=True, slots=True)
class TypedPage:
    """Typed requests, and where the next page begins."""

    items: tuple[SeenTyped, ...]
    next: TypedRequestId | None


class TypedRequests:
    """Takes what readers type, and what their desk does about it."""

    def __init__(self, store: Store, directory: Directory, submissions: Submissions) -> None:
        self._store, self._directory, self._submissions = store, directory, submissions

    def leave(
        self, wanted: Typing, actor: Actor, *, now: datetime, also: Also = lambda *_: None
    ) -> SeenTyped:
        """Return what the reader's library looks at from now on, or does already of the same work.

        :raises TooManyTyped: if it looks at as many as one reader may have
        :raises UnknownPickupSite: if the reader's library has no such site
        :raises NeededInThePast: if the day is over by which it is needed
        """
        patron = self._patron(PatronId(actor.id))
        policy = self._directory.in_force(now).policy(patron.home)
        if wanted.pickup_site is not None:
            pickups.known(policy, wanted.pickup_site)
        until = rules.ends(now, policy.calendar, wanted.needed_by)
        hindrances = self._submissions.hindrances(patron, wanted.citation, now=now)

        def saved(conn: Connection) -> SeenTyped:
            if people.held(conn, patron.id) is None:
                raise Unknown
            mine = rows.open_of(conn, patron.id)
            key = work_key(wanted.citation)
            typed = next((one for one in mine if key in {work_key(one.typed), work_key(one.citation)}), None)
            if typed is None:
                if len(mine) >= MOST:
                    raise TooManyTyped(most=MOST)
                typed = _new(wanted, patron, now=now, until=until)
                rows.add(conn, typed)
            seen = SeenTyped(typed, patron, hindrances)
            also(conn, seen)
            return seen

        return self._store.write(saved)

    def one(self, typed_id: TypedRequestId, actor: Actor, *, now: datetime) -> SeenTyped:
        """Return a typed request.

        :raises Unknown: if there is none for *actor*
        """
        with self._store.reading() as conn:
            typed = _visible(conn, typed_id, actor)
            seen = _seen(conn, typed)
        if seen.patron is None or not typed.is_open:
            return seen
        return replace(seen, hindrances=self._submissions.hindrances(seen.patron, typed.citation, now=now))

    def page(
        self, actor: Actor, *, limit: int, status: str | None = None, after: str | None = None
    ) -> TypedPage:
        """Return a page: a reader's own, newest first; for a desk its readers', the longest waiting first."""
        statuses = (TypedStatus(status),) if status else tuple(TypedStatus)
        start = TypedRequestId(after) if after else None
        with self._store.reading() as conn:
            if actor.role is Role.PATRON:
                listed = partial(rows.of_patron, conn, PatronId(actor.id))
            else:
                listed = partial(rows.at_desk, conn, LibraryCode(actor.library or ""))
            found = listed(statuses=statuses, after=start, limit=limit + 1)
            patrons = people.patrons_of(conn, {one.patron for one in found})
            names = people.staff_names(conn, {one.by for one in found if one.by})
        shown = tuple(
            SeenTyped(one, patrons.get(one.patron), by_name=names.get(one.by or "")) for one in found[:limit]
        )
        return TypedPage(shown, found[limit - 1].id if len(found) > limit else None)

    def hindrances(self, actor: Actor, *, now: datetime) -> tuple[str, ...]:
        """Return why a request of the reader's would be refused now, whatever it was for."""
        patron = self._patron(PatronId(actor.id))
        return self._submissions.hindrances(patron, Citation(title=""), now=now)

    def take(
        self,
        typed_id: TypedRequestId,
        change: Callable[[TypedRequest], TypedRequest],
        actor: Actor,
        *,
        now: datetime,
        also: Also = lambda *_: None,
    ) -> SeenTyped:
        """Return what a change of the rules has made of one; its reader is told what there is to tell.

        :raises Unknown: if there is none for *actor*
        :raises WrongState: if it is over, or not so far
        """
        self._directory.libraries(now)

        def saved(conn: Connection) -> SeenTyped:
            return self._saved(conn, change(_visible(conn, typed_id, actor)), now, also, by=actor)

        return decided(self._store, saved)

    def match(
        self,
        typed_id: TypedRequestId,
        found: Match,
        actor: Actor,
        *,
        now: datetime,
        also: Also = lambda *_: None,
    ) -> SeenTyped:
        """Make a request of it on its reader's behalf; the rules decide as on any other.

        :raises Unknown: if there is none for *actor*, or no such search or work
        :raises WrongState: if it is over
        :raises NotEligible: with every reason
        """
        with self._store.reading() as conn:
            typed = _visible(conn, typed_id, actor)
        if not typed.is_open:
            raise WrongState(status=typed.status)
        seen: list[SeenTyped] = []

        def saved(conn: Connection, made: Request) -> None:
            after = rules.matched(_visible(conn, typed_id, actor), made, now=now)
            seen[:] = [self._saved(conn, after, now, also, by=actor)]

        self._submissions.submit(self._submission(typed, found, now), actor, now=now, also=saved)
        return seen[0]

    def end_overdue(self, now: datetime) -> int:
        """End what nobody has acted on in time, and return how many those were."""
        self._directory.libraries(now)
        with self._store.reading() as conn:
            overdue = rows.overdue(conn, now, _BATCH)

        def saved(conn: Connection, typed_id: TypedRequestId) -> bool:
            typed = rows.load(conn, typed_id)
            if typed is None or not typed.is_open:
                return False
            self._saved(conn, rules.expired(typed, now=now), now)
            return True

        return sum(decided(self._store, partial(saved, typed_id=typed.id)) for typed in overdue)

    def _saved(
        self,
        conn: Connection,
        typed: TypedRequest,
        now: datetime,
        also: Also = lambda *_: None,
        *,
        by: Actor = SYSTEM,
    ) -> SeenTyped:
        if by.role is Role.STAFF:
            typed = replace(typed, by=StaffId(by.id))
        rows.save(conn, typed)
        if by.role is Role.STAFF:
            action = _ACTIONS.get(typed.status, Action.TYPED_CHANGED)
            record(conn, action, (Subject.TYPED_REQUEST, typed.id), now=now, library=typed.library)
        by_sms = self._directory.library(typed.library, now).by_sms
        outbox.add(conn, typed_notices.orders(typed, now, by_sms=by_sms))
        seen = _seen(conn, typed)
        also(conn, seen)
        return seen

    def _submission(self, typed: TypedRequest, found: Match, now: datetime) -> Submission:
        sites = self._directory.in_force(now).policy(typed.library).pickup
        return Submission(
            search=found.search,
            work=found.work,
            citation=None if found.search else typed.citation,
            lender=found.lender,
            # a site that is no more keeps nobody from the book
            pickup_site=typed.pickup_site if typed.pickup_site in sites else None,
            patron=typed.patron,
            number=typed.number,
        )

    def _patron(self, patron_id: PatronId) -> Patron:
        with self._store.reading() as conn:
            patron = people.patron(conn, patron_id)
        if patron is None:
            raise Unknown
        return patron


def _new(wanted: Typing, patron: Patron, *, now: datetime, until: datetime) -> TypedRequest:
    return TypedRequest(
        id=TypedRequestId(mint.new_id("typ", now)),
        number=mint.desk_number(),
        patron=patron.id,
        library=patron.home,
        typed=wanted.citation,
        citation=wanted.citation,
        created_at=now,
        until=until,
        note=wanted.note,
        needed_by=wanted.needed_by,
        pickup_site=wanted.pickup_site,
    )


def _seen(conn: Connection, typed: TypedRequest) -> SeenTyped:
    names = people.staff_names(conn, {typed.by}) if typed.by else {}
    return SeenTyped(typed, people.patron(conn, typed.patron), by_name=names.get(typed.by or ""))


def _visible(conn: Connection, typed_id: TypedRequestId, actor: Actor) -> TypedRequest:
    """Return one that is the reader's own, or of a reader of the desk's library.

    :raises Unknown: if there is none for *actor*
    """
    typed = rows.load(conn, typed_id)
    is_at_desk = typed is not None and actor.role is Role.STAFF and actor.library == typed.library
    if typed is None or not (typed.patron == actor.id or is_at_desk):
        raise Unknown
    return typed
