"""What a library and its desk are called: said by its own desk and the office."""

from typing import Any

from marshmallow import fields

from ill_broker.api.problems import Problem
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Strict
from ill_broker.api.versions import ETAG, IF_MATCH, etag, expect
from ill_broker.services.members.admission import Admission, Names
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Text
from workflows.actors import Role
from workflows.ids import LibraryCode

blueprint = Resource("library-names", description="What a library and its desk are called")
_NAME = 500


class NameInBoth(Strict):
    """A name for everybody."""

    zh = Text(required=True, max_length=_NAME)
    en = Text(required=True, max_length=_NAME)


class LibraryNamesOut(Strict):
    name = fields.Nested(NameInBoth, required=True)
    #: null where the library's name is enough
    desk = fields.Nested(NameInBoth, required=True, allow_none=True)


class LibraryNamesIn(LibraryNamesOut):
    """What the library and its desk are called from now on, and why that changes."""

    reason = Text(required=True, max_length=2000, lines=True)


@blueprint.route("/libraries/<code:library>/names", methods=["GET"])
@needs(Role.STAFF, Role.OFFICE)
@blueprint.response(200, LibraryNamesOut, headers=ETAG)
def show_library_names(library: str) -> Any:
    """Show what a library and its desk are called in both languages; to itself and the office."""
    names, version = service(Admission).names(_own(library))
    return _shown(names), 200, etag(version)


@blueprint.route("/libraries/<code:library>/names", methods=["PUT"])
@needs(Role.STAFF, Role.OFFICE)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.arguments(LibraryNamesIn)
@blueprint.response(200, LibraryNamesOut, headers=ETAG)
def change_library_names(said: dict[str, Any], library: str) -> Any:
    """Change what a library and its desk are called; kept among the changes of the member."""
    name, desk = said["name"], said["desk"] or {"zh": "", "en": ""}
    names = Names(name=name["en"], name_zh=name["zh"], desk=desk["en"], desk_zh=desk["zh"])
    told = {"author": actor().id, "reason": said["reason"], "now": now(), "expected": expect}
    stands, version = service(Admission).rename(_own(library), names, **told)
    return _shown(stands), 200, etag(version)


def _shown(names: Names) -> dict[str, Any]:
    desk = {"zh": names.desk_zh or names.desk, "en": names.desk or names.desk_zh}
    return {"name": {"zh": names.name_zh, "en": names.name}, "desk": desk if desk["zh"] else None}


def _own(library: str) -> LibraryCode:
    if actor().role is not Role.OFFICE and actor().library != library:
        raise Problem("forbidden")
    return LibraryCode(library)
