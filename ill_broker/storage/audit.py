"""Who did what: written in the transaction of what it tells of, read page by page, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from heapq import merge
from itertools import groupby, islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select

from ill_broker import mint
from ill_broker.storage.audit_rows import audit_entries as rows
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode

_PREFIX = "aud"


class Action(StrEnum):
    """What somebody did that leaves no event of a request or a loan card."""

    LOGGED_IN = "logged_in"
    LOG_IN_FAILED = "log_in_failed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a word for it
    READER_SEEN = "reader_seen"
    READERS_SOUGHT = "readers_sought"
    READER_REGISTERED = "reader_registered"
    READER_CHANGED = "reader_changed"
    READER_ERASED = "reader_erased"
    SUSPENDED = "suspended"
    PERMITTED = "permitted"
    RIGHT_ENDED = "right_ended"
    CATEGORY_RECORDED = "category_recorded"
    CARD_NOTED = "card_noted"
    AGENT_NAMED = "agent_named"
    WAIVED = "waived"
    WAIVER_PROPOSED = "waiver_proposed"
    POSTING_REVERSED = "posting_reversed"
    REQUESTED_FOR_READER = "requested_for_reader"
    TYPED_CHANGED = "typed_changed"
    TYPED_MATCHED = "typed_matched"
    TYPED_DECLINED = "typed_declined"
    STAFF_ADMITTED = "staff_admitted"
    STAFF_KEPT_OUT = "staff_kept_out"
    STAFF_LET_IN = "staff_let_in"
    STAFF_PASSWORD_SET = "staff_password_set"  # noqa: S105 - a word for it
    KEY_ISSUED = "key_issued"
    KEY_REVOKED = "key_revoked"
    SECRET_ROTATED = "secret_rotated"  # noqa: S105 - a word for it
    SECRET_REVOKED = "secret_revoked"  # noqa: S105 - a word for it
    LIBRARY_ADMITTED = "library_admitted"
    CONNECTORS_CHANGED = "connectors_changed"
    LENDING_LIMITED = "lending_limited"
    RULES_PUBLISHED = "rules_published"
    LOANS_AMENDED = "loans_amended"
    AMENDMENT_REVOKED = "amendment_revoked"
    ANNOUNCED = "announced"
    ANNOUNCEMENT_CHANGED = "announcement_changed"
    ANNOUNCEMENT_WITHDRAWN = "announcement_withdrawn"
    DELIVERY_REPLAYED = "delivery_replayed"
    MESSAGE_REPLAYED = "message_replayed"

    @property
    def message(self) -> str:
        """The name of the sentence that says it to people."""
        return f"audit.{self.value}"


class Subject(StrEnum):
    """What kind of thing something was done to."""

    READER = "reader"
    STAFF = "staff"
    KEY = "key"
    LIBRARY = "library"
    POLICY = "policy"
    CALENDAR = "calendar"
    AMENDMENT = "amendment"
    REQUEST = "request"
    TYPED_REQUEST = "typed_request"
    ANNOUNCEMENT = "announcement"
    DELIVERY = "delivery"
    MESSAGE = "message"


class Doer(StrEnum):
    """Who does something: somebody in a role, or nobody knows who."""

    PATRON = Role.PATRON.value
    STAFF = Role.STAFF.value
    OFFICE = Role.OFFICE.value
    PARTNER = Role.PARTNER.value
    SYSTEM = Role.SYSTEM.value
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One thing that was done; *facts* name nobody but by an id."""

    at: datetime
    #: None for a stranger
    actor: Actor | None
    action: Action
    subject: tuple[Subject, str] | None = None
    #: whose affair it is
    library: LibraryCode | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What was done, as it is kept."""

    id: str
    at: datetime
    actor_kind: Doer
    actor_id: str | None
    actor_library: LibraryCode | None
    action: Action
    subject_kind: Subject | None
    subject_id: str | None
    library: LibraryCode | None
    facts: Mapping[str, Any]
    request_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries are looked for; what is not said may be anything."""

    actor: str | None = None
    action: Action | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def add(conn: Connection, *done: Done) -> None:
    """Add what was done, in the transaction of doing it."""
    if done:
        conn.execute(insert(rows), [_columns(each) for each in done])


def page(
    conn: Connection, wanted: Wanted, *, of: LibraryCode | None = None, after: str | None, limit: int
) -> list[Entry]:
    """Return a page of entries from behind *after* on, newest first.

    :param of: only what this library's people did, and what was done to what is its own; None for all
    """
    only = [_matches(wanted, after)]
    if of is not None:
        only = [[*only[0], column == of] for column in (rows.c.library, rows.c.actor_library)]
    # each from its own index: together they would be sorted whole before the first is known
    found = [conn.execute(_NEWEST.where(*each).limit(limit)).all() for each in only]
    newest = merge(*found, key=lambda row: row.id, reverse=True)
    alone = (next(same) for _, same in groupby(newest, key=lambda row: row.id))
    return [_entry(row) for row in islice(alone, limit)]


def _matches(wanted: Wanted, after: str | None) -> list[ColumnElement[bool]]:
    said = {
        rows.c.actor_id: wanted.actor,
        rows.c.action: wanted.action,
        rows.c.subject_id: wanted.subject,
    }
    only = [column == value for column, value in said.items() if value is not None]
    if wanted.since is not None:
        only.append(rows.c.id >= mint.first_id(_PREFIX, wanted.since))
    if wanted.until is not None:
        only.append(rows.c.id < mint.first_id(_PREFIX, wanted.until))
    return only if after is None else [*only, rows.c.id < after]


def _columns(done: Done) -> dict[str, Any]:
    actor, subject = done.actor, done.subject
    return {
        "id": mint.new_id(_PREFIX, done.at),
        "at": done.at,
        "actor_kind": Doer(actor.role.value) if actor else Doer.STRANGER,
        "actor_id": actor.id if actor else None,
        "actor_library": actor.library if actor else None,
        "action": done.action,
        "subject_kind": subject[0] if subject else None,
        "subject_id": subject[1] if subject else None,
        "library": done.library,
        "facts": dict(done.facts),
        "request_id": done.request_id,
    }


def _entry(row: Row[Any]) -> Entry:
    told = row._asdict()
    for name, kind in (("actor_kind", Doer), ("action", Action), ("subject_kind", Subject)):
        told[name] = kind(told[name]) if told[name] is not None else None
    return Entry(**told)


_NEWEST = select(rows).order_by(rows.c.id.desc())
