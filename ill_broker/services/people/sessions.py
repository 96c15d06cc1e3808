"""Logging in and out: patrons, desk staff and the office by password, systems by their key."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ill_broker import mint
from ill_broker.services.audit import record
from ill_broker.services.passwords import Passwords
from ill_broker.services.people.attempts import Attempts
from ill_broker.services.refusals import Unknown, WrongLogin
from ill_broker.settings import Settings
from ill_broker.storage import people, sessions
from ill_broker.storage.audit import Action, Subject
from ill_broker.storage.sessions import Session
from ill_broker.storage.store import Store
from workflows.actors import Actor, Role
from workflows.identifiers import fold
from workflows.ids import LibraryCode, StaffId


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that has just begun; the token is told this once."""

    token: str
    expires_at: datetime
    actor: Actor

    @property
    def role(self) -> Role:
        return self.actor.role

    @property
    def library(self) -> LibraryCode | None:
        return self.actor.library


@dataclass(frozen=True, slots=True)
class SeenSession:
    """A session as its owner sees it."""

    id: str
    created_at: datetime
    expires_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class _Account:
    actor: Actor
    password_hash: str | None


_NOBODY = _Account(Actor(Role.PATRON, ""), None)


class Sessions:
    """Opens and closes sessions, and says whose they are."""

    def __init__(self, store: Store, settings: Settings, passwords: Passwords) -> None:
        self._store = store
        self._passwords = passwords
        self._attempts = Attempts(store)
        self._length = timedelta(hours=settings.session_hours)

    def open(
        self, login: str, password: str, *, library: LibraryCode | None, network: str, now: datetime
    ) -> Opened:
        """Log somebody in.

        :param login: an e-mail address, the login of staff, or, with a *library*, a card number there
        :param network: where they come from
        :raises WrongLogin: if nobody has this name and password; that takes the same work
        :raises TooOften: if there were too many wrong ones from there
        """
        with self._store.reading() as conn:
            accounts = _accounts(conn, login, library)
        whose = accounts[0].actor.id if accounts else f"{library or ''}:{fold(login)}"
        self._attempts.begin(whose, network, now=now)
        # without an account a password is tried all the same, so that it takes as long
        fits = [self._passwords.fits(each.password_hash, password) for each in accounts or [_NOBODY]]
        if not any(fits):
            self._failed(accounts, now)
            raise WrongLogin
        self._attempts.succeed(whose, network, now=now)
        account = accounts[fits.index(True)]
        try:
            return self.open_for(
                account.actor, now=now, still=lambda conn: account in _accounts(conn, login, library)
            )
        except WrongLogin:
            self._failed(accounts, now)
            raise

    def open_for(
        self, actor: Actor, *, now: datetime, still: Callable[[Connection], bool] = lambda _: True
    ) -> Opened:
        """Begin a session of somebody whose identity is established.

        :param still: tells whether it is, as nobody waits while a password is tried: it may be changed
            meanwhile, or its owner erased
        :raises WrongLogin: if it is not any more, or they are kept out
        """
        with self._store.writing() as conn:
            if not still(conn):
                raise WrongLogin
            return self.begin(conn, actor, now=now)

    def _failed(self, accounts: list[_Account], now: datetime) -> None:
        """Write down whose password was tried; a name that nobody has is not kept."""
        whose = accounts[0].actor if accounts else None
        subject = (_kind(whose), whose.id) if whose else None
        with self._store.writing() as conn:
            record(conn, Action.LOG_IN_FAILED, subject, now=now, library=whose.library if whose else None)

    def begin(self, conn: Connection, actor: Actor, *, now: datetime) -> Opened:
        """Begin a session in the transaction at hand.

        :raises WrongLogin: if they are kept out
        """
        if actor.role is not Role.PATRON:
            member = people.staff_member(conn, StaffId(actor.id))
            if member is not None and member.disabled_at is not None:
                raise WrongLogin
        token = mint.token()
        session = Session(
            token_hash=mint.token_hash(token),
            role=actor.role,
            subject=actor.id,
            library=actor.library,
            created_at=now,
            expires_at=now + self._length,
        )
        sessions.start(conn, session)
        record(conn, Action.LOGGED_IN, (_kind(actor), actor.id), now=now, library=actor.library, by=actor)
        return Opened(token, session.expires_at, actor)

    def of(self, actor: Actor, token: str, *, now: datetime) -> list[SeenSession]:
        """Return the sessions of somebody that last; *token* tells which one is this."""
        this = mint.token_hash(token)
        with self._store.reading() as conn:
            found = sessions.of_subject(conn, actor.id, now=now)
        return [
            SeenSession(each.id, each.created_at, each.expires_at, each.token_hash == this) for each in found
        ]

    def end(self, actor: Actor, session_id: str, *, now: datetime) -> None:
        """End a session of somebody's own.

        :raises Unknown: if they have no such session
        """
        with self._store.writing() as conn:
            found = sessions.of_subject(conn, actor.id, now=now)
            meant = next((each for each in found if each.id == session_id), None)
            if meant is None:
                raise Unknown
            sessions.revoke(conn, meant.token_hash, now=now)

    def close(self, token: str, *, now: datetime) -> None:
        with self._store.writing() as conn:
            sessions.revoke(conn, mint.token_hash(token), now=now)

    def actor_of(self, token: str, now: datetime) -> Actor | None:
        """Return whose session it is, None if there is none that lasts."""
        with self._store.reading() as conn:
            found = sessions.find(conn, mint.token_hash(token), now=now)
        return None if found is None else Actor(found.role, found.subject, found.library)

    def actor_of_key(self, key: str) -> Actor | None:
        """Return whose key it is, None if there is none that is valid."""
        with self._store.reading() as conn:
            found = sessions.find_key(conn, mint.token_hash(key))
        return None if found is None else Actor(found.role, found.library or found.label, found.library)


def _kind(actor: Actor) -> Subject:
    return Subject.READER if actor.role is Role.PATRON else Subject.STAFF


def _accounts(conn: Connection, login: str, library: LibraryCode | None) -> list[_Account]:
    """Return whom a login names: a card where a library is named, else an address or a login of staff.

    Staff may be patrons as well, with one address as both.
    """
    patron = people.by_card(conn, library, login) if library else people.by_email(conn, login)
    staff = None if library else people.staff_by_login(conn, login)
    found = []
    if patron is not None:
        actor = Actor(Role.PATRON, patron.patron.id, patron.patron.home)
        found.append(_Account(actor, patron.password_hash))
    if staff is not None:
        found.append(_Account(Actor(staff.role, staff.id, staff.library), staff.password_hash))
    return found
