"""Tables of what the numbered rules answer: each row names its rule, says what holds and shows it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflows.books import builtin
from workflows.evaluation.evaluate import evaluate

Case = dict[str, Any]
#: rule, claim, kind, case, what the answer says: a name, or names joined by dots, and its value
Row = tuple[str, str, str, Case, Case]

CHINA, INDIA = "+08:00", "+05:30"


def ruled(*rows: Row) -> pytest.MarkDecorator:
    """Return a parametrisation whose ids name the rules."""
    return pytest.mark.parametrize(
        ("kind", "case", "expected"),
        [pytest.param(*row[2:], id=f"{row[0]} {row[1]}") for row in rows],
    )


def told(kind: str, case: Case, expected: Case) -> Case:
    """Return what the rules answer, as far as *expected* names it; an error is always told."""
    answer = evaluate(kind, case, builtin())
    found = {path: _at(answer, path) for path in expected}
    return found | {"error": answer["error"]} if "error" in answer else found


def at(day: str, hour: str = "10:00", zone: str = CHINA) -> str:
    return f"{day}T{hour}:00{zone}"


def lent(
    policy: str, day: str, back: str | None = None, *, hour: str = "10:00", zone: str = CHINA, **more: Any
) -> Case:
    """Return a loan handed over in the morning of *day*, and brought back on another one, if it is."""
    timeline = {"handover": at(day, "10:00", zone)}
    if back is not None:
        timeline["returned"] = at(back, hour, zone)
    return {"policy": policy, "timeline": timeline | more.pop("timeline", {}), **more}


def asked(policy: str, item: Case | None = None, *, day: str = "2026-03-09", **more: Any) -> Case:
    """Return the question whether a library lends, on a Monday in term."""
    return {"policy": policy, "at": at(day), "item": item or {}, **more}


def damaged(policy: str, case: str, *, day: str = "2026-03-09", **more: Any) -> Case:
    """Return a loss or a damage reported in the morning of *day*."""
    return {"policy": policy, "case": case, "reported": at(day), **more}


def _at(answer: Any, path: str) -> Any:
    for name in path.split("."):
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer
