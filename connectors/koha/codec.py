"""Koha's REST API on the wire: JSON, MARC in JSON or in XML, and complaints in all their shapes."""

from __future__ import annotations

import base64
import json
import re
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

from connectors import jsontext, xml
from connectors.koha.messages import Complaint, Item, Patron, Token
from connectors.marc import marcxml
from connectors.marc.records import Field, MarcRecord
from connectors.ports import MOST_RECORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

JSON = "application/json"
MARC_IN_JSON = "application/marc-in-json"
MARCXML = "application/marcxml+xml"

_LONGEST = 300
#: As much of a page as is looked at for its words: a longer one could be made to take long.
_PAGE = 4096
_BIGGEST = 2**53
_HOUR = 3600.0
_UNAUTHORIZED, _FORBIDDEN = 401, 403
_ABOUT_US = re.compile(
    r"authenti|authorization failure|permission|unauthorized|invalid_client|access_denied",
    re.IGNORECASE,
)
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)

#: What keeps a copy in the house, as Koha calls it; anything but nothing or 0 there does.
_BARS = (
    "checked_out_date", "lost_status", "withdrawn", "not_for_loan_status", "effective_not_for_loan_status",
    "damaged_status", "restricted_status", "transfer", "first_hold", "checkout", "recall", "in_bundle",
)  # fmt: skip

#: What keeps a patron from borrowing, with what it means.
_BLOCKS = {
    "restricted": "restricted",
    "patron_card_lost": "card reported lost",
    "incorrect_address": "address not confirmed",
}


class NotKoha(ValueError):
    """The answer is not what Koha's API says there."""


# ---------------------------------------------------------------- JSON


def encode(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def json_of(body: bytes) -> Any:
    """Return what *body* says.

    :raises NotKoha: if it is not JSON
    """
    try:
        return jsontext.parse(body)
    except jsontext.NotJson as error:
        raise NotKoha(str(error)) from error


def objects(body: bytes) -> tuple[dict[str, Any], ...]:
    """Return the list of objects in *body*.

    :raises NotKoha: if it is anything else
    """
    content = json_of(body)
    if not isinstance(content, list) or not all(isinstance(each, dict) for each in content):
        raise NotKoha("not a list of objects")
    return tuple(content)


def single(body: bytes) -> dict[str, Any]:
    """Return the object in *body*.

    :raises NotKoha: if it is anything else
    """
    content = json_of(body)
    if not isinstance(content, dict):
        raise NotKoha("not an object")
    return content


def text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    return xml.speakable(value).strip() if isinstance(value, str) else ""


def number(content: Mapping[str, Any], name: str) -> int:
    """Return the id under *name*.

    :raises NotKoha: if there is none
    """
    value = content.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < _BIGGEST:
        raise NotKoha(f"no {name}")
    return value


# ---------------------------------------------------------------- who we are


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def token(body: bytes) -> Token:
    """Return the token in *body*.

    :raises NotKoha: if there is none
    """
    content = single(body)
    said = text(content, "access_token")
    if not said.isascii() or not said.isprintable() or not said:
        raise NotKoha("no token")
    lasts = content.get("expires_in")
    known = isinstance(lasts, int | float) and 0 < lasts < _BIGGEST
    return Token(said, float(lasts) if known else _HOUR)  # type: ignore[arg-type]  # known is what narrows it


# ---------------------------------------------------------------- complaints


def complaint(status: int, body: bytes) -> Complaint:
    """Return what Koha complains of: an object with an error or with errors, a list, a text, or a page."""
    try:
        content = json_of(body)
    except NotKoha:
        content = _TAGS.sub(" ", body[:_PAGE].decode(errors="replace"))
    said = "; ".join(filter(None, (_short(part) for part in _texts(content))))
    code = text(content, "error_code") if isinstance(content, dict) else ""
    lacks = isinstance(content, dict) and "required_permissions" in content
    about_us = status == _UNAUTHORIZED or (
        status == _FORBIDDEN and (lacks or _ABOUT_US.search(said) is not None)
    )
    return Complaint(status, _short(said), _short(code), about_us)


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for each in content:
            yield from _texts(each)
    elif isinstance(content, dict):
        said = text(content, "error") or text(content, "message")
        where = text(content, "path")
        yield f"{where}: {said}" if said and where else said
        if isinstance(content.get("errors"), list):
            yield from _texts(content["errors"])


def _short(said: str) -> str:
    return " ".join(xml.speakable(said).split())[:_LONGEST]


# ---------------------------------------------------------------- records


def records(body: bytes, *, most: int = MOST_RECORDS) -> tuple[MarcRecord, ...]:
    """Return the first *most* records in *body*, in XML or in JSON, whatever the answer calls itself.

    :raises NotKoha: if it is neither
    """
    if body.lstrip()[:1] == b"<":
        return tuple(islice(_xml_records(body), most))
    return tuple(_json_record(each) for each in objects(body)[:most])


def _xml_records(body: bytes) -> Iterator[MarcRecord]:
    try:
        root = xml.parse(body)
    except xml.NotXml as error:
        raise NotKoha(f"not XML: {error}") from error
    if xml.local(root) not in {"collection", "record"}:
        raise NotKoha(f"a {xml.local(root)} document")
    found = (marcxml.marc_record(each) for each in xml.descendants(root, "record"))
    return (record for record in found if record is not None)


def _json_record(content: Mapping[str, Any]) -> MarcRecord:
    fields = content.get("fields")
    if not isinstance(fields, list):
        raise NotKoha("a record without fields")
    control: list[tuple[str, str]] = []
    data: list[Field] = []
    for tag, value in (pair for each in fields if isinstance(each, dict) for pair in each.items()):
        if isinstance(value, str):
            control.append((tag, xml.speakable(value)))
        elif isinstance(value, dict):
            data.append(Field(tag, _indicators(value), tuple(_subfields(value))))
    return MarcRecord(text(content, "leader"), tuple(control), tuple(data))


def _indicators(value: Mapping[str, Any]) -> str:
    return "".join((str(value.get(name) or " "))[:1] for name in ("ind1", "ind2"))


def _subfields(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    listed = value.get("subfields")
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict):
            for code, said in each.items():
                if isinstance(said, str):
                    yield code, xml.speakable(said)


# ---------------------------------------------------------------- items and patrons


def item(content: Mapping[str, Any]) -> Item:
    """Return the copy that *content* describes.

    :raises NotKoha: if it describes none
    """
    return Item(
        item_id=number(content, "item_id"),
        biblio_id=number(content, "biblio_id"),
        barcode=text(content, "external_id"),
        call_number=text(content, "callnumber"),
        collection=text(content, "collection_code"),
        item_type=text(content, "item_type_id"),
        shelf=text(content, "location"),
        note=text(content, "public_notes"),
        is_available=not any(_is_set(content.get(name)) for name in _BARS),
    )


def _is_set(value: Any) -> bool:
    return value not in (None, 0, "", "0", False)


def patron(content: Mapping[str, Any]) -> Patron:
    """Return the patron that *content* describes.

    :raises NotKoha: if it describes none
    """
    names = (text(content, "surname"), text(content, "firstname"))
    return Patron(
        patron_id=number(content, "patron_id"),
        card_number=text(content, "cardnumber"),
        name=", ".join(filter(None, names)),
        email=text(content, "email"),
        phone=text(content, "mobile") or text(content, "phone"),
        category=text(content, "category_id"),
        expires=_day(text(content, "expiry_date")),
        blocks=tuple(meaning for name, meaning in _BLOCKS.items() if _is_set(content.get(name))),
    )


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said[: len("2026-01-01")])
    except ValueError:
        return None
