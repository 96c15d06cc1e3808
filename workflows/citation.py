"""The work asked for, the copies that libraries hold of it, and what tells two works apart."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from workflows.ids import LibraryCode
from workflows.writing import fold

#: ISO 639-2 and 639-1 codes of Chinese; any other language is foreign to the policies
CHINESE = frozenset({"zh", "chi", "zho"})

#: item types that come out again and again
PERIODICALS = frozenset({"current_periodical", "bound_periodical", "newspaper"})

#: what a catalogue says of a copy, the likeliest to be in first
_LIKELY = (True, None, False)

#: spaces and marks; signs such as + and # tell titles apart ("C", "C++", "C#")
_MARKS = frozenset({"Cc", "Cf", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Zl", "Zp", "Zs"})
_SIGNS = frozenset("#&@%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A work as a catalogue or a patron describes it."""

    title: str
    author: str | None = None
    #: 13 digits, without hyphens
    isbn: str | None = None
    issn: str | None = None
    year: int | None = None
    publisher: str | None = None
    #: ISO 639-2, as MARC 008/35-37 has it
    language: str = "chi"
    edition: str | None = None
    volume: str | None = None
    #: one of the item types of the policies
    item_type: str = "book"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One copy at one library, as its catalogue shows it."""

    library: LibraryCode
    record_id: str
    barcode: str | None = None
    call_number: str | None = None
    #: None where the catalogue does not say
    available: bool | None = None
    collection: str = "general"
    #: one of the item types of the policies; None: the work's
    item_type: str | None = None
    #: labelled as not to be lent (R-SZUTL-4)
    restricted_label: bool = False
    new_book: bool = False
    #: what the catalogue says that may tell the kind of the copy, by kinds of signs, until it is sorted by it
    signs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a patron looks for: all that is given has to fit; words in quotation marks stand side by side."""

    text: str | None = None
    title: str | None = None
    author: str | None = None
    isbn: str | None = None
    issn: str | None = None
    subject: str | None = None
    publisher: str | None = None
    #: a year, or the first and the last, either of which may be missing: 1982, 1980-1989, 1980-, -1989
    year: str | None = None
    #: at least one of these fits, and none of those; they ask for fields alone
    any_of: "tuple[Query, ...]" = ()
    none_of: "tuple[Query, ...]" = ()
    #: the same as catalogues write it: asked for beside it, and as good where it fits
    also: "tuple[Query, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a record tells of a work beside its citation, in every script in which it does."""

    #: further authors, editors, translators
    contributors: tuple[str, ...] = ()
    #: variant, parallel and uniform titles
    titles: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    #: notes of what is in it
    contents: tuple[str, ...] = ()


#: where the record tells nothing more
NO_DETAILS = Details()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One catalogue record and the copies that stand behind it."""

    citation: Citation
    holdings: tuple[Holding, ...]
    details: Details = NO_DETAILS


def best_copy(holdings: Iterable[Holding], library: LibraryCode) -> Holding | None:
    """Return the library's copy that is likeliest to be in, None if it has none."""
    copies = [copy for copy in holdings if copy.library == library]
    return min(copies, key=likelihood, default=None)


def likelihood(copy: Holding) -> int:
    """Return the place of a copy among others: the likeliest to be in comes first."""
    return _LIKELY.index(copy.available)


def work_key(citation: Citation) -> str:
    """Return the same text for two descriptions of one work.

    The ISBN decides (with the volume, since sets share one); without it the title, the author and
    the year do, folded, so that ways of writing, marks and spaces make no difference. A periodical is never
    the same as a book: its ISSN decides, or its title alone.
    """
    if citation.isbn:
        return f"isbn:{citation.isbn}:{_folded(citation.volume)}"
    if citation.item_type in PERIODICALS:
        return f"serial:{citation.issn or _folded(citation.title)}:{_folded(citation.volume)}"
    parts = (citation.title, citation.author, str(citation.year or ""), citation.volume)
    return "work:" + ":".join(_folded(part) for part in parts)


def _folded(text: str | None) -> str:
    return "".join(
        letter
        for letter in fold(text or "")
        if letter in _SIGNS or unicodedata.category(letter) not in _MARKS
    )
