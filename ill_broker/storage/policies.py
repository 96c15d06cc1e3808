"""Policies and calendars in their versions, and the editions that loans keep."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, select, tuple_

from ill_broker.storage.failures import Busy
from ill_broker.storage.office_rows import policy_editions, policy_versions
from ill_broker.storage.statements import adding, inserting
from workflows.policies.book import Edition


class FileKind(StrEnum):
    """What a version is a version of."""

    POLICY = "policy"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A policy or calendar file as it was put in force."""

    seq: int
    kind: FileKind
    name: str
    valid_from: datetime
    document: Any
    #: the file's own text, where it came as one
    written: str | None = None
    #: where it came from
    source: str
    author: str
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """Which version it is, without its document."""

    seq: int
    kind: FileKind
    name: str
    valid_from: datetime


def next_seq(conn: Connection) -> int:
    """Return the number of the version that is added next."""
    return int(conn.execute(select(func.coalesce(func.max(policy_versions.c.seq), 0))).scalar_one()) + 1


def add(conn: Connection, version: Version) -> None:
    """Add a version.

    :raises Busy: if somebody else added one meanwhile, so that it was checked beside other files
    """
    values = {name: getattr(version, name) for name in policy_versions.c.keys()}  # noqa: SIM118  (no dict)
    statement = inserting(conn, policy_versions).on_conflict_do_nothing(index_elements=["seq"])
    if conn.execute(statement, values | {"kind": version.kind.value}).rowcount == 0:
        raise Busy(f"version {version.seq} was added by somebody else")


def heads(conn: Connection) -> list[Head]:
    """Return every version without its document, in the order in which they were added."""
    found = select(
        policy_versions.c.seq, policy_versions.c.kind, policy_versions.c.name, policy_versions.c.valid_from
    ).order_by(policy_versions.c.seq)
    return [Head(row.seq, FileKind(row.kind), row.name, row.valid_from) for row in conn.execute(found)]


def in_force(all_heads: Collection[Head], at: datetime) -> list[Head]:
    """Return of each file the version in force: the one that is valid latest, of two the one added later."""
    found: dict[tuple[str, str], Head] = {}
    for head in sorted(all_heads, key=lambda one: (one.valid_from, one.seq)):
        if head.valid_from <= at:
            found[head.kind, head.name] = head
    return list(found.values())


def versions(conn: Connection, seqs: Collection[int]) -> list[Version]:
    """Return versions with their documents."""
    found = select(policy_versions).where(policy_versions.c.seq.in_(seqs)).order_by(policy_versions.c.seq)
    return [_version(row) for row in conn.execute(found)]


def history(conn: Connection, kind: FileKind, name: str) -> list[Version]:
    """Return the versions of one file, the newest first."""
    of = (policy_versions.c.kind == kind.value, policy_versions.c.name == name)
    found = select(policy_versions).where(*of).order_by(policy_versions.c.seq.desc())
    return [_version(row) for row in conn.execute(found)]


def keep(conn: Connection, edition: Edition) -> None:
    """Keep an edition that a loan begins under; one that is kept already stays as it is."""
    values = {name: getattr(edition, name) for name in policy_editions.c.keys()}  # noqa: SIM118  (no dict)
    conn.execute(adding(conn, policy_editions), values)


def editions(conn: Connection, wanted: Collection[tuple[str, str]]) -> list[Edition]:
    """Return those of the *wanted* editions, by policy and name, that are kept."""
    which = tuple_(policy_editions.c.policy, policy_editions.c.edition).in_(list(wanted))
    return [Edition(**row._mapping) for row in conn.execute(select(policy_editions).where(which))]  # noqa: SLF001  (SQLAlchemy's name)


def _version(row: Row[*tuple[Any, ...]]) -> Version:
    values: dict[str, Any] = dict(row._mapping)  # noqa: SLF001  (SQLAlchemy's name)
    return Version(**values | {"kind": FileKind(row.kind)})
