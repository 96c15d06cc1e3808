"""Our query in a server's CQL, and its answer as hits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.failures import Garbled, Refused
from connectors.marc.catalogue import hit
from connectors.marc.citations import isbn13
from connectors.ports import FoundRecords

if TYPE_CHECKING:
    from connectors.sru.messages import SearchResponse
    from workflows.citation import Query

#: Nothing is wrong with these: the first record lies beyond the last, or the result set is empty.
_HARMLESS = frozenset({"61"})
#: System temporarily unavailable; authentication limits and the like do not pass by waiting.
_PASSING = frozenset({"2"})


@dataclass(frozen=True, slots=True)
class Indexes:
    """How one server calls what can be searched; servers tell it in explain."""

    text: str = "cql.serverChoice"
    title: str = "dc.title"
    author: str = "dc.creator"
    isbn: str = "bath.isbn"
    #: The relation that finds all words in any order.
    words: str = "all"


#: What most servers understand.
BATH = Indexes()
ALMA = Indexes(text="alma.all_for_ui", title="alma.title", author="alma.creator", isbn="alma.isbn")
K10PLUS = Indexes(text="pica.all", title="pica.tit", author="pica.per", isbn="pica.isb", words="=")


def cql(query: Query, indexes: Indexes) -> str:
    """Return *query* in CQL, nothing if it asks for nothing."""
    worded = ((indexes.text, query.text), (indexes.title, query.title), (indexes.author, query.author))
    clauses = [f"{index} {indexes.words} {quoted(term)}" for index, term in worded if term and term.strip()]
    if query.isbn and query.isbn.strip():
        clauses.append(f"{indexes.isbn} = {quoted(isbn13(query.isbn) or query.isbn)}")
    return " and ".join(clauses)


def quoted(term: str) -> str:
    """Return *term* as a CQL string that holds no wildcard and no end of its own."""
    plain = " ".join("".join(mark if mark.isprintable() else " " for mark in term).split())
    for mark in ("\\", '"', "*", "?", "^"):
        plain = plain.replace(mark, f"\\{mark}")
    return f'"{plain}"'


def found_records(response: SearchResponse, *, library: str) -> FoundRecords:
    """Return what *response* says the library has.

    :raises Refused: if the server complained and sent nothing
    :raises Garbled: if it sent records, and none that can be read
    """
    hits = tuple(found for record in response.records if (found := hit(record, library=library)))
    serious = [complaint for complaint in response.diagnostics if complaint.code not in _HARMLESS]
    if serious and not hits:
        passing = all(complaint.code in _PASSING for complaint in serious)
        raise Refused(library, "; ".join(map(str, serious)), again=passing)
    if response.records and not hits:
        raise Garbled(library, "no record is MARC with a title")
    return FoundRecords(library, hits, response.total, tuple(map(str, response.diagnostics)))
