"""What hostile answers cost with the usual limits: little memory, little time, and nobody else's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.ci

Costs = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def costs(servers: dict[str, Any]) -> Costs:
    """What each call at each behaviour cost a process of its own, in an ordinary machine's seconds."""
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("only Linux tells the most memory since a moment")
    measuring = [sys.executable, "-m", "tests.connectors.hostile.measure", str(servers["http"])]
    done = subprocess.run(measuring, capture_output=True, text=True, timeout=900, check=True)
    told = json.loads(done.stdout)
    ordinary = 10 * told["tenth"]
    return {
        call: {**cost, "seconds": cost["seconds"] / ordinary, "still": cost["still"] / ordinary}
        for call, cost in told["costs"].items()
    }


def over(costs: Costs, what: str, most: float) -> dict[str, float]:
    return {call: cost[what] for call, cost in costs.items() if cost[what] > most}


def test_no_answer_takes_thirty_megabytes(costs: Costs) -> None:
    assert {} == over(costs, "megabytes", 30)


def test_what_is_read_of_an_answer_is_read_at_once(costs: Costs) -> None:
    assert {} == over(costs, "seconds", 2 + 1.5)


def test_no_answer_keeps_the_other_members_waiting(costs: Costs) -> None:
    assert {} == over(costs, "still", 0.3)
