"""Patrons: registering, their own data, being forgotten."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ill_broker import mint
from ill_broker.services.audit import Audit, record, sought
from ill_broker.services.passwords import Passwords
from ill_broker.services.people import mails
from ill_broker.services.people.admittance import Admittance
from ill_broker.services.people.attempts import Attempts
from ill_broker.services.people.credentials import Credentials, about
from ill_broker.services.people.enrolment import DeskEnrolment
from ill_broker.services.people.openid import OpenId
from ill_broker.services.people.providers import read_providers
from ill_broker.services.people.sessions import Sessions
from ill_broker.services.people.verification import Verification
from ill_broker.services.places import Places
from ill_broker.services.refusals import StillOpen, Unknown, UnknownHome
from ill_broker.settings import Settings
from ill_broker.storage import cards, libraries, outbox, people, privileges, sessions, typed_requests, wishes
from ill_broker.storage import requests as request_rows
from ill_broker.storage.audit import Action, Subject
from ill_broker.storage.people import Enrolment
from ill_broker.storage.store import Store
from workflows.actors import Actor
from workflows.ids import LibraryCode, PatronId
from workflows.patrons import Patron


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What somebody says who wants to become a patron."""

    home: LibraryCode
    card_number: str
    name: str
    #: E.164
    mobile: str
    email: str
    password: str
    language: str = "zh"


class People:
    """Registers patrons and keeps their data."""

    def __init__(
        self, store: Store, settings: Settings, passwords: Passwords, verification: Verification
    ) -> None:
        self._store = store
        self._base_url = settings.base_url
        self._passwords = passwords
        self._verification = verification

    def register(
        self, wanted: Registration, *, now: datetime, also: Callable[[Connection, None], None] | None = None
    ) -> None:
        """Send a link; whoever opens it has shown that the address is theirs, and is a patron from then on.

        Until then nothing but the link is kept, so that it blocks nobody. Whoever has the address or the
        card already is told by letter instead. The caller learns nothing of that, and both take the same
        work.

        :param also: what else belongs into the transaction
        :raises UnknownHome: if there is no such library
        :raises WeakPassword: if the password is guessed too easily
        """
        newcomer = _newcomer(wanted, now)
        password_hash = self._passwords.choose(wanted.password, about=about(newcomer))
        with self._store.writing() as conn:
            if libraries.load(conn, wanted.home) is None:
                raise UnknownHome(library=wanted.home)
            by_email = people.by_email(conn, wanted.email)
            owner = by_email or people.by_card(conn, wanted.home, wanted.card_number)
            if owner is None:
                self._verification.register(conn, newcomer, password_hash, now=now)
            else:
                outbox.add(
                    conn, [mails.letter(mails.Mail.TRIED_AGAIN, owner.patron, now, base=self._base_url)]
                )
            if also is not None:
                also(conn, None)

    def patron(self, patron_id: PatronId) -> Enrolment:
        """Return a patron with the version of the data.

        :raises Unknown: if there is none, or none any more
        """
        with self._store.reading() as conn:
            return _known(conn, patron_id)

    def sought(self, text: str, actor: Actor, *, after: str | None, limit: int) -> list[Patron]:
        """Return readers of *actor*'s own library whom a card, a name, a mobile or an address fits."""
        library, start = LibraryCode(actor.library or ""), PatronId(after) if after else None
        with self._store.reading() as conn:
            found = people.sought(conn, library, text, after=start, limit=limit)
        sought(found)
        return found

    def change(
        self,
        patron_id: PatronId,
        *,
        language: str | None = None,
        mobile: str | None = None,
        now: datetime,
        expect: Callable[[int], None] = lambda _: None,
    ) -> Enrolment:
        """Change what is given, and return the patron as they are now.

        :param expect: called with the version at hand; raises Stale if another one is meant
        """
        with self._store.writing() as conn:
            known = _known(conn, patron_id)
            expect(known.version)
            was = known.patron
            patron = replace(was, language=language or was.language, mobile=mobile or was.mobile)
            if patron == was:
                return known
            record(conn, Action.READER_CHANGED, (Subject.READER, patron_id), now=now, library=was.home)
            return people.save(conn, replace(known, patron=patron))

    def unfinished(self, patron_id: PatronId, *, now: datetime) -> dict[str, Any]:
        """Return how much of what stands in the way of forgetting the patron there is, by what it is."""
        with self._store.reading() as conn:
            return _unfinished(conn, patron_id, now)

    def erase(
        self, patron_id: PatronId, *, now: datetime, expect: Callable[[int], None] = lambda _: None
    ) -> None:
        """Forget who the patron was, and end their sessions.

        :raises StillOpen: while a request of theirs is not closed, a loan card not back, or a suspension runs
        """
        with self._store.writing() as conn:
            known = _known(conn, patron_id)
            expect(known.version)
            unfinished = _unfinished(conn, patron_id, now)
            if any(unfinished.values()):
                raise StillOpen(**unfinished)
            _forget(conn, patron_id, now)
            reader, home = (Subject.READER, patron_id), known.patron.home
            record(conn, Action.READER_ERASED, reader, now=now, library=home)


def build_people(
    store: Store, settings: Settings, places: Places | None = None
) -> tuple[People, Verification, *tuple[object, ...]]:
    """Return the services about people.

    :raises BadProviders: if the file of providers cannot be used
    """
    passwords = Passwords(cheap=settings.cheap_passwords)
    verification = Verification(store, settings)
    known = Sessions(store, settings, passwords)
    providers = read_providers(settings.providers)
    return (
        People(store, settings, passwords, verification),
        verification,
        known,
        Attempts(store),
        Audit(store),
        Credentials(store, settings, passwords),
        Admittance(store, passwords),
        DeskEnrolment(store, settings),
        OpenId(store, settings, providers, known, verification, places=places or Places()),
    )


def _newcomer(wanted: Registration, now: datetime) -> Patron:
    return Patron(
        id=PatronId(mint.new_id("pat", now)),
        home=wanted.home,
        name=wanted.name,
        card_number=wanted.card_number,
        mobile=wanted.mobile,
        email=wanted.email,
        language=wanted.language,
    )


def _known(conn: Connection, patron_id: PatronId) -> Enrolment:
    known = people.enrolment(conn, patron_id)
    if known is None or known.erased_at is not None:
        raise Unknown
    return known


def _unfinished(conn: Connection, patron_id: PatronId, now: datetime) -> dict[str, Any]:
    return {
        "requests": request_rows.count_open(conn, patron_id),
        "loan_cards": len(cards.held(conn, patron_id)),
        "suspensions": len(privileges.of_patron(conn, patron_id).running(now.date())),
    }


def _forget(conn: Connection, patron_id: PatronId, now: datetime) -> None:
    people.erase(conn, patron_id, now=now)
    privileges.forget(conn, patron_id)
    wishes.forget(conn, patron_id)
    typed_requests.forget(conn, patron_id)
    sessions.forget_links_of(conn, patron_id)
    sessions.revoke_all_of(conn, patron_id, now=now)
