"""What the office sees to: who works where, and which systems have keys."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from ill_broker.services.audit import record
from ill_broker.services.passwords import Passwords
from ill_broker.services.people.credentials import about, set_anew
from ill_broker.services.refusals import Unknown
from ill_broker.storage import people, sessions
from ill_broker.storage.audit import Action, Subject
from ill_broker.storage.people import Staff
from ill_broker.storage.revocations import Revocation
from ill_broker.storage.sessions import ApiKey
from ill_broker.storage.store import Store
from workflows.ids import LibraryCode, StaffId


class Admittance:
    """Lists and shuts out staff and systems."""

    def __init__(self, store: Store, passwords: Passwords) -> None:
        self._store = store
        self._passwords = passwords

    def staff(self, library: LibraryCode | None = None) -> list[Staff]:
        """Return all who work at the libraries and in the office, or at one library."""
        with self._store.reading() as conn:
            return [each for each in people.all_staff(conn) if library in {None, each.library}]

    def named(self, login: str) -> StaffId:
        """Return whose login it is.

        :raises Unknown: if nobody's
        """
        with self._store.reading() as conn:
            found = people.staff_by_login(conn, login)
        if found is None:
            raise Unknown
        return found.id

    def admit(self, staff_id: StaffId, *, is_disabled: bool, now: datetime) -> Staff:
        """Let somebody in or keep them out from now on; who is kept out is logged out everywhere.

        :raises Unknown: if there is no such member of staff
        """
        with self._store.writing() as conn:
            member = _known(conn, staff_id)
            since = (member.disabled_at or now) if is_disabled else None
            people.set_disabled(conn, staff_id, since)
            if is_disabled:
                sessions.revoke_all_of(conn, staff_id, now=now)
            action = Action.STAFF_KEPT_OUT if is_disabled else Action.STAFF_LET_IN
            record(conn, action, (Subject.STAFF, staff_id), now=now, library=member.library)
            return replace(member, disabled_at=since)

    def set_password(self, staff_id: StaffId, password: str, *, now: datetime) -> None:
        """Give somebody a new password; they are logged out everywhere.

        :raises Unknown: if there is no such member of staff
        :raises WeakPassword: if it is guessed too easily
        """
        with self._store.reading() as conn:
            member = _known(conn, staff_id)
        password_hash = self._passwords.choose(password, about=about(member))
        with self._store.writing() as conn:
            set_anew(conn, staff_id, password_hash, now=now)
            staff = (Subject.STAFF, staff_id)
            record(conn, Action.STAFF_PASSWORD_SET, staff, now=now, library=member.library)

    def keys(self, library: LibraryCode | None = None) -> list[ApiKey]:
        """Return the keys that are good, of all systems or of one library's."""
        with self._store.reading() as conn:
            return [each for each in sessions.all_keys(conn) if library in {None, each.library}]

    def revoked_keys(self, library: LibraryCode | None = None) -> list[ApiKey]:
        """Return the keys that were revoked last, of all systems or of one library's."""
        with self._store.reading() as conn:
            return sessions.revoked_keys(conn, library)

    def revoke_key(self, key_id: str, *, author: str, reason: str | None, now: datetime) -> ApiKey:
        """Let a key be good for nothing from now on.

        :raises Unknown: if no good key has this id
        """
        revocation = Revocation(at=now, by=author, because=reason)
        with self._store.writing() as conn:
            found = next((each for each in sessions.all_keys(conn) if each.id == key_id), None)
            if found is None:
                raise Unknown
            sessions.revoke_key(conn, found.key_hash, revocation)
            record(conn, Action.KEY_REVOKED, (Subject.KEY, key_id), now=now, library=found.library)
        return replace(found, revoked=revocation)


def _known(conn: Connection, staff_id: StaffId) -> Staff:
    found = people.staff_member(conn, staff_id)
    if found is None:
        raise Unknown
    return found
