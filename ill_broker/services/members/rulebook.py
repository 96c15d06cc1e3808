"""The office's policies and calendars: what is in force, since when and why; installing new versions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ill_broker.services.audit import record
from ill_broker.services.members.directory import Directory
from ill_broker.services.members.policy_versions import FOLDER, book_of, files_of
from ill_broker.services.refusals import Outdated, Unknown
from ill_broker.storage import policies as policy_rows
from ill_broker.storage.audit import Action, Subject
from ill_broker.storage.failures import Stale
from ill_broker.storage.policies import FileKind, Head, Version
from ill_broker.storage.policy_files import MAX_DEPTH
from ill_broker.storage.store import Store
from workflows.errors import FaultyPolicy, WorkflowError
from workflows.libraries import Library
from workflows.policies.book import PolicyBook
from workflows.policies.merge_patch import carried
from workflows.policies.reading import version_of

_SUBJECTS = {FileKind.POLICY: Subject.POLICY, FileKind.CALENDAR: Subject.CALENDAR}


class PastValidity(WorkflowError):
    """A version that would have been in force already: old numbers are never edited."""

    code = "past_validity"
    title = "A version is valid from now on, or from later"
    pointer = "/valid_from"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A policy or calendar to be put in force."""

    kind: FileKind
    name: str
    document: Any
    #: the file's own text, where it came as one
    written: str | None = None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """A policy or calendar as it stands."""

    kind: FileKind
    name: str
    document: Mapping[str, Any]
    #: changes with every word in force, inherited ones too
    version: str
    #: the installed version in force; None while it is the one that comes with the service
    installed: Version | None = None
    #: every version that was installed, the newest first; also those that are not valid yet
    versions: tuple[Version, ...] = ()

    @property
    def seq(self) -> int:
        """The number of the version added last, 0 if there is none."""
        return self.versions[0].seq if self.versions else 0


class Rulebook:
    """Shows policies and calendars and puts new versions in force."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    def files(self, kind: FileKind, *, now: datetime) -> list[RuleFile]:
        """Return every file of a kind, by its name."""
        book = self._directory.in_force(now)
        names = book.ids if kind is FileKind.POLICY else book.calendar_ids
        with self._store.reading() as conn:
            return [_shown(conn, book, kind, name, now) for name in sorted(names)]

    def file(self, kind: FileKind, name: str, *, now: datetime) -> RuleFile:
        """Return one file; one that is not in force yet, as it will be.

        :raises Unknown: if there is none of this name
        """
        book = self._directory.in_force(now)
        with self._store.reading() as conn:
            return _shown(conn, book, kind, name, now)

    def check(self, file: NewFile, *, now: datetime) -> None:
        """Go on only if a file could be put in force beside those that are; nothing is stored.

        :raises FaultyPolicy: with every fault of every file
        """
        candidate_book(self._directory.in_force(now), [file])

    def install(
        self,
        files: Sequence[NewFile],
        *,
        author: str,
        reason: str,
        now: datetime,
        valid_from: datetime | None = None,
        expected: Callable[[int], None] = lambda _: None,
    ) -> tuple[Version, ...]:
        """Put files in force and return the versions that are new; what says the same as before is none.

        A version of the same file that waits for its day takes over what changes now, except where it says
        otherwise itself: whoever corrects today's hours means those of next month as well.

        All of them are taken, or none: a fault leaves everything as it is.

        :param valid_from: when they begin to hold; now if None
        :param expected: raises if the last version of a file is not the one that is meant
        :raises FaultyPolicy: with every fault of every file, also of those that are already there
        :raises PastValidity: if it would have begun before now
        """
        start = now if valid_from is None else valid_from
        if start < now:
            raise PastValidity(valid_from=start.isoformat())
        refuse_misfits(files)
        members = tuple(self._directory.libraries(now).values())

        def work(conn: Connection) -> tuple[Version, ...]:
            heads = policy_rows.heads(conn)
            for file in files:
                _is_meant(heads, file, expected)
            before = self._files_at(conn, heads, start)
            fresh = [file for file in files if before[file.kind].get(file.name) != file.document]
            told = [(file, start) for file in fresh] + self._carried_over(conn, heads, fresh, before, start)
            added = _numbered(told, policy_rows.next_seq(conn), author=author, reason=reason, now=now)
            self._refuse_faults(conn, heads, added, members)
            for version in added:
                policy_rows.add(conn, version)
                named = (_SUBJECTS[version.kind], version.name)
                record(conn, Action.RULES_PUBLISHED, named, now=now, facts={"version": version.seq})
            return added

        added = self._store.write(work)
        self._directory.forget()
        return added

    def _files_at(
        self, conn: Connection, heads: Sequence[Head], at: datetime, added: Sequence[Version] = ()
    ) -> dict[FileKind, dict[str, Any]]:
        """Return the documents in force at an instant, with versions *added* that are not stored yet."""
        new = {version.seq: version for version in added}
        heads = [*heads, *(Head(one.seq, one.kind, one.name, one.valid_from) for one in added)]
        seqs = [head.seq for head in policy_rows.in_force(heads, at)]
        stored = policy_rows.versions(conn, [seq for seq in seqs if seq not in new])
        return files_of(self._directory.base, [*stored, *(new[seq] for seq in seqs if seq in new)])

    def _carried_over(
        self,
        conn: Connection,
        heads: Sequence[Head],
        files: Sequence[NewFile],
        before: Mapping[FileKind, Mapping[str, Any]],
        start: datetime,
    ) -> list[tuple[NewFile, datetime]]:
        """Return the versions that wait for their day as the *files* change them, and from when they hold."""
        found = []
        for at in sorted({head.valid_from for head in heads if head.valid_from > start}):
            waiting = {(head.kind, head.name) for head in heads if head.valid_from == at}
            later = self._files_at(conn, heads, at)
            for file in files:
                if (file.kind, file.name) not in waiting:
                    continue
                was, planned = before[file.kind].get(file.name), later[file.kind][file.name]
                document = carried(was, file.document, planned, sets=file.kind is FileKind.CALENDAR)
                if document != planned:
                    found.append((replace(file, document=document, written=None), at))
        return found

    def _refuse_faults(
        self,
        conn: Connection,
        heads: Sequence[Head],
        added: Sequence[Version],
        members: Sequence[Library],
    ) -> None:
        """Check the files as they stand once the versions hold, and whenever a later one begins to hold."""
        if not added:
            return
        start = min(version.valid_from for version in added)
        for at in sorted({start, *(head.valid_from for head in heads if head.valid_from > start)}):
            book_of(self._files_at(conn, heads, at, added), members)


def candidate_book(today: PolicyBook, files: Sequence[NewFile]) -> PolicyBook:
    """Return today's book with *files* in the place of those of their names, or beside them.

    :raises FaultyPolicy: with every fault of every file, also of those that are in force
    """
    refuse_misfits(files)
    documents = files_of(today, ())
    for file in files:
        documents[file.kind][file.name] = file.document
    return book_of(documents, today.members)


def _shown(conn: Connection, book: PolicyBook, kind: FileKind, name: str, now: datetime) -> RuleFile:
    versions = policy_rows.history(conn, kind, name)
    in_force = name in (book.ids if kind is FileKind.POLICY else book.calendar_ids)
    if not in_force and not versions:
        raise Unknown
    document, words = _words(book, kind, name) if in_force else (versions[0].document,) * 2
    heads = [Head(one.seq, one.kind, one.name, one.valid_from) for one in versions]
    seqs = {head.seq for head in policy_rows.in_force(heads, now)}
    return RuleFile(
        kind=kind,
        name=name,
        document=document,
        version=version_of(words),
        installed=next((one for one in versions if one.seq in seqs), None),
        versions=tuple(versions),
    )


def _words(book: PolicyBook, kind: FileKind, name: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return a file as written, and with everything it inherits."""
    if kind is FileKind.POLICY:
        return book.document(name), book.resolved(name)
    return (book.calendar_document(name),) * 2


def _is_meant(heads: Sequence[Head], file: NewFile, expected: Callable[[int], None]) -> None:
    last = max((head.seq for head in heads if (head.kind, head.name) == (file.kind, file.name)), default=0)
    try:
        expected(last)
    except Stale as error:
        raise Outdated(version=last) from error


def _numbered(
    files: Sequence[tuple[NewFile, datetime]], first: int, *, author: str, reason: str, now: datetime
) -> tuple[Version, ...]:
    return tuple(
        Version(
            seq=seq,
            kind=file.kind,
            name=file.name,
            valid_from=valid_from,
            document=file.document,
            written=file.written,
            source=file.source,
            author=author,
            reason=reason,
            created_at=now,
        )
        for seq, (file, valid_from) in enumerate(files, first)
    )


def refuse_misfits(files: Sequence[NewFile]) -> None:
    """Refuse what cannot even be checked: too deep, no mapping, or another file's id.

    :raises FaultyPolicy: with all of them
    """
    faults: dict[str, list[tuple[str, str]]] = {}
    for file in files:
        fault = _misfit(file)
        if fault is not None:
            faults[f"{FOLDER[file.kind]}/{file.name}"] = [fault]
    if faults:
        raise FaultyPolicy(str(faults), faults=faults)


def _misfit(file: NewFile) -> tuple[str, str] | None:
    if not isinstance(file.document, Mapping):
        return "", "bad_type"
    if _is_deep(file.document, MAX_DEPTH):
        return "", "unreadable"
    return None if file.document.get("id") == file.name else ("id", "wrong_id")


def _is_deep(value: Any, allowed: int) -> bool:
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return allowed == 0 or any(_is_deep(each, allowed - 1) for each in inside)
