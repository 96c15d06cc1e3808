"""Member libraries: who they are, how they are reached, whether that works, and how it has been going."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from connectors.trials import Outcome
from ill_broker import clock
from ill_broker.api.library_schemas import LibrariesOut, LibraryIn, LibraryOut, LibraryTrialOut
from ill_broker.api.policies import Document, refuse_faults
from ill_broker.api.problems import Problem
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Shown, Strict
from ill_broker.api.versions import ETAG, IF_MATCH, etag, expect
from ill_broker.services.members.connections import Connections, FaultyConnectors, Member
from ill_broker.services.members.connector_health import ConnectorHealth, PartnerHealth
from ill_broker.services.members.particulars import Particulars
from ill_broker.storage.health import CLOSED, HALF_OPEN, OPEN
from ill_broker.texts.desk_day_changes import desk_day_words
from ill_broker.texts.library_words import in_words
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Day, Instant, OneOf, Text, Whole
from ill_broker.web.language import language
from workflows.actors import Role
from workflows.errors import FaultyPolicy
from workflows.ids import LibraryCode
from workflows.policies.library_page import LibraryPage
from workflows.requests.desk_days import MovedDate

blueprint = Resource("libraries", description="Member libraries and how they are reached")
_WORDS = 2000


class ConnectorsOut(Shown):
    """A profile as it was given; secrets are named in it, and never told."""

    library = Code(required=True)
    connectors = fields.Dict(required=True)


class ConnectorsIn(Strict):
    """How a library is reached from now on, by every protocol; secrets by reference: {"ref": name}."""

    connectors = Document(required=True)


class RefusedFieldOut(Shown):
    """What a profile says of a system that does not do so."""

    #: by its path in the profile
    field = Text(required=True)
    detail = Text(required=True, min_length=0, max_length=_WORDS)


class TrialOut(Shown):
    connector = Text(required=True)
    outcome = OneOf(*Outcome, required=True)
    milliseconds = Whole(required=True)
    #: in words, the library's where it had some
    detail = Text(required=True, min_length=0, max_length=_WORDS)
    #: what of the profile the system refuses
    refused = fields.List(fields.Nested(RefusedFieldOut), required=True)


class TrialsOut(Shown):
    items = fields.List(fields.Nested(TrialOut), required=True)


class HealthOut(Shown):
    library = Code(required=True)
    connector = Text(required=True)
    #: closed: it is called; open: it is left alone; half_open: the next call decides
    state = OneOf(CLOSED, OPEN, HALF_OPEN, required=True)
    #: until when it is left alone
    rests_until = Instant(required=True, allow_none=True)
    #: in a row, up to now
    failures = Whole(required=True)
    last_success = Instant(required=True, allow_none=True)
    last_failure = Instant(required=True, allow_none=True)
    #: what went wrong the last time, unless a call has gone well since
    detail = Text(required=True, allow_none=True, min_length=0, max_length=_WORDS)


class HealthsOut(Shown):
    items = fields.List(fields.Nested(HealthOut), required=True)


class ConnectorDayOut(Shown):
    """A day on which a connector was called; the counts of the last minute may be missing yet."""

    connector = Text(required=True)
    #: in UTC
    day = Day(required=True)
    calls = Whole(required=True)
    failures = Whole(required=True)
    #: in which half of the measured calls were over at the latest; null where none was measured
    median_milliseconds = Whole(required=True, allow_none=True)


class HealthDaysOut(Shown):
    items = fields.List(fields.Nested(ConnectorDayOut), required=True)


@blueprint.route("/libraries", methods=["GET"])
@needs(Role.PATRON, Role.STAFF, Role.OFFICE, Role.PARTNER)
@blueprint.response(200, LibrariesOut)
def list_libraries() -> Any:
    """List the member libraries, with what they say of themselves."""
    return {"items": [_shown(entry) for entry in service(Particulars).all(now=now())]}


@blueprint.route("/libraries/<code:library>", methods=["GET"])
@needs(Role.PATRON, Role.STAFF, Role.OFFICE, Role.PARTNER)
@blueprint.response(200, LibraryOut, headers=ETAG)
def show_library(library: str) -> Any:
    """Show a member library: hours, contacts, what it asks of readers, what it does not lend."""
    code = LibraryCode(library)
    return _page(service(Particulars).one(code, now=now(), to_edit=_may_change(code)))


@blueprint.route("/libraries/<code:library>", methods=["PUT"])
@needs(Role.STAFF, Role.OFFICE)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.arguments(LibraryIn)
@blueprint.response(200, LibraryOut, headers=ETAG)
def change_library(wanted: dict[str, Any], library: str) -> Any:
    """Change what a library says of itself; a new version of its policy and calendar, or nothing."""
    code = LibraryCode(library)
    if not _may_change(code):
        raise Problem("forbidden")
    return _page(_changed(code, wanted))


@blueprint.route("/libraries/<code:library>/dry-run", methods=["POST"])
@needs(Role.STAFF, Role.OFFICE)
@blueprint.arguments(LibraryIn)
@blueprint.response(200, LibraryTrialOut, headers=ETAG)
def try_library(wanted: dict[str, Any], library: str) -> Any:
    """Say what a library's new hours and closures would change, and which dates with them; nothing is."""
    code = LibraryCode(library)
    if not _may_change(code):
        raise Problem("forbidden")
    return _trial(code, wanted)


@blueprint.route("/libraries/<code:library>/connectors", methods=["GET"])
@needs(Role.OFFICE)
@blueprint.response(200, ConnectorsOut, headers=ETAG)
def show_connectors(library: str) -> Any:
    """Show how a library is reached."""
    return _answer(service(Connections).one(LibraryCode(library)))


@blueprint.route("/libraries/<code:library>/connectors", methods=["PUT"])
@needs(Role.OFFICE)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.arguments(ConnectorsIn)
@blueprint.response(200, ConnectorsOut, headers=ETAG)
def change_connectors(wanted: dict[str, Any], library: str) -> Any:
    """Change how a library is reached; a profile is taken whole or not at all."""
    try:
        member = service(Connections).change(
            LibraryCode(library), wanted["connectors"], expected=expect, now=now()
        )
    except FaultyConnectors as error:
        refuse_faults(error, {FaultyConnectors.document: "/connectors"})
    return _answer(member)


@blueprint.route("/libraries/<code:library>/connectors/test", methods=["POST"])
@needs(Role.OFFICE)
@blueprint.response(200, TrialsOut)
def try_connectors(library: str) -> Any:
    """Try each connector of a library by a question that changes nothing."""
    return {"items": service(Connections).test(LibraryCode(library), machine_now=clock.now())}


@blueprint.route("/libraries/<code:library>/health", methods=["GET"])
@needs(Role.STAFF, Role.OFFICE, Role.PARTNER)
@blueprint.response(200, HealthsOut)
def show_health(library: str) -> Any:
    """Show how a library's connectors have been doing; to the office, and to the library itself."""
    if actor().role is not Role.OFFICE and actor().library != library:
        raise Problem("forbidden")
    standings = service(Connections).health(LibraryCode(library), now=now())
    return {"items": [_shown_connector(standing) for standing in standings]}


@blueprint.route("/libraries/<code:library>/health/days", methods=["GET"])
@needs(Role.STAFF, Role.OFFICE, Role.PARTNER)
@blueprint.response(200, HealthDaysOut)
def show_health_by_day(library: str) -> Any:
    """Show how a library's connectors did on each of the last thirty days; to the office and the library."""
    if actor().role is not Role.OFFICE and actor().library != library:
        raise Problem("forbidden")
    return {"items": service(Connections).days(LibraryCode(library), now=now())}


@blueprint.route("/health/partners", methods=["GET"])
@needs(Role.OFFICE)
@blueprint.response(200, HealthsOut)
def show_health_of_partners() -> Any:
    """Show how every library's connectors have been doing."""
    return {"items": [_shown_connector(standing) for standing in service(PartnerHealth).of(None, now())]}


def _may_change(library: LibraryCode) -> bool:
    known = actor()
    return known.role is Role.OFFICE or (known.role is Role.STAFF and known.library == library)


def _changed(code: LibraryCode, wanted: dict[str, Any]) -> LibraryPage:
    reason = wanted.pop("reason")
    try:
        return service(Particulars).change(
            code, wanted, author=actor().id, reason=reason, now=now(), expected=expect
        )
    except FaultyPolicy as error:
        refuse_faults(error, {f"policies/{code}": ""})


def _trial(code: LibraryCode, wanted: dict[str, Any]) -> Any:
    del wanted["reason"]
    try:
        trial = service(Particulars).trial(code, wanted, now=now())
    except FaultyPolicy as error:
        refuse_faults(error, {f"policies/{code}": ""})
    shown = {
        "changes": list(desk_day_words(trial.hours, trial.calendars, language())),
        "total": trial.moves.total,
        "unjudged": trial.moves.unjudged,
        "moves": [_shown_move(one) for one in trial.moves.first],
    }
    return shown, 200, etag(trial.version)


def _shown_move(moved: MovedDate) -> dict[str, Any]:
    request = moved.request
    named = {"request": request.id, "number": request.number, "title": request.citation.title}
    return named | {"what": moved.what, "was": moved.was, "becomes": moved.becomes}


def _page(entry: LibraryPage) -> Any:
    shown = _shown(entry)
    if _may_change(entry.library.code):
        shown["stated"] = entry.said
    return shown, 200, etag(entry.version)


def _shown(entry: LibraryPage) -> dict[str, Any]:
    return in_words(entry, language()) | {"stated": None}


def _answer(member: Member) -> Any:
    shown = {"library": member.library.code, "connectors": member.connectors}
    return shown, 200, etag(member.version)


def _shown_connector(standing: ConnectorHealth) -> dict[str, Any]:
    health = standing.health
    return {
        "library": health.library,
        "connector": health.connector,
        "state": standing.state,
        "rests_until": standing.rests_until,
        "failures": health.failures,
        "last_success": health.last_success,
        "last_failure": health.last_failure,
        "detail": health.detail,
    }
