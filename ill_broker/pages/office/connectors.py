"""How a member is reached: the profile as text, with each fault beside its line."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, url_for

from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import page, room, seen_by
from ill_broker.pages.office.member_presenters import shown_library
from ill_broker.pages.office.typed import fault, faults_of, read_text, written
from ill_broker.services.members.connections import Connections, FaultyConnectors, Member
from ill_broker.storage.failures import Stale
from ill_broker.texts.flaws import Flaw
from ill_broker.web.context import now, service
from ill_broker.web.fields import Text, Whole
from workflows.actors import Role
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode

blueprint = room("connectors", __name__)
_CONNECTORS = "/office/members/<code:library>/connectors"
#: as long as a profile may be
_LONGEST = 100_000


class ConnectorsForm(Form):
    text = Text(required=True, max_length=_LONGEST, lines=True)
    #: the version that was shown
    version = Whole(required=True)


@blueprint.get(_CONNECTORS)
@seen_by(Role.OFFICE)
def show(library: str) -> Response:
    """Show how a member is reached, to be changed."""
    member = service(Connections).one(LibraryCode(library))
    text = written(member.connectors) if member.connectors else ""
    return _shown(member, Filled(values={"text": text, "version": str(member.version)}))


@blueprint.post(_CONNECTORS)
@seen_by(Role.OFFICE)
def change(library: str) -> Any:
    """Reach a member as it says from now on; with a fault, nothing is changed."""
    member = service(Connections).one(LibraryCode(library))
    read, form = read_form(ConnectorsForm())
    if read is None:
        return _shown(member, form, status=422)
    document, faults = read_text(read["text"])
    faults = faults or _put(member, document, read["version"], form)
    if faults or form.refusals:
        return _shown(member, form, faults=faults, status=422)
    return redirect(url_for("pages.members.show", library=library), 303)


def _put(member: Member, document: Any, version: int, form: Filled) -> list[dict[str, Any]]:
    """Change how a member is reached, and return what is wrong with it."""
    if not isinstance(document, dict):
        return [fault("", Flaw.BAD_TYPE)]

    def is_meant(known: int) -> None:
        if known != version:
            raise Stale(f"version {known}")

    try:
        service(Connections).change(member.library.code, document, expected=is_meant, now=now())
    except FaultyConnectors as error:
        return faults_of(form.values["text"], error, FaultyConnectors.document)
    except WorkflowError as error:
        form.refuse(error)
    return []


def _shown(member: Member, form: Filled, *, status: int = 200, faults: Any = ()) -> Response:
    told = {"member": shown_library(member.library), "faults": faults}
    return page("office/connectors.html", status=status, form=form, **told)
