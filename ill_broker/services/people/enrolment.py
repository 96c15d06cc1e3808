"""Readers whom a desk registers: the clerk has seen who it is and the card, and read the address back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ill_broker import mint
from ill_broker.services.audit import record
from ill_broker.services.people import mails
from ill_broker.services.people.credentials import send_link
from ill_broker.services.refusals import AlreadyRegistered, Unknown
from ill_broker.settings import Settings
from ill_broker.storage import people
from ill_broker.storage.audit import Action, Subject
from ill_broker.storage.failures import Taken
from ill_broker.storage.people import Enrolment
from ill_broker.storage.store import Store
from workflows.actors import Actor
from workflows.ids import LibraryCode, PatronId, StaffId
from workflows.patrons import Patron


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """What a clerk enters of somebody who stands at the desk."""

    card_number: str
    name: str
    #: E.164
    mobile: str
    email: str
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class Registered:
    """When a reader was registered, and by which of the staff; None where they did so themselves."""

    at: datetime
    by_name: str | None


class DeskEnrolment:
    """Registers readers at their own library's desk."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._base_url = settings.base_url
        self._hours = settings.verification_hours

    def enrol(
        self, new: Newcomer, actor: Actor, *, now: datetime, also: Callable[[Connection, Patron], None]
    ) -> Patron:
        """Register a reader of *actor*'s library, at once; a letter lets them set a password.

        :param also: what else belongs into the transaction
        :raises AlreadyRegistered: if somebody has the address or the card
        """
        patron = Patron(
            id=PatronId(mint.new_id("pat", now)),
            home=LibraryCode(actor.library or ""),
            name=new.name,
            card_number=new.card_number,
            mobile=new.mobile,
            email=new.email,
            language=new.language,
            verified_at=now,
        )
        with self._store.writing() as conn:
            try:
                people.enrol(conn, Enrolment(patron=patron, created_at=now, registered_by=StaffId(actor.id)))
            except Taken as taken:
                raise AlreadyRegistered from taken
            send_link(conn, patron, mails.Mail.ENROLLED, base=self._base_url, hours=self._hours, now=now)
            reader = (Subject.READER, patron.id)
            record(conn, Action.READER_REGISTERED, reader, now=now, library=patron.home)
            also(conn, patron)
        return patron

    def registered(self, patron_id: PatronId, actor: Actor) -> Registered:
        """Return when a reader of *actor*'s library was registered, and by whom.

        :raises Unknown: if the reader is none of that library
        """
        with self._store.reading() as conn:
            known = people.enrolment(conn, patron_id)
            if known is None or known.patron.home != actor.library:
                raise Unknown
            by = known.registered_by
            return Registered(known.created_at, people.staff_names(conn, {by}).get(by) if by else None)
