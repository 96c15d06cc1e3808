"""MARC records in XML, whatever namespace they come in."""

from __future__ import annotations

from typing import Any

from lxml import etree

from connectors.marc.records import Field, MarcRecord
from connectors.xml import child, descendants, speakable

SLIM = "http://www.loc.gov/MARC21/slim"
CNMARC = "http://www.nlc.cn/"

_INDICATORS = 2


def marc_record(element: etree._Element) -> MarcRecord | None:
    """Return the first MARC record in or under *element*, None where there is none."""
    for found in descendants(element, "record"):
        if child(found, "datafield") is not None:
            return _record(found)
    return None


def _record(element: etree._Element) -> MarcRecord:
    leader = ""
    control: list[tuple[str, str]] = []
    fields: list[Field] = []
    for item in element:
        name = item.tag
        if name.endswith("datafield"):
            fields.append(_field(item, item.get("tag", "")))
        elif name.endswith("controlfield"):
            control.append((item.get("tag", ""), item.text or ""))
        elif name.endswith("leader"):
            leader = item.text or ""
    return MarcRecord(leader, tuple(control), tuple(fields))


def _field(element: etree._Element, tag: str) -> Field:
    indicators = (element.get("ind1") or " ")[:1] + (element.get("ind2") or " ")[:1]
    # The inner loop of every search: one comparison that runs in C for each of a hundred thousand elements.
    subfields = tuple(
        (item.get("code", ""), item.text or "") for item in element if item.tag.endswith("subfield")
    )
    return Field(tag, indicators, subfields)


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
