"""What kind of thing a record describes, by its leader, its coded fields and its notes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from workflows.citation import CHINESE

if TYPE_CHECKING:
    from connectors.marc.records import Field, MarcRecord

#: Leader/06; whatever is not listed is another item.
_MARC21 = {"a": "book", "t": "book", "g": "video", "i": "cd", "j": "cd", "": "book", " ": "book", "-": "book"}
#: UNIMARC has its manuscripts under b, and its electronic resources under l.
_UNIMARC = {"a": "book", "g": "video", "i": "cd", "j": "cd", "": "book", " ": "book", "-": "book"}
_TEXTS = frozenset({"a", "t", "b", "m", "l", "", " ", "-"})
_SERIAL = frozenset({"s", "b"})
#: A published edition says of the thesis that it has been one: that is a book.
_REVISED = re.compile(
    r"^\W*(originally|based on|a? ?revis|rev\. )|\b(remani|édition commerciale)|修订|改编|基础上",
    re.IGNORECASE,
)
_DVD = re.compile(r"(?<![a-z])dvds?(?![a-z])|blu-?ray", re.IGNORECASE)
#: 007 of a videorecording: its fifth position is the format, v a DVD, s a Blu-ray.
_VIDEODISCS = frozenset({"v", "s"})
#: Printed by hand: until about 1830, in China until the end of the empire.
_HAND_PRESS, _EMPIRE = 1830, 1911
_OLDEST = 500
#: 008/06: a reprint, a reproduction.
_REPRINTED = frozenset({"r", "p"})
_YEAR = re.compile(r"\d{4}")


def kind(record: MarcRecord, *, language: str) -> str:
    """Return the item type of the policies; what no rule speaks of is ``other_item``."""
    return _of_unimarc(record, language) if record.is_unimarc else _of_marc21(record, language)


def _of_marc21(record: MarcRecord, language: str) -> str:
    form, level, fixed = record.leader[6:7], record.leader[7:8], record.control_value("008")
    if level in _SERIAL:
        return "newspaper" if level == "s" and fixed[21:22] == "n" else "bound_periodical"
    contents = fixed[24:28] if form in {"a", "t", " ", "", "-"} else ""
    # 006 says the same of a text as 008/18-34, seventeen positions earlier.
    contents += "".join(value[7:11] for tag, value in record.control if tag == "006" and value[:1] in "at")
    if form in _TEXTS and (
        _is_thesis(record, "502", "a") or ("m" in contents and not record.first("502", "a"))
    ):
        return "thesis"
    if form in {"a", " ", "", "-"} and "u" in contents:
        return "standard"
    found = _MARC21.get(form, "other_item")
    if found == "video":
        formats = {value[4:5] for tag, value in record.control if tag == "007" and value[:1] == "v"}
        return "dvd" if formats & _VIDEODISCS or _says_dvd(record, "300", "538") else "video"
    if form == "m" and any(tag == "007" and value[:2] == "co" for tag, value in record.control):
        return "cd"
    date = "" if fixed[6:7] in _REPRINTED or any(record.of("533", "534")) else fixed[7:11]
    return "rare_book" if found == "book" and _is_old(date, language) else found


def _of_unimarc(record: MarcRecord, language: str) -> str:
    form, level, coded = record.leader[6:7], record.leader[7:8], record.first("100", "a")
    if level == "s":
        return "newspaper" if record.first("110", "a")[:1] == "c" else "bound_periodical"
    contents = record.first("105", "a")[4:8]
    # v is a thesis in a revised edition
    if form in _TEXTS and (_is_thesis(record, "328", "z", "a", "b") or "m" in contents):
        return "thesis"
    if form in {"a", " ", "", "-"} and "l" in contents:
        return "standard"
    found = _UNIMARC.get(form, "other_item")
    if found == "video":
        is_disc = record.first("115", "a")[15:16] == "b"
        return "dvd" if is_disc or _says_dvd(record, "215", "337") else "video"
    if form in {"l", "m"} and record.first("135", "a")[1:2] == "o":
        return "cd"
    is_old = _is_old("" if coded[8:9] == "e" else coded[9:13], language) or any(record.of("140"))
    return "rare_book" if is_old and found == "book" else found


def _is_thesis(record: MarcRecord, tag: str, *codes: str) -> bool:
    """Tell whether a note calls the thing itself a thesis."""
    return any(
        _says(field) and not any(map(_REVISED.search, map(field.first, codes))) for field in record.of(tag)
    )


def _says(field: Field) -> bool:
    return any(value.strip() for code, value in field.subfields if code.isalpha())


def _says_dvd(record: MarcRecord, *tags: str) -> bool:
    return any(_DVD.search(value) for field in record.of(*tags) for _, value in field.subfields)


def _is_old(date: str, language: str) -> bool:
    last = _EMPIRE if language in CHINESE else _HAND_PRESS
    return _YEAR.fullmatch(date) is not None and date.isascii() and _OLDEST < int(date) <= last
