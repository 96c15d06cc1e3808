"""Finding at one Z39.50 target: connect, greet, search, present, go."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from connectors.addresses import ANYWHERE, open_stream
from connectors.failures import Garbled, Refused, Unreachable
from connectors.ports import MOST_RECORDS, FoundRecords
from connectors.reading import in_turn
from connectors.sifting import sifted
from connectors.transport import RECORDS, Limits
from connectors.z3950 import ber, codec, diagnostics, mapping
from connectors.z3950.messages import (
    Close,
    InitializeRequest,
    InitializeResponse,
    PresentRequest,
    PresentResponse,
    SearchRequest,
    SearchResponse,
)

if TYPE_CHECKING:
    from connectors.addresses import Reach
    from connectors.z3950.mapping import Z3950Profile
    from connectors.z3950.messages import Diagnostic, Record, Request, Response, Rpn, Syntax
    from workflows.citation import Query

_PIECE = 65536

_Answer = TypeVar("_Answer", InitializeResponse, SearchResponse, PresentResponse)


@dataclass(frozen=True, slots=True)
class Z3950Finder:
    """A finder over Z39.50; *size* is the most records of one search."""

    library: str
    profile: Z3950Profile
    limits: Limits = field(default_factory=Limits)
    #: Where it may be called.
    reach: Reach = ANYWHERE
    size: int = RECORDS

    async def find(
        self, query: Query, *, deadline: float, after: int = 0, most: int = MOST_RECORDS
    ) -> FoundRecords:
        """Return what the library has, within *deadline* seconds from now.

        :raises PartnerFailure: if it cannot be reached, refuses, or cannot be understood
        """
        asked, rest = mapping.rpn(query, self.profile.habits)
        if asked is None:
            return FoundRecords(self.library, (), 0)
        try:
            async with asyncio.timeout(min(deadline, self.limits.total)):
                told = await self._found(query, asked, after, min(self.size, most))
        except TimeoutError as error:
            raise Unreachable(self.library, "no answer in time") from error
        except OSError as error:
            raise Unreachable(self.library, type(error).__name__) from error
        async with in_turn():
            found = mapping.found_records(
                told.records,
                told.complaints,
                total=told.total,
                taken=told.taken,
                library=self.library,
                encoding=self.profile.encoding,
            )
            return sifted(found, rest)

    async def _found(self, query: Query, asked: Rpn, after: int, most: int) -> _Told:
        try:
            return await self._find(asked, after, most)
        except Refused as failure:
            habits = replace(self.profile.habits, folds_characters=True)
            plain, _ = mapping.rpn(replace(query, also=()), habits)
            is_about_it = failure.detail.partition(" ")[0] in diagnostics.TOO_LONG
            if plain is None or plain == asked or not is_about_it:
                raise
            # Better what was typed alone than nothing, from a target that does not take so long a question.
            return await self._find(plain, after, most)

    async def _find(self, query: Rpn, after: int, most: int) -> _Told:
        reader, writer = await self._connected()
        try:
            found = await _Session(self, reader, writer).find(query, after=after, most=most)
            writer.write(codec.encode(Close(diagnostics.FINISHED)))
            return found
        finally:
            # Not waited for: what a target still has to say is of no interest, and it may say it for ever.
            writer.transport.abort()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        profile = self.profile
        async with asyncio.timeout(self.limits.connect):
            return await open_stream(self.reach, self.library, profile.host, profile.port, limit=_PIECE)


@dataclass(frozen=True, slots=True)
class _Told:
    """What a target told, before it is read: its records in their bytes."""

    total: int
    records: tuple[Record, ...] = ()
    complaints: tuple[Diagnostic, ...] = ()
    taken: int = 0


class _Session:
    """One conversation, from the greeting to the last record."""

    def __init__(
        self, finder: Z3950Finder, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._library = finder.library
        self._profile = finder.profile
        self._limit = self._left = finder.limits.size
        self._reader = reader
        self._writer = writer
        self._framer = ber.Framer(finder.limits.size)

    async def find(self, query: Rpn, *, after: int, most: int) -> _Told:
        await self._greet()
        syntax, *others = self._profile.syntaxes
        found = await self._search(query, syntax)
        wanted = range(after + 1, min(found.total, after + most) + 1)
        if not wanted:
            return _Told(found.total)
        records, complaints, taken = await self._present_all(wanted, syntax)
        for other in others:
            if records or not _all_of(complaints, diagnostics.FORM):
                break
            records, complaints, taken = await self._present_all(wanted, other)
        return _Told(found.total, tuple(records), (*found.diagnostics, *complaints), taken)

    async def _greet(self) -> None:
        request = InitializeRequest(message_size=self._limit, credentials=self._profile.credentials)
        greeted = await self._ask(request, InitializeResponse)
        if not greeted.is_accepted:
            mapping.refuse(greeted.diagnostics, self._library)
            raise Refused(self._library, "the greeting was not accepted")

    async def _search(self, query: Rpn, syntax: Syntax) -> SearchResponse:
        request = SearchRequest(database=self._profile.database, query=query, syntax=syntax)
        found = await self._ask(request, SearchResponse)
        if not found.is_success or not found.total:
            mapping.refuse(found.diagnostics, self._library)
        if not found.is_success:
            raise Refused(self._library, "the search failed")
        return found

    async def _present_all(self, wanted: range, syntax: Syntax) -> tuple[list[Record], list[Diagnostic], int]:
        """Return the records at these places, complaints, and how many places that were.

        A target may send them in several answers, each as large as it likes.
        """
        records: list[Record] = []
        complaints: list[Diagnostic] = []
        taken, elements = 0, self._profile.element_set
        while left := wanted[taken:]:
            request = PresentRequest(start=left[0], size=len(left), syntax=syntax, element_set=elements)
            answer = await self._ask(request, PresentResponse)
            if elements and not answer.records and _all_of(answer.diagnostics, diagnostics.ELEMENTS):
                elements = None
                continue
            records += answer.records[: len(left)]
            complaints += answer.diagnostics
            if not answer.taken:
                break
            taken += answer.taken
        return records, complaints, min(taken, len(wanted))

    async def _ask(self, request: Request, kind: type[_Answer]) -> _Answer:
        self._writer.write(codec.encode(request))
        await self._writer.drain()
        answer = await self._answer()
        if isinstance(answer, Close):
            passing = answer.reason in diagnostics.PASSING_REASONS
            raise Refused(self._library, diagnostics.closing(answer.reason, answer.details), again=passing)
        if not isinstance(answer, kind):
            raise Garbled(self._library, f"{type(answer).__name__} instead of {kind.__name__}")
        return answer

    async def _answer(self) -> Response:
        try:
            while (message := self._framer.message()) is None:
                await self._read()
            return codec.decode(message)
        except (ber.NotBer, codec.NotZ3950) as error:
            raise Garbled(self._library, str(error)) from error

    async def _read(self) -> None:
        piece = await self._reader.read(_PIECE)
        if not piece:
            detail = "closed the connection" if self._framer.is_empty else "closed in the middle of an answer"
            raise Unreachable(self._library, detail)
        self._left -= len(piece)
        if self._left < 0:
            raise Garbled(self._library, f"answers larger than {self._limit} bytes")
        self._framer.feed(piece)


def _all_of(complaints: list[Diagnostic] | tuple[Diagnostic, ...], codes: frozenset[int]) -> bool:
    return bool(complaints) and all(complaint.code in codes for complaint in complaints)
