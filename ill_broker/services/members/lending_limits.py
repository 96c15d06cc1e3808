"""What a library's desk says against being asked: read and changed by itself and the office."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from ill_broker.services.audit import record
from ill_broker.services.members.directory import Directory
from ill_broker.services.refusals import Unknown
from ill_broker.services.transaction import insist
from ill_broker.storage import libraries as library_rows
from ill_broker.storage.audit import Action, Subject
from ill_broker.storage.store import Store
from workflows.ids import LibraryCode
from workflows.libraries import LendingLimits


class AskingLimits:
    """Keeps what desks say against being asked; the next request that is routed goes by it."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    def one(self, code: LibraryCode) -> tuple[LendingLimits, int]:
        """Return what a library has said, and its version.

        :raises Unknown: if there is no such library
        """
        with self._store.reading() as conn:
            return _stands(conn, code)

    def change(
        self, code: LibraryCode, limits: LendingLimits, *, expected: Callable[[int], None], now: datetime
    ) -> tuple[LendingLimits, int]:
        """Let a library say this from now on; every process knows within seconds.

        :raises Unknown: if there is no such library
        :raises Outdated: if it has said something else meanwhile
        """

        def work(conn: Connection) -> tuple[LendingLimits, int]:
            insist(_stands(conn, code)[1], expected)
            library_rows.set_lending(conn, code, limits)
            record(conn, Action.LENDING_LIMITED, (Subject.LIBRARY, code), now=now, library=code)
            return _stands(conn, code)

        stands = self._store.write(work)
        self._directory.forget()
        return stands


def _stands(conn: Connection, code: LibraryCode) -> tuple[LendingLimits, int]:
    library, versions = library_rows.load(conn, code), library_rows.versions(conn)
    if library is None:
        raise Unknown
    return library.lending, versions[code]
