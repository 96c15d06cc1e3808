"""Patrons and staff, and who they are at a provider of identities."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    exists,
    false,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from ill_broker.storage.failures import Stale, Taken
from ill_broker.storage.rows import identities, libraries, patrons, requests, staff
from ill_broker.storage.statements import inserting
from workflows.actors import Role
from workflows.identifiers import fold
from workflows.ids import LibraryCode, PatronId, StaffId
from workflows.patrons import Patron
from workflows.requests.lifecycle import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A patron with what is kept to know them again."""

    patron: Patron
    category: str | None = None
    #: None for one who only ever comes through a provider of identities
    password_hash: str | None = None
    created_at: datetime
    #: who at the desk registered them; None where they did so themselves
    registered_by: StaffId | None = None
    erased_at: datetime | None = None
    #: counts the changes
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Somebody at a desk or in the office."""

    id: StaffId
    #: None in the office
    library: LibraryCode | None = None
    role: Role = Role.STAFF
    login: str
    name: str
    password_hash: str | None = None
    #: since when they are kept out
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom a provider's subject is with us."""

    issuer: str
    subject: str
    role: Role
    #: a patron id or a staff id
    person: str


#: digits at the end of a mobile number by which its owner is found
_SHORTEST_MOBILE = 4
#: two spellings of one address are one
fold_email = fold


def enrol(conn: Connection, enrolment: Enrolment) -> None:
    """Add a patron.

    :raises Taken: ``email`` or ``card_number``
    """
    values = _changeable(enrolment) | {
        "id": enrolment.patron.id,
        "card_folded": fold(enrolment.patron.card_number),
        "created_at": enrolment.created_at,
        "registered_by": enrolment.registered_by,
    }
    if conn.execute(inserting(conn, patrons).on_conflict_do_nothing(), values).rowcount == 0:
        raise Taken("card_number" if by_email(conn, enrolment.patron.email) is None else "email")


def enrolment(conn: Connection, patron_id: PatronId) -> Enrolment | None:
    row = conn.execute(_BY_ID, {"of_id": patron_id}).one_or_none()
    return None if row is None else _read(row)


def patron(conn: Connection, patron_id: PatronId) -> Patron | None:
    found = enrolment(conn, patron_id)
    return None if found is None else found.patron


def held(conn: Connection, patron_id: PatronId) -> Patron | None:
    """Return the patron, kept from every other transaction that asks for the same until this one is over.

    So no two that come at once go beyond what one reader may have. None if there is none, or none any more.
    """
    there = select(patrons).where(patrons.c.id == patron_id, patrons.c.erased_at.is_(None))
    row = conn.execute(there.with_for_update()).one_or_none()
    return None if row is None else _read(row).patron


def by_email(conn: Connection, email: str) -> Enrolment | None:
    """Return the patron who has shown that the address is theirs."""
    return _enrolment(conn, patrons.c.email_folded == fold(email))


def by_unproven_email(conn: Connection, email: str) -> list[Enrolment]:
    """Return the patrons of whom only their library says that the address is theirs."""
    found = select(patrons).where(patrons.c.email_unproven == fold(email)).order_by(patrons.c.id)
    return [_read(row) for row in conn.execute(found)]


def by_card(conn: Connection, home: LibraryCode, card_number: str) -> Enrolment | None:
    return _enrolment(conn, (patrons.c.home == home) & (patrons.c.card_folded == fold(card_number)))


def guests(conn: Connection, desk: LibraryCode, card_number: str) -> list[Patron]:
    """Return the readers of other libraries with this card who have an open request at the desk."""
    fetches = exists().where(
        requests.c.patron == patrons.c.id, requests.c.desk == desk, requests.c.status != Status.CLOSED
    )
    # each library by itself, so that the index of a library's cards serves
    found = select(patrons).where(
        patrons.c.home.in_(select(libraries.c.code)),
        patrons.c.home != desk,
        patrons.c.card_folded == fold(card_number),
        patrons.c.erased_at.is_(None),
        fetches,
    )
    return [_read(row).patron for row in conn.execute(found.order_by(patrons.c.id))]


def sought(
    conn: Connection, home: LibraryCode, text: str, *, after: PatronId | None, limit: int
) -> list[Patron]:
    """Return a library's readers of this card, address or mobile, or with this in their name, by id."""
    found = select(patrons).where(patrons.c.home == home, patrons.c.erased_at.is_(None), known_by(text))
    if after is not None:
        found = found.where(patrons.c.id > after)
    return [_read(row).patron for row in conn.execute(found.order_by(patrons.c.id).limit(limit))]


def known_by(text: str) -> ColumnElement[bool]:
    """Return the condition that a reader has this card, address or mobile, or this in their name."""
    folded, literal = fold(text), text.strip()
    return or_(
        patrons.c.card_folded == folded,
        patrons.c.email_folded == folded,
        patrons.c.email_unproven == folded,
        patrons.c.mobile.endswith(folded, autoescape=True) if len(folded) >= _SHORTEST_MOBILE else false(),
        patrons.c.name.icontains(literal, autoescape=True),
    )


def save(conn: Connection, enrolment: Enrolment) -> Enrolment:
    """Store a changed patron, and return it with the version it now has.

    :raises Stale: if somebody else has changed it since it was read
    :raises Taken: ``email``, if another patron has the new address
    """
    other = by_email(conn, enrolment.patron.email) if enrolment.patron.verified_at else None
    if other is not None and other.patron.id != enrolment.patron.id:
        raise Taken("email")
    changed = (
        update(patrons)
        .where(patrons.c.id == enrolment.patron.id, patrons.c.version == enrolment.version)
        .values(_changeable(enrolment) | {"version": enrolment.version + 1})
        .returning(*patrons.c)
    )
    row = conn.execute(changed).one_or_none()
    if row is None:
        raise Stale(enrolment.patron.id)
    return _read(row)


def verify(conn: Connection, patron_id: PatronId, *, now: datetime) -> None:
    """Note that the patron's address was shown to be theirs; the first time counts.

    :raises Taken: ``email``, if another patron has shown the same meanwhile
    """
    verified = update(patrons).where(patrons.c.id == patron_id, patrons.c.verified_at.is_(None))
    proven = {"email_folded": patrons.c.email_unproven, "email_unproven": None}
    try:
        conn.execute(verified.values(verified_at=now, version=patrons.c.version + 1, **proven))
    except IntegrityError as error:
        raise Taken("email") from error


def set_password(conn: Connection, person: str, password_hash: str) -> None:
    """Set the password of a patron or a member of staff, by their id."""
    for table in (patrons, staff):
        conn.execute(update(table).where(table.c.id == person).values(password_hash=password_hash))


def erase(conn: Connection, patron_id: PatronId, *, now: datetime) -> None:
    """Forget who the patron was; the row stays, so that what refers to it keeps its sense.

    The address and the card are free to be used again.
    """
    # nothing that is typed begins with a space: nobody has registered this, and nobody is found by it
    gone = f" erased:{patron_id}"
    nobody = {"name": "", "mobile": "", "email": "", "category": None, "password_hash": None}
    conn.execute(
        update(patrons)
        .where(patrons.c.id == patron_id, patrons.c.erased_at.is_(None))
        .values(
            **nobody,
            email_folded=gone,
            email_unproven=None,
            card_number=gone,
            card_folded=gone,
            erased_at=now,
            version=patrons.c.version + 1,
        )
    )
    conn.execute(delete(identities).where(identities.c.person == patron_id))


def add_staff(conn: Connection, member: Staff) -> None:
    """Add somebody who works at a desk or in the office.

    :raises Taken: ``login``
    """
    values = {
        "id": member.id,
        "library": member.library,
        "role": member.role.value,
        "login": member.login,
        "login_folded": fold(member.login),
        "name": member.name,
        "password_hash": member.password_hash,
    }
    statement = inserting(conn, staff).on_conflict_do_nothing()
    if conn.execute(statement, values).rowcount == 0:
        raise Taken("login")


def staff_names(conn: Connection, ids: Collection[str]) -> dict[str, str]:
    """Return how those of the *ids* who are staff are called."""
    found = conn.execute(select(staff.c.id, staff.c.name).where(staff.c.id.in_(ids)))
    return {row.id: row.name for row in found}


def staff_member(conn: Connection, staff_id: StaffId) -> Staff | None:
    return _staff(conn, staff.c.id == staff_id)


def staff_by_login(conn: Connection, login: str) -> Staff | None:
    return _staff(conn, staff.c.login_folded == fold(login))


def all_staff(conn: Connection) -> list[Staff]:
    """Return who works at the libraries and in the office, by their logins."""
    return [_read_staff(row) for row in conn.execute(select(staff).order_by(staff.c.login))]


def set_disabled(conn: Connection, staff_id: StaffId, since: datetime | None) -> None:
    """Keep somebody out since then; let them in again if None."""
    conn.execute(update(staff).where(staff.c.id == staff_id).values(disabled_at=since))


def link(conn: Connection, identity: Identity) -> None:
    """Remember whom a provider's subject is with us.

    :raises Taken: ``identity``, if the subject is somebody already
    """
    if identified(conn, identity.issuer, identity.subject) is not None:
        raise Taken("identity")
    values = {
        "issuer": identity.issuer,
        "subject": identity.subject,
        "role": identity.role.value,
        "person": identity.person,
    }
    conn.execute(insert(identities), values)


def identified(conn: Connection, issuer: str, subject: str) -> Identity | None:
    found = select(identities).where(identities.c.issuer == issuer, identities.c.subject == subject)
    row = conn.execute(found).one_or_none()
    if row is None:
        return None
    return Identity(issuer=row.issuer, subject=row.subject, role=Role(row.role), person=row.person)


def library_of(conn: Connection, identity: Identity) -> LibraryCode | None:
    """Return the library at which we know somebody; None in the office."""
    of_staff = identity.role is Role.STAFF
    table, library = (staff, staff.c.library) if of_staff else (patrons, patrons.c.home)
    found: LibraryCode | None = conn.scalar(select(library).where(table.c.id == identity.person))
    return found


def _changeable(enrolment: Enrolment) -> dict[str, Any]:
    known = enrolment.patron
    folded, is_proven = fold(known.email), known.verified_at is not None
    return {
        "home": known.home,
        "card_number": known.card_number,
        "name": known.name,
        "mobile": known.mobile,
        "email": known.email,
        # whom a partner's system speaks for has no address with us
        "email_folded": (is_proven and folded) or f"none:{known.id}",
        "email_unproven": None if is_proven else folded,
        "category": enrolment.category,
        "language": known.language,
        "password_hash": enrolment.password_hash,
        "verified_at": known.verified_at,
        "version": enrolment.version,
    }


def _enrolment(conn: Connection, where: ColumnElement[bool]) -> Enrolment | None:
    row = conn.execute(select(patrons).where(where)).one_or_none()
    return None if row is None else _read(row)


def _read(row: Row[Any]) -> Enrolment:
    known = Patron(
        id=PatronId(row.id),
        home=LibraryCode(row.home),
        name=row.name,
        card_number=row.card_number,
        mobile=row.mobile,
        email=row.email,
        language=row.language,
        verified_at=row.verified_at,
    )
    return Enrolment(
        patron=known,
        category=row.category,
        password_hash=row.password_hash,
        created_at=row.created_at,
        registered_by=row.registered_by,
        erased_at=row.erased_at,
        version=row.version,
    )


def _staff(conn: Connection, where: ColumnElement[bool]) -> Staff | None:
    row = conn.execute(select(staff).where(where)).one_or_none()
    return None if row is None else _read_staff(row)


def _read_staff(row: Row[Any]) -> Staff:
    return Staff(
        id=StaffId(row.id),
        library=row.library,
        role=Role(row.role),
        login=row.login,
        name=row.name,
        password_hash=row.password_hash,
        disabled_at=row.disabled_at,
    )


def patrons_of(conn: Connection, ids: Collection[PatronId]) -> dict[PatronId, Patron]:
    """Return those of the patrons that there are, by their ids."""
    found = conn.execute(select(patrons).where(patrons.c.id.in_(tuple(ids))))
    return {read.patron.id: read.patron for read in map(_read, found)}


_BY_ID = select(patrons).where(patrons.c.id == bindparam("of_id"))
