"""MARC 21 to CNMARC, as a Chinese library would show the same book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stdnum import isbn

from connectors.marc.citations import citation, isbn13
from connectors.marc.records import Field, MarcRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflows.citation import Citation

_LEADER = "00000nam0 2200000   450 "
_BLANK = "  "
_MARKS = " /:;,.=[]"


def to_cnmarc(record: MarcRecord, *, agency: str) -> MarcRecord:
    """Return *record* in CNMARC, catalogued by *agency*, without its holdings."""
    work = citation(record)
    if work is None:
        return MarcRecord(_LEADER, record.control, ())
    control = tuple((tag, value.strip()) for tag, value in record.control if tag in {"001", "005"})
    return MarcRecord(_LEADER, control, tuple(_fields(record, work, agency)))


def _fields(record: MarcRecord, work: Citation, agency: str) -> Iterator[Field]:
    year = str(work.year) if work.year else "    "
    for number in _isbns(record):
        yield Field("010", _BLANK, (("a", number),))
    yield Field("100", _BLANK, (("a", f"20000101d{year}    em y0{_cataloguing(work)}y50      ea"),))
    yield Field("101", "0 ", (("a", work.language),))
    yield Field("200", "1 ", tuple(_title(record)))
    if work.edition:
        yield Field("205", _BLANK, (("a", work.edition),))
    yield Field("210", _BLANK, tuple(_publication(record, work)))
    yield Field("215", _BLANK, tuple(_extent(record)))
    for subject in record.of("650"):
        yield Field("606", "0 ", (("a", subject.first("a").rstrip(_MARKS)),))
    for name, role in _authors(record):
        yield Field("701", " 0", (("a", name), ("4", role)))
    yield Field("801", " 0", (("a", "CN"), ("b", agency), ("c", "20000101")))


def _cataloguing(work: Citation) -> str:
    """Return the language of cataloguing: Chinese for Chinese books, else English."""
    return "chi" if work.language == "chi" else "eng"


def _isbns(record: MarcRecord) -> Iterator[str]:
    for field in record.of("020"):
        number = isbn13(field.first("a"))
        if number:
            yield str(isbn.format(number))


def _script(record: MarcRecord, field: Field) -> Field:
    """Return the field in the script of the book, where the record has it."""
    number = field.first("6")[4:6]
    link = f"{field.tag}-{number}"
    twins = (other for other in record.of("880") if number and other.first("6").startswith(link))
    return next(twins, field)


def _title(record: MarcRecord) -> Iterator[tuple[str, str]]:
    printed = next(record.of("245"))
    shown = _script(record, printed)
    yield "a", shown.first("a").rstrip(_MARKS)
    if shown is not printed:
        yield "9", printed.first("a").rstrip(_MARKS).lower()
    for ours, theirs in (("b", "e"), ("c", "f"), ("n", "h"), ("p", "i")):
        value = shown.first(ours).strip(_MARKS)
        if value:
            yield theirs, value


def _publication(record: MarcRecord, work: Citation) -> Iterator[tuple[str, str]]:
    field = next(record.of("260", "264"), None)
    if field is not None:
        yield "a", _script(record, field).first("a").strip(_MARKS)
    if work.publisher:
        yield "c", work.publisher
    if work.year:
        yield "d", str(work.year)


def _extent(record: MarcRecord) -> Iterator[tuple[str, str]]:
    for ours, theirs in (("a", "a"), ("c", "d")):
        value = record.first("300", ours).rstrip(_MARKS)
        if value:
            yield theirs, value


def _authors(record: MarcRecord) -> Iterator[tuple[str, str]]:
    for role, field in (
        *(("著", field) for field in record.of("100", "110")),
        *(("主编", field) for field in record.of("700", "710")),
    ):
        name = _script(record, field).first("a").rstrip(_MARKS)
        if name:
            yield name, role
