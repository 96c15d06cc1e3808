"""Finding at one SRU server."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connectors.failures import Garbled, PartnerFailure, Refused
from connectors.ports import MOST_RECORDS, FoundRecords
from connectors.reading import in_turn
from connectors.sifting import sifted
from connectors.sru import codec
from connectors.sru.mapping import BATH, Indexes, cql, found_records, refuse, with_copies
from connectors.sru.messages import SearchRequest, SearchResponse
from connectors.transport import RECORDS, approve

if TYPE_CHECKING:
    from connectors.sru.messages import Explanation
    from connectors.transport import AsyncTarget
    from workflows.citation import Query

#: What is asked for where an answer cannot be read as a whole: fewer records may be.
_FEW = 10
#: Answers that one question is put together from, where a server sends fewer records than it was asked for.
_MOST_ANSWERS = 5
#: The part of the time in which further answers are waited for; what is not here by then has another time.
_FOR_MORE = 0.5
#: Unsupported parameter value: so many records are not sent at once.
_TOO_MANY = "6"
#: Syntax error, booleans that are not understood or too many, a feature of the query that is not known.
_TOO_LONG = frozenset({"10", "37", "38", "48"})


@dataclass(frozen=True, slots=True)
class SruFinder:
    """A finder over SRU; *size* is the most records of one search."""

    target: AsyncTarget
    base_url: str
    indexes: Indexes = BATH
    version: str = "1.2"
    schema: str | None = "marcxml"
    size: int = RECORDS
    #: A schema that tells the copies (isohold), where the records do not: asked for beside them.
    holdings_schema: str | None = None

    async def find(
        self, query: Query, *, deadline: float, after: int = 0, most: int = MOST_RECORDS
    ) -> FoundRecords:
        """Return what the library has, within *deadline* seconds from now.

        :raises PartnerFailure: if it cannot be reached, refuses, or cannot be understood
        """
        text, rest = cql(query, self.indexes)
        if not text:
            return FoundRecords(self.target.library, (), 0)
        began = time.monotonic()
        try:
            found = await self._find(text, deadline, after, most)
        except Refused as failure:
            plain, _ = cql(replace(query, also=()), replace(self.indexes, folds_characters=True))
            if plain == text or failure.detail.partition(" ")[0] not in _TOO_LONG:
                raise
            # Better what was typed alone than nothing, from a server that does not take so long a question.
            found = await self._find(plain, deadline - (time.monotonic() - began), after, most)
        return sifted(found, rest)

    async def _find(self, text: str, deadline: float, after: int, most: int) -> FoundRecords:
        ends, size = time.monotonic() + deadline, min(self.size, most)
        asked = SearchRequest(
            query=text, version=self.version, schema=self.schema, start=after + 1, size=size
        )
        asked, found = await self._readable(asked, deadline)
        for _ in range(_MOST_ANSWERS - 1):
            left = ends - time.monotonic() - deadline * _FOR_MORE
            taken = found.taken
            if not 0 < taken < size or after + taken >= found.total or left <= 0:
                break
            rest = replace(asked, start=after + taken + 1, size=min(asked.size, size - taken))
            try:
                more = await self._found(rest, left)
            except PartnerFailure as failure:
                return replace(found, complaints=(*found.complaints, f"further records: {failure.detail}"))
            found = replace(found, hits=found.hits + more.hits, taken=taken + more.taken)
            if not more.taken:
                break
        return found

    async def _readable(self, request: SearchRequest, deadline: float) -> tuple[SearchRequest, FoundRecords]:
        """Return the first answer; to fewer records where so many cannot be sent or read at once."""
        began = time.monotonic()
        try:
            return request, await self._found(request, deadline)
        except (Garbled, Refused) as failure:
            is_too_many = isinstance(failure, Garbled) or failure.detail.split()[:1] == [_TOO_MANY]
            if request.size <= _FEW or not is_too_many:
                raise
        request = replace(request, size=_FEW)
        return request, await self._found(request, deadline - (time.monotonic() - began))

    async def _found(self, request: SearchRequest, deadline: float) -> FoundRecords:
        library = self.target.library
        if self.holdings_schema is None:
            body = await self._body(codec.parameters(request), deadline)
            async with in_turn():
                return found_records(self._read(body, request), library=library)
        copies = replace(request, schema=self.holdings_schema)
        body, told = await asyncio.gather(
            self._body(codec.parameters(request), deadline), self._copies(copies, deadline)
        )
        async with in_turn():
            found = found_records(self._read(body, request), library=library)
            return with_copies(found, told if isinstance(told, PartnerFailure) else self._kept(told, copies))

    async def find_copies(self, query: Query, deadline: float) -> FoundRecords:
        """Return of how many records the server tells the copies, in the schema that does.

        :raises PartnerFailure: if it cannot be reached, refuses, or cannot be understood
        """
        text, _ = cql(query, self.indexes)
        request = SearchRequest(query=text, version=self.version, schema=self.holdings_schema, size=_FEW)
        told = self._read(await self._body(codec.parameters(request), deadline), request)
        if not told.records:
            refuse(told, library=self.target.library)
        return FoundRecords(self.target.library, (), told.total)

    async def explain(self, *, deadline: float) -> Explanation:
        """Return what the server says of itself, within *deadline* seconds from now.

        :raises PartnerFailure: if it cannot be reached, refuses, or does not say
        """
        params = codec.explain_parameters(self.version)
        try:
            return codec.decode_explanation(await self._body(params, deadline))
        except codec.NotSru as error:
            raise Garbled(self.target.library, str(error)) from error

    async def _copies(self, request: SearchRequest, deadline: float) -> bytes | PartnerFailure:
        """Return the copies, or why there are none: the works are worth having without them."""
        try:
            return await self._body(codec.parameters(request), deadline)
        except PartnerFailure as failure:
            return failure

    def _kept(self, body: bytes, request: SearchRequest) -> SearchResponse | PartnerFailure:
        try:
            return self._read(body, request)
        except PartnerFailure as failure:
            return failure

    def _read(self, body: bytes, request: SearchRequest) -> SearchResponse:
        try:
            return codec.decode(body, most=request.size)
        except codec.NotSru as error:
            raise Garbled(self.target.library, str(error)) from error

    async def _body(self, params: dict[str, str], deadline: float) -> bytes:
        reply = await self.target.get(self.base_url, params=params, deadline=deadline)
        return approve(self.target.library, reply).body
