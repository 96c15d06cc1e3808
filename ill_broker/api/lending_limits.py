"""What a library's desk says against being asked, which routing goes by from the next request on."""

from typing import Any

from marshmallow import fields, post_load
from marshmallow.validate import Length

from ill_broker.api.problems import Problem
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Shown, Strict
from ill_broker.api.versions import ETAG, IF_MATCH, etag, expect
from ill_broker.services.members.lending_limits import AskingLimits
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Day, Flag, Text, Whole
from workflows.actors import Role
from workflows.ids import LibraryCode
from workflows.libraries import LendingLimits

blueprint = Resource("lending-limits", description="What a library's desk says against being asked")
_MOST_TITLES = 500
_MOST_A_DAY = 10_000


class LendingLimitsIn(Strict):
    """All of it, as it is to be from now on."""

    paused = Flag(required=True)
    paused_until = Day(load_default=None, allow_none=True)
    daily_most = Whole(minimum=1, maximum=_MOST_A_DAY, load_default=None, allow_none=True)
    withheld = fields.List(Text(max_length=500), load_default=list, validate=Length(max=_MOST_TITLES))

    @post_load
    def as_limits(self, read: dict[str, Any], **_: Any) -> LendingLimits:
        """Return the record."""
        return LendingLimits(**read | {"withheld": tuple(read["withheld"])})


class LendingLimitsOut(Shown):
    paused = Flag(required=True)
    paused_until = Day(required=True, allow_none=True)
    daily_most = Whole(required=True, allow_none=True)
    withheld = fields.List(Text(max_length=500), required=True)


@blueprint.route("/libraries/<code:library>/lending-limits", methods=["GET"])
@needs(Role.STAFF, Role.OFFICE)
@blueprint.response(200, LendingLimitsOut, headers=ETAG)
def show_lending_limits(library: str) -> Any:
    """Show what the desk of a library has said against being asked; to itself and the office."""
    limits, version = service(AskingLimits).one(_own(library))
    return limits, 200, etag(version)


@blueprint.route("/libraries/<code:library>/lending-limits", methods=["PUT"])
@needs(Role.STAFF, Role.OFFICE)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.arguments(LendingLimitsIn)
@blueprint.response(200, LendingLimitsOut, headers=ETAG)
def change_lending_limits(limits: LendingLimits, library: str) -> Any:
    """Pause lending, limit how much a day brings, or withhold titles: routing goes by it within seconds."""
    stands, version = service(AskingLimits).change(_own(library), limits, expected=expect, now=now())
    return stands, 200, etag(version)


def _own(library: str) -> LibraryCode:
    if actor().role is not Role.OFFICE and actor().library != library:
        raise Problem("forbidden")
    return LibraryCode(library)
