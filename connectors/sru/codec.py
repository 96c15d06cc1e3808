"""SRU on the wire: parameters of a request, XML of an answer, in versions 1.1, 1.2 and 2.0."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from connectors import xml
from connectors.ports import MOST_RECORDS
from connectors.sru.messages import Diagnostic, Explanation, Record, SearchResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from connectors.sru.messages import SearchRequest

_SECOND = "2.0"
_MOST_DIGITS = 12


class NotSru(ValueError):
    """The answer is not a searchRetrieve response."""


def parameters(request: SearchRequest) -> dict[str, str]:
    """Return the request as parameters of a URL."""
    second = request.version == _SECOND
    params = {"version": request.version, "query": request.query}
    if not second:
        params["operation"] = "searchRetrieve"
    params |= {"startRecord": str(request.start), "maximumRecords": str(request.size)}
    if request.schema:
        params["recordSchema"] = request.schema
    if request.packing:
        params["recordXMLEscaping" if second else "recordPacking"] = request.packing
    return params


def explain_parameters(version: str) -> dict[str, str]:
    """Return the question what a server offers as parameters of a URL; from 2.0 on it has no words."""
    return {} if version == _SECOND else {"version": version, "operation": "explain"}


def decode(body: bytes, *, most: int = MOST_RECORDS) -> SearchResponse:
    """Return the answer that *body* holds, with its first *most* records.

    :raises NotSru: if it holds none
    """
    try:
        root = xml.parse(body)
    except xml.NotXml as error:
        raise NotSru(str(error)) from error
    if xml.local(root) != "searchRetrieveResponse":
        return _complaint(root)
    told = list(islice(_records(root), most))
    records = tuple(record for record in told if not _is_diagnostic(record.data))
    beside = (_diagnostic(record.data) for record in told if _is_diagnostic(record.data))
    return SearchResponse(
        max(_total(root), len(records)), records, (*_diagnostics(root), *beside), taken=len(told)
    )


def _complaint(root: etree._Element) -> SearchResponse:
    """Return the complaints of a server that answers with nothing else, or explains itself instead."""
    found = tuple(map(_diagnostic, xml.descendants(root, "diagnostic")))
    if not found:
        raise NotSru(f"a {xml.local(root) or 'nameless'} document")
    return SearchResponse(0, (), found)


def decode_explanation(body: bytes) -> Explanation:
    """Return what the explain record in *body* says.

    :raises NotSru: if there is none
    """
    try:
        root = xml.parse(body)
    except xml.NotXml as error:
        raise NotSru(str(error)) from error
    explain = next(xml.descendants(root, "explain"), None)
    if explain is None:
        data = next(xml.descendants(root, "recordData"), None)
        explain = None if data is None else _unpacked(data)
    if explain is None or xml.local(explain) != "explain":
        raise NotSru("no explain record")
    server = xml.child(explain, "serverInfo")
    return Explanation(
        frozenset(_index_names(explain)),
        frozenset(_schema_names(explain)),
        "" if server is None else server.get("version", ""),
    )


def _index_names(explain: etree._Element) -> Iterator[str]:
    for index in xml.descendants(explain, "index"):
        for name in xml.descendants(index, "name"):
            context, plain = name.get("set", ""), xml.text_of(name)
            yield f"{context}.{plain}" if context else plain


def _schema_names(explain: etree._Element) -> Iterator[str]:
    for schema in xml.descendants(explain, "schema"):
        yield from filter(None, (schema.get("name"), schema.get("identifier")))


def _total(root: etree._Element) -> int:
    """Return the number of records; a server that complains may leave it out."""
    text = xml.text_of(xml.child(root, "numberOfRecords"))
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0


def _records(root: etree._Element) -> Iterator[Record]:
    group = xml.child(root, "records")
    for record in () if group is None else xml.children(group, "record"):
        data = xml.child(record, "recordData")
        content = None if data is None else _unpacked(data)
        if content is not None:
            yield Record(content, xml.text_of(xml.child(record, "recordIdentifier")))


def _unpacked(data: etree._Element) -> etree._Element | None:
    """Return the record in *data*, as XML or as escaped text, whatever the server calls it."""
    if len(data):
        return data[0]
    text = xml.text_of(data)
    if not text:
        return None
    try:
        # As bytes: a text may begin with an XML declaration that names an encoding.
        return xml.parse(_without_declaration(text))
    except xml.NotXml as error:
        raise NotSru(f"record: {error}") from error


def _without_declaration(text: str) -> str:
    return text.partition("?>")[2].strip() if text.startswith("<?xml") else text


def _diagnostics(root: etree._Element) -> Iterator[Diagnostic]:
    group = xml.child(root, "diagnostics")
    return (_diagnostic(found) for found in (() if group is None else xml.children(group, "diagnostic")))


def _is_diagnostic(element: etree._Element) -> bool:
    return xml.local(element) == "diagnostic"


def _diagnostic(element: etree._Element) -> Diagnostic:
    uri, message, details = (xml.text_of(xml.child(element, name)) for name in ("uri", "message", "details"))
    return Diagnostic(uri.rpartition("/")[2], message, details)
