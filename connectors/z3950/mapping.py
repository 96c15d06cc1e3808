"""Our query as RPN in a target's habits, and its records as hits."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TYPE_CHECKING, assert_never

from stdnum import isbn as numbers

from connectors import xml
from connectors.failures import Garbled, Refused
from connectors.marc import catalogue, iso2709, marcxml
from connectors.marc.citations import isbn13
from connectors.ports import FoundRecords
from connectors.writings import as_written, words
from connectors.z3950 import diagnostics
from connectors.z3950.messages import Both, Credentials, Either, OpacRecord, Operand, Syntax, Without
from workflows.discovery import criteria
from workflows.discovery.criteria import Abilities, Index

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.marc.encodings import Encoding
    from connectors.z3950.messages import Diagnostic, RawRecord, Record, Rpn
    from workflows.citation import Hit, Query
    from workflows.discovery.criteria import Criterion, Tree

#: Types of Bib-1 attributes.
_USE, _RELATION, _STRUCTURE, _TRUNCATION = 1, 2, 4, 5
#: Relations: not before, not after.
_NOT_AFTER, _NOT_BEFORE = 2, 4
_MOST_WORDS = 12
_SHORT_PREFIX = "978"


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """The Bib-1 attributes that one target understands; None leaves an attribute out."""

    text: int = 1016
    title: int = 4
    author: int = 1003
    isbn: int = 7
    issn: int = 8
    #: Usually 21, 1018 and 31; None where the target does not say that it has them: the words are asked
    #: for anywhere, and looked for in the answer.
    subject: int | None = None
    publisher: int | None = None
    year: int | None = None
    #: 2 is a word, 1 a phrase, 6 a list of words.
    structure: int | None = 2
    #: The structure of words side by side, mostly 1; None where the target does not look for them.
    phrase: int | None = None
    #: 3 is equal.
    relation: int | None = None
    #: 1 cuts the term on the right, 100 not at all.
    truncation: int | None = None
    #: Whether each word is asked for by itself; otherwise the terms go out as they are.
    splits_words: bool = True
    #: Whether a book is asked for under the ten digits of its ISBN, too: the target keeps them as printed.
    asks_both_isbns: bool = True
    #: Whether the target itself finds what is written in traditional characters by simplified ones, and back.
    folds_characters: bool = False
    #: How letters in a query are written.
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Z3950Profile:
    """How one library's Z39.50 target is reached and spoken to."""

    host: str
    port: int = 210
    database: str = "Default"
    #: Tried one after the other until the target has its records in one of them.
    syntaxes: tuple[Syntax, ...] = (Syntax.MARC21,)
    #: How the letters of its records are written.
    encoding: Encoding = "auto"
    element_set: str | None = "F"
    habits: Habits = field(default_factory=Habits)
    credentials: Credentials | None = None


# ---------------------------------------------------------------- asking


def rpn(query: Query, habits: Habits) -> tuple[Rpn | None, Query]:
    """Return *query* in RPN, None if nothing of it can be asked, and what is left to look for."""
    named = frozenset(index for index in criteria.Index if getattr(habits, index) is not None)
    tree, rest = criteria.asked(query, Abilities(named, phrases=habits.phrase is not None))
    if tree is None:
        return None, rest
    return _rpn(as_written(tree, in_both=not habits.folds_characters), habits), rest


def _rpn(tree: Tree, habits: Habits) -> Rpn | None:
    match tree:
        case criteria.Criterion():
            return _criterion(tree, habits)
        case criteria.All(parts):
            return _joined(Both, parts, habits)
        case criteria.Either(parts):
            return _joined(Either, parts, habits)
        case criteria.Without(wanted, unwanted):
            found = _rpn(wanted, habits)
            others = [rpn for part in unwanted if (rpn := _rpn(part, habits)) is not None]
            return None if found is None else reduce(Without, others, found)
        case _:
            assert_never(tree)


def _joined(kind: type[Both | Either], parts: Iterable[Tree], habits: Habits) -> Rpn | None:
    asked = [rpn for part in parts if (rpn := _rpn(part, habits)) is not None]
    return reduce(kind, asked) if asked else None


def _criterion(asked: Criterion, habits: Habits) -> Rpn | None:
    use = getattr(habits, asked.index)
    match asked.index:
        case Index.ISBN:
            return _isbn(asked.value, habits)
        case Index.ISSN:
            return _operand(use, asked.value, habits, None)
        case Index.YEAR:
            return _years(asked.value, habits)
    if asked.is_phrase:
        return _operand(use, " ".join(words(xml.speakable(asked.value))), habits, habits.phrase)
    operands: list[Rpn] = [
        _operand(use, word, habits, habits.structure) for word in _words(asked.value, habits)
    ]
    return reduce(Both, operands) if operands else None


def _years(text: str, habits: Habits) -> Rpn:
    first, last = criteria.years(text)
    use = habits.year or 0
    if first == last:
        return _operand(use, f"{first:04}", habits, None)
    ends = ((_NOT_BEFORE, first), (_NOT_AFTER, last))
    operands: list[Rpn] = [
        _operand(use, f"{year:04}", replace(habits, relation=relation), None)
        for relation, year in ends
        if year is not None
    ]
    return reduce(Both, operands)


def _words(term: str, habits: Habits) -> list[str]:
    told = words(xml.speakable(term))
    if not habits.splits_words:
        return [" ".join(told)] if told else []
    return told[:_MOST_WORDS]


def _isbn(text: str, habits: Habits) -> Rpn | None:
    number = isbn13(text)
    if number is None:
        return next((_operand(habits.isbn, word, habits, None) for word in _words(text, habits)), None)
    long = _operand(habits.isbn, number, habits, None)
    if not habits.asks_both_isbns or not number.startswith(_SHORT_PREFIX):
        return long
    return Either(long, _operand(habits.isbn, str(numbers.to_isbn10(number)), habits, None))


def _operand(use: int, term: str, habits: Habits, structure: int | None) -> Operand:
    told = (
        (_USE, use),
        (_RELATION, habits.relation),
        (_STRUCTURE, structure),
        (_TRUNCATION, habits.truncation),
    )
    attributes = tuple((kind, value) for kind, value in told if value is not None)
    return Operand(attributes, term.encode(habits.encoding, "replace"))


# ---------------------------------------------------------------- being answered


def found_records(
    records: Iterable[Record],
    complaints: Iterable[Diagnostic],
    *,
    total: int,
    taken: int = 0,
    library: str,
    encoding: Encoding,
) -> FoundRecords:
    """Return what a target's answer says the library has.

    :raises Refused: if the target complained and sent nothing
    :raises Garbled: if it sent records, and none that can be read
    """
    read = [_hit(record, library, encoding) for record in records]
    hits = tuple(hit for hit in read if hit is not None)
    if not hits:
        refuse(complaints, library)
    if read and not hits:
        raise Garbled(library, "no record can be read")
    lost = len(read) - len(hits)
    unread = (f"{lost} of {len(read)} records cannot be read",) if lost else ()
    told = dict.fromkeys(diagnostics.named(each.code, each.details) for each in complaints)
    return FoundRecords(library, hits, max(total, len(hits)), (*told, *unread), taken)


def refuse(complaints: Iterable[Diagnostic], library: str) -> None:
    """Raise what *complaints* amount to, if they amount to anything.

    :raises Refused: on any that does harm; *again* if all of those pass
    """
    serious = [complaint for complaint in complaints if complaint.code not in diagnostics.HARMLESS]
    if serious:
        told = dict.fromkeys(diagnostics.named(each.code, each.details) for each in serious)
        passing = all(complaint.code in diagnostics.PASSING for complaint in serious)
        raise Refused(library, "; ".join(told), again=passing)


def _hit(record: Record, library: str, encoding: Encoding) -> Hit | None:
    """Return what *record* describes, None if that is nothing we can read."""
    beside = record.holdings if isinstance(record, OpacRecord) else ()
    raw = record.record if isinstance(record, OpacRecord) else record
    if raw is None:
        return None
    try:
        if not _is_xml(raw):
            return catalogue.marc_hit(iso2709.decode(raw.octets, encoding=encoding), beside, library=library)
        root = xml.parse(raw.octets)
        if beside and (marc := marcxml.marc_record(root)):
            return catalogue.marc_hit(marc, beside, library=library)
        return catalogue.hit(root, library=library)
    except (xml.NotXml, iso2709.NotIso2709):
        return None


def _is_xml(raw: RawRecord) -> bool:
    # Whatever it is called: a leader begins with a digit.
    return raw.octets.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
