"""Who did what: written down in the transaction of doing it, by whoever acts in the call at hand."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Connection

from ill_broker.storage import audit, people
from ill_broker.storage.audit import Action, Done, Entry, Subject, Wanted
from ill_broker.storage.store import Store
from workflows.actors import SYSTEM, Actor, Role
from workflows.ids import LibraryCode, PatronId
from workflows.patrons import Patron

#: whoever runs the commands may do what the office may
OPERATOR = Actor(Role.OFFICE, "operator")
#: within which the same person's looks at the same reader are one
_ONE_LOOK = timedelta(minutes=10)
#: what a reader's own data tell of who looked, the newest
_MOST_LOOKS = 1000
_LOOKS = (Action.READER_SEEN, Action.READERS_SOUGHT)


class _Look(NamedTuple):
    """That somebody saw a reader, or how many they found who looked for one."""

    action: Action
    patron: Patron | None
    facts: tuple[tuple[str, int], ...] = ()


@dataclass(slots=True)
class _Acting:
    """Who acts in a call, by which request, and what they looked at in it."""

    actor: Actor | None
    request_id: str | None = None
    looks: list[_Look] = field(default_factory=list)


_acting: ContextVar[_Acting] = ContextVar("acting", default=_Acting(SYSTEM))  # noqa: B039 - the clock's, which never looks


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """A page of entries, and how those are called who did something or had it done to them."""

    items: tuple[Entry, ...]
    next: str | None
    names: dict[str, str]


def act_as(actor: Actor | None, request_id: str | None = None) -> None:
    """Say who acts from now on in the call at hand, None for a stranger, and by which request."""
    _acting.set(_Acting(actor, request_id or _acting.get().request_id))


def record(
    conn: Connection,
    action: Action,
    subject: tuple[Subject, str] | None = None,
    *,
    now: datetime,
    library: LibraryCode | None = None,
    by: Actor | None = None,
    facts: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Write down what is done in the transaction at hand.

    :param library: whose affair it is
    :param by: who did it, where it shows only now who it is
    :param facts: plain values, which name nobody but by an id
    """
    acting = _acting.get()
    done = Done(
        at=now,
        actor=by or acting.actor,
        action=action,
        subject=subject,
        library=library,
        facts=facts,
        request_id=acting.request_id,
    )
    audit.add(conn, done)


def looked_at(patron: Patron) -> None:
    """Note that whoever acts has seen a reader; it is written down before they are answered."""
    _note(_Look(Action.READER_SEEN, patron))


def sought(found: list[Patron]) -> None:
    """Note that whoever acts has looked for a reader, and who it was if it was one."""
    alone = found[0] if len(found) == 1 else None
    _note(_Look(Action.READERS_SOUGHT, alone, (("found", len(found)),)))


def has_looked() -> bool:
    """Tell whether there is a look that is not written down yet."""
    return bool(_acting.get().looks)


def _note(look: _Look) -> None:
    acting = _acting.get()
    is_theirs = acting.actor is not None and acting.actor.role in {Role.STAFF, Role.OFFICE}
    if is_theirs and look not in acting.looks:
        acting.looks.append(look)


class Audit:
    """Shows who did what."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep_looks(self, *, now: datetime) -> None:
        """Write down at whom whoever acts has looked in the call at hand."""
        acting = _acting.get()
        looks, acting.looks = acting.looks, []
        with self._store.reading() as conn:
            fresh = [look for look in looks if _is_new(conn, acting.actor, look, now)]
        if fresh:
            self._store.write(lambda conn: _keep(conn, fresh, now))

    def page(
        self, actor: Actor, wanted: Wanted, *, library: LibraryCode | None, after: str | None, limit: int
    ) -> AuditPage:
        """Return a page of what was done, newest first; a library's staff see their own library's.

        :param library: of the office: only what is this library's, or its people did
        """
        of = library if actor.role is Role.OFFICE else actor.library
        with self._store.reading() as conn:
            found = audit.page(conn, wanted, of=of, after=after, limit=limit + 1)
            items = tuple(found[:limit])
            names = _names(conn, items, of)
        return AuditPage(items=items, next=items[-1].id if len(found) > limit else None, names=names)

    def looks_at(self, patron_id: PatronId) -> list[Entry]:
        """Return who has looked at a reader, for the reader; the newest first."""
        with self._store.reading() as conn:
            found = audit.page(conn, Wanted(subject=patron_id), after=None, limit=_MOST_LOOKS)
        return [each for each in found if each.action in _LOOKS]


def _is_new(conn: Connection, actor: Actor | None, look: _Look, now: datetime) -> bool:
    if actor is None or look.patron is None or look.action is not Action.READER_SEEN:
        return True
    before = Wanted(actor=actor.id, action=look.action, subject=look.patron.id, since=now - _ONE_LOOK)
    return not audit.page(conn, before, after=None, limit=1)


def _keep(conn: Connection, looks: list[_Look], now: datetime) -> None:
    for action, patron, facts in looks:
        subject = (Subject.READER, str(patron.id)) if patron else None
        record(conn, action, subject, now=now, library=patron.home if patron else None, facts=dict(facts))


def _names(conn: Connection, entries: tuple[Entry, ...], of: LibraryCode | None) -> dict[str, str]:
    """Return what staff are called, and readers, other libraries' not to a library."""
    ids = {one for each in entries for one in (each.actor_id, each.subject_id) if one}
    patrons = people.patrons_of(conn, {PatronId(one) for one in ids})
    mine = {str(one.id): one.name for one in patrons.values() if of in {None, one.home}}
    return people.staff_names(conn, ids) | mine
