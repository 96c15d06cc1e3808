"""Policies and calendars: what is in force and since when, and new versions of them. For the office."""

import re
from collections.abc import Mapping
from typing import Any, NoReturn

from marshmallow import fields

from ill_broker.api.problems import Problem
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Shown, Strict
from ill_broker.api.versions import ETAG, IF_MATCH, etag, expect
from ill_broker.services.members.rulebook import NewFile, Rulebook, RuleFile
from ill_broker.storage.policies import FileKind, Version
from ill_broker.texts.catalogue import say
from ill_broker.texts.flaws import Flaw
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Instant, Text, Whole, refuse
from ill_broker.web.language import language
from workflows.actors import Role
from workflows.errors import FaultyPolicy, WorkflowError

blueprint = Resource("policies", description="Lending policies and calendars, version by version")
_REASON = 2000
#: how many faults are told one by one
_FAULTS = 200


class VersionOut(Shown):
    """A version that was installed; it holds from ``valid_from`` until a later one does."""

    seq = Whole(required=True, maximum=2**53)
    valid_from = Instant(required=True)
    source = Text(required=True, max_length=500)
    author = Text(required=True)
    reason = Text(required=True, max_length=_REASON)
    created_at = Instant(required=True)


class RuleFileOut(Shown):
    id = Code(required=True)
    #: null where the file has none, as a calendar
    name = Text(required=True, allow_none=True)
    #: changes with every word in force, inherited ones too
    version = Text(required=True)
    #: null while it is the version that comes with the service
    installed = fields.Nested(VersionOut, required=True, allow_none=True)


class RuleFilesOut(Shown):
    items = fields.List(fields.Nested(RuleFileOut), required=True)


class OneRuleFileOut(RuleFileOut):
    """A file as written, and every version of it, the newest first."""

    document = fields.Dict(required=True)
    versions = fields.List(fields.Nested(VersionOut), required=True)


class Document(fields.Field[dict[str, Any]]):
    """A whole file; the rules of policies and calendars judge what is in it."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(metadata={"type": "object", **rest.pop("metadata", {})}, **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> dict[str, Any]:  # noqa: ARG002 - marshmallow's names
        if not isinstance(value, dict):
            raise refuse(Flaw.NOT_OBJECT)
        return value


class RuleFileIn(Strict):
    """A new version of a file, and why."""

    document = Document(required=True)
    reason = Text(required=True, max_length=_REASON, lines=True)
    #: from when on it holds; now if left out
    valid_from = Instant()


#: path, kind, what each of the three does, for the contract
_RESOURCES = (
    (
        "policies",
        FileKind.POLICY,
        "List the policies in force",
        "Show a policy as written, with its versions",
        "Install a new version of a policy; loans under way keep theirs",
    ),
    (
        "calendars",
        FileKind.CALENDAR,
        "List the calendars in force",
        "Show a calendar as written, with its versions",
        "Install a new version of a calendar; loans under way keep theirs",
    ),
)


def _register(path: str, kind: FileKind, lists: str, shows: str, installs: str) -> None:
    @blueprint.route(f"/{path}", methods=["GET"], endpoint=f"list_{path}")
    @needs(Role.OFFICE)
    @blueprint.doc(summary=lists)
    @blueprint.response(200, RuleFilesOut)
    def listed() -> Any:
        return {"items": [_shown(file) for file in service(Rulebook).files(kind, now=now())]}

    @blueprint.route(f"/{path}/<code:name>", methods=["GET"], endpoint=f"show_{kind}")
    @needs(Role.OFFICE)
    @blueprint.doc(summary=shows)
    @blueprint.response(200, OneRuleFileOut, headers=ETAG)
    def one(name: str) -> Any:
        return _answer(service(Rulebook).file(kind, name, now=now()))

    @blueprint.route(f"/{path}/<code:name>", methods=["PUT"], endpoint=f"install_{kind}")
    @needs(Role.OFFICE)
    @blueprint.doc(summary=installs, parameters=[IF_MATCH])
    @blueprint.arguments(RuleFileIn)
    @blueprint.response(200, OneRuleFileOut, headers=ETAG)
    def install(wanted: dict[str, Any], name: str) -> Any:
        return _answer(_installed(kind, name, wanted))


for each in _RESOURCES:
    _register(*each)


def _installed(kind: FileKind, name: str, wanted: Mapping[str, Any]) -> RuleFile:
    at = now()
    file = NewFile(kind=kind, name=name, document=wanted["document"], source="api")
    try:
        service(Rulebook).install(
            [file],
            author=actor().id,
            reason=wanted["reason"],
            now=at,
            valid_from=wanted.get("valid_from"),
            expected=expect,
        )
    except FaultyPolicy as error:
        refuse_faults(
            error, {f"{'policies' if kind is FileKind.POLICY else 'calendars'}/{name}": "/document"}
        )
    return service(Rulebook).file(kind, name, now=at)


def refuse_faults(error: WorkflowError, sent: Mapping[str, str]) -> NoReturn:
    """Answer with every fault by path and code; those of files that were not *sent* name the file.

    :param sent: where in the body each file stands, by its name
    """
    listed: Any = error.facts["faults"]
    told = [
        {
            "in": "body",
            "pointer": sent[file] + _pointer(path) if file in sent else "",
            "detail": ": ".join(filter(None, (file, path, _sentence(code)))),
            "code": code,
        }
        for file, faults in listed.items()
        for path, code in faults
    ]
    raise Problem(error.code, errors=told[:_FAULTS]) from error


def _sentence(code: str) -> str:
    return say(Flaw(code).message, language())


def _pointer(path: str) -> str:
    """Return a path such as ``loan_rules[0].period`` as a JSON pointer."""
    steps = [step for step in re.split(r"[.\[\]]", path) if step]
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)[:900]


def _shown(file: RuleFile) -> dict[str, Any]:
    title = file.document.get("name")
    return {"id": file.name, "name": title, "version": file.version, "installed": file.installed}


def _answer(file: RuleFile) -> Any:
    versions: tuple[Version, ...] = file.versions
    shown = {**_shown(file), "document": file.document, "versions": versions}
    return shown, 200, etag(file.seq)
