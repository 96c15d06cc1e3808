"""OAI-PMH on the wire: parameters of a question, XML of an answer."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors import xml
from connectors.oaipmh.messages import Complaint, Header, Identity, Page, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

_LISTS = ("ListRecords", "ListIdentifiers", "GetRecord")
_SECONDS = "%Y-%m-%dT%H:%M:%SZ"
_DAYS = "%Y-%m-%d"
_MOST_DIGITS = 12
#: A longer token or name is no use of ours: tokens of real repositories stay under a thousand characters.
MOST_TOKEN, MOST_NAME = 8_000, 500
#: What no XML may hold, as bytes and as references: repositories copy it out of their catalogues unseen.
_NOISE = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#0*(?:[0-8]|1[124-9]|2[0-9]|3[01]);|&#[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]);"
)
#: Of a page: a thousand records have three hundred thousand tags and attributes.
_MOST_MARKS = 400_000


class NotOai(ValueError):
    """The answer is none of a repository."""


def identify() -> dict[str, str]:
    return {"verb": "Identify"}


def list_from(
    prefix: str, *, since: str | None = None, part: str | None = None, verb: str = "ListRecords"
) -> dict[str, str]:
    """Return the question for a list: of one *part* (a set), of what changed *since*, or of all."""
    named = {"from": since, "set": part}
    given = {name: value for name, value in named.items() if value}
    return {"verb": verb, "metadataPrefix": prefix, **given}


def list_on(token: str, *, verb: str = "ListRecords") -> dict[str, str]:
    """Return the question for the next part; beside the token nothing may be said."""
    return {"verb": verb, "resumptionToken": token}


def stamp(instant: datetime, *, seconds: bool) -> str:
    """Return *instant* as fine as the repository tells time."""
    return instant.astimezone(UTC).strftime(_SECONDS if seconds else _DAYS)


def instant(text: str) -> datetime | None:
    """Return the instant of a stamp, None if it is none; a day begins at midnight in UTC."""
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)


def decode_identity(body: bytes) -> Identity:
    """Return what the repository says of itself; what it leaves out is the least it could be.

    :raises NotOai: if it says nothing of the kind
    """
    told = xml.child(_root(body), "Identify")
    if told is None:
        raise NotOai("no Identify")

    def said(name: str) -> str:
        return xml.text_of(xml.child(told, name))

    return Identity(
        name=said("repositoryName"),
        tells_seconds=said("granularity").upper().endswith("SSZ"),
        deleted_records=said("deletedRecord").lower() or "no",
        earliest=said("earliestDatestamp"),
    )


def decode(body: bytes) -> Page:
    """Return the part of a list, or the complaints, that *body* holds.

    :raises NotOai: if it holds neither
    """
    root = _root(body)
    complaints = tuple(_complaints(root))
    told = next((found for name in _LISTS for found in xml.children(root, name)), None)
    said_at = xml.text_of(xml.child(root, "responseDate"))
    if told is None:
        if not complaints:
            raise NotOai("neither a list nor an error")
        return Page(said_at=said_at, complaints=complaints)
    token = xml.child(told, "resumptionToken")
    return Page(
        records=tuple(_records(told)),
        token=_token(token),
        total=None if token is None else _number(token.get("completeListSize", "")),
        said_at=said_at,
        complaints=complaints,
    )


def _root(body: bytes) -> etree._Element:
    root = _parsed(body)
    if xml.local(root) != "OAI-PMH":
        raise NotOai(f"a {xml.local(root) or 'nameless'} document")
    return root


def _parsed(body: bytes) -> etree._Element:
    try:
        return xml.parse(body, most=_MOST_MARKS)
    except xml.NotXml as error:
        clean = _NOISE.sub(b"", body)
        if clean == body:
            raise NotOai(str(error)) from error
    try:
        return xml.parse(clean, most=_MOST_MARKS)
    except xml.NotXml as error:
        raise NotOai(str(error)) from error


def _complaints(root: etree._Element) -> Iterator[Complaint]:
    for found in xml.children(root, "error"):
        yield Complaint(found.get("code", "").strip(), xml.text_of(found))


def _records(told: etree._Element) -> Iterator[Record]:
    """Return the records of a list; one that is not named, or by a name of no end, is left out."""
    for found in told:
        name = xml.local(found)
        header = found if name == "header" else xml.child(found, "header") if name == "record" else None
        read = None if header is None else _header(header)
        if read is not None:
            yield Record(read, None if read.is_deleted else _metadata(found))


def _header(found: etree._Element) -> Header | None:
    identifier = xml.text_of(xml.child(found, "identifier"))
    if not 0 < len(identifier) <= MOST_NAME:
        return None
    return Header(
        identifier=identifier,
        datestamp=xml.text_of(xml.child(found, "datestamp")),
        is_deleted=found.get("status", "").strip().lower() == "deleted",
    )


def _metadata(found: etree._Element) -> etree._Element | None:
    metadata = xml.child(found, "metadata")
    return None if metadata is None else next(iter(metadata), None)


def _token(found: etree._Element | None) -> str | None:
    """Return what to ask on by; an empty one says that the list is at its end."""
    token = xml.text_of(found)
    if len(token) > MOST_TOKEN:
        raise NotOai(f"a token of {len(token)} characters")
    return token or None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None
