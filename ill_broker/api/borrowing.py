"""Who may borrow what where: suspensions, permissions, categories, cards, agents; whether anything is due."""

from collections.abc import Callable
from typing import Any

from marshmallow import Schema
from sqlalchemy import Connection

from ill_broker.api.borrowing_schemas import (
    AgentIn,
    AgentOut,
    CardIn,
    CardNotedOut,
    CardQuery,
    CategoriesOut,
    CategoryIn,
    CategoryRecordedOut,
    EndIn,
    EndingOut,
    FoundOut,
    NoDuesIn,
    NoDuesOut,
    PermissionIn,
    PermissionOut,
    PermissionsOut,
    SuspensionIn,
    SuspensionOut,
    SuspensionsOut,
    shown,
    shown_category,
    shown_dues,
)
from ill_broker.api.idempotency import once, receipt
from ill_broker.api.resource import Resource
from ill_broker.services.privileges.borrowing import Borrowing, SeenEntry
from ill_broker.services.privileges.no_dues import NoDues
from ill_broker.services.privileges.patron_view import knows_by_name
from ill_broker.services.refusals import Unknown
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.throttle import CARD_LOOKUPS, Throttle
from workflows.actors import Role
from workflows.ids import PatronId, PrivilegeId, RequestId

blueprint = Resource("borrowing", description="What libraries allow a patron, and what they have forbidden")
_PATH = "/patrons/<patron:patron_id>"
_DESKS = (Role.STAFF, Role.OFFICE)
_EVERYBODY = (Role.PATRON, *_DESKS)


@blueprint.route("/patrons", methods=["GET"])
@needs(*_DESKS)
@blueprint.arguments(CardQuery, location="query")
@blueprint.response(200, FoundOut)
def find_patron(wanted: dict[str, Any]) -> Any:
    """Find the patron who has this card: a reader of one's own, or one who borrows from here."""
    service(Throttle).count(CARD_LOOKUPS, actor().id)
    patron = service(Borrowing).find(**wanted, actor=actor())
    name = patron.name if knows_by_name(actor(), patron) else None
    return {"id": patron.id, "home": patron.home, "name": name}


@blueprint.route(f"{_PATH}/suspensions", methods=["GET"])
@needs(*_EVERYBODY)
@blueprint.response(200, SuspensionsOut)
def list_suspensions(patron_id: str) -> Any:
    """Show who has suspended the patron, since when, until when and why; a reported loss does by itself."""
    items = service(Borrowing).suspensions(_whose(patron_id), actor(), now=now())
    return {"items": [shown(each) for each in items]}


@blueprint.route(f"{_PATH}/suspensions", methods=["POST"])
@needs(*_DESKS)
@once()
@blueprint.arguments(SuspensionIn)
@blueprint.response(201, SuspensionOut)
def suspend_patron(read: dict[str, Any], patron_id: str) -> Any:
    """Suspend the patron at a library, within what its policy leaves to staff; with name and reason."""
    also = _kept(SuspensionOut())
    return shown(service(Borrowing).suspend(_whose(patron_id), actor(), **read, now=now(), also=also))


@blueprint.route(f"{_PATH}/suspensions/<id('sus'):entry>/lift", methods=["POST"])
@needs(*_DESKS)
@once()
@blueprint.arguments(EndIn)
@blueprint.response(201, EndingOut)
def lift_suspension(read: dict[str, Any], patron_id: str, entry: str) -> Any:
    """Lift a suspension, also one that a loss has brought about; with name and reason."""
    return _ended(read, patron_id, entry)


@blueprint.route(f"{_PATH}/permissions", methods=["GET"])
@needs(*_EVERYBODY)
@blueprint.response(200, PermissionsOut)
def list_permissions(patron_id: str) -> Any:
    """Show what libraries have permitted the patron that they lend to nobody else."""
    items = service(Borrowing).permissions(_whose(patron_id), actor(), now=now())
    return {"items": [shown(each) for each in items]}


@blueprint.route(f"{_PATH}/permissions", methods=["POST"])
@needs(*_DESKS)
@once()
@blueprint.arguments(PermissionIn)
@blueprint.response(201, PermissionOut)
def permit_work(read: dict[str, Any], patron_id: str) -> Any:
    """Record that the library's authority lets the patron have one work, such as a thesis for a night."""
    also = _kept(PermissionOut())
    return shown(service(Borrowing).permit(_whose(patron_id), actor(), **read, now=now(), also=also))


@blueprint.route(f"{_PATH}/permissions/<id('prm'):entry>/withdrawal", methods=["POST"])
@needs(*_DESKS)
@once()
@blueprint.arguments(EndIn)
@blueprint.response(201, EndingOut)
def withdraw_permission(read: dict[str, Any], patron_id: str, entry: str) -> Any:
    """Withdraw a permission; a request that was made with it stands."""
    return _ended(read, patron_id, entry)


@blueprint.route(f"{_PATH}/categories", methods=["GET"])
@needs(*_EVERYBODY)
@blueprint.response(200, CategoriesOut)
def list_categories(patron_id: str) -> Any:
    """Show what kind of reader the patron is to each library, and how many items at once that allows."""
    items = service(Borrowing).categories(_whose(patron_id), actor(), now=now())
    return {"items": [shown_category(each) for each in items]}


@blueprint.route(f"{_PATH}/categories", methods=["POST"])
@needs(*_DESKS)
@once()
@blueprint.arguments(CategoryIn)
@blueprint.response(201, CategoryRecordedOut)
def record_category(read: dict[str, Any], patron_id: str) -> Any:
    """Record what kind of reader the patron is to a library; loans that are under way keep theirs."""
    also = _kept(CategoryRecordedOut())
    return shown(service(Borrowing).categorise(_whose(patron_id), actor(), **read, now=now(), also=also))


@blueprint.route(f"{_PATH}/card", methods=["POST"])
@needs(*_DESKS)
@once()
@blueprint.arguments(CardIn)
@blueprint.response(201, CardNotedOut)
def note_card(read: dict[str, Any], patron_id: str) -> Any:
    """Record, at the home library, whether the patron's card has loan functions."""
    also = _kept(CardNotedOut())
    return shown(service(Borrowing).note_card(_whose(patron_id), actor(), **read, now=now(), also=also))


@blueprint.route("/requests/<id('req'):request_id>/agent", methods=["POST"])
@needs(*_EVERYBODY)
@once()
@blueprint.arguments(AgentIn)
@blueprint.response(201, AgentOut)
def name_agent(read: dict[str, Any], request_id: str) -> Any:
    """Name who may fetch this one book for the patron; the newest name counts, null is nobody."""
    also = _kept(AgentOut())
    named = service(Borrowing).name_agent(RequestId(request_id), read["agent"], actor(), now=now(), also=also)
    return shown(named)


@blueprint.route(f"{_PATH}/no-dues", methods=["GET"])
@needs(*_EVERYBODY)
@blueprint.arguments(NoDuesIn, location="query")
@blueprint.response(200, NoDuesOut)
def show_no_dues(wanted: dict[str, Any], patron_id: str) -> Any:
    """Tell whether a library, or any, has nothing open with the patron, and name each open thing."""
    answer = service(NoDues).answer(_whose(patron_id), wanted.get("library"), actor(), now=now())
    return shown_dues(answer)


def _ended(read: dict[str, Any], patron_id: str, entry: str) -> dict[str, Any]:
    also = _kept(EndingOut())
    return shown(
        service(Borrowing).lift(_whose(patron_id), PrivilegeId(entry), actor(), **read, now=now(), also=also)
    )


def _whose(told: str) -> PatronId:
    if told != "me":
        return PatronId(told)
    if actor().role is not Role.PATRON:
        raise Unknown
    return PatronId(actor().id)


def _kept(schema: Schema) -> Callable[[Connection, SeenEntry], None]:
    """Return what saves the answer together with what was recorded."""
    keep = receipt(schema)
    return lambda conn, seen: keep(conn, shown(seen))
