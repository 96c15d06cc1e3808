"""Member libraries as people choose among them."""

from __future__ import annotations

from flask import url_for

from ill_broker.services.members.directory import Directory
from ill_broker.services.people.openid import OpenId
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language
from workflows.ids import LibraryCode


def library_name(code: str | None, spoken: str | None = None) -> str:
    """Return what a library is called, in the visitor's language or another; its code if it is no member."""
    known = service(Directory).libraries(now()).get(LibraryCode(code)) if code else None
    if known is None:
        return code or ""
    return known.name_zh if (spoken or page_language()) == "zh" else known.name


def choices() -> list[tuple[str, str]]:
    """Return every member library to choose from: its code and what it is called."""
    named = [(str(code), library_name(code)) for code in service(Directory).libraries(now())]
    return sorted(named, key=lambda one: one[1])


def sign_ons(to: str) -> list[tuple[str, str]]:
    """Return the libraries whose own log-in is used here: the address that leads *to* somewhere, the name."""
    return [
        (url_for("openid.begin_sign_on", library=code, to=to, session="cookie"), library_name(code))
        for code in service(OpenId).libraries()
    ]
