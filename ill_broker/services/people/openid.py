"""Logging in through one's own library: whom a sign-on's subject is with us."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Connection

from ill_broker import mint
from ill_broker.services.people import sign_on
from ill_broker.services.people.providers import Provider, provider_of
from ill_broker.services.people.sessions import Opened, Sessions
from ill_broker.services.people.sign_on import Reply, Ticket
from ill_broker.services.people.verification import Verification
from ill_broker.services.places import Places
from ill_broker.services.refusals import SignOnFailure, SignOnRefused, Unknown
from ill_broker.settings import Settings
from ill_broker.storage import libraries, people
from ill_broker.storage.failures import Taken
from ill_broker.storage.people import Enrolment, Identity, Staff
from ill_broker.storage.store import Store
from workflows.actors import Actor, Role
from workflows.identifiers import fold
from workflows.ids import LibraryCode, PatronId, StaffId
from workflows.patrons import Patron

#: that may wait for the same sign-on: many begin their day at once, and each has to wait a little
_AT_ONCE = 8


class OpenId:
    """Sends browsers to their library's sign-on, and opens sessions for those who come back."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        providers: Mapping[LibraryCode, Provider],
        sessions: Sessions,
        verification: Verification,
        *,
        places: Places,
    ) -> None:
        self._store = store
        self._base_url = settings.base_url
        self._providers = providers
        self._sessions = sessions
        self._verification = verification
        self._places = places

    def libraries(self) -> list[LibraryCode]:
        """Return the libraries that have a sign-on."""
        return list(self._providers)

    def begin(
        self, library: LibraryCode, *, to: str | None = None, by_cookie: bool = False
    ) -> tuple[str, Ticket]:
        """Return where to send the browser, and the ticket that it is to bring back.

        :raises Unknown: if the library has no sign-on
        :raises SignOnRefused: if it cannot be used at present
        :raises Crowded: if too many wait for it
        """
        provider = self._provider(library)
        with self._places.waiting(provider.issuer, at_once=_AT_ONCE):
            there = self._redirect_uri(library)
            return sign_on.begin(provider, redirect_uri=there, to=to, by_cookie=by_cookie)

    def finish(self, library: LibraryCode, reply: Reply, ticket: Ticket, *, now: datetime) -> Opened:
        """Open a session for whoever signed on.

        :raises Unknown: if the library has no sign-on
        :raises SignOnRefused: if it is not proven who this is; ``facts["reason"]`` says why
        :raises Crowded: if too many wait for the sign-on
        """
        provider = self._provider(library)
        redirect_uri = self._redirect_uri(library)
        with self._places.waiting(provider.issuer, at_once=_AT_ONCE):
            claims = sign_on.finish(provider, reply, ticket, redirect_uri=redirect_uri, now=now)
        provider = provider_of(self._providers, provider, claims)
        with self._store.writing() as conn:
            if libraries.load(conn, provider.library) is None:
                raise SignOnRefused(SignOnFailure.LIBRARY)
            known = people.identified(conn, provider.issuer, claims["sub"])
            if known is not None:
                actor = _same_as_before(conn, known, provider, claims)
            elif _is_staff(provider, claims):
                actor = _new_staff(conn, provider, claims, now)
            else:
                actor = self._patron(conn, provider, claims, now)
            return self._sessions.begin(conn, actor, now=now)

    def _provider(self, library: LibraryCode) -> Provider:
        provider = self._providers.get(library)
        if provider is None:
            raise Unknown
        return provider

    def _redirect_uri(self, library: LibraryCode) -> str:
        return f"{self._base_url}/api/v1/openid/{library}/callback"

    def _patron(
        self, conn: Connection, provider: Provider, claims: Mapping[str, Any], now: datetime
    ) -> Actor:
        """Return the patron of this card, or a new one.

        An account that is there already is linked only if both it and the sign-on have verified the same
        address: whoever can write any address into a profile must not come into somebody else's account.
        """
        wanted = _patron_of(provider, claims, now)
        there = people.by_card(conn, wanted.home, wanted.card_number)
        if there is None:
            try:
                people.enrol(conn, Enrolment(patron=wanted, created_at=now))
            except Taken as error:
                raise SignOnRefused(SignOnFailure.ACCOUNT_EXISTS) from error
            if wanted.verified_at is None:
                self._verification.start(conn, wanted, now=now)
            patron = wanted
        else:
            patron = there.patron
            is_same = people.fold_email(patron.email) == people.fold_email(wanted.email)
            if not is_same or patron.verified_at is None or wanted.verified_at is None:
                raise SignOnRefused(SignOnFailure.ACCOUNT_EXISTS)
        _link(conn, provider, claims, Role.PATRON, patron.id)
        return Actor(Role.PATRON, patron.id, patron.home)


def _same_as_before(
    conn: Connection, known: Identity, provider: Provider, claims: Mapping[str, Any]
) -> Actor:
    """Return who was linked before.

    Staff whose library no longer calls them so stay out, and so does everybody who is told to belong to
    another library than the one we know them at: what they may do there was never theirs here.
    """
    if known.role is Role.STAFF and not _is_staff(provider, claims):
        raise SignOnRefused(SignOnFailure.ROLE)
    if people.library_of(conn, known) != provider.library:
        raise SignOnRefused(SignOnFailure.LIBRARY)
    return Actor(known.role, known.person, provider.library)


def _is_staff(provider: Provider, claims: Mapping[str, Any]) -> bool:
    if provider.claims.role is None:
        return False
    told = claims.get(provider.claims.role)
    return provider.claims.staff in (told if isinstance(told, list) else [told])


def _new_staff(conn: Connection, provider: Provider, claims: Mapping[str, Any], now: datetime) -> Actor:
    member = Staff(
        id=StaffId(mint.new_id("stf", now)),
        library=provider.library,
        login=f"{provider.library}/{claims['sub']}",
        name=_text(claims, provider.claims.name, 100),
    )
    try:
        people.add_staff(conn, member)
    except Taken as error:
        raise SignOnRefused(SignOnFailure.ACCOUNT_EXISTS) from error
    _link(conn, provider, claims, Role.STAFF, member.id)
    return Actor(Role.STAFF, member.id, provider.library)


def _link(conn: Connection, provider: Provider, claims: Mapping[str, Any], role: Role, person: str) -> None:
    identity = Identity(issuer=provider.issuer, subject=claims["sub"], role=role, person=person)
    people.link(conn, identity)


def _patron_of(provider: Provider, claims: Mapping[str, Any], now: datetime) -> Patron:
    """Return the patron that the claims describe.

    :raises SignOnRefused: ``claims``, if they do not say enough
    """
    try:
        email = validate_email(str(claims.get("email", "")), check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise SignOnRefused(SignOnFailure.CLAIMS) from error
    return Patron(
        id=PatronId(mint.new_id("pat", now)),
        home=provider.library,
        name=_text(claims, provider.claims.name, 100),
        card_number=_text(claims, provider.claims.card_number, 40),
        mobile=_mobile(claims.get(provider.claims.mobile)),
        email=email,
        language="en" if str(claims.get("locale", "zh")).startswith("en") else "zh",
        verified_at=now if claims.get("email_verified") is True else None,
    )


def _text(claims: Mapping[str, Any], name: str, longest: int) -> str:
    """Return what a claim says, if there is something to see in it.

    :raises SignOnRefused: ``claims``
    """
    told = claims.get(name)
    text = told.strip() if isinstance(told, str) else ""
    if not fold(text) or len(text) > longest or not text.isprintable():
        raise SignOnRefused(SignOnFailure.CLAIMS)
    return text


def _mobile(told: object) -> str:
    """Return a telephone number in E.164, nothing if it is none."""
    try:
        number = phonenumbers.parse(str(told or ""), "CN")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
