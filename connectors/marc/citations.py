"""What MARC fields say about a work: MARC 21 and CNMARC to a citation."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from stdnum import isbn, issn
from stdnum.exceptions import ValidationError

from connectors.marc.kinds import kind
from workflows.citation import Citation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.marc.records import Field, MarcRecord

_UNKNOWN_LANGUAGE = "und"
#: No longer than with a space or a hyphen at each place: what is kept of strangers is short.
_ISBN_LIKE = re.compile(r"[0-9][0-9\-\s]{8,28}[0-9Xx]")
_YEAR = re.compile(r"(?<!\d)(1[0-9]{3}|20[0-9]{2})(?!\d)")
_LANGUAGE = re.compile(r"[a-z]{3}")
#: Members of one search have the same books.
_PLAIN_KEPT = 4_096
#: of either width: libraries of East Asia type both
_ISBD_ENDS = " /:;,=／：；，＝．"
#: A period ends a statement, unless it belongs to an initial, an abbreviation such as "Jr.", or an ellipsis.
_PERIOD = re.compile(r"(?<!\b[A-Z])(?<!\b[JS]r)(?<!\bed)(?<!\bal)(?<!\betc)(?<!\.)\.$")
_TWO_PERIODS = re.compile(r"(?<!\.)\.\.$")
#: U+0088/U+0089 and U+0098/U+009C stand around words that do not sort.
_NOISE = str.maketrans("", "", "\u0088\u0089\u0098\u009c[]")
#: Texts up to so many characters are kept.
_SHORT = 100
_LINK = re.compile(r"(\d{3})-(\d{2})")


def citation(record: MarcRecord) -> Citation | None:
    """Return the work that *record* describes, None if it has no title."""
    found = _from_unimarc(record) if record.is_unimarc else _from_marc21(record)
    return found if found.title else None


def isbn13(text: str) -> str | None:
    """Return the 13 digits of the first valid ISBN in *text*, None if there is none."""
    numbers = map(_valid_isbn13, _ISBN_LIKE.findall(text))
    return next((number for number in numbers if number), None)


@lru_cache(maxsize=4096)
def _valid_isbn13(candidate: str) -> str | None:
    # Kept, because members have books in common and checking a number is slow.
    try:
        return str(isbn.compact(isbn.to_isbn13(isbn.validate(candidate))))
    except ValidationError:
        return None


def _from_marc21(record: MarcRecord) -> Citation:
    scripts = _original_scripts(record)

    def best(*tags: str) -> Iterator[Field]:
        fields = record.of(*tags)
        return (scripts.get(_link_of(field), field) for field in fields) if scripts else fields

    title = next(best("245"), None)
    publication = next((field for field in best("264", "260") if field.first("b", "c")), None)
    language = _language(record.control_value("008")[35:38], record.first("041", "a"))
    return Citation(
        title=_joined(title, "a", "b"),
        author=_name(next(best("100", "110", "111"), None)) or _clean_or_none(title, "c"),
        isbn=_first_isbn(record, "020"),
        issn=_first_issn(record, "022"),
        year=year(record.control_value("008")[7:11]) or year(publication.first("c") if publication else ""),
        publisher=_clean_or_none(publication, "b"),
        language=language,
        edition=_clean_or_none(next(best("250"), None), "a"),
        volume=_clean_or_none(title, "n"),
        item_type=kind(record, language=language),
    )


def _from_unimarc(record: MarcRecord) -> Citation:
    title = next(record.of("200"))
    published = next(record.of("210", "214"), None)
    coded, language = record.first("100", "a"), _language(record.first("101", "a"), "")
    authors = record.of("700", "701", "710", "711")
    return Citation(
        title=_joined(title, "a", "e"),
        author=_name(next(authors, None)) or _clean_or_none(title, "f"),
        isbn=_first_isbn(record, "010") or _first_isbn(record, "091"),
        issn=_first_issn(record, "011"),
        year=year(coded[9:13]) or year(published.first("d") if published else ""),
        publisher=_clean_or_none(published, "c"),
        language=language,
        edition=_clean_or_none(next(record.of("205"), None), "a"),
        volume=_clean_or_none(title, "h"),
        item_type=kind(record, language=language),
    )


def _original_scripts(record: MarcRecord) -> dict[tuple[str, str], Field]:
    """Return the 880 fields by what they belong to: the title as it is printed on the book."""
    links = ((_LINK.match(field.first("6")), field) for field in record.of("880"))
    return {(match[1], match[2]): field for match, field in links if match and match[2] != "00"}


def _link_of(field: Field) -> tuple[str, str]:
    match = _LINK.match(field.first("6"))
    return (field.tag, match[2]) if match else ("", "")


def _joined(field: Field | None, title: str, rest: str) -> str:
    """Return title and rest of title as one line, without the marks of cataloguing rules."""
    if field is None:
        return ""
    parts = (plain(field.first(title)), plain(field.first(rest)))
    return ": ".join(part for part in parts if part)


def _name(field: Field | None) -> str | None:
    if field is None:
        return None
    # UNIMARC splits a Western name in two; MARC 21 uses $b for a numeral or a subordinate body.
    rest = field.first("b") if field.tag in {"700", "701"} else ""
    return ", ".join(part for part in (plain(field.first("a")), plain(rest)) if part) or None


def _clean_or_none(field: Field | None, code: str) -> str | None:
    return (plain(field.first(code)) or None) if field is not None else None


@lru_cache(maxsize=_PLAIN_KEPT)
def plain(text: str) -> str:
    """Return *text* without the marks of cataloguing rules."""
    return _plain(text) if len(text) <= _SHORT else _plain.__wrapped__(text)


@lru_cache(maxsize=8192)
def _plain(text: str) -> str:
    # Kept while it is short: members have authors, titles and subjects in common.
    bare = " ".join(text.translate(_NOISE).split()).rstrip(_ISBD_ENDS)
    if not bare.endswith("."):
        return bare
    return _PERIOD.sub("", _TWO_PERIODS.sub(".", bare)).rstrip()


def _first_isbn(record: MarcRecord, tag: str) -> str | None:
    numbers = (isbn13(value) for field in record.of(tag) for value in field.all("a"))
    return next((number for number in numbers if number), None)


def _first_issn(record: MarcRecord, tag: str) -> str | None:
    for field in record.of(tag):
        for value in field.all("a"):
            if issn.is_valid(value):
                return str(issn.format(value))
    return None


def year(text: str) -> int | None:
    """Return the first year in *text*."""
    match = _YEAR.search(text)
    return int(match[1]) if match else None


def _language(*candidates: str) -> str:
    known = (text.strip().lower()[:3] for text in candidates)
    return next((code for code in known if _LANGUAGE.fullmatch(code)), _UNKNOWN_LANGUAGE)
