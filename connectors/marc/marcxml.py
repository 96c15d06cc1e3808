"""MARC records in XML, whatever namespace they come in."""

from __future__ import annotations

from typing import Any

from lxml import etree

from connectors.marc.records import Field, MarcRecord
from connectors.xml import local, speakable

SLIM = "http://www.loc.gov/MARC21/slim"
CNMARC = "http://www.nlc.cn/"

_INDICATORS = 2


def marc_record(element: etree._Element) -> MarcRecord | None:
    """Return the first MARC record in or under *element*, None where there is none."""
    # Names in any namespace are compared in C: this is the inner loop of every search.
    for found in element.iter("{*}record"):
        if next(found.iterchildren("{*}datafield"), None) is not None:
            return _read(found)
    return None


def _read(record: etree._Element) -> MarcRecord:
    leader = next(record.iterchildren("{*}leader"), None)
    control = [(item.get("tag", ""), item.text or "") for item in record.iterchildren("{*}controlfield")]
    fields: list[tuple[str, str, list[tuple[str, str]]]] = []
    subfields: list[tuple[str, str]] = []
    for item in record.iter("{*}datafield", "{*}subfield"):
        code = item.get("code")
        if code is None and local(item) == "datafield":
            subfields = []
            indicators = (item.get("ind1") or " ")[:1] + (item.get("ind2") or " ")[:1]
            fields.append((item.get("tag", ""), indicators, subfields))
        else:
            subfields.append((code or "", item.text or ""))
    read = tuple([Field(tag, indicators, tuple(parts)) for tag, indicators, parts in fields])
    return MarcRecord("" if leader is None else leader.text or "", tuple(control), read)


def marc_element(record: MarcRecord, *, namespace: str = SLIM) -> etree._Element:
    """Return *record* as a MARCXML element; characters that XML cannot hold are left out."""
    names: Any = {None: namespace}
    root = etree.Element(f"{{{namespace}}}record", nsmap=names)
    etree.SubElement(root, f"{{{namespace}}}leader").text = speakable(record.leader)
    for tag, value in record.control:
        etree.SubElement(root, f"{{{namespace}}}controlfield", tag=tag).text = speakable(value)
    for field in record.fields:
        marks = field.indicators.ljust(_INDICATORS)
        data = etree.SubElement(
            root, f"{{{namespace}}}datafield", tag=field.tag, ind1=marks[0], ind2=marks[1]
        )
        for code, value in field.subfields:
            etree.SubElement(data, f"{{{namespace}}}subfield", code=code).text = speakable(value)
    return root
