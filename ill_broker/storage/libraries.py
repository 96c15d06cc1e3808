"""Member libraries: their profiles, which connector serves which need, and their secrets."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, or_, select, update

from ill_broker.storage import revocations
from ill_broker.storage.records import from_json, to_json
from ill_broker.storage.revocations import Revocation
from ill_broker.storage.rows import libraries, secrets
from ill_broker.storage.statements import inserting
from workflows.ids import LibraryCode
from workflows.libraries import LendingLimits, Library


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """What one side signs with and the other knows."""

    library: LibraryCode
    #: what it is for: inbound for what the library signs, outbound for what we sign
    kind: str
    secret: str
    valid_from: datetime
    #: None while no end is set
    valid_until: datetime | None = None
    #: None unless it was taken away before its time
    revoked: Revocation | None = None

    @property
    def id(self) -> str:
        """What the secret may be called without giving it away."""
        whole = f"{self.library}\0{self.kind}\0{self.secret}"
        return f"sec_{sha256(whole.encode()).hexdigest()[:24]}"


def put(conn: Connection, library: Library, connectors: Mapping[str, Any] | None = None) -> int:
    """Store a profile, new or changed, and return its version.

    Connectors that are not given stay, and so does what its desk said.
    """
    values = {
        "code": library.code,
        "profile": to_json(replace(library, lending=LendingLimits())),
        "connectors": dict(connectors or {}),
        "version": 1,
    }
    changed: dict[str, Any] = {"profile": values["profile"], "version": libraries.c.version + 1}
    if connectors is not None:
        changed["connectors"] = dict(connectors)
    statement = inserting(conn, libraries).values(values)
    stored = statement.on_conflict_do_update(index_elements=["code"], set_=changed)
    version: int = conn.execute(stored.returning(libraries.c.version)).scalar_one()
    return version


def hold(conn: Connection, code: LibraryCode) -> int | None:
    """Return a library's version, and keep the library from others until the transaction is over."""
    found = select(libraries.c.version).where(libraries.c.code == code)
    return conn.execute(found.with_for_update()).scalar_one_or_none()


def all_of(conn: Connection) -> list[Library]:
    """Return every member library by its code."""
    found = select(libraries.c.profile, libraries.c.lending).order_by(libraries.c.code)
    return [_read(row.profile, row.lending) for row in conn.execute(found)]


def load(conn: Connection, code: LibraryCode) -> Library | None:
    found = select(libraries.c.profile, libraries.c.lending).where(libraries.c.code == code)
    row = conn.execute(found).one_or_none()
    return None if row is None else _read(row.profile, row.lending)


def set_lending(conn: Connection, code: LibraryCode, limits: LendingLimits) -> bool:
    """Store what a library's desk says against being asked; false if there is no such library."""
    changed = update(libraries).where(libraries.c.code == code)
    values = {"lending": to_json(limits), "version": libraries.c.version + 1}
    return conn.execute(changed.values(values)).rowcount == 1


def all_connectors(conn: Connection) -> dict[LibraryCode, dict[str, Any]]:
    """Return which connector serves which need, of every library."""
    found = select(libraries.c.code, libraries.c.connectors)
    return {LibraryCode(row.code): row.connectors for row in conn.execute(found)}


def set_connectors(conn: Connection, code: LibraryCode, connectors: Mapping[str, Any]) -> bool:
    """Store which connector serves which need; false if there is no such library."""
    changed = update(libraries).where(libraries.c.code == code)
    values = {"connectors": dict(connectors), "version": libraries.c.version + 1}
    return conn.execute(changed.values(values)).rowcount == 1


def secrets_of(conn: Connection, library: LibraryCode, kind: str, *, now: datetime) -> tuple[str, ...]:
    """Return the secrets that are valid now, the newest first: several while one replaces another."""
    return tuple(conn.execute(_SECRETS, {"of": library, "of_kind": kind, "now": now}).scalars())


def good_secrets(
    conn: Connection, library: LibraryCode, kinds: Collection[str], *, now: datetime, or_revoked: bool = False
) -> list[Secret]:
    """Return the secrets of these kinds that are valid now, on wish also those revoked; the newest first."""
    wanted = or_(_IS_VALID, secrets.c.revoked_at.is_not(None)) if or_revoked else _IS_VALID
    found = select(secrets).where(secrets.c.library == library, secrets.c.kind.in_(kinds), wanted)
    rows = conn.execute(found.order_by(secrets.c.valid_from.desc(), secrets.c.kind), {"now": now})
    return [
        Secret(
            library=row.library,
            kind=row.kind,
            secret=row.secret,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            revoked=revocations.read(row),
        )
        for row in rows
    ]


def all_secrets(conn: Connection, *, now: datetime) -> dict[LibraryCode, dict[str, str]]:
    """Return the newest secret of each kind that is valid now, of every library."""
    found: dict[LibraryCode, dict[str, str]] = {}
    for row in conn.execute(_ALL_SECRETS, {"now": now}):
        found.setdefault(LibraryCode(row.library), {}).setdefault(row.kind, row.secret)
    return found


def versions(conn: Connection) -> dict[LibraryCode, int]:
    """Return the number that every change of a library raises, of each."""
    found = select(libraries.c.code, libraries.c.version)
    return {LibraryCode(row.code): row.version for row in conn.execute(found)}


def add_secret(conn: Connection, secret: Secret) -> None:
    """Store a secret; one that was used before is good anew."""
    told = {"library": secret.library, "kind": secret.kind, "secret": secret.secret}
    validity = {"valid_from": secret.valid_from, "valid_until": secret.valid_until, **revocations.NONE}
    statement = inserting(conn, secrets).values(**told, **validity)
    conn.execute(statement.on_conflict_do_update(index_elements=list(told), set_=validity))


def forget_secrets(conn: Connection, *, before: datetime) -> int:
    """Delete secrets whose time was over before then, and return how many that were."""
    return conn.execute(delete(secrets).where(secrets.c.valid_until < before)).rowcount


def revoke_secret(conn: Connection, secret: Secret, revocation: Revocation) -> None:
    """Let a secret be good for nothing from now on, whatever others of its kind there are."""
    this = _of(secret.library, secret.kind) & (secrets.c.secret == secret.secret)
    conn.execute(update(secrets).where(this).values(valid_until=revocation.at, **revocation.columns()))


def rotate_secret(conn: Connection, secret: Secret, *, old_until: datetime) -> None:
    """Add a secret, and set an end to those of its kind that have none or a later one."""
    later = or_(secrets.c.valid_until.is_(None), secrets.c.valid_until > old_until)
    conn.execute(update(secrets).where(_of(secret.library, secret.kind), later).values(valid_until=old_until))
    add_secret(conn, secret)


def _read(profile: str, lending: str | None) -> Library:
    limits = from_json(LendingLimits, lending) if lending else LendingLimits()
    return replace(from_json(Library, profile), lending=limits)


def _of(library: LibraryCode, kind: str) -> ColumnElement[bool]:
    return and_(secrets.c.library == library, secrets.c.kind == kind)


_IS_VALID = and_(
    secrets.c.valid_from <= bindparam("now"),
    or_(secrets.c.valid_until.is_(None), secrets.c.valid_until > bindparam("now")),
)
_ALL_SECRETS = (
    select(secrets.c.library, secrets.c.kind, secrets.c.secret)
    .where(_IS_VALID)
    .order_by(secrets.c.valid_from.desc(), secrets.c.secret)
)
_SECRETS = (
    select(secrets.c.secret)
    .where(secrets.c.library == bindparam("of"), secrets.c.kind == bindparam("of_kind"), _IS_VALID)
    .order_by(secrets.c.valid_from.desc(), secrets.c.secret)
)
