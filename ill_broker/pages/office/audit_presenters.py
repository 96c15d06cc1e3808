"""What a line of who did what is given: words, and where its subject is to be seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import url_for

from ill_broker.pages.frame import me
from ill_broker.pages.libraries import library_name
from ill_broker.pages.office.told import moment
from ill_broker.storage.audit import Doer, Entry, Subject
from ill_broker.texts.catalogue import say
from ill_broker.web.language import page_language
from workflows.actors import Role

#: where the office sees a subject, and where a desk does
_OF_OFFICE: Mapping[Subject, Callable[[str], str]] = {
    Subject.LIBRARY: lambda id_: url_for("pages.members.show", library=id_),
    Subject.POLICY: lambda id_: url_for("pages.rule_files.show", folder="policies", name=id_),
    Subject.CALENDAR: lambda id_: url_for("pages.rule_files.show", folder="calendars", name=id_),
    Subject.AMENDMENT: lambda id_: url_for("pages.amendments.show", amendment_id=id_),
    Subject.ANNOUNCEMENT: lambda id_: url_for("pages.announcements.edit", announcement_id=id_),
    Subject.STAFF: lambda _: url_for("pages.staff.show"),
    Subject.KEY: lambda _: url_for("pages.keys.show"),
}
_OF_DESK: Mapping[Subject, Callable[[str], str]] = {
    Subject.READER: lambda id_: url_for("pages.readers.show", patron_id=id_),
    Subject.REQUEST: lambda id_: url_for("pages.desk_requests.show", request_id=id_),
    Subject.TYPED_REQUEST: lambda id_: url_for("pages.desk_typed.show", typed_id=id_),
}


def shown_entry(entry: Entry, names: Mapping[str, str]) -> dict[str, Any]:
    """Return one line: when, who, what, to what."""
    spoken = page_language()
    return {
        "at": moment(entry.at),
        "who": _who(entry, names),
        "of": library_name(entry.actor_library) if entry.actor_library else "",
        "did": say(entry.action.message, spoken),
        "subject": _subject(entry, names),
        "subject_id": entry.subject_id or "",
        "address": _address(entry),
        "library": ""
        if entry.library in {entry.actor_library, entry.subject_id}
        else library_name(entry.library),
    }


def _who(entry: Entry, names: Mapping[str, str]) -> str:
    known = names.get(entry.actor_id or "")
    if known or entry.actor_kind in {Doer.STRANGER, Doer.SYSTEM, Doer.PATRON}:
        return known or say(f"audit_page.who.{entry.actor_kind}", page_language())
    return entry.actor_id or ""


def _subject(entry: Entry, names: Mapping[str, str]) -> str:
    """Return what it was done to; nothing where that is who did it."""
    if entry.subject_kind is None or entry.subject_id in {None, entry.actor_id}:
        return ""
    id_ = entry.subject_id or ""
    if entry.subject_kind is Subject.LIBRARY:
        return library_name(id_)
    kind = say(f"audit_page.subject.{entry.subject_kind}", page_language())
    return names.get(id_) or f"{kind} {id_}"


def _address(entry: Entry) -> str:
    """Return where the subject is to be seen; nothing where whoever looks may not see it."""
    pages = _OF_OFFICE if me().role is Role.OFFICE else _OF_DESK
    lead = pages.get(entry.subject_kind) if entry.subject_kind else None
    is_strange = entry.subject_kind is Subject.READER and entry.library != me().library
    return lead(entry.subject_id) if lead and entry.subject_id and not is_strange else ""
