"""What member libraries say of themselves: shown to everybody, edited by their desks and the office."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from ill_broker.services.members.directory import Directory
from ill_broker.services.members.moved_dates import Moves, moves_at
from ill_broker.services.members.rulebook import NewFile, Rulebook, candidate_book
from ill_broker.services.refusals import Unknown
from ill_broker.services.transaction import insist
from ill_broker.storage import policies as policy_rows
from ill_broker.storage.failures import Stale
from ill_broker.storage.policies import FileKind
from ill_broker.storage.store import Store
from workflows.cards.decide import card_consortium
from workflows.errors import FaultyPolicy, InvalidCase
from workflows.ids import LibraryCode
from workflows.libraries import Library
from workflows.policies.book import PolicyBook
from workflows.policies.library_page import LibraryPage
from workflows.policies.particulars import DAYS, Document, over, particulars, with_days, with_texts_and_hours

_PLACE = re.compile(r"(\w+)\[(\d+)\](.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a library would say of itself: its hours and its calendar before and after, and what moves."""

    hours: tuple[Document, Document]
    calendars: tuple[Document, Document]
    moves: Moves
    #: of what it was tried on
    version: int


class Particulars:
    """Shows, tries and changes what libraries say of themselves."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory
        self._rulebook = Rulebook(store, directory)

    def all(self, *, now: datetime) -> list[LibraryPage]:
        """Return every member library by its code."""
        book = self._directory.in_force(now)
        return [_entry(book, library, {}, now) for library in self._directory.libraries(now).values()]

    def one(self, code: LibraryCode, *, now: datetime, to_edit: bool = False) -> LibraryPage:
        """Return one member library.

        :param to_edit: as it stands this moment, not as it stood some seconds ago
        :raises Unknown: if there is none of this code
        """
        with self._store.reading() as conn:
            # before the book: a version that is too old is refused, one that is too new would be taken
            last = {(head.kind, head.name): head.seq for head in policy_rows.heads(conn)}
        if to_edit:
            self._directory.forget()
        library = self._directory.libraries(now).get(code)
        if library is None:
            raise Unknown
        return _entry(self._directory.in_force(now), library, last, now)

    def trial(self, code: LibraryCode, said: Document, *, now: datetime) -> Trial:
        """Return what would change of a desk's days, and which dates with them; nothing is changed.

        :raises Unknown: if there is no such library, or it has no policy
        :raises FaultyPolicy: with every fault
        """
        entry, book = self._entry_to_edit(code, now)
        new = _new_files(book, entry, said)
        try:
            then = candidate_book(book, new.files)
        except FaultyPolicy as error:
            raise FaultyPolicy(error.detail, faults=_as_said(error, new)) from error
        before, after = book.resolved(code), then.resolved(code)
        return Trial(
            hours=(before["opening_hours"], after["opening_hours"]),
            calendars=(
                book.calendar_document(before["calendar"]),
                then.calendar_document(after["calendar"]),
            ),
            moves=moves_at(self._store, self._directory, code, then.policy(code), now=now),
            version=entry.version,
        )

    def change(
        self,
        code: LibraryCode,
        said: Document,
        *,
        author: str,
        reason: str,
        now: datetime,
        expected: Callable[[int], None],
    ) -> LibraryPage:
        """Let a library say this of itself: a new version of its policy, its calendar, both or neither.

        A calendar that others go by as well is left to them, and the library gets its own.

        :param expected: raises if the version at hand is not the one that is meant
        :raises Unknown: if there is no such library, or it has no policy
        :raises FaultyPolicy: with every fault; nothing is changed then
        """
        entry, book = self._entry_to_edit(code, now)
        insist(entry.version, expected)
        new = _new_files(book, entry, said)

        def is_still_so(last: int) -> None:
            if last > entry.version:
                raise Stale(f"version {last}")

        try:
            self._rulebook.install(new.files, author=author, reason=reason, now=now, expected=is_still_so)
        except FaultyPolicy as error:
            raise FaultyPolicy(error.detail, faults=_as_said(error, new)) from error
        return self.one(code, now=now, to_edit=True)

    def _entry_to_edit(self, code: LibraryCode, now: datetime) -> tuple[LibraryPage, PolicyBook]:
        entry = self.one(code, now=now, to_edit=True)
        if entry.policy is None:
            raise Unknown
        return entry, self._directory.in_force(now)


def _entry(
    book: PolicyBook, library: Library, last: Mapping[tuple[FileKind, str], int], now: datetime
) -> LibraryPage:
    cards = _cards(book)
    if library.code not in book.ids:
        return LibraryPage(library=library, cards=cards)
    policy = book.policy(library.code)
    document, almanac = book.resolved(policy.id), policy.calendar.almanac.id
    today = policy.calendar.local_day(now).isoformat()
    files = (FileKind.POLICY, policy.id), (FileKind.CALENDAR, almanac)
    return LibraryPage(
        library=library,
        policy=policy,
        document=document,
        said=particulars(document, book.calendar_document(almanac), today=today),
        today=today,
        cards=cards,
        version=max(last.get(file, 0) for file in files),
    )


def _cards(book: PolicyBook) -> Document | None:
    try:
        return book.resolved(card_consortium(book).id)
    except InvalidCase:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _NewFiles:
    """What is to be installed, and how many entries of a list stand before those that were said."""

    files: tuple[NewFile, ...]
    policy: str
    calendar: str
    before: Mapping[str, int]


def _new_files(book: PolicyBook, entry: LibraryPage, said: Document) -> _NewFiles:
    code = entry.library.code
    written, used = book.document(code), entry.document["calendar"]
    old = book.calendar_document(used)
    policy = with_texts_and_hours(written, entry.document, said)
    calendar = with_days(old, said, today=entry.today)
    if calendar != old:
        name = _own_calendar(book, code, used)
        calendar, policy = {**calendar, "id": name}, {**policy, "calendar": name}
    told = (FileKind.CALENDAR, calendar, old), (FileKind.POLICY, policy, written)
    files = (
        NewFile(kind=kind, name=new["id"], document=new, source="api")
        for kind, new, was in told
        if new != was
    )
    return _NewFiles(
        files=tuple(files),
        policy=f"policies/{code}",
        calendar=f"calendars/{calendar['id']}",
        before={name: len(over(old, name, said[name], today=entry.today)) for name in DAYS},
    )


def _own_calendar(book: PolicyBook, code: LibraryCode, used: str) -> str:
    """Return the calendar that the library alone goes by: the one at hand, else a new one of its name."""
    if all(book.resolved(other)["calendar"] != used for other in book.ids if other != code):
        return used
    names = (str(code) if number == 1 else f"{code}-{number}" for number in count(1))
    return next(name for name in names if name not in book.calendar_ids)


def _as_said(error: FaultyPolicy, new: _NewFiles) -> dict[str, list[tuple[str, str]]]:
    """Return the faults by the places of what was said; those of other files stay where they are."""
    found: Any = error.facts["faults"]
    days = [(_place(path, new.before), code) for path, code in found.get(new.calendar, ())]
    # a calendar with faults is not there for the policy either
    own = [fault for fault in found.get(new.policy, ()) if not days or fault[0] != "calendar"] + days
    others = {file: faults for file, faults in found.items() if file not in {new.policy, new.calendar}}
    return others | ({new.policy: own} if own else {})


def _place(path: str, before: Mapping[str, int]) -> str:
    match = _PLACE.fullmatch(path)
    if match is None or match[1] not in before:
        return path
    return f"{match[1]}[{int(match[2]) - before[match[1]]}]{match[3]}"
