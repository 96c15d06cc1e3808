"""Who belongs to the consortium: libraries, their staff, and what their systems prove themselves with."""

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from ill_broker import mint
from ill_broker.services.audit import record
from ill_broker.services.members.admission import enter
from ill_broker.services.passwords import Passwords
from ill_broker.services.refusals import BadSecret, LoginTaken, Unknown, UnknownMember
from ill_broker.storage import libraries, people, sessions
from ill_broker.storage.audit import Action, Subject
from ill_broker.storage.failures import Taken
from ill_broker.storage.libraries import Secret
from ill_broker.storage.people import Staff
from ill_broker.storage.records import from_dict
from ill_broker.storage.revocations import Revocation
from ill_broker.storage.sessions import ApiKey
from ill_broker.storage.store import Store
from workflows.actors import Role
from workflows.ids import LibraryCode, StaffId
from workflows.libraries import Library
from workflows.policies.book import PolicyBook
from workflows.policies.document import Fault
from workflows.policies.library_check import check_libraries

#: kinds of webhook secrets: what the library signs with, and what we sign with
INBOUND, OUTBOUND = "inbound", "outbound"
#: how long an old secret is good beside a new one
ROTATION = timedelta(days=7)
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_SECRET, _SECRET_BYTES = "whsec_", range(24, 65)


class FaultyLibraries(Exception):
    """A list of libraries has *faults*."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(str(faults))
        self.faults = faults


class Membership:
    """Admits libraries and people."""

    def __init__(self, store: Store, passwords: Passwords, book: PolicyBook) -> None:
        self._store = store
        self._passwords = passwords
        self._book = book

    def admit(self, library: Library, connectors: Mapping[str, Any], *, now: datetime) -> None:
        """Store a library with how it is reached; one that is there already is changed.

        :raises InvalidCase: ``unknown_policy`` if it has no lending policy
        """
        self._book.policy(library.policy or library.code)
        with self._store.writing() as conn:
            libraries.put(conn, library, connectors)
            _record(conn, Action.LIBRARY_ADMITTED, library.code, now)

    def load(
        self,
        told: Any,
        faults_of: Callable[[object], Iterable[Fault]],
        *,
        author: str,
        reason: str,
        now: datetime,
    ) -> list[LibraryCode]:
        """Admit or change every library of a list, or none, and return their codes.

        Connectors that are not given stay as they are.

        :param faults_of: says what is wrong with a library's connectors
        :raises FaultyLibraries: with every fault of every library
        """

        def work(conn: Connection) -> list[LibraryCode]:
            members = {library.code for library in libraries.all_of(conn)}
            faults = check_libraries(told, members=members, policies=self._book.written)
            faults += _of_connectors(told, faults_of)
            if faults:
                raise FaultyLibraries(sorted(set(faults)))
            for entry in told:
                given = {name: value for name, value in entry.items() if value is not None}
                profile = {name: value for name, value in given.items() if name != "connectors"}
                library, connectors = from_dict(Library, profile), given.get("connectors")
                enter(conn, library, connectors, author=author, reason=reason, now=now)
            return [LibraryCode(entry["code"]) for entry in told]

        return self._store.write(work)

    def add_staff(
        self, library: LibraryCode | None, login: str, name: str, password: str, *, now: datetime
    ) -> Staff:
        """Give somebody at a desk a log-in; without a library, in the office.

        :raises WeakPassword: if the password is guessed too easily
        :raises LoginTaken: if the login is somebody's already
        :raises UnknownMember: if there is no such library
        """
        member = Staff(
            id=StaffId(mint.new_id("stf", now)),
            library=library,
            role=Role.STAFF if library else Role.OFFICE,
            login=login,
            name=name,
            password_hash=self._passwords.choose(password, about=(name, login, library or "")),
        )
        with self._store.writing() as conn:
            _refuse_stranger(conn, library)
            try:
                people.add_staff(conn, member)
            except Taken as taken:
                raise LoginTaken from taken
            record(conn, Action.STAFF_ADMITTED, (Subject.STAFF, member.id), now=now, library=library)
        return member

    def issue_key(self, library: LibraryCode | None, label: str, *, now: datetime) -> tuple[str, ApiKey]:
        """Return a new API key of a library's system, or of the office's; it is not told again.

        :raises UnknownMember: if there is no such library
        """
        key = mint.token("ill_")
        role = Role.PARTNER if library else Role.OFFICE
        issued = ApiKey(
            key_hash=mint.token_hash(key), library=library, role=role, label=label, created_at=now
        )
        with self._store.writing() as conn:
            _refuse_stranger(conn, library)
            sessions.add_key(conn, issued)
            record(conn, Action.KEY_ISSUED, (Subject.KEY, issued.id), now=now, library=library)
        return key, issued

    def webhook_secrets(
        self, library: LibraryCode, *, now: datetime, or_revoked: bool = False
    ) -> list[Secret]:
        """Return the webhook secrets of a library that are good, the newest first.

        :param or_revoked: also those that were revoked in the last month
        :raises Unknown: if there is no such library
        """
        with self._store.reading() as conn:
            _admitted(conn, library)
            return libraries.good_secrets(conn, library, (INBOUND, OUTBOUND), now=now, or_revoked=or_revoked)

    def revoke_secret(
        self, library: LibraryCode, secret_id: str, *, author: str, reason: str, now: datetime
    ) -> Secret:
        """Let one webhook secret be good for nothing from now on; all others stay as they are.

        :raises Unknown: if the library has no good secret of this id
        """
        revocation = Revocation(at=now, by=author, because=reason)
        with self._store.writing() as conn:
            good = libraries.good_secrets(conn, library, (INBOUND, OUTBOUND), now=now)
            found = next((each for each in good if each.id == secret_id), None)
            if found is None:
                raise Unknown
            libraries.revoke_secret(conn, found, revocation)
            _record(conn, Action.SECRET_REVOKED, library, now, {"name": found.kind})
        return replace(found, valid_until=now, revoked=revocation)

    def rotate_secret(
        self,
        library: LibraryCode,
        kind: str,
        secret: str | None,
        *,
        now: datetime,
        overlap: timedelta = ROTATION,
    ) -> Secret:
        """Return a library's new webhook secret.

        :param kind: INBOUND or OUTBOUND
        :param secret: one that was agreed on; a new one if None
        :param overlap: how long the old ones are good beside it
        :raises BadSecret: if nothing can be signed with it
        :raises Unknown: if there is no such library
        """
        new = secret or mint.webhook_secret()
        if not _is_secret(new):
            raise BadSecret
        with self._store.writing() as conn:
            _admitted(conn, library)
            issued = Secret(library=library, kind=kind, secret=new, valid_from=now)
            libraries.rotate_secret(conn, issued, old_until=now + overlap)
            _record(conn, Action.SECRET_ROTATED, library, now, {"name": kind})
        return issued

    def keep_secret(self, library: LibraryCode, name: str, secret: str, *, now: datetime) -> None:
        """Keep what a connector shows to a library's system, under the name the profile gives it.

        :raises BadSecret: if it is none, or the name belongs to webhooks
        """
        if not secret or not _NAME.fullmatch(name) or name in {INBOUND, OUTBOUND}:
            raise BadSecret
        with self._store.writing() as conn:
            _admitted(conn, library)
            kept = Secret(library=library, kind=name, secret=secret, valid_from=now)
            libraries.rotate_secret(conn, kept, old_until=now)
            _record(conn, Action.SECRET_ROTATED, library, now, {"name": name})


def _of_connectors(told: Any, faults_of: Callable[[object], Iterable[Fault]]) -> list[Fault]:
    """Return the faults of each library's connectors, by their paths in the list."""
    return [
        Fault(".".join(filter(None, (f"[{index}].connectors", fault.path))), fault.code)
        for index, entry in enumerate(told if isinstance(told, list) else ())
        if isinstance(entry, Mapping) and isinstance(entry.get("connectors"), Mapping)
        for fault in faults_of(entry["connectors"])
    ]


def _is_secret(text: str) -> bool:
    try:
        key = b64decode(text.removeprefix(_SECRET), validate=True)
    except ValueError:
        return False
    return text.startswith(_SECRET) and len(key) in _SECRET_BYTES


def _record(
    conn: Connection,
    action: Action,
    library: LibraryCode,
    now: datetime,
    facts: Mapping[str, str] = MappingProxyType({}),
) -> None:
    record(conn, action, (Subject.LIBRARY, library), now=now, library=library, facts=facts)


def _refuse_stranger(conn: Connection, library: LibraryCode | None) -> None:
    if library is not None and libraries.load(conn, library) is None:
        raise UnknownMember(library=library)


def _admitted(conn: Connection, library: LibraryCode) -> None:
    if libraries.load(conn, library) is None:
        raise Unknown
