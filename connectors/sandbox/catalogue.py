"""Searching what a sandbox library owns."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from connectors.marc.citations import isbn13, year
from connectors.sandbox.cql import Clause, Pair

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.marc.records import MarcRecord
    from connectors.sandbox.cql import Node
    from connectors.sandbox.shelf import Copy, Title

_HAN = re.compile(r"([\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)")
_NOT_A_WORD = re.compile(r"[\W_]+")
_TITLES = ("245", "246", "240", "440", "490", "740")
_AUTHORS = ("100", "110", "111", "700", "710", "711")
_SUBJECTS = ("600", "610", "650", "651")
_PUBLISHERS = ("260", "264")
_REST = ("250", "490", "505", "520")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A title with what can be searched in it, folded."""

    title: Title
    texts: dict[str, str]
    isbns: frozenset[str]
    issns: frozenset[str]
    year: int | None


class Catalogue:
    """All titles of one library; small enough to be looked through from end to end."""

    def __init__(self, titles: Iterable[Title]) -> None:
        self._entries = [_entry(title) for title in titles]
        self._copies = {copy.barcode: copy for entry in self._entries for copy in entry.title.copies}

    def search(self, node: Node) -> list[Title]:
        return [entry.title for entry in self._entries if _matches(entry, node)]

    def copy(self, barcode: str) -> Copy | None:
        return self._copies.get(barcode)

    def titles(self, first: int) -> list[Title]:
        return [entry.title for entry in self._entries[:first]]


def folded(text: str) -> str:
    """Return *text* as words between blanks: no case, no accents, no marks, Han runs by themselves."""
    plain = "".join(
        mark for mark in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(mark)
    )
    apart = _HAN.sub(r" \1 ", plain)
    return f" {_NOT_A_WORD.sub(' ', apart).strip()} "


def _entry(title: Title) -> _Entry:
    record = title.record
    texts = {
        "title": _text(record, _TITLES),
        "author": _text(record, _AUTHORS),
        "subject": _text(record, _SUBJECTS),
        "publisher": _text(record, _PUBLISHERS),
    }
    texts["any"] = "".join(texts.values()) + _text(record, _REST)
    numbers = (isbn13(value) for field in record.of("020") for value in field.all("a"))
    issns = frozenset(value for field in record.of("022") for value in field.all("a"))
    said = year(record.control_value("008")[7:11]) or year(
        record.first("264", "c") or record.first("260", "c")
    )
    return _Entry(title, texts, frozenset(number for number in numbers if number), issns, said)


def _text(record: MarcRecord, tags: tuple[str, ...]) -> str:
    """Return what stands in *tags*, and in 880 for them."""
    ours = [field for field in record.fields if field.tag in tags]
    ours += [field for field in record.of("880") if field.first("6")[:3] in tags]
    return folded(" ".join(value for field in ours for code, value in field.subfields if code.isalpha()))


def _matches(entry: _Entry, node: Node) -> bool:
    match node:
        case Pair("and", left, right):
            return _matches(entry, left) and _matches(entry, right)
        case Pair("or", left, right):
            return _matches(entry, left) or _matches(entry, right)
        case Pair(_, left, right):
            return _matches(entry, left) and not _matches(entry, right)
        case Clause():
            return _fits(entry, node)
        case _:
            assert_never(node)


def _fits(entry: _Entry, clause: Clause) -> bool:
    if clause.index == "isbn":
        return isbn13(clause.term) in entry.isbns
    if clause.index == "issn":
        return clause.term.strip() in entry.issns
    if clause.index == "id":
        return clause.term.strip() == entry.title.record.record_id
    if clause.index == "year":
        return _is_of(entry.year, clause)
    text, words = entry.texts[clause.index], folded(clause.term).split()
    if clause.relation == "adj":
        return folded(clause.term) in text
    if clause.relation == "any":
        return any(_holds(text, word) for word in words)
    return bool(words) and all(_holds(text, word) for word in words)


def _is_of(published: int | None, clause: Clause) -> bool:
    asked = year(clause.term)
    if published is None or asked is None:
        return False
    match clause.relation:
        case ">=":
            return published >= asked
        case "<=":
            return published <= asked
        case _:
            return published == asked


def _holds(text: str, word: str) -> bool:
    """Look for a Han run anywhere, for any other word as a whole."""
    return (word if _HAN.match(word) else f" {word} ") in text
