"""What must be done outside: kept until it is done, lent to one worker at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from ill_broker.storage.columns import UTCDateTime
from ill_broker.storage.leases import SET_BACK
from ill_broker.storage.records import to_dict
from ill_broker.storage.rows import outbox, requests
from ill_broker.storage.statements import adding
from workflows.ids import LibraryCode, RequestId
from workflows.requests.effects import Channel, Effect, SendNotice, TellLender
from workflows.requests.request import Request


class EntryState(StrEnum):
    """How far an entry has come."""

    WAITING = "waiting"
    #: a worker has it until it is due again
    LEASED = "leased"
    DONE = "done"
    #: given up; somebody at the desk decides
    DEAD = "dead"


# Written out in the statement: a partial index is of no use to a parameter.
_UNDONE: BindParameter[list[str]] = bindparam(
    "undone", [EntryState.WAITING.value, EntryState.LEASED.value], expanding=True, literal_execute=True
)
#: the kinds of entry by which patrons are told something
NOTICES = ("notice", "card_notice", "wish_notice", "typed_notice")
#: the kind of entry by which somebody is written to about their account
LETTER = "mail"
#: the kind of entry by which a lender is told something
TELL = "tell"
#: the kind of entry by which the system of a patron's own library is told something
LOCAL = "local"
#: the kind of entry by which a partner's system is told where its own request stands
REQUESTER = "requester"
#: texts are for a partner of their own, so that a gateway that hangs keeps no letter waiting
GATEWAY = LibraryCode("sms-gateway")
_WAITS = {"state": EntryState.WAITING.value, "lease_owner": None}
#: what cannot be delivered holds up nothing else for longer than this
HELD_BACK = timedelta(hours=1)
_DEAD: BindParameter[str] = bindparam("dead", EntryState.DEAD.value, literal_execute=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing to do."""

    id: str
    #: tell, local, requester, notice, card_notice, wish_notice, typed_notice, mail
    kind: str
    request_id: RequestId | None = None
    library: LibraryCode | None = None
    #: plain values; of an effect, its record
    body: Mapping[str, Any]
    created_at: datetime
    #: from when on a worker may take it; while it is leased, when the lease ends
    due_at: datetime
    state: EntryState = EntryState.WAITING
    attempts: int = 0
    last_failure: str | None = None
    done_at: datetime | None = None
    result: Any = None
    #: the entry that goes first, if it can in time
    after: str | None = None
    #: when a worker took it first
    first_tried_at: datetime | None = None
    #: the short number of the request, where entries are listed
    number: str | None = None

    @property
    def what(self) -> str | None:
        """Which message or notice it is, where it is one of several of its kind."""
        return self.body.get("what") or self.body.get("notice")


def orders(request: Request, effect: Effect, now: datetime) -> list[Entry]:
    """Return the entries that carry out an effect of *request*: of a notice one for each channel."""
    if isinstance(effect, SendNotice):
        return [
            Entry(
                id=f"{effect.message}:notice:{channel}",
                kind="notice",
                request_id=request.id,
                library=partner_of(channel),
                body=to_dict(replace(effect, channels=(channel,))),
                created_at=now,
                due_at=now,
            )
            for channel in effect.channels
        ]
    kind, library = (TELL, effect.lender) if isinstance(effect, TellLender) else (LOCAL, effect.library)
    told = Entry(
        id=f"{effect.message}:{kind}",
        kind=kind,
        request_id=request.id,
        library=library,
        body=to_dict(effect),
        created_at=now,
        due_at=now,
        after=f"{effect.after}:{TELL}" if isinstance(effect, TellLender) and effect.after else None,
    )
    return [told]


def partner_of(channel: Channel) -> LibraryCode | None:
    """Return whose hands a notice goes through."""
    return GATEWAY if channel is Channel.SMS else None


def add(conn: Connection, entries: Sequence[Entry]) -> None:
    """Add entries in their order. One that is there already stays as it is."""
    if entries:
        conn.execute(adding(conn, outbox, "id"), [_columns(entry) for entry in entries])


def claim(
    conn: Connection,
    *,
    owner: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    not_for: Collection[LibraryCode | None] = (),
) -> list[Entry]:
    """Lend what is due to *owner* until the lease ends; the oldest first.

    What one request tells one library stays in order: an entry waits while an older one of the same
    request and library is waiting or leased; one that comes after another is held back by that one for
    HELD_BACK from its first try. A dead one holds nothing up. Nothing is lent that is for one of the
    libraries *not_for*; None among them is what is for no library.
    """
    due = select(outbox.c.position).where(*_is_due(now), ~_has_older(), ~_is_held_back(now))
    if not_for:
        due = due.where(func.coalesce(outbox.c.library, "").not_in([library or "" for library in not_for]))
    due = due.order_by(outbox.c.due_at, outbox.c.position).limit(limit)
    picked = due.with_for_update(skip_locked=True).cte("picked")
    lend = (
        update(outbox)
        .where(outbox.c.position.in_(select(picked.c.position)))
        .values(
            state=EntryState.LEASED.value,
            lease_owner=owner,
            due_at=now + lease,
            set_at=now,
            attempts=outbox.c.attempts + 1,
            first_tried_at=func.coalesce(outbox.c.first_tried_at, now, type_=UTCDateTime()),
        )
        .returning(*outbox.c)
    )
    return [_entry(row) for row in sorted(conn.execute(lend), key=lambda row: row.position)]


def done(conn: Connection, ids: Collection[str], *, owner: str, now: datetime, result: Any = None) -> int:
    """Note that entries are done, and return how many of them were still lent to *owner*."""
    values = {"state": EntryState.DONE.value, "done_at": now, "result": result, "lease_owner": None}
    return _give_back(conn, ids, owner, values)


def put_off(
    conn: Connection, entry_id: str, *, owner: str, at: datetime, now: datetime, failure: str
) -> bool:
    """Let an entry wait until *at*; false if it was no longer lent to *owner*."""
    values = {**_WAITS, "due_at": at, "set_at": now, "last_failure": failure}
    return _give_back(conn, [entry_id], owner, values) == 1


def wait(conn: Connection, entry_id: str, *, owner: str, until: datetime, now: datetime) -> bool:
    """Let an entry wait until then as if nobody had tried it; false if it was no longer lent to *owner*."""
    attempts = outbox.c.attempts - 1
    values = {**_WAITS, "due_at": until, "set_at": now, "attempts": attempts}
    return _give_back(conn, [entry_id], owner, values) == 1


def bury(conn: Connection, entry_id: str, *, owner: str, now: datetime, failure: str) -> bool:
    """Give an entry up; false if it was no longer lent to *owner*."""
    values = {"state": EntryState.DEAD.value, "done_at": now, "last_failure": failure, "lease_owner": None}
    return _give_back(conn, [entry_id], owner, values) == 1


def hasten(conn: Connection, now: datetime, *, lease: timedelta) -> int:
    """Let go out what was put off before the clock was set back, and return how much that is.

    What a worker may have in its hands at this moment is left to it for another lease.
    """
    ahead = and_(outbox.c.state.in_(_UNDONE), outbox.c.set_at > now + SET_BACK)
    due = case((outbox.c.state == EntryState.LEASED.value, _instant(now + lease)), else_=_instant(now))
    tried = case((outbox.c.first_tried_at > now, _instant(now)), else_=outbox.c.first_tried_at)
    again = update(outbox).where(ahead).values(due_at=due, set_at=now, first_tried_at=tried)
    return conn.execute(again).rowcount


def find(conn: Connection, entry_id: str) -> Entry | None:
    row = conn.execute(select(outbox).where(outbox.c.id == entry_id)).one_or_none()
    return None if row is None else _entry(row)


def of_request(conn: Connection, request_id: RequestId) -> list[Entry]:
    """Return all that was or is to be done for a request, in order."""
    found = select(outbox).where(outbox.c.request_id == request_id).order_by(outbox.c.position)
    return [_entry(row) for row in conn.execute(found)]


def dead_letters(
    conn: Connection,
    *,
    library: LibraryCode | None = None,
    concerns: LibraryCode | None = None,
    after: str | None = None,
    limit: int = 100,
) -> list[Entry]:
    """Return what was given up, the newest first, from behind the entry *after* on.

    :param library: only what is for this library
    :param concerns: only what is for this library, or about a request at its desk
    """
    found = _dead(concerns, outbox, requests.c.number)
    if library is not None:
        found = found.where(outbox.c.library == library)
    if after is not None:
        found = found.where(
            outbox.c.position < select(outbox.c.position).where(outbox.c.id == after).scalar_subquery()
        )
    newest = conn.execute(found.order_by(outbox.c.position.desc()).limit(limit))
    return [replace(_entry(row), number=row.number) for row in newest]


def dead_letters_of(conn: Connection, request_ids: Collection[RequestId]) -> list[Entry]:
    """Return what was given up of these requests, in order."""
    found = select(outbox).where(outbox.c.request_id.in_(request_ids), outbox.c.state == _DEAD)
    return [_entry(row) for row in conn.execute(found.order_by(outbox.c.position))]


def count_dead_letters(conn: Connection, *, concerns: LibraryCode) -> int:
    """Count what was given up that is for this library, or about a request at its desk."""
    return int(conn.execute(_dead(concerns, func.count())).scalar_one())


def _dead(concerns: LibraryCode | None, *what: Any) -> Select[*tuple[Any, ...]]:
    joined = outbox.outerjoin(requests, requests.c.id == outbox.c.request_id)
    found = select(*what).select_from(joined).where(outbox.c.state == _DEAD)
    if concerns is None:
        return found
    return found.where(or_(outbox.c.library == concerns, requests.c.desk == concerns))


def replay(conn: Connection, entry_id: str, *, now: datetime) -> bool:
    """Try a dead entry anew from the beginning; false if it is not dead."""
    again = (
        update(outbox)
        .where(outbox.c.id == entry_id, outbox.c.state == EntryState.DEAD.value)
        .values(state=EntryState.WAITING.value, due_at=now, attempts=0, done_at=None, first_tried_at=None)
    )
    return conn.execute(again).rowcount == 1


def next_due(conn: Connection) -> datetime | None:
    """Return when the next entry is or was due; None if nothing is to be done."""
    earliest = select(outbox.c.due_at).where(outbox.c.state.in_(_UNDONE)).order_by(outbox.c.due_at).limit(1)
    return conn.execute(earliest).scalar_one_or_none()


def counts(conn: Connection) -> dict[EntryState, int]:
    """Return how many entries are in each state but done."""
    found = [
        select(outbox.c.state, func.count()).where(which).group_by(outbox.c.state)
        for which in (outbox.c.state.in_(_UNDONE), outbox.c.state == _DEAD)
    ]
    counted = {EntryState(state): count for each in found for state, count in conn.execute(each)}
    return {EntryState.WAITING: 0, EntryState.LEASED: 0, EntryState.DEAD: 0} | counted


def forget(
    conn: Connection,
    *,
    letters_before: datetime,
    done_before: datetime,
    dead_before: datetime,
    notices_before: datetime,
) -> int:
    """Delete what came to its end before then, by what it is, and return how many entries that were.

    :param letters_before: of letters about accounts, which have links in them
    :param notices_before: of what patrons were told of their books, done or given up
    """
    is_notice = outbox.c.kind.in_(NOTICES)
    term = case(
        (is_notice, _instant(notices_before)),
        (outbox.c.state == EntryState.DEAD.value, _instant(dead_before)),
        (outbox.c.kind == LETTER, _instant(letters_before)),
        else_=_instant(done_before),
    )
    over = outbox.c.state.in_([EntryState.DONE.value, EntryState.DEAD.value])
    return conn.execute(delete(outbox).where(over, outbox.c.done_at < term)).rowcount


def _instant(at: datetime) -> BindParameter[datetime]:
    return literal(at, UTCDateTime())


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return outbox.c.state.in_(_UNDONE), outbox.c.due_at <= now


def _has_older() -> ColumnElement[bool]:
    older = outbox.alias("older")
    return exists().where(
        older.c.request_id == outbox.c.request_id,
        older.c.position < outbox.c.position,
        older.c.library == outbox.c.library,
        older.c.state.in_(_UNDONE),
    )


def _is_held_back(now: datetime) -> ColumnElement[bool]:
    first = outbox.alias("first")
    return exists().where(
        first.c.id == outbox.c.after,
        first.c.state.in_(_UNDONE),
        or_(first.c.first_tried_at.is_(None), first.c.first_tried_at > now - HELD_BACK),
    )


def _give_back(conn: Connection, ids: Collection[str], owner: str, values: Mapping[str, Any]) -> int:
    lent = and_(
        outbox.c.id.in_(tuple(ids)), outbox.c.state == EntryState.LEASED.value, outbox.c.lease_owner == owner
    )
    return conn.execute(update(outbox).where(lent).values(values)).rowcount


def _columns(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "kind": entry.kind,
        "request_id": entry.request_id,
        "library": entry.library,
        "body": dict(entry.body),
        "due_at": entry.due_at,
        "state": entry.state.value,
        "attempts": entry.attempts,
        "created_at": entry.created_at,
        "after": entry.after,
        "set_at": entry.created_at,
    }


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        kind=row.kind,
        request_id=row.request_id,
        library=row.library,
        body=row.body,
        created_at=row.created_at,
        due_at=row.due_at,
        state=EntryState(row.state),
        attempts=row.attempts,
        last_failure=row.last_failure,
        done_at=row.done_at,
        result=row.result,
        after=row.after,
        first_tried_at=row.first_tried_at,
    )
