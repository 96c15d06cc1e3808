"""Who is this, by the hash of what they carry: sessions of people, keys of programs, links in letters."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from ill_broker.storage import revocations
from ill_broker.storage.revocations import Revocation
from ill_broker.storage.rows import api_keys, sessions, verifications
from workflows.actors import Role
from workflows.ids import LibraryCode, PatronId

#: of a hash, in an id
_ID_DIGITS = 24
#: of revoked keys, which are never forgotten
_REVOKED_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who has logged in."""

    token_hash: str
    role: Role
    #: a patron id or a staff id
    subject: str
    library: LibraryCode | None = None
    created_at: datetime
    expires_at: datetime

    @property
    def id(self) -> str:
        """What the session may be called without giving it away."""
        return f"ses_{self.token_hash[:_ID_DIGITS]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A program of a partner or of the office."""

    key_hash: str
    library: LibraryCode | None = None
    role: Role
    label: str
    created_at: datetime
    #: None while it is good
    revoked: Revocation | None = None

    @property
    def id(self) -> str:
        """What the key may be called without giving it away."""
        return f"key_{self.key_hash[:_ID_DIGITS]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """A link that a patron was sent, good for one thing and one time."""

    token_hash: str
    patron: PatronId
    #: what it is good for: email, password
    kind: str
    expires_at: datetime


def start(conn: Connection, session: Session) -> None:
    conn.execute(
        insert(sessions),
        {
            "token_hash": session.token_hash,
            "role": session.role.value,
            "subject": session.subject,
            "library": session.library,
            "created_at": session.created_at,
            "expires_at": session.expires_at,
        },
    )


def find(conn: Connection, token_hash: str, *, now: datetime) -> Session | None:
    """Return the session, unless it has expired or was revoked."""
    row = conn.execute(_FIND, {"of_hash": token_hash, "now": now}).one_or_none()
    return None if row is None else _session(row)


def revoke(conn: Connection, token_hash: str, *, now: datetime) -> None:
    ended = update(sessions).where(sessions.c.token_hash == token_hash, sessions.c.revoked_at.is_(None))
    conn.execute(ended.values(revoked_at=now))


def revoke_all_of(conn: Connection, subject: str, *, now: datetime, but: str | None = None) -> None:
    """End every session of a person, *but* the one with this hash."""
    ended = update(sessions).where(
        sessions.c.subject == subject, sessions.c.revoked_at.is_(None), sessions.c.token_hash != (but or "")
    )
    conn.execute(ended.values(revoked_at=now))


def of_subject(conn: Connection, subject: str, *, now: datetime) -> list[Session]:
    """Return the sessions of a person that last, the newest first."""
    found = select(sessions).where(
        sessions.c.subject == subject, sessions.c.expires_at > now, sessions.c.revoked_at.is_(None)
    )
    return [_session(row) for row in conn.execute(found.order_by(sessions.c.created_at.desc()))]


def add_key(conn: Connection, key: ApiKey) -> None:
    conn.execute(
        insert(api_keys),
        {
            "key_hash": key.key_hash,
            "library": key.library,
            "role": key.role.value,
            "label": key.label,
            "created_at": key.created_at,
        },
    )


def find_key(conn: Connection, key_hash: str) -> ApiKey | None:
    """Return the key, unless it was revoked."""
    found = select(api_keys).where(api_keys.c.key_hash == key_hash, api_keys.c.revoked_at.is_(None))
    row = conn.execute(found).one_or_none()
    return None if row is None else _key(row)


def all_keys(conn: Connection) -> list[ApiKey]:
    """Return the keys that were not revoked, the newest first."""
    found = select(api_keys).where(api_keys.c.revoked_at.is_(None)).order_by(api_keys.c.created_at.desc())
    return [_key(row) for row in conn.execute(found)]


def revoked_keys(conn: Connection, library: LibraryCode | None) -> list[ApiKey]:
    """Return the keys of a library, or of all, that were revoked last."""
    found = select(api_keys).where(api_keys.c.revoked_at.is_not(None))
    if library is not None:
        found = found.where(api_keys.c.library == library)
    newest = found.order_by(api_keys.c.revoked_at.desc(), api_keys.c.key_hash).limit(_REVOKED_SHOWN)
    return [_key(row) for row in conn.execute(newest)]


def revoke_key(conn: Connection, key_hash: str, revocation: Revocation) -> None:
    ended = update(api_keys).where(api_keys.c.key_hash == key_hash, api_keys.c.revoked_at.is_(None))
    conn.execute(ended.values(revocation.columns()))


def add_verification(conn: Connection, verification: Verification) -> None:
    conn.execute(
        insert(verifications),
        {
            "token_hash": verification.token_hash,
            "patron": verification.patron,
            "kind": verification.kind,
            "expires_at": verification.expires_at,
        },
    )


def use_verification(conn: Connection, token_hash: str, *, kind: str, now: datetime) -> PatronId | None:
    """Use a link up, and return whose it was; None if it is of another kind, used, expired or unknown."""
    used = (
        update(verifications)
        .where(
            verifications.c.token_hash == token_hash,
            verifications.c.kind == kind,
            verifications.c.used_at.is_(None),
            verifications.c.expires_at > now,
        )
        .values(used_at=now)
        .returning(verifications.c.patron)
    )
    whose = conn.execute(used).scalar_one_or_none()
    return None if whose is None else PatronId(whose)


def whose_verification(conn: Connection, token_hash: str, *, kind: str, now: datetime) -> PatronId | None:
    """Return whose link it is, if it can still be used."""
    found = select(verifications.c.patron).where(
        verifications.c.token_hash == token_hash,
        verifications.c.kind == kind,
        verifications.c.used_at.is_(None),
        verifications.c.expires_at > now,
    )
    whose = conn.execute(found).scalar_one_or_none()
    return None if whose is None else PatronId(whose)


def use_up(conn: Connection, patron: PatronId, *, kind: str, now: datetime) -> None:
    """Let no link of this kind that the patron was sent be good any more."""
    others = update(verifications).where(
        verifications.c.patron == patron, verifications.c.kind == kind, verifications.c.used_at.is_(None)
    )
    conn.execute(others.values(used_at=now))


def forget_links_of(conn: Connection, patron: PatronId) -> None:
    """Delete every link that the patron was sent."""
    conn.execute(delete(verifications).where(verifications.c.patron == patron))


def forget_expired(conn: Connection, *, before: datetime) -> int:
    """Delete sessions that expired before then, and return how many that were."""
    return conn.execute(delete(sessions).where(sessions.c.expires_at < before)).rowcount


def forget_links(conn: Connection, *, before: datetime) -> int:
    """Delete links that expired before then, and return how many that were."""
    return conn.execute(delete(verifications).where(verifications.c.expires_at < before)).rowcount


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        key_hash=row.key_hash,
        library=row.library,
        role=Role(row.role),
        label=row.label,
        created_at=row.created_at,
        revoked=revocations.read(row),
    )


def _session(row: Row[Any]) -> Session:
    return Session(
        token_hash=row.token_hash,
        role=Role(row.role),
        subject=row.subject,
        library=row.library,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


_FIND = select(sessions).where(
    sessions.c.token_hash == bindparam("of_hash"),
    sessions.c.expires_at > bindparam("now"),
    sessions.c.revoked_at.is_(None),
)
