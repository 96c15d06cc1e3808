"""Policies in their versions: the book in force, and the versions that loans keep."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ill_broker.storage import policies as policy_rows
from ill_broker.storage.policies import FileKind, Head, Version
from workflows.errors import FaultyPolicy
from workflows.libraries import Library
from workflows.policies.book import PolicyBook, former_policy
from workflows.policies.policy import Policy

#: the documents of a kind of files, by their ids
Files = dict[FileKind, dict[str, Any]]
#: how a file is named where its faults are told
FOLDER = {FileKind.POLICY: "policies", FileKind.CALENDAR: "calendars"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Misread:
    """A place in an installed version that this release does not understand: the version does not hold."""

    kind: FileKind
    name: str
    #: which version it is
    version: int
    path: str
    code: str


def files_of(base: PolicyBook, versions: Iterable[Version]) -> Files:
    """Return the documents of *base* with those of *versions* in their place."""
    found: Files = {
        FileKind.POLICY: {name: base.document(name) for name in base.written},
        FileKind.CALENDAR: {name: base.calendar_document(name) for name in base.calendar_ids},
    }
    for version in versions:
        found[version.kind][version.name] = version.document
    return found


def book_of(files: Mapping[FileKind, Mapping[str, Any]], members: Iterable[Library]) -> PolicyBook:
    """Return the book of these documents, and of the members that lend by one of them.

    :raises FaultyPolicy: with every fault of every file
    """
    return PolicyBook.load(files[FileKind.POLICY], files[FileKind.CALENDAR], members)


def book_at(
    conn: Connection, base: PolicyBook, heads: Iterable[Head], members: Iterable[Library]
) -> PolicyBook:
    """Return the book of *base*, the versions that *heads* name, and the members that lend by one of these.

    :raises FaultyPolicy: with every fault of every file
    """
    seqs = [head.seq for head in heads]
    members = [member for member in members if member.policy is not None]
    if not seqs and not members:
        return base
    return book_of(files_of(base, policy_rows.versions(conn, seqs)), members)


def understood(
    conn: Connection, base: PolicyBook, heads: Iterable[Head], members: Iterable[Library], *, at: datetime
) -> tuple[PolicyBook, list[Misread]]:
    """Return the book of the newest versions that this release understands, and what it does not.

    Where a version is not understood, as after an upgrade, the one before it holds, at last the file that
    comes with the service; whatever is fine is not touched by that.

    :raises FaultyPolicy: if even so the files do not fit together
    """
    heads, members, misread = list(heads), list(members), list[Misread]()
    while True:
        current = policy_rows.in_force(heads, at)
        try:
            return book_at(conn, base, current, members), misread
        except FaultyPolicy as error:
            listed: Any = error.facts["faults"]
            faulty = {head: listed.get(f"{FOLDER[head.kind]}/{head.name}", ()) for head in current}
            if not any(faulty.values()):
                raise
            misread += [
                Misread(kind=head.kind, name=head.name, version=head.seq, path=path, code=code)
                for head, faults in faulty.items()
                for path, code in faults
            ]
            heads = [head for head in heads if not faulty.get(head)]


def misread_ever(
    conn: Connection, base: PolicyBook, members: Iterable[Library], *, now: datetime
) -> list[Misread]:
    """Return what is not understood in what holds now or will."""
    heads, members = policy_rows.heads(conn), list(members)
    instants = sorted({now, *(head.valid_from for head in heads if head.valid_from > now)})
    found = (one for at in instants for one in understood(conn, base, heads, members, at=at)[1])
    return list(dict.fromkeys(found))


def kept_policies(conn: Connection, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Policy]:
    """Return the versions that loans keep, by policy and edition."""
    found = policy_rows.editions(conn, tuple(wanted))
    return {(one.policy, one.edition): former_policy(one.document, one.calendar) for one in found}
