"""The NCIP responder of a sandbox library: it knows its readers and what is lent to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request
from lxml import etree

from connectors import xml
from connectors.ncip.codec import NAMESPACE, VERSION
from connectors.sandbox.manners import dawdle, library, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connectors.sandbox.readers import LocalSystem, Reader

_PREFIXES: Any = {None: NAMESPACE, "ncip": NAMESPACE}
#: What a reader is asked for to be believed, by the words of several vendors.
_PINS = frozenset({"pin", "password"})
_CARDS = frozenset({"barcode id", "user id"})

doors = Blueprint("ncip", __name__)


class _Trouble(Exception):
    """The system does not do what it is asked: the problem type, and what it is about."""


@doors.post("/ncip")
def answer() -> Response:
    dawdle()
    try:
        service = next(iter(xml.parse(request.get_data())))
    except (xml.NotXml, StopIteration):
        return shown(_shown("Problem", {"ProblemType": "Invalid Message Syntax Error"}), "application/xml")
    name = xml.local(service)
    obey = _SERVICES.get(name)
    if obey is None:
        return shown(_shown("Problem", {"ProblemType": "Unsupported Service"}), "application/xml")
    try:
        content = obey(service, library().local)
    except _Trouble as trouble:
        kind, detail = trouble.args
        content = {"Problem": {"ProblemType": kind, "ProblemDetail": detail}}
    return shown(_shown(f"{name}Response", content), "application/xml")


# ---------------------------------------------------------------- services


def _look_up(service: etree._Element, system: LocalSystem) -> dict[str, Any]:
    shown = {
        _text(each, "AuthenticationInputType").lower(): _text(each, "AuthenticationInputData")
        for each in xml.descendants(service, "AuthenticationInput")
    }
    card = _text(service, "UserIdentifierValue") or next(
        (said for kind, said in shown.items() if kind in _CARDS), ""
    )
    reader = _reader(system, card)
    pins = [said for kind, said in shown.items() if kind in _PINS]
    if pins and reader.pin not in pins:
        raise _Trouble("User Authentication Failed", "")
    return {"UserId": {"UserIdentifierValue": reader.card}, "UserOptionalFields": _facts(reader)}


def _facts(reader: Reader) -> dict[str, Any]:
    names = {"GivenName": reader.given_name, "Surname": reader.surname}
    block = {"BlockOrTrap": {"AgencyId": "sandbox", "BlockOrTrapType": reader.block}} if reader.block else {}
    return {
        "NameInformation": {"PersonalNameInformation": {"StructuredPersonalUserName": names}},
        "UserAddressInformation": [_address("mailto", reader.email), _address("tel", reader.phone)],
        "UserPrivilege": {
            "AgencyId": "sandbox",
            "AgencyUserPrivilegeType": reader.category,
            "ValidToDate": f"{reader.valid_until}T23:59:59+08:00",
        },
        **block,
    }


def _address(kind: str, said: str) -> dict[str, Any]:
    wire = {"ElectronicAddressType": kind, "ElectronicAddressData": said}
    return {"UserAddressRoleType": "Home", "ElectronicAddress": wire}


def _accept(service: etree._Element, system: LocalSystem) -> dict[str, Any]:
    reader = _reader(system, _text(service, "UserIdentifierValue"))
    barcode = _text(service, "ItemIdentifierValue")
    if not barcode:
        raise _Trouble("Needed Data Missing", "ItemIdentifierValue")
    system.accept(barcode, _text(service, "Title"), reader.card)
    return {
        "RequestId": {"RequestIdentifierValue": _text(service, "RequestIdentifierValue")},
        "ItemId": {"ItemIdentifierValue": barcode},
    }


def _check_out(service: etree._Element, system: LocalSystem) -> dict[str, Any]:
    reader = _reader(system, _text(service, "UserIdentifierValue"))
    barcode, due = _item(service, system), _text(service, "DesiredDateDue")
    if reader.block:
        raise _Trouble("User Blocked", reader.block)
    if not system.lend(barcode, reader.card, due):
        raise _Trouble("Item Already Checked Out", barcode)
    return {
        "ItemId": {"ItemIdentifierValue": barcode},
        "UserId": {"UserIdentifierValue": reader.card},
        "DateDue": due,
    }


def _check_in(service: etree._Element, system: LocalSystem) -> dict[str, Any]:
    barcode = _item(service, system)
    if not system.take_back(barcode):
        raise _Trouble("Item Not Checked Out", barcode)
    return {"ItemId": {"ItemIdentifierValue": barcode}}


def _delete(service: etree._Element, system: LocalSystem) -> dict[str, Any]:
    barcode = _item(service, system)
    if not system.forget(barcode):
        raise _Trouble("Unknown Item", barcode)
    return {"ItemId": {"ItemIdentifierValue": barcode}}


def _request(service: etree._Element, system: LocalSystem) -> dict[str, Any]:
    reader = _reader(system, _text(service, "UserIdentifierValue"))
    number = _text(service, "RequestIdentifierValue")
    system.requests[number] = reader.card
    return {"RequestId": {"RequestIdentifierValue": number}}


def _cancel(service: etree._Element, system: LocalSystem) -> dict[str, Any]:
    number = _text(service, "RequestIdentifierValue")
    if system.requests.pop(number, None) is None:
        raise _Trouble("Unknown Request", number)
    return {"RequestId": {"RequestIdentifierValue": number}}


_SERVICES: Mapping[str, Callable[[etree._Element, LocalSystem], dict[str, Any]]] = {
    "LookupUser": _look_up,
    "AcceptItem": _accept,
    "CheckOutItem": _check_out,
    "RenewItem": _check_out,
    "CheckInItem": _check_in,
    "DeleteItem": _delete,
    "RequestItem": _request,
    "CancelRequestItem": _cancel,
}


def _reader(system: LocalSystem, card: str) -> Reader:
    found = system.reader(card)
    if found is None:
        raise _Trouble("Unknown User", card)
    return found


def _item(service: etree._Element, system: LocalSystem) -> str:
    barcode = _text(service, "ItemIdentifierValue")
    if system.book(barcode) is None:
        raise _Trouble("Unknown Item", barcode)
    return barcode


# ---------------------------------------------------------------- the wire


def _text(element: etree._Element, name: str) -> str:
    # not stripped: a card number with a blank behind it is another one
    found = next(xml.descendants(element, name), None)
    return "" if found is None else found.text or ""


def _shown(name: str, content: Mapping[str, Any]) -> bytes:
    root = etree.Element(f"{{{NAMESPACE}}}NCIPMessage", nsmap=_PREFIXES)
    root.set(f"{{{NAMESPACE}}}version", VERSION)
    _write(root, {name: content})
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _write(parent: etree._Element, content: Mapping[str, Any]) -> None:
    for name, said in content.items():
        for each in said if isinstance(said, list) else [said]:
            element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
            if isinstance(each, str):
                element.text = xml.speakable(each)
            else:
                _write(element, each)
