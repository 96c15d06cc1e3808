"""The SRU server of a sandbox library, version 1.2, in three answers: explain, records, diagnostics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from connectors import xml
from connectors.marc import marcxml
from connectors.sandbox import cql
from connectors.sandbox.shelf import outgoing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.sandbox.catalogue import Catalogue
    from connectors.sandbox.shelf import Title

SRW = "http://www.loc.gov/zing/srw/"
_DIAGNOSTIC = "http://www.loc.gov/zing/srw/diagnostic/"
_EXPLAIN = "http://explain.z3950.org/dtd/2.0/"
_MOST = 100
_FEW = 10
_MARCXML = "info:srw/schema/1/marcxml-v1.1"
_UNIMARCXML = "info:srw/schema/8/unimarcxml-v0.1"
_SCHEMAS = {
    "marc21": frozenset({"marcxml", _MARCXML}),
    # A Chinese server sends CNMARC whichever of these it is asked for.
    "cnmarc": frozenset({"marcxml", "cnmarcxml", "unimarcxml", _MARCXML, _UNIMARCXML}),
}
_INDEXES = (
    "cql.serverChoice", "dc.title", "dc.creator", "dc.subject", "dc.publisher", "dc.date",
    "bath.isbn", "bath.issn", "rec.id",
)  # fmt: skip
_MESSAGES = {
    4: "Unsupported operation",
    5: "Unsupported version",
    6: "Unsupported parameter value",
    7: "Mandatory parameter not supplied",
    10: "Query syntax error",
    16: "Unsupported index",
    19: "Unsupported relation",
    61: "First record position out of range",
    66: "Unknown schema for retrieval",
    71: "Unsupported record packing",
}


def answer(catalogue: Catalogue, params: Mapping[str, str], *, library: str, marc: str) -> bytes:
    """Return the answer to a request with these parameters."""
    try:
        return _answer(catalogue, params, library=library, marc=marc)
    except cql.CqlFault as fault:
        return _bytes(_diagnosed(_response(0), fault))


def _answer(catalogue: Catalogue, params: Mapping[str, str], *, library: str, marc: str) -> bytes:
    operation = params.get("operation", "searchRetrieve" if "query" in params else "explain")
    if operation == "explain":
        return _bytes(_explain(library))
    if operation != "searchRetrieve":
        raise cql.CqlFault(4, operation)
    if params.get("version", "1.2") not in {"1.1", "1.2"}:
        raise cql.CqlFault(5, params["version"])
    if not params.get("query", "").strip():
        raise cql.CqlFault(7, "query")
    schema = params.get("recordSchema", "marcxml")
    if schema not in _SCHEMAS[marc]:
        raise cql.CqlFault(66, schema)
    packing = params.get("recordPacking", "xml")
    if packing not in {"xml", "string"}:
        raise cql.CqlFault(71, packing)
    start, size = _number(params, "startRecord", 1, least=1), _number(params, "maximumRecords", _FEW, least=0)
    found = catalogue.search(cql.parse(params["query"]))
    root = _response(len(found))
    if start > max(1, len(found)):
        return _bytes(_diagnosed(root, cql.CqlFault(61, str(start))))
    chosen = found[start - 1 :][: min(size, _MOST)]
    sent = [_sent(title, library, chinese=marc == "cnmarc") for title in chosen]
    _add_records(root, sent, start=start, packing=packing)
    return _bytes(root)


def _number(params: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    text = params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(2**31)) and int(text) >= least):
        raise cql.CqlFault(6, name)
    return int(text)


def _sent(title: Title, library: str, *, chinese: bool) -> etree._Element:
    record = outgoing(title, library=library, cnmarc=chinese)
    return marcxml.marc_element(record, namespace=marcxml.CNMARC if chinese else marcxml.SLIM)


def _add_records(root: etree._Element, sent: list[etree._Element], *, start: int, packing: str) -> None:
    group = _add(root, "records") if sent else root
    for position, data in enumerate(sent, start):
        record = _add(group, "record")
        _add(record, "recordSchema", "cnmarcxml" if marcxml.CNMARC in data.tag else _MARCXML)
        _add(record, "recordPacking", packing)
        box = _add(record, "recordData")
        if packing == "xml":
            box.append(data)
        else:
            box.text = etree.tostring(data, encoding="unicode")
        _add(record, "recordPosition", str(position))


def _response(total: int) -> etree._Element:
    root = etree.Element(f"{{{SRW}}}searchRetrieveResponse", nsmap={"zs": SRW})
    _add(root, "version", "1.2")
    _add(root, "numberOfRecords", str(total))
    return root


def _diagnosed(root: etree._Element, fault: cql.CqlFault) -> etree._Element:
    diagnostic = etree.SubElement(_add(root, "diagnostics"), f"{{{_DIAGNOSTIC}}}diagnostic")
    told = {"uri": f"info:srw/diagnostic/1/{fault.code}", "details": fault.details}
    for name, text in {**told, "message": _MESSAGES[fault.code]}.items():
        etree.SubElement(diagnostic, f"{{{_DIAGNOSTIC}}}{name}").text = xml.speakable(text)
    return root


def _explain(library: str) -> etree._Element:
    root = etree.Element(f"{{{SRW}}}explainResponse", nsmap={"zs": SRW})
    _add(root, "version", "1.2")
    record = _add(root, "record")
    _add(record, "recordSchema", _EXPLAIN)
    _add(record, "recordPacking", "xml")
    explain = etree.SubElement(_add(record, "recordData"), f"{{{_EXPLAIN}}}explain")
    about = etree.SubElement(explain, f"{{{_EXPLAIN}}}databaseInfo")
    etree.SubElement(about, f"{{{_EXPLAIN}}}title").text = library
    indexes = etree.SubElement(explain, f"{{{_EXPLAIN}}}indexInfo")
    for full in _INDEXES:
        context, _, name = full.partition(".")
        index = etree.SubElement(etree.SubElement(indexes, f"{{{_EXPLAIN}}}index"), f"{{{_EXPLAIN}}}map")
        etree.SubElement(index, f"{{{_EXPLAIN}}}name", set=context).text = name
    return root


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{SRW}}}{name}")
    element.text = text
    return element


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
