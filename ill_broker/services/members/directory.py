"""The member libraries and the policies in force, as every decision needs them."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from connectors import ports
from ill_broker.services.members.policy_versions import kept_policies, understood
from ill_broker.storage import libraries as library_rows
from ill_broker.storage import policies as policy_rows
from ill_broker.storage.store import Store
from workflows.errors import FaultyPolicy
from workflows.ids import LibraryCode
from workflows.libraries import Library
from workflows.policies.book import PolicyBook
from workflows.policies.policy import Policy
from workflows.requests.effects import Locally
from workflows.requests.request import Request

#: how long another process may take to notice a changed profile or policy
_FRESH = timedelta(seconds=5)
_log = structlog.get_logger()


class UnknownLibrary(LookupError):
    """No member library has this code."""


class Directory:
    """Profiles and policies, read from the database and kept for a few seconds."""

    def __init__(self, store: Store, book: PolicyBook, registry: ports.Registry | None = None) -> None:
        """Take *book* as what is in force as long as the office has installed nothing.

        :param registry: knows which library has a system of its own; without it none has
        """
        self._store = store
        self._registry = registry
        self._local_systems: Mapping[LibraryCode, frozenset[Locally]] = {}
        #: what comes with the service
        self.base = book
        self._former: dict[tuple[str, str], Policy] = {}
        #: the book in force when it was last looked for
        self.book = book.with_former(self._former)
        self._versions: tuple[object, ...] = ()
        self._libraries: Mapping[LibraryCode, Library] = {}
        self._read_at: datetime | None = None

    def libraries(self, now: datetime) -> Mapping[LibraryCode, Library]:
        """Return every member library by its code."""
        if self._read_at is None or abs(now - self._read_at) >= _FRESH:
            with self._store.reading() as conn:
                self._libraries = {library.code: library for library in library_rows.all_of(conn)}
                self._read_book(conn, now)
            self._local_systems = {code: _can_be_told(self._registry, code) for code in self._libraries}
            self._read_at = now
        return self._libraries

    def local_systems(self, now: datetime) -> Mapping[LibraryCode, frozenset[Locally]]:
        """Return what the system of each library can be told about borrowed books."""
        self.libraries(now)
        return self._local_systems

    def library(self, code: str, now: datetime) -> Library:
        """Return one member library.

        :raises UnknownLibrary: if there is none of this code
        """
        found = self.libraries(now).get(LibraryCode(code))
        if found is None:
            raise UnknownLibrary(code)
        return found

    def in_force(self, now: datetime) -> PolicyBook:
        """Return the policies in force."""
        self.libraries(now)
        return self.book

    def book_for(self, conn: Connection, *requests: Request) -> PolicyBook:
        """Return the policies in force, with the versions that these requests' loans keep."""
        book = self.book
        wanted = {
            (request.lender, request.terms)
            for request in requests
            if request.lender and request.terms and not book.knows(request.lender, request.terms)
        }
        if wanted:
            self._former.update(kept_policies(conn, wanted))
        return book

    def forget(self) -> None:
        """Read everything anew when it is next asked for."""
        self._read_at = None

    def _read_book(self, conn: Connection, now: datetime) -> None:
        """Take the versions in force that are understood; where nothing fits the last good book stays."""
        every = policy_rows.heads(conn)
        heads = policy_rows.in_force(every, now)
        members = self._libraries.values()
        versions = (
            *sorted(head.seq for head in heads),
            *((member.code, member.name, member.policy) for member in members if member.policy is not None),
        )
        if versions == self._versions:
            return
        try:
            book, misread = understood(conn, self.base, every, members, at=now)
            self.book = book.with_former(self._former)
            for one in misread:
                _log.error("policy not understood: the version before it holds", **asdict(one))
        except FaultyPolicy as error:
            _log.error("policies not loaded", faults=error.facts["faults"])
        self._versions = versions


def _can_be_told(registry: ports.Registry | None, library: LibraryCode) -> frozenset[Locally]:
    if registry is None:
        return frozenset()
    has = registry.connectors(library)
    return frozenset(
        what
        for what, by in (
            (Locally.HOLD, has.hold_shelf),
            (Locally.CHECK_OUT, has.circulation),
            (Locally.CHECK_IN, has.circulation),
            (Locally.FORGET, has.temporary_items),
        )
        if by is not None
    )
