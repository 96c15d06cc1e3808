"""Passwords of people who are known already: forgotten, and set anew by a link; or changed."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from ill_broker import mint
from ill_broker.services.audit import record
from ill_broker.services.passwords import Passwords
from ill_broker.services.people import mails
from ill_broker.services.people.attempts import Attempts
from ill_broker.services.refusals import BadToken, WrongLogin
from ill_broker.settings import Settings
from ill_broker.storage import outbox, people, sessions
from ill_broker.storage.audit import Action, Subject
from ill_broker.storage.people import Enrolment, Staff
from ill_broker.storage.sessions import Verification as Link
from ill_broker.storage.store import Store
from workflows.actors import Actor, Role
from workflows.ids import PatronId, StaffId
from workflows.patrons import Patron

#: what the link is good for, and for how long
KIND, _HOURS = "password", 2


class Credentials:
    """Sets passwords anew."""

    def __init__(self, store: Store, settings: Settings, passwords: Passwords) -> None:
        self._store = store
        self._base_url = settings.base_url
        self._passwords = passwords
        self._attempts = Attempts(store)

    def order_reset(self, email: str, *, now: datetime) -> None:
        """Send a link by which a new password is set, if a patron has this address; nothing tells whether."""
        with self._store.writing() as conn:
            known = people.by_email(conn, email)
            if known is not None:
                send_link(conn, known.patron, mails.Mail.RESET, base=self._base_url, hours=_HOURS, now=now)

    def reset(self, token: str, password: str, *, now: datetime) -> None:
        """Set a new password by the token of a link; sessions and other links end, and a letter says so.

        :raises BadToken: if it was used, has expired, or is none of ours
        :raises WeakPassword: if it is guessed too easily; the link stays good
        """
        token_hash = mint.token_hash(token)
        with self._store.reading() as conn:
            patron_id = sessions.whose_verification(conn, token_hash, kind=KIND, now=now)
            known = None if patron_id is None else people.patron(conn, patron_id)
        if known is None:
            raise BadToken
        password_hash = self._passwords.choose(password, about=about(known))
        with self._store.writing() as conn:
            if sessions.use_verification(conn, token_hash, kind=KIND, now=now) is None:
                raise BadToken
            sessions.use_up(conn, known.id, kind=KIND, now=now)
            set_anew(conn, known.id, password_hash, now=now)
            owner = Actor(Role.PATRON, known.id, known.home)
            record(conn, *_changed(owner), now=now, library=known.home, by=owner, facts={"by_link": True})
            self._tell(conn, known, now)

    def change(
        self, actor: Actor, current: str, password: str, *, network: str, token: str, now: datetime
    ) -> None:
        """Change one's own password; every session but this one ends, and readers are told by letter.

        :param network: where they come from
        :param token: of the session that stays
        :raises WrongLogin: if the current one is not right
        :raises TooOften: if there were too many wrong ones from there
        :raises WeakPassword: if the new one is guessed too easily
        """
        with self._store.reading() as conn:
            known = _person(conn, actor)
        self._attempts.begin(actor.id, network, now=now)
        if known is None or not self._passwords.fits(known.password_hash, current):
            raise WrongLogin
        self._attempts.succeed(actor.id, network, now=now)
        person = known if isinstance(known, Staff) else known.patron
        password_hash = self._passwords.choose(password, about=about(person))
        with self._store.writing() as conn:
            set_anew(conn, actor.id, password_hash, now=now, but=mint.token_hash(token))
            record(conn, *_changed(actor), now=now, library=actor.library)
            if isinstance(person, Patron):
                self._tell(conn, person, now)

    def _tell(self, conn: Connection, patron: Patron, now: datetime) -> None:
        """Write to the patron: if it was not them, this is how they learn of it."""
        outbox.add(conn, [mails.letter(mails.Mail.CHANGED, patron, now, base=self._base_url)])


def send_link(
    conn: Connection, patron: Patron, mail: mails.Mail, *, base: str, hours: int, now: datetime
) -> None:
    """Write to a patron with a link by which they set a password, good once and for some hours."""
    token = mint.token()
    link = Link(
        token_hash=mint.token_hash(token),
        patron=patron.id,
        kind=KIND,
        expires_at=now + timedelta(hours=hours),
    )
    sessions.add_verification(conn, link)
    outbox.add(conn, [mails.letter(mail, patron, now, link=f"{base}/reset#{token}", hours=hours)])


def about(person: Patron | Staff) -> tuple[str, ...]:
    """Return what somebody would try first who knows the person."""
    if isinstance(person, Staff):
        return (person.name, person.login, person.library or "")
    mobile = person.mobile.removeprefix("+86")
    return (person.name, person.email, person.card_number, mobile, person.home)


def set_anew(
    conn: Connection, person: str, password_hash: str, *, now: datetime, but: str | None = None
) -> None:
    """Set a person's password, and end their sessions, *but* one."""
    people.set_password(conn, person, password_hash)
    sessions.revoke_all_of(conn, person, now=now, but=but)


def _changed(owner: Actor) -> tuple[Action, tuple[Subject, str]]:
    kind = Subject.READER if owner.role is Role.PATRON else Subject.STAFF
    return Action.PASSWORD_CHANGED, (kind, owner.id)


def _person(conn: Connection, actor: Actor) -> Enrolment | Staff | None:
    if actor.role is Role.PATRON:
        return people.enrolment(conn, PatronId(actor.id))
    return people.staff_member(conn, StaffId(actor.id))
