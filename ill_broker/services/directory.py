"""The member libraries and the policies in force, as every decision needs them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from ill_broker.storage import libraries as library_rows
from ill_broker.storage.store import Store
from workflows.ids import LibraryCode
from workflows.libraries import Library
from workflows.policy_book import PolicyBook

#: how long another process may take to notice a changed profile
_FRESH = timedelta(seconds=5)


class UnknownLibrary(LookupError):
    """No member library has this code."""


class Directory:
    """Profiles and policies, read from the database and kept for a few seconds."""

    def __init__(self, store: Store, book: PolicyBook) -> None:
        self._store = store
        self.book = book
        self._libraries: Mapping[LibraryCode, Library] = {}
        self._read_at: datetime | None = None

    def libraries(self, now: datetime) -> Mapping[LibraryCode, Library]:
        """Return every member library by its code."""
        if self._read_at is None or not timedelta() <= now - self._read_at < _FRESH:
            with self._store.reading() as conn:
                self._libraries = {library.code: library for library in library_rows.all_of(conn)}
            self._read_at = now
        return self._libraries

    def library(self, code: str, now: datetime) -> Library:
        """Return one member library.

        :raises UnknownLibrary: if there is none of this code
        """
        found = self.libraries(now).get(LibraryCode(code))
        if found is None:
            raise UnknownLibrary(code)
        return found
