"""SRU on the wire: parameters of a request, XML of an answer, in versions 1.1, 1.2 and 2.0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors import xml
from connectors.sru.messages import Diagnostic, SearchResponse

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


def decode(body: bytes) -> SearchResponse:
    """Return the answer that *body* holds.

    :raises NotSru: if it holds none
    """
    try:
        root = xml.parse(body)
    except xml.NotXml as error:
        raise NotSru(str(error)) from error
    if xml.local(root) != "searchRetrieveResponse":
        raise NotSru(f"a {xml.local(root) or 'nameless'} document")
    data = [found for found in _record_data(root) if found is not None]
    records = tuple(found for found in data if not _is_diagnostic(found))
    complaints = [*_diagnostics(root), *(_diagnostic(found) for found in data if _is_diagnostic(found))]
    return SearchResponse(max(_total(root), len(records)), records, tuple(complaints))


def _total(root: etree._Element) -> int:
    """Return the number of records; a server that complains may leave it out."""
    text = xml.text_of(xml.child(root, "numberOfRecords"))
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0


def _record_data(root: etree._Element) -> Iterator[etree._Element | None]:
    group = xml.child(root, "records")
    for record in () if group is None else xml.children(group, "record"):
        data = xml.child(record, "recordData")
        if data is not None:
            yield _unpacked(data)


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
