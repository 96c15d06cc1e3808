"""How many loans one core calculates in a second, beside reading and writing the same JSON alone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from ill_broker.storage.policy_files import builtin_book
from workflows.evaluation.evaluate import evaluate


def _case(policy: str, returned: str | None, **more: Any) -> dict[str, Any]:
    timeline = {
        "shipped": "2025-02-26T10:00:00+08:00",
        "arrived": "2025-03-01T09:00:00+08:00",
        "notified": "2025-03-01T11:00:00+08:00",
        "handover": "2025-03-03T10:00:00+08:00",
    } | ({"returned": returned} if returned else {})
    return {"policy": policy, "timeline": timeline, **more}


CASES = [
    _case("szutl", "2025-04-03T20:30:00+08:00"),
    _case("szutl", "2025-06-01T12:00:00+08:00"),
    _case("pku", "2025-03-20T12:00:00+08:00"),
    _case("pku", "2025-07-20T12:00:00+08:00"),
    _case("fjmu", "2025-03-20T12:00:00+08:00"),
    _case("jinan", None, as_of="2025-03-20T12:00:00+08:00"),
]


def cases_a_second(seconds: float) -> tuple[float, float]:
    """Return the rate of cases read, evaluated and written, and of those only read and written."""
    book, lines = builtin_book(), [json.dumps({"kind": "loan", "input": case}) for case in CASES]
    for line in lines:
        answer = _evaluated(line, book)
        assert "error" not in answer, (line, answer)
    evaluated = _rate(lambda line: _evaluated(line, book), lines, seconds)
    return evaluated, _rate(lambda line: json.dumps(json.loads(line)), lines, seconds / 4)


def _evaluated(line: str, book: Any) -> str:
    case = json.loads(line)
    return json.dumps(evaluate(case["kind"], case["input"], book))


def _rate(do: Callable[[str], object], lines: list[str], seconds: float) -> float:
    done, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds:
        for line in lines:
            do(line)
        done += len(lines)
    return done / spent
