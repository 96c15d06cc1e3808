"""What the office says to all, and a library's staff to its own readers and desk, for some days."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from threading import Lock
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ill_broker import mint
from ill_broker.services.audit import record
from ill_broker.services.members.directory import Directory
from ill_broker.services.refusals import Unknown
from ill_broker.services.transaction import decided, insist
from ill_broker.storage import announcements as rows
from ill_broker.storage.announcements import Announcement, Audience, Weight
from ill_broker.storage.audit import Action, Subject
from ill_broker.storage.store import Store
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode

#: how long another process may go on showing what was withdrawn; every page asks, and none waits for it
_FRESH = timedelta(seconds=5)
#: where somebody is taken to be who has no library
_ZONE = ZoneInfo("Asia/Shanghai")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What is said, to whom, and on which days, both inclusive."""

    audience: Audience
    weight: Weight
    zh: str | None
    en: str | None
    first: date
    last: date


class Announcements:
    """Shows and keeps announcements."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory
        self._lock = Lock()
        self._current: list[Announcement] = []
        self._fresh_until: datetime | None = None

    def holding(self, actor: Actor | None, *, now: datetime) -> list[Announcement]:
        """Return what is said today to *actor*, None for a stranger; the office hears itself."""
        with self._lock:
            if self._fresh_until is None or not now < self._fresh_until <= now + _FRESH:
                with self._store.reading() as conn:
                    self._current = rows.current(conn, day=now.date() - _DAY)
                self._fresh_until = now + _FRESH
            current = self._current
        if not current:
            return []
        today = self._today(actor, now)
        return [one for one in current if one.first <= today <= one.last and _is_for(actor, one)]

    def page(
        self, actor: Actor, *, after: str | None = None, limit: int
    ) -> tuple[list[Announcement], str | None]:
        """Return what *actor* may change, over or not, the newest first, and where the next page begins."""
        with self._store.reading() as conn:
            found = rows.page(conn, library=actor.library, after=after, limit=limit + 1)
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    def one(self, announcement_id: str, actor: Actor) -> Announcement:
        """Return an announcement.

        :raises Unknown: if there is none that *actor* may change
        """
        with self._store.reading() as conn:
            return _own(conn, announcement_id, actor)

    def announce(
        self,
        said: Text,
        actor: Actor,
        *,
        now: datetime,
        also: Callable[[Connection, Announcement], None] = lambda *_: None,
    ) -> Announcement:
        """Say something: the office to all libraries, staff to their own readers and desk."""
        announcement = Announcement(
            id=mint.new_id("ann", now),
            library=actor.library,
            audience=said.audience,
            weight=said.weight,
            zh=said.zh,
            en=said.en,
            first=said.first,
            last=said.last,
            author=actor.id,
            created_at=now,
        )

        def work(conn: Connection) -> Announcement:
            rows.add(conn, announcement)
            _record(conn, Action.ANNOUNCED, announcement, now)
            also(conn, announcement)
            return announcement

        return self._kept(work)

    def change(
        self,
        announcement_id: str,
        said: Text,
        actor: Actor,
        *,
        now: datetime,
        expected: Callable[[int], None] = lambda _: None,
    ) -> Announcement:
        """Say this instead from now on, also where it was withdrawn.

        :raises Unknown: if there is none that *actor* may change
        :raises Outdated: if it was changed meanwhile
        """

        def work(conn: Connection) -> Announcement:
            was = _own(conn, announcement_id, actor)
            insist(was.version, expected)
            told = {name: getattr(said, name) for name in ("audience", "weight", "zh", "en", "first", "last")}
            becomes = replace(was, **told, withdrawn_at=None, version=was.version + 1)
            rows.save(conn, becomes)
            _record(conn, Action.ANNOUNCEMENT_CHANGED, becomes, now)
            return becomes

        return self._kept(work)

    def withdraw(self, announcement_id: str, actor: Actor, *, now: datetime) -> None:
        """Say it no longer; again is no more than once.

        :raises Unknown: if there is none that *actor* may change
        """

        def work(conn: Connection) -> Announcement:
            was = _own(conn, announcement_id, actor)
            if was.withdrawn_at is not None:
                return was
            becomes = replace(was, withdrawn_at=now, version=was.version + 1)
            rows.save(conn, becomes)
            _record(conn, Action.ANNOUNCEMENT_WITHDRAWN, becomes, now)
            return becomes

        self._kept(work)

    def _kept(self, work: Callable[[Connection], Announcement]) -> Announcement:
        kept = decided(self._store, work)
        with self._lock:
            self._fresh_until = None
        return kept

    def _today(self, actor: Actor | None, now: datetime) -> date:
        library = actor.library if actor else None
        book = self._directory.in_force(now)
        if library is None or library not in book.ids:
            return now.astimezone(_ZONE).date()
        return book.calendar(library).local_day(now)


def _is_for(actor: Actor | None, one: Announcement) -> bool:
    if actor is not None and actor.role is Role.OFFICE:
        return one.library is None
    is_desk = actor is not None and actor.role is Role.STAFF
    meant = Audience.DESKS if is_desk else Audience.READERS
    return one.audience in {meant, Audience.BOTH} and one.library in {None, actor.library if actor else None}


def _own(conn: Connection, announcement_id: str, actor: Actor) -> Announcement:
    found = rows.load(conn, announcement_id)
    if found is None or (actor.role is not Role.OFFICE and found.library != actor.library):
        raise Unknown
    return found


def _record(conn: Connection, action: Action, one: Announcement, now: datetime) -> None:
    library = LibraryCode(one.library) if one.library else None
    record(conn, action, (Subject.ANNOUNCEMENT, one.id), now=now, library=library)
