"""What every resource is made of: a blueprint whose input is read strictly, and whose paths take ids only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from flask_smorest import Blueprint
from webargs.core import is_json, missing
from webargs.flaskparser import FlaskParser
from werkzeug.routing import BaseConverter

from ill_broker.api.problems import Problem, invalid, malformed
from ill_broker.api.versions import revalidated
from ill_broker.texts.flaws import Flaw
from ill_broker.web.fields import WrongValue
from workflows.ids import LIBRARY_CODE
from workflows.requests.desk_lists import DeskList

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Request
    from marshmallow import Schema, ValidationError

#: where everything of the API lies
PREFIX = "/api/v1"
_LOCATIONS = {"json": "body", "query": "query", "headers": "header", "path": "path"}


class Parser(FlaskParser):
    """Reads input; whatever is not understood is a fault."""

    DEFAULT_UNKNOWN_BY_LOCATION = dict.fromkeys(FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION)

    def _raw_load_json(self, req: Request) -> Any:
        body = req.get_data(cache=True)
        if not body:
            return missing
        if not is_json(req.mimetype):
            raise Problem("unsupported_media_type")
        return strict_json(body)

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """Return the query, once it is sure that nothing stands in it twice that may stand there once."""
        for name in req.args:
            if len(req.args.getlist(name)) > 1 and not _takes_several(schema, name):
                raise invalid({name: [WrongValue(Flaw.REPEATED)]}, "query")
        return super().load_querystring(req, schema)

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Answer with every fault, each by its pointer."""
        del req, schema, error_status_code, error_headers
        messages: Any = error.messages
        location, inside = next(iter(messages.items()))
        raise invalid(inside, _LOCATIONS.get(location, "body")) from error


def _takes_several(schema: Schema, name: str) -> bool:
    return any(
        getattr(field, "is_multiple", False) or hasattr(field, "inner")
        for key, field in schema.fields.items()
        if name in {key, field.data_key}
    )


def strict_json(body: bytes) -> Any:
    """Read JSON in UTF-8 as RFC 8259 has it: no NaN, no member twice, no lone surrogate, not too deep.

    :raises Problem: ``malformed_request``
    """
    try:
        text = body.decode()
        read = json.loads(text, parse_constant=_no_number, object_pairs_hook=_each_once)
        if "\\u" in text:
            json.dumps(read, ensure_ascii=False).encode()
    except RecursionError as error:
        raise malformed((Flaw.TOO_DEEP, "")) from error
    except ValueError as error:
        raise malformed((Flaw.NOT_JSON, "")) from error
    return read


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member stands twice")
    return members


class Resource(Blueprint):
    """One resource of the API; a view is schema, command, service, schema."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, *, description: str) -> None:
        super().__init__(name, __name__, url_prefix=PREFIX, description=description)
        self.after_request(revalidated)


class IdConverter(BaseConverter):
    """An id of ours in a path: ``<id("req"):request_id>``. Anything else is no path at all."""

    part_isolating = True

    def __init__(self, url_map: Any, prefix: str) -> None:
        super().__init__(url_map)
        self.regex = rf"{prefix}_[0-9a-z]{{8,40}}"


class PatronConverter(BaseConverter):
    """A patron in a path: an id of ours, or ``me``."""

    regex = "(?:me|pat_[0-9a-z]{8,40})"


class CodeConverter(BaseConverter):
    """The code of a member library in a path: ``<code:library>``."""

    regex = LIBRARY_CODE


class DeskListConverter(BaseConverter):
    """A list of a desk in a path: ``<desk_list:wanted>``, with ``-`` for ``_``."""

    regex = "(?:" + "|".join(each.replace("_", "-") for each in DeskList) + ")"

    def to_python(self, value: str) -> DeskList:
        """Return the list."""
        return DeskList(value.replace("-", "_"))

    def to_url(self, value: str) -> str:
        """Return how the list is written in a path."""
        return value.replace("_", "-")


def documented(converter: BaseConverter) -> dict[str, Any]:
    """Return the schema of a path parameter."""
    return {"type": "string", "pattern": f"^{converter.regex}$"}
