"""Showing that an e-mail address is the patron's: a link in a letter, good once and for a day (R-BJTU-8)."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from ill_broker import mint
from ill_broker.services import mails
from ill_broker.services.refusals import BadToken
from ill_broker.settings import Settings
from ill_broker.storage import outbox, people, sessions
from ill_broker.storage.sessions import Verification as Link
from ill_broker.storage.store import Store
from workflows.patrons import Patron

#: what the link is good for
KIND = "email"


class Verification:
    """Sends links, and takes their tokens."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._base_url = settings.base_url
        self._hours = settings.verification_hours

    def start(self, conn: Connection, patron: Patron, *, now: datetime) -> None:
        """Send the patron a link, in the transaction at hand."""
        token = mint.token()
        expires_at = now + timedelta(hours=self._hours)
        link = Link(token_hash=mint.token_hash(token), patron=patron.id, kind=KIND, expires_at=expires_at)
        sessions.add_verification(conn, link)
        address = f"{self._base_url}/verify#{token}"
        outbox.add(conn, [mails.letter(mails.VERIFY, patron, now, link=address, hours=self._hours)])

    def confirm(self, token: str, *, now: datetime) -> None:
        """Take the token of a link.

        :raises BadToken: if it was used, has expired, or is none of ours
        """
        with self._store.writing() as conn:
            patron_id = sessions.use_verification(conn, mint.token_hash(token), kind=KIND, now=now)
            known = None if patron_id is None else people.enrolment(conn, patron_id)
            if known is None or known.erased_at is not None:
                raise BadToken
            people.verify(conn, known.patron.id, now=now)

    def resend(self, email: str, *, now: datetime) -> None:
        """Send another link, if the address is one that waits for it; nothing tells whether it is."""
        with self._store.writing() as conn:
            known = people.by_email(conn, email)
            if known is not None and known.patron.verified_at is None:
                self.start(conn, known.patron, now=now)
