"""Finding at one SRU server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.failures import Garbled
from connectors.ports import FoundRecords
from connectors.sru import codec
from connectors.sru.mapping import BATH, Indexes, cql, found_records
from connectors.sru.messages import SearchRequest
from connectors.transport import approve

if TYPE_CHECKING:
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

    async def find(self, query: Query, *, deadline: float) -> FoundRecords:
        """Return what the library has, within *deadline* seconds from now.

        :raises PartnerFailure: if it cannot be reached, refuses, or cannot be understood
        """
        library = self.target.library
        text = cql(query, self.indexes)
        if not text:
            return FoundRecords(library, (), 0)
        request = SearchRequest(query=text, version=self.version, schema=self.schema, size=self.size)
        params = codec.parameters(request)
        reply = approve(library, await self.target.get(self.base_url, params=params, deadline=deadline))
        try:
            response = codec.decode(reply.body)
        except codec.NotSru as error:
            raise Garbled(library, str(error)) from error
        return found_records(response, library=library)
