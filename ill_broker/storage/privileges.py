"""What libraries have recorded of patrons' privileges; only ever added to, until the patron is forgotten."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select

from ill_broker.storage.failures import Stale
from ill_broker.storage.office_rows import privilege_events
from ill_broker.storage.records import from_json, to_json
from ill_broker.storage.statements import adding
from workflows.actors import Actor, Role
from workflows.eligibility.privileges import PrivilegeEvent, Privileges
from workflows.ids import LibraryCode, PatronId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPrivilege:
    """An entry in its place, with who made it."""

    #: the first one is 1
    seq: int
    actor: Actor
    #: how staff are called
    name: str | None = None
    event: PrivilegeEvent


def add(conn: Connection, patron: PatronId, recorded: RecordedPrivilege) -> None:
    """Add an entry behind those that were read.

    :raises Stale: if another one was added meanwhile
    """
    event, actor = recorded.event, recorded.actor
    values = {
        "patron": patron,
        "seq": recorded.seq,
        "type": type(event).__name__,
        "library": event.library,
        "at": event.at,
        "actor_role": actor.role.value,
        "actor_id": actor.id,
        "actor_library": actor.library,
        "actor_name": recorded.name,
        "body": to_json(event),
    }
    if conn.execute(adding(conn, privilege_events, "patron", "seq"), values).rowcount == 0:
        raise Stale(patron)


def entries(conn: Connection, patron: PatronId) -> list[RecordedPrivilege]:
    """Return all that was recorded of the patron, in order, with who did."""
    return [_recorded(row) for row in conn.execute(_OF_PATRON, {"of": patron})]


def forget(conn: Connection, patron: PatronId) -> None:
    """Leave nothing of somebody who is forgotten."""
    conn.execute(delete(privilege_events).where(_MINE), {"of": patron})


def of_patron(conn: Connection, patron: PatronId) -> Privileges:
    """Return all that was recorded of the patron, in order."""
    bodies = conn.execute(_BODIES, {"of": patron}).scalars()
    return Privileges(tuple(_event(body) for body in bodies))


def _recorded(row: Row[Any]) -> RecordedPrivilege:
    library = None if row.actor_library is None else LibraryCode(row.actor_library)
    return RecordedPrivilege(
        seq=row.seq,
        actor=Actor(Role(row.actor_role), row.actor_id, library),
        name=row.actor_name,
        event=_event(row.body),
    )


def _event(body: str) -> PrivilegeEvent:
    return from_json(PrivilegeEvent, body)  # type: ignore[arg-type]  # a union is no class to mypy


_MINE = privilege_events.c.patron == bindparam("of")
_OF_PATRON = select(privilege_events).where(_MINE).order_by(privilege_events.c.seq)
_BODIES = select(privilege_events.c.body).where(_MINE).order_by(privilege_events.c.seq)
