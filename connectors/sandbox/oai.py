"""The OAI-PMH repository of a sandbox library: its titles page by page, and which of them are gone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from lxml import etree

from connectors import xml
from connectors.marc import marcxml
from connectors.sandbox.manners import dawdle, library, shown
from connectors.sandbox.shelf import outgoing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connectors.sandbox.shelf import Title

_NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
_OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
_DC = "http://purl.org/dc/elements/1.1/"
_FORMATS = {"marc21": marcxml.SLIM, "oai_dc": _OAI_DC}
_PAGE = 50
_MOST = 100_000
#: When every title came into the catalogue.
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
_STAMPS = {"%Y-%m-%d": len("2026-01-01"), "%Y-%m-%dT%H:%M:%SZ": len("2026-01-01T00:00:00Z")}
_TOKEN = re.compile(r"(marc21|oai_dc)!([0-9TZ:-]*)!([0-9TZ:-]*)!([0-9]{1,6})")
_LIST = frozenset({"metadataPrefix", "from", "until", "set"})
#: What each verb is told: what it needs, and what it takes.
_ARGUMENTS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "Identify": (frozenset(), frozenset()),
    "ListMetadataFormats": (frozenset(), frozenset({"identifier"})),
    "ListSets": (frozenset(), frozenset({"resumptionToken"})),
    "ListIdentifiers": (frozenset({"metadataPrefix"}), _LIST),
    "ListRecords": (frozenset({"metadataPrefix"}), _LIST),
    "GetRecord": (frozenset({"identifier", "metadataPrefix"}), frozenset({"identifier", "metadataPrefix"})),
}

doors = Blueprint("oai", __name__)


class _Trouble(Exception):
    """An error of the protocol: its code, and what it is about."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A list that is wanted, from a place in it on."""

    prefix: str
    since: str = ""
    until: str = ""
    offset: int = 0

    @property
    def token(self) -> str:
        return f"{self.prefix}!{self.since}!{self.until}!{self.offset}"


@doors.route("/oai", methods=["GET", "POST"])
def answer() -> Response:
    dawdle()
    root = etree.Element(_named("OAI-PMH"), nsmap={None: _NAMESPACE})  # type: ignore[dict-item]  # lxml takes it
    _add(root, "responseDate", _stamp(library().clock.now()))
    asked = _add(root, "request", request.base_url)
    said = request.values.to_dict()
    try:
        verb = _checked(said)
        asked.set("verb", verb)
        _VERBS[verb](_add(root, verb), said)
    except _Trouble as trouble:
        for part in [*root][2:]:
            root.remove(part)
        code, detail = trouble.args
        _add(root, "error", detail).set("code", code)
    return shown(etree.tostring(root, encoding="UTF-8", xml_declaration=True), "text/xml; charset=utf-8")


def _checked(said: Mapping[str, str]) -> str:
    """Return the verb if all that goes with it is right."""
    verb = said.get("verb", "")
    if verb not in _ARGUMENTS:
        raise _Trouble("badVerb", verb)
    needed, taken = _ARGUMENTS[verb]
    given = said.keys() - {"verb"}
    if "resumptionToken" in given and verb.startswith("List"):
        needed, taken = frozenset(), frozenset({"resumptionToken"})
    if given - taken or needed - given or any(len(request.values.getlist(name)) > 1 for name in said):
        raise _Trouble("badArgument", ", ".join(sorted((given - taken) | (needed - given))))
    return verb


# ---------------------------------------------------------------- verbs


def _identify(element: etree._Element, _said: Mapping[str, str]) -> None:
    facts = {
        "repositoryName": library().config.library,
        "baseURL": request.base_url,
        "protocolVersion": "2.0",
        "adminEmail": "nobody@example.org",
        "earliestDatestamp": _stamp(_BEGINNING),
        "deletedRecord": "persistent",
        "granularity": "YYYY-MM-DDThh:mm:ssZ",
    }
    for name, text in facts.items():
        _add(element, name, text)


def _list_formats(element: etree._Element, said: Mapping[str, str]) -> None:
    if "identifier" in said:
        _found(said["identifier"])
    for prefix, namespace in _FORMATS.items():
        told_of = _add(element, "metadataFormat")
        for name, text in (
            ("metadataPrefix", prefix),
            ("schema", namespace),
            ("metadataNamespace", namespace),
        ):
            _add(told_of, name, text)


def _list_sets(_element: etree._Element, _said: Mapping[str, str]) -> None:
    raise _Trouble("noSetHierarchy", "")


def _list_identifiers(element: etree._Element, said: Mapping[str, str]) -> None:
    _list(element, said, lambda title, _prefix: _header(element, title))


def _list_records(element: etree._Element, said: Mapping[str, str]) -> None:
    _list(element, said, lambda title, prefix: _record(element, title, prefix))


def _list(element: etree._Element, said: Mapping[str, str], write: Callable[[Title, str], None]) -> None:
    asked = _wanted(said)
    titles = [title for title in library().catalogue.titles(_MOST) if _is_within(title, asked)]
    page = titles[asked.offset : asked.offset + _PAGE]
    if not page:
        raise _Trouble("noRecordsMatch" if not asked.offset else "badResumptionToken", "")
    for title in page:
        write(title, asked.prefix)
    after = asked.offset + len(page)
    if asked.offset or after < len(titles):
        rest = _Asked(asked.prefix, asked.since, asked.until, after).token if after < len(titles) else ""
        token = _add(element, "resumptionToken", rest)
        token.set("completeListSize", str(len(titles)))
        token.set("cursor", str(asked.offset))


def _get(element: etree._Element, said: Mapping[str, str]) -> None:
    title = _found(said["identifier"])
    _record(element, title, _prefix(said["metadataPrefix"]))


_VERBS: Mapping[str, Callable[[etree._Element, Mapping[str, str]], None]] = {
    "Identify": _identify,
    "ListMetadataFormats": _list_formats,
    "ListSets": _list_sets,
    "ListIdentifiers": _list_identifiers,
    "ListRecords": _list_records,
    "GetRecord": _get,
}


# ---------------------------------------------------------------- what is asked for


def _wanted(said: Mapping[str, str]) -> _Asked:
    if "resumptionToken" in said:
        token = _TOKEN.fullmatch(said["resumptionToken"])
        if token is None:
            raise _Trouble("badResumptionToken", "")
        prefix, since, until, offset = token.groups()
        return _Asked(prefix, since, until, int(offset))
    if "set" in said:
        raise _Trouble("noSetHierarchy", "")
    asked = _Asked(_prefix(said["metadataPrefix"]), said.get("from", ""), said.get("until", ""))
    for text in filter(None, (asked.since, asked.until)):
        _instant(text)
    if asked.since and asked.until and len(asked.since) != len(asked.until):
        raise _Trouble("badArgument", "from and until of two granularities")
    return asked


def _prefix(text: str) -> str:
    if text not in _FORMATS:
        raise _Trouble("cannotDisseminateFormat", text)
    return text


def _instant(text: str) -> datetime:
    form = next((form for form, length in _STAMPS.items() if length == len(text)), "%Y-%m-%d")
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError as error:
        raise _Trouble("badArgument", text) from error


def _is_within(title: Title, asked: _Asked) -> bool:
    changed = _changed(title)
    if asked.since and changed < _instant(asked.since):
        return False
    # a day is meant with all its hours
    whole = timedelta(days=1) if len(asked.until) == len("2026-01-01") else timedelta(seconds=1)
    return not asked.until or changed < _instant(asked.until) + whole


def _found(identifier: str) -> Title:
    found = [title for title in library().catalogue.titles(_MOST) if _identifier(title) == identifier]
    if not found:
        raise _Trouble("idDoesNotExist", identifier)
    return found[0]


def _changed(title: Title) -> datetime:
    return library().withdrawn.get(title.record.record_id, _BEGINNING)


def _identifier(title: Title) -> str:
    return f"oai:{library().config.library}:{title.record.record_id}"


# ---------------------------------------------------------------- the wire


def _record(parent: etree._Element, title: Title, prefix: str) -> None:
    record = _add(parent, "record")
    _header(record, title)
    if title.record.record_id in library().withdrawn:
        return
    metadata = _add(record, "metadata")
    config = library().config
    if prefix == "oai_dc":
        metadata.append(_dublin_core(title))
    else:
        out = outgoing(title, library=config.library, cnmarc=config.marc == "cnmarc")
        metadata.append(marcxml.marc_element(out))


def _header(parent: etree._Element, title: Title) -> None:
    header = _add(parent, "header")
    if title.record.record_id in library().withdrawn:
        header.set("status", "deleted")
    _add(header, "identifier", _identifier(title))
    _add(header, "datestamp", _stamp(_changed(title)))


def _dublin_core(title: Title) -> etree._Element:
    root = etree.Element(f"{{{_OAI_DC}}}dc", nsmap={"oai_dc": _OAI_DC, "dc": _DC})
    record = title.record
    facts = (("title", record.first("245", "a")), ("creator", record.first("100", "a")),
             ("identifier", record.first("020", "a")))  # fmt: skip
    for name, text in facts:
        if text:
            etree.SubElement(root, f"{{{_DC}}}{name}").text = xml.speakable(text)
    return root


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, _named(name))
    element.text = None if text is None else xml.speakable(text)
    return element


def _named(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"
