"""What is said in SRU: a search, and an answer with its records and complaints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    query: str
    version: str = "1.2"
    start: int = 1
    size: int = 10
    schema: str | None = "marcxml"
    #: xml or string; None leaves it to the server.
    packing: str | None = "xml"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What a server complains of; *code* is the last part of the standard's URI."""

    code: str
    message: str = ""
    details: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.code, self.message, self.details) if part)


@dataclass(frozen=True, slots=True)
class Record:
    """The record data, whatever schema it is in, and what the server calls the record."""

    data: etree._Element
    identifier: str = ""


@dataclass(frozen=True, slots=True)
class SearchResponse:
    total: int
    records: tuple[Record, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    #: How many places of the result set the answer fills, complaints in place of records included.
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a server says of itself: indexes as CQL names them, schemas by short name and by URI."""

    indexes: frozenset[str]
    schemas: frozenset[str] = frozenset()
    version: str = ""
