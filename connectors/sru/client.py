"""Finding at one SRU server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connectors.failures import Garbled, PartnerFailure
from connectors.ports import FoundRecords
from connectors.sru import codec
from connectors.sru.mapping import BATH, Indexes, cql, found_records, with_copies
from connectors.sru.messages import SearchRequest, SearchResponse
from connectors.transport import approve

if TYPE_CHECKING:
    from connectors.sru.messages import Explanation
    from connectors.transport import AsyncTarget
    from workflows.citation import Query


@dataclass(frozen=True, slots=True)
class SruFinder:
    """A finder over SRU; *size* is the most records taken from one answer."""

    target: AsyncTarget
    base_url: str
    indexes: Indexes = BATH
    version: str = "1.2"
    schema: str | None = "marcxml"
    size: int = 10
    #: A schema that tells the copies (isohold), where the records do not: asked for beside them.
    holdings_schema: str | None = None

    async def find(self, query: Query, *, deadline: float) -> FoundRecords:
        """Return what the library has, within *deadline* seconds from now.

        :raises PartnerFailure: if it cannot be reached, refuses, or cannot be understood
        """
        library = self.target.library
        text = cql(query, self.indexes)
        if not text:
            return FoundRecords(library, (), 0)
        request = SearchRequest(query=text, version=self.version, schema=self.schema, size=self.size)
        if self.holdings_schema is None:
            return found_records(await self._asked(request, deadline), library=library)
        copies = replace(request, schema=self.holdings_schema)
        works, told = await asyncio.gather(self._asked(request, deadline), self._copies(copies, deadline))
        return with_copies(found_records(works, library=library), told)

    async def explain(self, *, deadline: float) -> Explanation:
        """Return what the server says of itself, within *deadline* seconds from now.

        :raises PartnerFailure: if it cannot be reached, refuses, or does not say
        """
        params = codec.explain_parameters(self.version)
        try:
            return codec.decode_explanation(await self._body(params, deadline))
        except codec.NotSru as error:
            raise Garbled(self.target.library, str(error)) from error

    async def _copies(self, request: SearchRequest, deadline: float) -> SearchResponse | PartnerFailure:
        """Return the copies, or why there are none: the works are worth having without them."""
        try:
            return await self._asked(request, deadline)
        except PartnerFailure as failure:
            return failure

    async def _asked(self, request: SearchRequest, deadline: float) -> SearchResponse:
        body = await self._body(codec.parameters(request), deadline)
        try:
            return codec.decode(body, most=request.size)
        except codec.NotSru as error:
            raise Garbled(self.target.library, str(error)) from error

    async def _body(self, params: dict[str, str], deadline: float) -> bytes:
        reply = await self.target.get(self.base_url, params=params, deadline=deadline)
        return approve(self.target.library, reply).body
