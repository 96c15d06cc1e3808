"""MARC records in XML, whatever namespace they come in."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lxml import etree

from connectors.marc.records import Field, MarcRecord
from connectors.xml import child, descendants, speakable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

SLIM = "http://www.loc.gov/MARC21/slim"
CNMARC = "http://www.nlc.cn/"

_INDICATORS = 2


def marc_record(element: etree._Element) -> MarcRecord | None:
    """Return the first MARC record in or under *element*, None where there is none."""
    for found in descendants(element, "record"):
        if child(found, "datafield") is not None:
            return _Unread(found)
    return None


class _Unread(MarcRecord):
    """A record whose fields are read when they are asked for: most of them nobody ever asks for."""

    _elements: list[etree._Element]

    def __init__(self, element: etree._Element) -> None:
        # Names in any namespace are compared in C: this is the inner loop of every search.
        leader = next(element.iterchildren("{*}leader"), None)
        control = element.iterchildren("{*}controlfield")
        object.__setattr__(self, "leader", "" if leader is None else leader.text or "")
        object.__setattr__(self, "control", tuple((item.get("tag", ""), item.text or "") for item in control))
        object.__setattr__(self, "_elements", list(element.iterchildren("{*}datafield")))

    def under(self, tag: str) -> Sequence[Field]:
        if tag not in self._known:
            self._known[tag] = [_field(item) for item in self._tagged.get(tag, ())]
        return self._known[tag]

    def among(self, tags: Collection[str]) -> Iterator[Field]:
        known = {tag: iter(self.under(tag)) for tag in self._tagged if tag in tags}
        return (next(known[tag]) for item in self._elements if (tag := item.get("tag", "")) in known)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        return tuple(map(_field, self._elements))

    @cached_property
    def _known(self) -> dict[str, list[Field]]:
        return {}

    @cached_property
    def _tagged(self) -> dict[str, list[etree._Element]]:
        found: defaultdict[str, list[etree._Element]] = defaultdict(list)
        for item in self._elements:
            found[item.get("tag", "")].append(item)
        return found


def _field(element: etree._Element) -> Field:
    indicators = (element.get("ind1") or " ")[:1] + (element.get("ind2") or " ")[:1]
    subfields = [(item.get("code", ""), item.text or "") for item in element.iterchildren("{*}subfield")]
    return Field(element.get("tag", ""), indicators, tuple(subfields))


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
