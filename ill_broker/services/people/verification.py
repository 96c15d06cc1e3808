"""Showing that an e-mail address is the patron's: a link in a letter, good once and for a day (R-BJTU-8)."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ill_broker import mint
from ill_broker.services.audit import record
from ill_broker.services.people import mails
from ill_broker.services.refusals import AlreadyRegistered, BadToken
from ill_broker.settings import Settings
from ill_broker.storage import outbox, people, registrations, sessions
from ill_broker.storage.audit import Action, Subject
from ill_broker.storage.failures import Taken
from ill_broker.storage.people import Enrolment
from ill_broker.storage.registrations import Registration
from ill_broker.storage.sessions import Verification as Link
from ill_broker.storage.store import Store
from workflows.actors import Actor, Role
from workflows.ids import PatronId
from workflows.patrons import Patron

#: what the link is good for
KIND = "email"
#: registrations of one address whose letters are sent again: a stranger may have made any number of them
_AT_ONCE = 3


class Verification:
    """Sends links, and takes their tokens."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._base_url = settings.base_url
        self._hours = settings.verification_hours

    def register(self, conn: Connection, newcomer: Patron, password_hash: str, *, now: datetime) -> None:
        """Send a link that makes *newcomer* a patron when it is opened, in the transaction at hand."""
        token, expires_at = self._send(conn, newcomer, now)
        pending = Registration(
            token_hash=token, patron=newcomer, password_hash=password_hash, expires_at=expires_at
        )
        registrations.add(conn, pending)

    def start(self, conn: Connection, patron: Patron, *, now: datetime) -> None:
        """Send somebody who is a patron already a link, in the transaction at hand."""
        token, expires_at = self._send(conn, patron, now)
        link = Link(token_hash=token, patron=patron.id, kind=KIND, expires_at=expires_at)
        sessions.add_verification(conn, link)

    def confirm(self, token: str, *, now: datetime) -> None:
        """Take the token of a link: what its registration said holds from now on, and nothing else.

        :raises BadToken: if it was used, has expired, or is none of ours
        :raises AlreadyRegistered: if somebody has confirmed the address or the card before
        """
        token_hash = mint.token_hash(token)
        with self._store.writing() as conn:
            registration = registrations.take(conn, token_hash, now=now)
            try:
                if registration is not None:
                    people.enrol(conn, _confirmed(registration, now))
                    patron = registration.patron
                    who, reader = Actor(Role.PATRON, patron.id, patron.home), (Subject.READER, patron.id)
                    record(conn, Action.READER_REGISTERED, reader, now=now, library=patron.home, by=who)
                else:
                    people.verify(conn, _linked(conn, token_hash, now), now=now)
            except Taken as taken:
                raise AlreadyRegistered from taken

    def resend(self, email: str, *, now: datetime) -> None:
        """Send another link, if the address is one that waits for it; nothing tells whether it is."""
        with self._store.writing() as conn:
            for waiting in registrations.of_email(conn, email, now=now, limit=_AT_ONCE):
                token, expires_at = self._send(conn, waiting.patron, now)
                registrations.renew(conn, waiting.token_hash, token, expires_at=expires_at)
            for known in people.by_unproven_email(conn, email):
                self.start(conn, known.patron, now=now)

    def _send(self, conn: Connection, patron: Patron, now: datetime) -> tuple[str, datetime]:
        """Write the letter, and return the hash of the link's token and until when it is good."""
        token = mint.token()
        address = f"{self._base_url}/verify#{token}"
        outbox.add(conn, [mails.letter(mails.Mail.VERIFY, patron, now, link=address, hours=self._hours)])
        return mint.token_hash(token), now + timedelta(hours=self._hours)


def _confirmed(registration: Registration, now: datetime) -> Enrolment:
    patron = replace(registration.patron, verified_at=now)
    return Enrolment(patron=patron, password_hash=registration.password_hash, created_at=now)


def _linked(conn: Connection, token_hash: str, now: datetime) -> PatronId:
    """Return whose link it is, used up with this.

    :raises BadToken: if it is nobody's
    """
    patron_id = sessions.use_verification(conn, token_hash, kind=KIND, now=now)
    known = None if patron_id is None else people.enrolment(conn, patron_id)
    if known is None or known.erased_at is not None:
        raise BadToken
    return known.patron.id
