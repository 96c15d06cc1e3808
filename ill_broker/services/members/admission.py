"""Who is a member library: admitted and changed by the office, with who changed what, when and why."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ill_broker.services.audit import record
from ill_broker.services.members.directory import Directory
from ill_broker.services.refusals import Unknown
from ill_broker.services.transaction import insist
from ill_broker.storage import journal, lending, libraries, library_changes
from ill_broker.storage.audit import Action, Subject
from ill_broker.storage.library_changes import Change
from ill_broker.storage.records import from_dict
from ill_broker.storage.store import Store
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode
from workflows.libraries import Library
from workflows.money import Money
from workflows.policies.document import Fault
from workflows.policies.library_check import check_libraries
from workflows.requests.lifecycle import Status

_OPEN = frozenset(Status) - {Status.CLOSED}


class FaultyMember(WorkflowError):
    """What is said of a library has faults; ``facts["faults"]`` lists each by path and code."""

    code = "faulty_member"
    title = "What is said of the library has faults"
    #: what it is called among the facts
    document = "profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """What stands open with a member."""

    #: requests that it lends, or is asked for
    lends: int
    #: requests of its own readers
    borrows: int
    #: what readers owe it, by currency; below zero, it owes
    owed: Sequence[Money]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A member as the office knows it."""

    library: Library
    version: int
    open: Open
    #: the newest first
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a library is called, and where its desk is, as readers and other libraries see it."""

    name: str
    name_zh: str
    desk: str
    desk_zh: str


class Admission:
    """Admits libraries and changes them; every process knows within seconds."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    def one(self, code: LibraryCode) -> Standing:
        """Return a member with what stands open, and what was changed.

        :raises Unknown: if there is no such library
        """
        with self._store.reading() as conn:
            # before the library: a version that is too old is refused, one that is too new would be taken
            version, library = libraries.versions(conn).get(code), libraries.load(conn, code)
            if library is None or version is None:
                raise Unknown
            asked = lending.count_asked_of(conn, code, _OPEN)
            stands_open = Open(
                lends=sum(asked.values()),
                borrows=lending.count_of_home(conn, code, _OPEN),
                owed=journal.owed_to(conn, code),
            )
            changes = library_changes.of(conn, code)
        return Standing(library=library, version=version, open=stands_open, changes=changes)

    def faults(self, told: Mapping[str, Any], *, code: LibraryCode | None, now: datetime) -> list[Fault]:
        """Return everything that is wrong with what is said of a library.

        :param code: of the library that is changed; None if it is to be admitted
        """
        members = self._directory.libraries(now)
        policies = self._directory.in_force(now).written
        found = [
            Fault(fault.path.removeprefix("[0]").removeprefix("."), fault.code)
            for fault in check_libraries([told], members=members, policies=policies)
        ]
        # how it is reached has a place of its own
        found += [Fault("connectors", "unknown_field")] if "connectors" in told else []
        if code is None and told.get("code") in members:
            found.append(Fault("code", "duplicate_code"))
        if code is not None and told.get("code") not in {None, code}:
            found.append(Fault("code", "wrong_id"))
        return found

    def admit(self, told: Mapping[str, Any], *, author: str, reason: str, now: datetime) -> Standing:
        """Admit a library; nobody is lent to by it before its policy is there.

        :raises FaultyMember: with every fault
        """
        self._directory.forget()
        self._refuse(self.faults(told, code=None, now=now))
        library = _read(told)

        def work(conn: Connection) -> None:
            if libraries.load(conn, library.code) is not None:
                self._refuse([Fault("code", "duplicate_code")])
            enter(conn, library, author=author, reason=reason, now=now)

        self._store.write(work)
        self._directory.forget()
        return self.one(library.code)

    def change(
        self,
        code: LibraryCode,
        told: Mapping[str, Any],
        *,
        author: str,
        reason: str,
        now: datetime,
        expected: Callable[[int], None],
    ) -> Standing:
        """Let a library be what is *told* from now on; what is left out is as for a new one.

        :param expected: raises if the version at hand is not the one that is meant
        :raises Unknown: if there is no such library
        :raises FaultyMember: with every fault
        :raises Outdated: if it was changed meanwhile
        """
        self.one(code)
        told = {"code": code, **told}
        self._refuse(self.faults(told, code=code, now=now))

        def work(conn: Connection) -> None:
            version = libraries.hold(conn, code)
            if version is None:
                raise Unknown
            insist(version, expected)
            enter(conn, _read(told), author=author, reason=reason, now=now)

        self._store.write(work)
        self._directory.forget()
        return self.one(code)

    def names(self, code: LibraryCode) -> tuple[Names, int]:
        """Return what a library is called, and its version.

        :raises Unknown: if there is no such library
        """
        with self._store.reading() as conn:
            return _named(conn, code)

    def rename(
        self,
        code: LibraryCode,
        names: Names,
        *,
        author: str,
        reason: str,
        now: datetime,
        expected: Callable[[int], None],
    ) -> tuple[Names, int]:
        """Let a library's own desk say what it and its desk are called; the rest is the office's.

        :param expected: raises if the version at hand is not the one that is meant
        :raises Unknown: if there is no such library
        :raises Outdated: if it was changed meanwhile
        """

        def work(conn: Connection) -> tuple[Names, int]:
            version, library = libraries.hold(conn, code), libraries.load(conn, code)
            if version is None or library is None:
                raise Unknown
            insist(version, expected)
            enter(conn, replace(library, **asdict(names)), author=author, reason=reason, now=now)
            return _named(conn, code)

        stands = self._store.write(work)
        self._directory.forget()
        return stands

    def _refuse(self, faults: Iterable[Fault]) -> None:
        listed = sorted({(fault.path, fault.code) for fault in faults})
        if listed:
            raise FaultyMember(faults={FaultyMember.document: listed})


def enter(
    conn: Connection,
    library: Library,
    connectors: Mapping[str, Any] | None = None,
    *,
    author: str,
    reason: str,
    now: datetime,
) -> None:
    """Store a library, new or changed, and who changed what of it; what is as it was is no change."""
    before = libraries.load(conn, library.code)
    was, becomes = said_of(before) if before else {}, said_of(library)
    changed = {name: [was[name], becomes[name]] for name in was if was[name] != becomes[name]}
    if before is not None and not changed and connectors is None:
        return
    version = libraries.put(conn, library, connectors)
    named, facts = (Subject.LIBRARY, str(library.code)), {"names": sorted(changed)}
    record(conn, Action.LIBRARY_ADMITTED, named, now=now, library=library.code, facts=facts)
    if before is None or changed:
        made = Change(
            library=library.code, version=version, at=now, author=author, reason=reason, changed=changed
        )
        library_changes.add(conn, made)


def said_of(library: Library) -> dict[str, Any]:
    """Return what the office says of a library, in full, as it is told again to change it."""
    said = asdict(library) | {"return_desks": list(library.return_desks)}
    return {name: value for name, value in said.items() if name != "lending"}


def _named(conn: Connection, code: LibraryCode) -> tuple[Names, int]:
    # before the library: a version that is too old is refused, one that is too new would be taken
    version, library = libraries.versions(conn).get(code), libraries.load(conn, code)
    if version is None or library is None:
        raise Unknown
    names = {
        "name": library.name,
        "name_zh": library.name_zh,
        "desk": library.desk,
        "desk_zh": library.desk_zh,
    }
    return Names(**names), version


def _read(told: Mapping[str, Any]) -> Library:
    return from_dict(Library, {name: value for name, value in told.items() if value is not None})
