"""Our query in a server's CQL, and its answer as hits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, assert_never

from stdnum import isbn as numbers

from connectors.failures import Garbled, PartnerFailure, Refused
from connectors.marc import iso20775
from connectors.marc.catalogue import hit
from connectors.marc.citations import isbn13
from connectors.ports import FoundRecords
from connectors.writings import as_written
from workflows.discovery.criteria import (
    Abilities,
    All,
    Criterion,
    Either,
    Index,
    Without,
    asked,
    years,
)

if TYPE_CHECKING:
    from connectors.sru.messages import Explanation, SearchResponse
    from workflows.citation import Hit, Holding, Query
    from workflows.discovery.criteria import Tree

#: Nothing is wrong with these: the first record lies beyond the last, or the result set is empty.
_HARMLESS = frozenset({"61"})
#: System temporarily unavailable; authentication limits and the like do not pass by waiting.
_PASSING = frozenset({"2"})
_SHORT_PREFIX = "978"


@dataclass(frozen=True, slots=True)
class Indexes:
    """How one server calls what can be searched; servers tell it in explain."""

    text: str = "cql.serverChoice"
    title: str = "dc.title"
    author: str = "dc.creator"
    isbn: str = "bath.isbn"
    issn: str = "bath.issn"
    #: None where there is no such index: the words are asked for anywhere, and looked for in the answer.
    subject: str | None = None
    publisher: str | None = None
    year: str | None = None
    #: The relation that finds all words in any order.
    words: str = "all"
    #: The relation that finds words side by side; None where there is none.
    phrases: str | None = None
    #: Whether a book is asked for under the ten digits of its ISBN, too: the server keeps them as printed.
    asks_both_isbns: bool = True
    #: Whether the server itself finds what is written in traditional characters by simplified ones, and back.
    folds_characters: bool = False


#: What most servers understand.
BATH = Indexes()
ALMA = Indexes(
    text="alma.all_for_ui", title="alma.title", author="alma.creator", isbn="alma.isbn", issn="alma.issn",
    subject="alma.subjects", publisher="alma.publisher", year="alma.main_pub_date",
)  # fmt: skip
K10PLUS = Indexes(
    text="pica.all", title="pica.tit", author="pica.per", isbn="pica.isb", issn="pica.iss", words="="
)


#: What an index is called at servers we know, the most precise first; in lower case.
_OFFERS = {
    "text": (
        "cql.serverchoice", "cql.anywhere", "cql.allindexes", "cql.anyindexes", "alma.all_for_ui", "pica.all",
        "bath.any", "bib1.any", "rec.any", "serverchoice",
    ),
    "title": ("dc.title", "bath.title", "alma.title", "pica.tit", "bib.title", "title"),
    "author": (
        "dc.creator", "bath.author", "alma.creator", "pica.per", "bib.name", "dc.author", "bath.name",
        "author",
    ),
    "isbn": ("bath.isbn", "dc.isbn", "alma.isbn", "pica.isb", "bib.isbn", "dc.identifier", "isbn"),
    "issn": ("bath.issn", "dc.issn", "alma.issn", "pica.iss", "bib.issn", "dc.identifier", "issn"),
    "subject": ("dc.subject", "bath.subject", "alma.subjects", "bib.subject", "subject"),
    "publisher": ("dc.publisher", "bath.publisher", "alma.publisher", "bib.publisher", "publisher"),
    "year": ("dc.date", "bath.publicationdate", "alma.main_pub_date", "dc.issued", "date", "year"),
}  # fmt: skip


def cql(query: Query, indexes: Indexes) -> tuple[str, Query]:
    """Return *query* in CQL, nothing if nothing of it can be asked, and what is left to look for."""
    tree, rest = asked(query, _abilities(indexes))
    if tree is None:
        return "", rest
    return _cql(as_written(tree, in_both=not indexes.folds_characters), indexes), rest


def _abilities(indexes: Indexes) -> Abilities:
    named = frozenset(index for index in Index if getattr(indexes, index))
    return Abilities(named, phrases=indexes.phrases is not None)


def _cql(tree: Tree, indexes: Indexes) -> str:
    match tree:
        case Criterion():
            return _clause(tree, indexes)
        case All(parts):
            return " and ".join(_within(part, indexes) for part in parts)
        case Either(parts):
            return " or ".join(_within(part, indexes) for part in parts)
        case Without(wanted, unwanted):
            return " not ".join(_within(part, indexes) for part in (wanted, *unwanted))
        case _:
            assert_never(tree)


def _within(tree: Tree, indexes: Indexes) -> str:
    """Return a part of a query in brackets, unless it is one clause, or has them already."""
    text = _cql(tree, indexes)
    return text if isinstance(tree, Criterion) else f"({text})"


def _clause(asked_for: Criterion, indexes: Indexes) -> str:
    name = getattr(indexes, asked_for.index)
    match asked_for.index:
        case Index.ISBN:
            return _isbn(asked_for.value, indexes)
        case Index.ISSN:
            return f"{name} = {quoted(asked_for.value)}"
        case Index.YEAR:
            return _years(asked_for.value, name)
    relation = indexes.phrases if asked_for.is_phrase else indexes.words
    return f"{name} {relation} {quoted(asked_for.value)}"


def _years(text: str, name: str) -> str:
    first, last = years(text)
    if first == last:
        return f'{name} = "{first:04}"'
    ends = ((">=", first), ("<=", last))
    clauses = [f'{name} {relation} "{year:04}"' for relation, year in ends if year is not None]
    return clauses[0] if len(clauses) == 1 else f"({' and '.join(clauses)})"


def _isbn(text: str, indexes: Indexes) -> str:
    number = isbn13(text)
    clause = f"{indexes.isbn} = {quoted(number or text)}"
    if number is None or not indexes.asks_both_isbns or not number.startswith(_SHORT_PREFIX):
        return clause
    return f"({clause} or {indexes.isbn} = {quoted(str(numbers.to_isbn10(number)))})"


def chosen(explanation: Explanation) -> Indexes:
    """Return the indexes to ask a server by that explains itself so; what it does not offer stays as usual.

    Of several that it offers for one thing, the one that says most precisely what is meant.
    """
    offered = {name.lower(): name for name in sorted(explanation.indexes)}

    def first(role: str) -> str | None:
        return next((offered[name] for name in _OFFERS[role] if name in offered), None)

    found: dict[str, Any] = {role: name for role in _OFFERS if (name := first(role))}
    return replace(BATH, **found)


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
    read = (hit(record.data, library=library, identifier=record.identifier) for record in response.records)
    hits = tuple(found for found in read if found)
    if not hits:
        refuse(response, library=library)
    if response.records and not hits:
        raise Garbled(library, "no record is MARC or Dublin Core with a title")
    complaints = tuple(map(str, response.diagnostics))
    return FoundRecords(library, hits, response.total, complaints, response.taken)


def refuse(response: SearchResponse, *, library: str) -> None:
    """Raise what the server complains of, if that does harm.

    :raises Refused: *again* if all of it passes
    """
    serious = [complaint for complaint in response.diagnostics if complaint.code not in _HARMLESS]
    if serious:
        passing = all(complaint.code in _PASSING for complaint in serious)
        raise Refused(library, "; ".join(map(str, serious)), again=passing)


def with_copies(found: FoundRecords, told: SearchResponse | PartnerFailure) -> FoundRecords:
    """Return *found* with the copies that the server told of separately, each at its record."""
    if isinstance(told, PartnerFailure):
        return replace(found, complaints=(*found.complaints, f"copies: {told.detail}"))
    copies: dict[str, tuple[Holding, ...]] = {}
    for record in told.records:
        name = record.identifier or iso20775.record_id(record.data)
        copies[name] = iso20775.copies(record.data, record_id=name, library=found.library)
    hits = tuple(_with_copies(each, copies) for each in found.hits)
    complaints = (f"copies: {complaint}" for complaint in told.diagnostics)
    return replace(found, hits=hits, complaints=(*found.complaints, *complaints))


def _with_copies(found: Hit, copies: dict[str, tuple[Holding, ...]]) -> Hit:
    return replace(found, holdings=copies.get(found.holdings[0].record_id) or found.holdings)
