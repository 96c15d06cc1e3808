"""Registrations that wait for the link in their letter to be opened: nobody is a patron by them yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from ill_broker.storage.people_rows import registrations
from workflows.identifiers import fold
from workflows.patrons import Patron

#: all of a patron but the day on which the address was shown to be theirs
_SAID = ("id", "home", "card_number", "name", "mobile", "email", "language")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What somebody said, and the hash of the token that confirms it."""

    token_hash: str
    patron: Patron
    password_hash: str
    expires_at: datetime


def add(conn: Connection, registration: Registration) -> None:
    values = {
        "token_hash": registration.token_hash,
        "email_folded": fold(registration.patron.email),
        **{name: getattr(registration.patron, name) for name in _SAID},
        "password_hash": registration.password_hash,
        "expires_at": registration.expires_at,
    }
    conn.execute(insert(registrations), values)


def take(conn: Connection, token_hash: str, *, now: datetime) -> Registration | None:
    """Take out the registration that a token confirms, and every other of the same address with it.

    None if it has expired, was confirmed, or never was.
    """
    meant = registrations.c.token_hash == token_hash, registrations.c.expires_at > now
    row = conn.execute(delete(registrations).where(*meant).returning(*registrations.c)).one_or_none()
    if row is None:
        return None
    conn.execute(delete(registrations).where(registrations.c.email_folded == row.email_folded))
    return _read(row)


def of_email(conn: Connection, email: str, *, now: datetime, limit: int) -> list[Registration]:
    """Return the last registrations of an address that can still be confirmed, the newest first."""
    found = select(registrations).where(
        registrations.c.email_folded == fold(email), registrations.c.expires_at > now
    )
    newest = found.order_by(registrations.c.expires_at.desc()).limit(limit)
    return [_read(row) for row in conn.execute(newest)]


def renew(conn: Connection, token_hash: str, new_hash: str, *, expires_at: datetime) -> None:
    """Let a registration be confirmed by another token, and by the one before no more."""
    meant = update(registrations).where(registrations.c.token_hash == token_hash)
    conn.execute(meant.values(token_hash=new_hash, expires_at=expires_at))


def forget_expired(conn: Connection, *, before: datetime) -> int:
    return conn.execute(delete(registrations).where(registrations.c.expires_at < before)).rowcount


def _read(row: Row[Any]) -> Registration:
    return Registration(
        token_hash=row.token_hash,
        patron=Patron(**{name: getattr(row, name) for name in _SAID}),
        password_hash=row.password_hash,
        expires_at=row.expires_at,
    )
