"""Writes what may stand in a policy, or in a calendar, from their tables: a page and JSON Schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflows.policies.calendar_file import CALENDAR
from workflows.policies.checking import LENDING, WITHOUT_PARENT
from workflows.policies.policy import POLICY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workflows.policies.forms import Field, Form, Kind, Schema

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "policy_fields.md"
SCHEMAS = ROOT / "workflows" / "data"
_OPENING = f"""# Fields of policy and calendar files

Written by `make fields` from the tables that the files are checked and read by. What follows from the fields
stands in [policies](policies.md). `null` says
nothing, as if the field were not there. A field that is not here is a fault, at any depth.

A policy that inherits nothing must have {" and ".join(f"`{name}`" for name in WITHOUT_PARENT)} as well;
that of a library also {", ".join(f"`{name}`" for name in LENDING)}.
"""
_TABLE = "| field | value | default | what it means |\n|---|---|---|---|"


def page() -> str:
    """Return the page of all fields."""
    parts = [_OPENING]
    for title, form in (("Policy", POLICY), ("Calendar", CALENDAR)):
        parts += [f"## {title}\n", _TABLE, *_lines(form), ""]
    kinds = {**definitions(POLICY), **definitions(CALENDAR)}
    return "\n".join(
        [*parts, "## Values\n", *(f"- *{name}*: {_said(kind)}" for name, kind in kinds.items()), ""]
    )


def definitions(form: Form) -> dict[str, Schema]:
    """Return what the schema of a form refers to, by name."""
    named = {kind.name: kind.schema for kind in _kinds(form) if kind.name}
    return dict(sorted(named.items()))


def _kinds(form: Form) -> Iterator[Kind]:
    for one in form.fields.values():
        yield one.kind
        if one.kind.form is not None:
            yield from _kinds(one.kind.form)


def _said(schema: Schema) -> str:
    keys = ", ".join(f"`{key}`" for key in schema.get("properties", ()))
    written = f"`{schema['pattern']}`" if "pattern" in schema else ""
    least = f"a whole number, at least {schema['minimum']}" if "minimum" in schema else ""
    listed = ", ".join(f"`{value}`" for value in schema.get("items", {}).get("enum", ()))
    return " ".join(filter(None, (schema.get("description"), keys, written, least, listed)))


def _lines(form: Form, above: str = "") -> Iterator[str]:
    for name, one in form.fields.items():
        path = f"{above}{name}"
        default = "required" if one.required else _default(one)
        yield f"| `{path}` | {_value(one.kind)} | {default} | {one.doc} |"
        if one.kind.form is not None and not one.kind.name:
            ending = {True: ".<name>."}.get(one.kind.is_named, "[]." if _is_list(one.kind) else ".")
            yield from _lines(one.kind.form, path + ending)


def _default(one: Field) -> str:
    return f"`{json.dumps(one.unsaid)}`" if isinstance(one.unsaid, str | int) and one.unsaid != "" else ""


def _is_list(kind: Kind) -> bool:
    return kind.schema.get("type") == "array"


def _value(kind: Kind) -> str:
    if kind.name:
        return kind.name
    if "enum" in kind.schema:
        return ", ".join(f"`{value}`" for value in kind.schema["enum"])
    inside = kind.schema.get("items") or kind.schema.get("additionalProperties") or {}
    of = str(inside.get("$ref", _type(inside))).rpartition("/")[2]
    match kind.schema.get("type"):
        case "array":
            return f"list of {of}s"
        case "object" if kind.is_named:
            return f"by name: {of}"
        case "integer":
            return f"whole, at least {kind.schema['minimum']}"
        case found:
            return str(found or "anything")


def _type(schema: Schema) -> str:
    """Return what stands there; that null may stand anywhere the page says once."""
    told = schema.get("type", "")
    return next(one for one in told if one != "null") if isinstance(told, list) else str(told)


def policy_schema() -> Schema:
    """Return the JSON Schema of a policy file, as far as a schema can say what the check says."""
    inherits = {"required": ["inherits"], "properties": {"inherits": {"type": "string"}}}
    lends = {"properties": {"kind": {"const": "library"}}}
    return _schema("Lending policy of a library or consortium", POLICY) | {
        "allOf": [
            _needs([{"not": inherits}], WITHOUT_PARENT),
            _needs([{"not": inherits}, lends], LENDING),
        ]
    }


def _needs(conditions: Sequence[Schema], fields: Sequence[str]) -> Schema:
    return {"if": {"allOf": list(conditions)}, "then": {"required": list(fields)}}


def calendar_schema() -> Schema:
    """Return the JSON Schema of a calendar file."""
    return _schema("Calendar of a library", CALENDAR)


def _schema(title: str, form: Form) -> dict[str, Any]:
    opening = {"$schema": "http://json-schema.org/draft-07/schema#", "title": title}
    return {**opening, **form.schema, "definitions": definitions(form)}


def written() -> dict[Path, str]:
    """Return what is written, by file."""
    schemas = {"policy": policy_schema(), "calendar": calendar_schema()}
    files = {
        SCHEMAS / f"{name}.schema.json": json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
        for name, schema in schemas.items()
    }
    return {PAGE: page(), **files}


def main() -> None:
    for path, text in written().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
