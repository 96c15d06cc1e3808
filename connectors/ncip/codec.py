"""NCIP on the wire: our messages as XML valid by its schema, and answers that keep to it loosely."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, assert_never

from lxml import etree

from connectors import xml
from connectors.ncip import messages
from connectors.ncip.messages import Address, Block, Privilege, Problem, Response, Span, UserFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    from connectors.ncip.messages import Credential, Identifier, Initiation, Message, Term, Work

    Read = TypeVar("Read")

NAMESPACE = "http://www.niso.org/2008/ncip"
VERSION = "http://www.niso.org/schemas/ncip/v2_02/ncip_v2_02.xsd"

#: The prefix is for attributes: the schema wants them qualified, and an attribute has no default namespace.
_PREFIXES: dict[Any, str] = {None: NAMESPACE, "ncip": NAMESPACE}
_MEGABYTE = 1024 * 1024
#: The most of one kind (problems, blocks, addresses) that is read of one answer, and the longest text.
_MOST = 50
_LONGEST = 1000
_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.\d{1,12})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)


class NotNcip(ValueError):
    """The bytes are no NCIP message that can be read."""


# ---------------------------------------------------------------- writing


def encode(message: Message) -> bytes:
    """Return *message* as XML; characters that XML cannot hold are left out."""
    root = etree.Element(_qualified("NCIPMessage"), nsmap=_PREFIXES)
    root.set(_qualified("version"), VERSION)
    service = _add(root, type(message).__name__)
    _header(service, message)
    _body(service, message)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _body(parent: etree._Element, message: Message) -> None:
    match message:
        case messages.LookupUser():
            _look_up(parent, message)
        case messages.RequestItem():
            _request(parent, message)
        case messages.CancelRequestItem():
            _number(parent, "User", message.user)
            _number(parent, "Request", message.request)
            _term(parent, "RequestType", message.request_type)
        case messages.AcceptItem():
            _accept(parent, message)
        case messages.CheckOutItem() | messages.RenewItem():
            _number(parent, "User", message.user)
            _number(parent, "Item", message.item)
            if message.due is not None:
                _add(parent, "DesiredDateDue", message.due.isoformat(timespec="seconds"))
        case messages.CheckInItem() | messages.DeleteItem():
            _number(parent, "Item", message.item)
        case _:
            assert_never(message)


def _header(parent: etree._Element, message: Initiation) -> None:
    header = _add(parent, "InitiationHeader")
    _term(_add(header, "FromAgencyId"), "AgencyId", message.from_agency)
    _term(_add(header, "ToAgencyId"), "AgencyId", message.to_agency)
    _term(header, "ApplicationProfileType", message.application_profile)


def _look_up(parent: etree._Element, message: messages.LookupUser) -> None:
    _number(parent, "User", message.user)
    for credential in message.credentials:
        _credential(parent, credential)
    for wanted in message.wanted:
        _term(parent, "UserElementType", wanted)


def _credential(parent: etree._Element, credential: Credential) -> None:
    shown = _add(parent, "AuthenticationInput")
    _add(shown, "AuthenticationInputData", credential.data)
    _term(shown, "AuthenticationDataFormatType", credential.form)
    _term(shown, "AuthenticationInputType", credential.kind)


def _request(parent: etree._Element, message: messages.RequestItem) -> None:
    _number(parent, "User", message.user)
    if message.record is not None:
        record = _add(_add(parent, "BibliographicId"), "BibliographicRecordId")
        _add(record, "BibliographicRecordIdentifier", message.record.value)
        _add(record, "AgencyId", message.record.agency or message.to_agency.value)
    _number(parent, "Item", message.item)
    _number(parent, "Request", message.request)
    _term(parent, "RequestType", message.request_type)
    _term(parent, "RequestScopeType", message.scope)
    _optional(parent, "PickupLocation", message.pickup_location)


def _accept(parent: etree._Element, message: messages.AcceptItem) -> None:
    _number(parent, "Request", message.request)
    _term(parent, "RequestedActionType", message.action)
    _number(parent, "User", message.user)
    _number(parent, "Item", message.item)
    _description(_add(parent, "ItemOptionalFields"), message.work)
    _optional(parent, "PickupLocation", message.pickup_location)


def _description(parent: etree._Element, work: Work) -> None:
    described = _add(parent, "BibliographicDescription")
    _optional(described, "Author", work.author)
    if work.isbn:
        number = _add(described, "BibliographicItemId")
        _add(number, "BibliographicItemIdentifier", work.isbn)
        _add(number, "BibliographicItemIdentifierCode", "ISBN")
    _add(described, "Title", work.title)


def _number(parent: etree._Element, what: str, number: Identifier | None) -> None:
    """Write a UserId, ItemId or RequestId."""
    if number is None:
        return
    element = _add(parent, f"{what}Id")
    _optional(element, "AgencyId", number.agency)
    _term(element, f"{what}IdentifierType", number.kind)
    _add(element, f"{what}IdentifierValue", number.value)


def _term(parent: etree._Element, name: str, term: Term | None) -> None:
    if term is None:
        return
    element = _add(parent, name, term.value)
    if term.scheme:
        element.set(_qualified("Scheme"), xml.speakable(term.scheme))


def _optional(parent: etree._Element, name: str, text: str | None) -> None:
    if text:
        _add(parent, name, text)


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, _qualified(name))
    if text is not None:
        element.text = xml.speakable(text)
    return element


def _qualified(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


# ---------------------------------------------------------------- reading


def decode(body: bytes) -> Response:
    """Return the answer that *body* holds, whatever it says of its version and namespace.

    :raises NotNcip: if it holds none
    """
    if len(body) > _MEGABYTE:
        raise NotNcip("larger than a megabyte")
    try:
        root = xml.parse(body)
    except xml.NotXml as error:
        raise NotNcip(str(error)) from error
    if xml.local(root) != "NCIPMessage":
        raise NotNcip(f"a {xml.local(root) or 'nameless'} document")
    service = next((part for part in root if xml.local(part) not in {"Problem", "Ext"}), None)
    complaints = _some(root, "Problem", _problem)
    if service is None:
        if not complaints:
            raise NotNcip("an empty message")
        return Response(problems=complaints)
    return _answer(service, complaints)


def _answer(service: etree._Element, complaints: tuple[Problem, ...]) -> Response:
    facts = xml.child(service, "UserOptionalFields")
    return Response(
        service=xml.local(service),
        problems=(*complaints, *_some(service, "Problem", _problem)),
        user=_value(service, "User"),
        item=_value(service, "Item"),
        request=_value(service, "Request"),
        due=_moment(_text(service, "DateDue")),
        facts=UserFacts() if facts is None else _facts(facts),
    )


def _problem(element: etree._Element) -> Problem:
    names = ("ProblemType", "ProblemDetail", "ProblemElement", "ProblemValue")
    return Problem(*(_text(element, name) for name in names))


def _facts(element: etree._Element) -> UserFacts:
    return UserFacts(
        name=_name(element),
        addresses=tuple(found for found in _some(element, "UserAddressInformation", _address) if found.data),
        privileges=_some(element, "UserPrivilege", _privilege),
        blocks=_some(element, "BlockOrTrap", _block),
    )


def _name(element: etree._Element) -> str:
    """Return the name as the library writes it whole, or put together from its parts."""
    whole = next(xml.descendants(element, "UnstructuredPersonalUserName"), None)
    if whole is not None and xml.text_of(whole):
        return _clipped(whole)
    parts = next(xml.descendants(element, "StructuredPersonalUserName"), None)
    if parts is None:
        return ""
    named = " ".join(text for name in ("GivenName", "Surname") if (text := _text(parts, name)))
    return named[:_LONGEST]


def _address(element: etree._Element) -> Address:
    wire = xml.child(element, "ElectronicAddress")
    if wire is None:
        return Address("", "")
    return Address(_text(wire, "ElectronicAddressType"), _text(wire, "ElectronicAddressData"))


def _privilege(element: etree._Element) -> Privilege:
    status = xml.child(element, "UserPrivilegeStatus")
    said = "" if status is None else _text(status, "UserPrivilegeStatusType")
    return Privilege(_text(element, "AgencyUserPrivilegeType"), said, _span(element))


def _block(element: etree._Element) -> Block:
    return Block(_text(element, "BlockOrTrapType"), _span(element))


def _span(element: etree._Element) -> Span:
    return Span(_moment(_text(element, "ValidFromDate")), _moment(_text(element, "ValidToDate")))


def _value(service: etree._Element, what: str) -> str | None:
    number = xml.child(service, f"{what}Id")
    return (None if number is None else _text(number, f"{what}IdentifierValue")) or None


def _moment(text: str) -> datetime | None:
    """Return an instant with the offset it was written with, UTC if it has none; None if it is no instant."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    numbers = [int(part or 0) for part in found.groups()[:6]]
    try:
        return datetime(*numbers[:6], tzinfo=_offset(found[7]))  # type: ignore[misc,arg-type]  # six numbers, which the type of a list does not say
    except ValueError:
        return None


def _offset(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    digits = text[1:].replace(":", "")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(ahead if text[0] == "+" else -ahead)


def _some(element: etree._Element, name: str, read: Callable[[etree._Element], Read]) -> tuple[Read, ...]:
    """Return the first of the children of that name, as many as are ever read."""
    return tuple(read(child) for child in _first(xml.children(element, name)))


def _first(elements: Iterator[etree._Element]) -> Iterator[etree._Element]:
    return (element for element, _ in zip(elements, range(_MOST), strict=False))


def _text(element: etree._Element, name: str) -> str:
    found = xml.child(element, name)
    return "" if found is None else _clipped(found)


def _clipped(element: etree._Element) -> str:
    return xml.text_of(element)[:_LONGEST]
