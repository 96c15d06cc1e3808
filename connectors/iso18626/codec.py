"""ISO 18626 on the wire: bytes to messages, read leniently, and back, valid by the revision asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lxml import etree

from connectors import xml
from connectors.failures import Defect, Unreadable
from connectors.iso18626.layouts import ELEMENT_OF, KINDS, Layout, Part
from connectors.iso18626.messages import Error, ErrorType, Received, Revision
from connectors.iso18626.values import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.iso18626.messages import Message
    from connectors.iso18626.values import Value

NAMESPACE = "http://illtransactions.org/2013/iso18626"
LARGEST = 1024 * 1024

#: elements of one name that are read of one record; the rest is more than anyone means
_MOST = 50
_ROOT = "ISO18626Message"
#: the schema wants its attributes qualified, too
_PREFIXES: Any = {None: NAMESPACE, "ill": NAMESPACE}
_SAME_RECORD = "*"


class NotIso18626(Unreadable):
    """The bytes are no message of this protocol: nobody could be answered in it."""

    def __init__(self, detail: str) -> None:
        super().__init__(Defect("", detail))


class Flawed(Unreadable):
    """A message of this protocol whose content cannot be acted on; *errors* is what its sender is told."""

    def __init__(self, message: Any, revision: Revision, errors: tuple[Error, ...]) -> None:
        super().__init__(*(Defect("", f"{error.type}: {error.value}") for error in errors))
        #: as far as it could be read: what is missing in it is None
        self.message = message
        self.revision = revision
        self.errors = errors


def decode(body: bytes) -> Received:
    """Return the message that *body* holds.

    :raises NotIso18626: if it holds none
    :raises Flawed: with everything that is wrong in it
    """
    element = _message_element(_parsed(body))
    reading = _Reading([])
    message = reading.record(KINDS[xml.local(element)], element, "")
    if reading.errors:
        raise Flawed(message, revision_of(element), tuple(reading.errors[:_MOST]))
    return Received(message, revision_of(element))


def encode(message: Message, revision: Revision) -> bytes:
    """Return *message* as XML that the schema of *revision* allows; what it has no place for is left out."""
    root = etree.Element(_named(_ROOT), nsmap=_PREFIXES)
    root.set(_named("version"), revision.value)
    element = etree.SubElement(root, _named(ELEMENT_OF[type(message)]))
    _write(KINDS[ELEMENT_OF[type(message)]], message, element, revision)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def as_text(body: bytes) -> str:
    """Return *body* as text without its declaration, whatever it was encoded in.

    :raises NotIso18626: if it is not XML
    """
    return etree.tostring(_parsed(body), encoding="unicode")


def revision_of(element: etree._Element) -> Revision:
    """Return the revision of a message: what lies in it decides, and only then what its sender says."""
    counts = dict.fromkeys(Revision, 0)
    for revision in _signs(element):
        counts[revision] += 1
    old, new = counts[Revision.V1_2], counts[Revision.V2021]
    if old != new:
        return Revision.V1_2 if old > new else Revision.V2021
    root = element.getparent()
    versions = () if root is None else (str(root.get(name, "")) for name in ("version", _named("version")))
    said = "".join(versions)
    return Revision.V2021 if said.startswith(("2021", "1.3")) else Revision.V1_2


# ---------------------------------------------------------------- reading


def _parsed(body: bytes) -> etree._Element:
    if len(body) > LARGEST:
        raise NotIso18626(f"larger than {LARGEST} bytes")
    try:
        return xml.parse(body)
    except xml.NotXml as error:
        raise NotIso18626(str(error)) from error


def _message_element(root: etree._Element) -> etree._Element:
    """Return the element of the message, which some send without the element that should be around it."""
    if xml.local(root) in KINDS:
        return root
    found = [child for child in root if xml.local(child) in KINDS]
    if xml.local(root) != _ROOT or len(found) != 1:
        raise NotIso18626("no single message of ISO 18626")
    return found[0]


@dataclass(frozen=True, slots=True)
class _Reading:
    """One pass through a message; whatever is wrong is gathered."""

    errors: list[Error]

    def record(self, layout: Layout, element: etree._Element, path: str) -> Any:
        """Return a record that must be there, with None for what is missing in it."""
        found = self._parts(layout, element, path)
        for name in sorted(layout.needs - found.keys()):
            self._missing(layout, element, path, name)
        return _made(layout, found)

    def _optional(self, layout: Layout, element: etree._Element, path: str) -> Any:
        """Return a record, or None if it says nothing."""
        found = self._parts(layout, element, path)
        return _made(layout, found) if found and layout.needs <= found.keys() else None

    def _parts(self, layout: Layout, element: etree._Element, path: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for part in layout.parts:
            if part.attribute and part.attribute not in found:
                values = [*self._values(part, element, path, is_needed=part.attribute in layout.needs)]
                if values and part.attribute == _SAME_RECORD:
                    found |= values[0]
                elif values:
                    found[part.attribute] = tuple(values) if part.many else values[0]
        return found

    def _values(self, part: Part, element: etree._Element, path: str, *, is_needed: bool) -> Iterator[Any]:
        for node in [*xml.children(element, part.element)][: _MOST if part.many else 1]:
            inside = f"{path}/{part.element}".lstrip("/")
            if not isinstance(part.value, Layout):
                value = self._single(part.value, node, inside)
            elif is_needed:
                value = self.record(part.value, node, inside)
            else:
                value = self._optional(part.value, node, inside)
            if value is not None:
                yield value

    def _single(self, kind: Value, node: etree._Element, path: str) -> Any:
        text = xml.text_of(node)
        if not text:
            return None
        try:
            value = kind.read(text)
        except ValueError:
            self.errors.append(Error(kind.wrong, f"{path}: {shown(text)}"))
            return None
        return None if value == "" else value

    def _missing(self, layout: Layout, element: etree._Element, path: str, name: str) -> None:
        part = next(part for part in layout.parts if part.attribute == name)
        node = xml.child(element, part.element)
        where = f"{path}/{part.element}".lstrip("/")
        if node is None:
            self.errors.append(Error(ErrorType.BADLY_FORMED, f"{where}: missing"))
        elif not xml.text_of(node) and not len(node):
            self.errors.append(Error(ErrorType.UNRECOGNISED_VALUE, f"{where}: empty"))


def _made(layout: Layout, found: dict[str, Any]) -> Any:
    return layout.make(**dict.fromkeys(layout.needs - found.keys()), **found)


# ---------------------------------------------------------------- telling the revisions apart

_ONLY_OLD = frozenset({"sentVia", "deliveredFormat", "preferredFormat"})
_ONLY_NEW = frozenset(
    {"retryInfo", "shippingInfo", "deliveryMethod", "itemFormat", "authorId", "consortialId"}
    | {"preferredEdition", "publisherId", "courierName", "trackingId", "URL"}
)
_IN_INFO = frozenset({"offeredCosts", "retryAfter", "retryBefore"})


def _signs(element: etree._Element) -> Iterator[Revision]:
    """Name a revision for each thing in a message that only one of them has."""
    for node in element.iter():
        name, around = xml.local(node), node.getparent()
        outside = "" if around is None else xml.local(around)
        is_old = name in _ONLY_OLD or (name in _IN_INFO and outside == "messageInfo")
        if is_old or (name == "multipleItemRequestId" and xml.local(element) != "request"):
            yield Revision.V1_2
        elif name in _ONLY_NEW:
            yield Revision.V2021
        elif name == "bibliographicItemId" and len(node):
            is_code = xml.local(node[0]) == "bibliographicItemIdentifierCode"
            yield Revision.V2021 if is_code else Revision.V1_2


# ---------------------------------------------------------------- writing


def _named(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _write(layout: Layout, record: Any, element: etree._Element, revision: Revision) -> None:
    for part in layout.parts:
        if part.is_in(revision):
            for value in _shown(part, record, revision):
                _write_one(part, value, element, revision)


def _shown(part: Part, record: Any, revision: Revision) -> tuple[Any, ...]:
    """Return what is shown of *part*; None where only the schema wants something."""
    if part.attribute == _SAME_RECORD:
        inner = part.value.parts if isinstance(part.value, Layout) else ()
        return (record,) if any(getattr(record, each.attribute) is not None for each in inner) else ()
    value: Any = getattr(record, part.attribute) if part.attribute else None
    if part.many:
        return tuple(value[:1] if part.single_in_old and revision is Revision.V1_2 else value)
    return (value,) if value is not None or part.otherwise is not None else ()


def _write_one(part: Part, value: Any, element: etree._Element, revision: Revision) -> None:
    last = element[-1] if len(element) else None
    if isinstance(part.value, Layout):
        goes_on = last is not None and last.tag == _named(part.element) and not part.many
        inside = last if goes_on and last is not None else etree.SubElement(element, _named(part.element))
        _write(part.value, value, inside, revision)
        return
    node = etree.SubElement(element, _named(part.element))
    node.text = part.otherwise if value is None else part.value.write(value)
