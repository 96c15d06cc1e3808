"""Members as the office sees them: who they are, how far each is, and whether it can be reached."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from flask import Response

from ill_broker import clock
from ill_broker.pages.forms import Filled
from ill_broker.pages.frame import page, room, seen_by
from ill_broker.pages.office.admission_presenters import shown_history, shown_open, shown_steps
from ill_broker.pages.office.health_presenters import shown_days
from ill_broker.pages.office.member_presenters import shown_health, shown_library, shown_members, shown_trial
from ill_broker.pages.refused import said
from ill_broker.services.members.admission import Admission
from ill_broker.services.members.connections import Connections
from ill_broker.services.members.connector_health import PartnerHealth
from ill_broker.services.members.onboarding import Onboarding
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode

blueprint = room("members", __name__)
_MEMBER = "/office/members/<code:library>"


@blueprint.get("/office/members")
@seen_by(Role.OFFICE)
def show_all() -> Response:
    """Show every member and how it is doing, those in trouble first."""
    standings = service(PartnerHealth).of(None, now())
    members = shown_members([one.library for one in service(Connections).all()], standings)
    return page("office/members.html", members=members)


@blueprint.get(_MEMBER)
@seen_by(Role.OFFICE)
def show(library: str) -> Response:
    """Show a member: who it is, and how its connectors have been doing."""
    return member_page(LibraryCode(library))


@blueprint.post(f"{_MEMBER}/trial")
@seen_by(Role.OFFICE)
def try_connectors(library: str) -> Response:
    """Ask each connector a question that changes nothing, and show what came of it."""
    code = LibraryCode(library)
    try:
        trials = service(Connections).test(code, machine_now=clock.now())
    except WorkflowError as error:
        return member_page(code, refusals=said(error, page_language()))
    return member_page(code, trials=[shown_trial(one) for one in trials])


def member_page(code: LibraryCode, *, form: Filled | None = None, status: int = 200, **more: Any) -> Response:
    """Return the page of a member, with the form that pauses its lending as it was filled in."""
    member, standing = service(Connections).one(code), service(Admission).one(code)
    told: dict[str, Any] = {
        "member": shown_library(member.library),
        "connectors": sorted(member.connectors),
        "health": [shown_health(one) for one in service(Connections).health(code, now=now())],
        "days": shown_days(service(Connections).days(code, now=now()), today=now().astimezone(UTC).date()),
        "steps": shown_steps(code, service(Onboarding).steps(code, now=now())),
        "open": shown_open(standing.open),
        "history": shown_history(standing.changes),
    }
    return page("office/member.html", status=status, form=form or Filled(), **told, **more)
