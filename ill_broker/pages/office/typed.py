"""Files that the office types: read as files of the command line are, with every fault beside its line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from ill_broker.storage.policy_files import lines_of, parse
from ill_broker.texts.catalogue import say
from ill_broker.texts.flaws import Flaw
from ill_broker.web.language import page_language
from workflows.errors import FaultyPolicy, WorkflowError


def written(document: Mapping[str, Any]) -> str:
    """Return a document as text to be changed."""
    return yaml.safe_dump(dict(document), allow_unicode=True, sort_keys=False, width=100)


def read_text(text: str) -> tuple[Any, list[dict[str, Any]]]:
    """Return what a text says, or None and where it cannot be read."""
    try:
        return parse(text.encode(), ""), []
    except FaultyPolicy as error:
        cause = error.__cause__
        mark, own = getattr(cause, "problem_mark", None), getattr(cause, "problem", None)
        return None, [fault("", Flaw.UNREADABLE, line=mark.line + 1 if mark else None, own=own or "")]


def faults_in(text: str, listed: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return the faults of a text, each with the line at which to mend it."""
    lines = lines_of(text)
    return sorted(
        (fault(path, code, line=_line(lines, path)) for path, code in listed),
        key=lambda one: (one["line"] or 0, one["field"]),
    )


def faults_of(text: str, error: WorkflowError, name: str) -> list[dict[str, Any]]:
    """Return the faults that an error lists: those of the file *name* with their lines, then of others."""
    listed: Any = error.facts["faults"]
    others = [
        fault(": ".join(filter(None, (file, path))), code)
        for file, faults in listed.items()
        for path, code in faults
        if file != name
    ]
    return faults_in(text, listed.get(name, ())) + others


def fault(field: str, code: str, *, line: int | None = None, own: str = "") -> dict[str, Any]:
    """Return a fault as a line: where it is, and what is wrong there."""
    return {"line": line, "field": field, "words": say(Flaw(code).message, page_language()), "own": own}


def _line(lines: Mapping[str, int], path: str) -> int | None:
    """Return the line of a place, or of the nearest one around it: what is missing has none."""
    while path and path not in lines:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return lines.get(path)
