"""Who may borrow what where: what desks record of a patron's privileges, and what they are shown of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ill_broker import mint
from ill_broker.services.audit import record
from ill_broker.services.members.directory import Directory
from ill_broker.services.privileges.borrowing_refusals import (
    AlreadySuspended,
    NoSuchMember,
    NotInForce,
    TooManyAgents,
    UnknownCategory,
)
from ill_broker.services.privileges.patron_view import decides_for, sees, visible_patron
from ill_broker.services.refusals import Unknown
from ill_broker.services.requests.gathering import open_requests
from ill_broker.services.transaction import decided
from ill_broker.storage import people
from ill_broker.storage import privileges as rows
from ill_broker.storage import requests as request_rows
from ill_broker.storage.audit import Action, Subject
from ill_broker.storage.privileges import RecordedPrivilege
from ill_broker.storage.store import Store
from workflows.actors import SYSTEM, Actor
from workflows.citation import Citation, work_key
from workflows.eligibility import privileges
from workflows.eligibility.privileges import (
    AgentNamed,
    CardNoted,
    CategoryRecorded,
    PermissionGiven,
    PrivilegeEnded,
    PrivilegeEvent,
    Privileges,
    SuspensionImposed,
    same_suspension,
)
from workflows.ids import LibraryCode, PatronId, PrivilegeId, RequestId, StaffId
from workflows.patrons import Patron
from workflows.policies.policy import Policy
from workflows.reasons import Refusal
from workflows.refusals import NotAllowed, WrongState
from workflows.requests.lifecycle import COUNTED, Status
from workflows.requests.permissions import Relation, relations

#: how often a patron may change their mind about who fetches a book
_AGENTS = 20
BEFORE_HANDOVER = COUNTED - {Status.ON_LOAN}


#: entries go when their patron is forgotten; that one was made, and by whom, stays
_ACTIONS: dict[type[PrivilegeEvent], Action] = {
    SuspensionImposed: Action.SUSPENDED,
    PermissionGiven: Action.PERMITTED,
    CategoryRecorded: Action.CATEGORY_RECORDED,
    CardNoted: Action.CARD_NOTED,
    AgentNamed: Action.AGENT_NAMED,
    PrivilegeEnded: Action.RIGHT_ENDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenEntry:
    """An entry, who made it, what has ended it, and whether it holds now."""

    made: RecordedPrivilege
    ended: RecordedPrivilege | None = None
    holds: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCategory:
    """A patron's category at one library, and the entry it rests on, if a desk made one."""

    library: LibraryCode
    category: str
    label: str
    limits: Mapping[str, int]
    entry: SeenEntry | None = None


#: what else belongs into the transaction that records
Also = Callable[[Connection, SeenEntry], None]


class Borrowing:
    """Records and shows what a patron is allowed."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    def find(self, home: LibraryCode, card_number: str, actor: Actor) -> Patron:
        """Return the patron who has this card.

        :raises Unknown: if there is none for *actor*
        """
        with self._store.reading() as conn:
            found = people.by_card(conn, home, card_number)
            if found is None:
                raise Unknown
            return visible_patron(conn, found.patron.id, actor)

    def suspensions(self, patron_id: PatronId, actor: Actor, *, now: datetime) -> tuple[SeenEntry, ...]:
        """Return the patron's suspensions, those that losses bring about by themselves among them.

        :raises Unknown: if the patron does not exist for *actor*
        """
        patron, history, known = self._read(patron_id, actor, now)
        made = {entry.event.id: entry for entry in history if not isinstance(entry.event, PrivilegeEnded)}
        by_itself = {one.id: RecordedPrivilege(seq=0, actor=SYSTEM, event=one) for one in known.losses}
        return tuple(
            self._seen((made | by_itself)[one.id], history, now)
            for one in known.suspensions
            if sees(actor, patron, one.library)
        )

    def permissions(self, patron_id: PatronId, actor: Actor, *, now: datetime) -> tuple[SeenEntry, ...]:
        """Return what libraries have permitted the patron.

        :raises Unknown: if the patron does not exist for *actor*
        """
        patron, history, _ = self._read(patron_id, actor, now)
        return tuple(
            self._seen(entry, history, now)
            for entry in history
            if isinstance(entry.event, PermissionGiven) and sees(actor, patron, entry.event.library)
        )

    def categories(self, patron_id: PatronId, actor: Actor, *, now: datetime) -> tuple[SeenCategory, ...]:
        """Return what kind of reader the patron is to each member library that *actor* may know of.

        :raises Unknown: if the patron does not exist for *actor*
        """
        patron, history, known = self._read(patron_id, actor, now)
        book = self._directory.in_force(now)
        return tuple(
            _category(book.policy(code), known, history)
            for code in sorted(self._directory.libraries(now))
            if code != patron.home and sees(actor, patron, code)
        )

    def suspend(
        self,
        patron_id: PatronId,
        actor: Actor,
        *,
        library: LibraryCode,
        case: str,
        months: int | None = None,
        reason: str,
        now: datetime,
        also: Also,
    ) -> SeenEntry:
        """Suspend a patron at a library, as its policy allows staff to.

        :raises InvalidCase: ``case_not_covered``, ``months_out_of_range``
        :raises AlreadySuspended: if somebody has entered the very same
        """
        policy = self._policy(library, now)
        id_ = PrivilegeId(mint.new_id("sus", now))
        event = privileges.imposed(policy, case, months, id_=id_, at=now, reason=reason)

        def imposing(_: Patron, known: Privileges) -> PrivilegeEvent:
            if any(same_suspension(event, one) for one in known.running(event.since)):
                raise AlreadySuspended
            return event

        return self._record(patron_id, actor, lambda *_: library, imposing, now=now, also=also)

    def lift(
        self, patron_id: PatronId, entry: PrivilegeId, actor: Actor, *, reason: str, now: datetime, also: Also
    ) -> SeenEntry:
        """End a suspension or a permission.

        :raises Unknown: if there is none of this id
        :raises NotInForce: if it has ended already
        """

        def whose(patron: Patron, known: Privileges) -> LibraryCode:
            library = _meant(known, entry).library
            if not sees(actor, patron, library):
                raise Unknown
            return library

        def ending(_: Patron, known: Privileges) -> PrivilegeEvent:
            meant = _meant(known, entry)
            if entry in known.ended or not self._holds(meant, now):
                raise NotInForce
            return PrivilegeEnded(id=entry, library=meant.library, at=now, reason=reason)

        return self._record(patron_id, actor, whose, ending, now=now, also=also)

    def permit(
        self,
        patron_id: PatronId,
        actor: Actor,
        *,
        library: LibraryCode,
        citation: Citation,
        authority: str,
        reason: str,
        now: datetime,
        also: Also,
    ) -> SeenEntry:
        """Record that the library's authority lets the patron have one work (R-BHU-12)."""
        event = PermissionGiven(
            id=PrivilegeId(mint.new_id("prm", now)),
            library=LibraryCode(self._policy(library, now).id),
            at=now,
            reason=reason,
            work=work_key(citation),
            title=citation.title,
            authority=authority,
        )
        return self._record(patron_id, actor, lambda *_: library, lambda *_: event, now=now, also=also)

    def categorise(
        self,
        patron_id: PatronId,
        actor: Actor,
        *,
        library: LibraryCode,
        category: str,
        reason: str,
        now: datetime,
        also: Also,
    ) -> SeenEntry:
        """Record what kind of reader the patron is to a library.

        :raises UnknownCategory: if its policy knows none such
        """
        policy = self._policy(library, now)
        if category not in policy.categories:
            raise UnknownCategory(categories=list(policy.categories))
        event = CategoryRecorded(
            id=PrivilegeId(mint.new_id("cat", now)), library=library, at=now, reason=reason, category=category
        )
        return self._record(patron_id, actor, lambda *_: library, lambda *_: event, now=now, also=also)

    def note_card(
        self, patron_id: PatronId, actor: Actor, *, lends: bool, reason: str, now: datetime, also: Also
    ) -> SeenEntry:
        """Record whether the patron's card has loan functions; its library's desk says so (R-JN-1)."""
        id_ = PrivilegeId(mint.new_id("crd", now))

        def noted(patron: Patron, _: Privileges) -> PrivilegeEvent:
            return CardNoted(id=id_, library=patron.home, at=now, reason=reason, lends=lends)

        return self._record(patron_id, actor, lambda patron, _: patron.home, noted, now=now, also=also)

    def name_agent(
        self, request_id: RequestId, agent: str | None, actor: Actor, *, now: datetime, also: Also
    ) -> SeenEntry:
        """Record whom the patron lets fetch this one book, None for nobody (R-BHU-5).

        :raises Unknown: if the request does not exist for *actor*
        :raises NotAllowed: if it is not the patron, or the desk that has the patron's letter
        :raises WrongState: if the book has been handed over, or will not be
        """

        def work(conn: Connection) -> SeenEntry:
            request = request_rows.load(conn, request_id)
            mine = relations(actor, request) if request else frozenset()
            if request is None or not mine:
                raise Unknown
            if not mine & {Relation.PATRON, Relation.DESK, Relation.OFFICE}:
                raise NotAllowed("the patron names the agent, or the desk that has the patron's letter")
            if request.status not in BEFORE_HANDOVER:
                raise WrongState(reasons=[Refusal.NOT_TO_BE_FETCHED], status=request.status)
            history = rows.entries(conn, request.patron)
            if len(_privileges(history).agents(request.id)) >= _AGENTS:
                raise TooManyAgents(most=_AGENTS)
            id_ = PrivilegeId(mint.new_id("agt", now))
            event = AgentNamed(id=id_, library=request.desk, at=now, request=request.id, agent=agent)
            return self._added(conn, request.patron, event, history, actor, now=now, also=also)

        return decided(self._store, work)

    def _record(
        self,
        patron_id: PatronId,
        actor: Actor,
        whose: Callable[[Patron, Privileges], LibraryCode],
        make: Callable[[Patron, Privileges], PrivilegeEvent],
        *,
        now: datetime,
        also: Also,
    ) -> SeenEntry:
        """Record what is made of a patron, as the library whose affair it is decides.

        It may decide about a reader who has never borrowed from it, once it has been told their id.
        """

        def work(conn: Connection) -> SeenEntry:
            patron = people.patron(conn, patron_id)
            if patron is None:
                raise Unknown
            history = rows.entries(conn, patron_id)
            known = self._known(conn, patron_id, history)
            if not decides_for(actor, whose(patron, known)):
                visible_patron(conn, patron_id, actor)
                raise NotAllowed("only the library whose rule it is, or the office, records this")
            return self._added(conn, patron_id, make(patron, known), history, actor, now=now, also=also)

        self._directory.libraries(now)
        return decided(self._store, work)

    def _added(
        self,
        conn: Connection,
        patron: PatronId,
        event: PrivilegeEvent,
        history: list[RecordedPrivilege],
        actor: Actor,
        *,
        now: datetime,
        also: Also,
    ) -> SeenEntry:
        member = people.staff_member(conn, StaffId(actor.id))
        name = None if member is None else member.name
        made = RecordedPrivilege(seq=len(history) + 1, actor=actor, name=name, event=event)
        rows.add(conn, patron, made)
        reader, facts = (Subject.READER, str(patron)), {"entry": event.id}
        record(conn, _ACTIONS[type(event)], reader, now=now, library=event.library, facts=facts)
        seen = self._seen(made, [*history, made], now)
        also(conn, seen)
        return seen

    def _read(
        self, patron_id: PatronId, actor: Actor, now: datetime
    ) -> tuple[Patron, list[RecordedPrivilege], Privileges]:
        self._directory.libraries(now)
        with self._store.reading() as conn:
            patron = visible_patron(conn, patron_id, actor)
            history = rows.entries(conn, patron_id)
            return patron, history, self._known(conn, patron_id, history)

    def _known(self, conn: Connection, patron: PatronId, history: list[RecordedPrivilege]) -> Privileges:
        mine = [*open_requests(conn, patron), *request_rows.lost(conn, patron)]
        return _privileges(history).with_losses(mine, self._directory.book)

    def _seen(self, made: RecordedPrivilege, history: list[RecordedPrivilege], now: datetime) -> SeenEntry:
        ends = (one for one in history if isinstance(one.event, PrivilegeEnded))
        ended = next((one for one in ends if one.event.id == made.event.id and one is not made), None)
        return SeenEntry(made=made, ended=ended, holds=ended is None and self._holds(made.event, now))

    def _holds(self, event: PrivilegeEvent, now: datetime) -> bool:
        if not isinstance(event, SuspensionImposed):
            return not isinstance(event, PrivilegeEnded)
        return event.holds_on(self._directory.book.policy(event.library).calendar.local_day(now))

    def _policy(self, library: LibraryCode, now: datetime) -> Policy:
        if library not in self._directory.libraries(now):
            raise NoSuchMember(library=library)
        return self._directory.in_force(now).policy(library)


def _meant(known: Privileges, entry: PrivilegeId) -> SuspensionImposed | PermissionGiven:
    """Return the suspension or permission of this id.

    :raises Unknown: if there is none
    """
    there: tuple[SuspensionImposed | PermissionGiven, ...] = (*known.suspensions, *known.permissions)
    meant = next((one for one in there if one.id == entry), None)
    if meant is None:
        raise Unknown
    return meant


def _privileges(history: list[RecordedPrivilege]) -> Privileges:
    return Privileges(tuple(entry.event for entry in history))


def _category(policy: Policy, known: Privileges, history: list[RecordedPrivilege]) -> SeenCategory:
    category = known.category_at(policy)
    recorded = known.category(policy)
    entries = (SeenEntry(made=one) for one in history if recorded is not None and one.event.id == recorded.id)
    return SeenCategory(
        library=LibraryCode(policy.id),
        category=category,
        label=policy.categories[category].label,
        limits=policy.categories[category].limits,
        entry=next(entries, None),
    )
