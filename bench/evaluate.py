"""Measure `ill-broker policies evaluate`: `python bench/evaluate.py [--cases 40000] [--rounds 3]`.

Loan cases a second on one core, beside the limit: parsing and printing the same JSON and nothing else, in
the same minutes. Quote the two together. Also the whole program, with its start and its memory, for a tenth
of the cases and for all of them: the memory must not differ.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ill_broker.services.office.evaluation import answers
from ill_broker.storage.policy_files import builtin_book

ROOT = Path(__file__).resolve().parent.parent
LENDERS = ["szutl", "fjmu", "jinan", "bhu", "nlc", "shlib", "pku", "bjtu"]
#: how many days after the one before each event comes, at least and at most
COURSE = [("submitted", 0, 0), ("shipped", 1, 5), ("arrived", 2, 10), ("notified", 0, 1), ("handover", 1, 4)]
PROGRAM = [sys.executable, "-m", "ill_broker", "policies", "evaluate"]
#: what the program runs under to say how much memory it took at most, in kilobytes
WATCHED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""


def cases(count: int) -> bytes:
    """Return loans of every lender: returned in time, late, out still; some renewed, moved or recalled."""
    dice = random.Random(18626)
    return b"".join(json.dumps(_case(dice, number)).encode() + b"\n" for number in range(count))


def _case(dice: random.Random, number: int) -> dict[str, object]:
    at = datetime(2025, 1, 6, 2, tzinfo=UTC) + timedelta(hours=dice.randrange(10_000))
    timeline = {}
    for event, least, most in COURSE:
        at += timedelta(days=dice.randint(least, most), minutes=dice.randrange(1, 300))
        timeline[event] = at.isoformat()
    case: dict[str, object] = {"policy": dice.choice(LENDERS), "borrower": "bjtu", "timeline": timeline}
    if dice.random() < 0.8:
        timeline["returned"] = (at + timedelta(days=dice.randint(2, 60))).isoformat()
    else:
        case["as_of"] = (at + timedelta(days=dice.randint(1, 90))).isoformat()
    soon, later = (at + timedelta(days=1)).isoformat(), (at + timedelta(days=2)).isoformat()
    if dice.random() < 0.15:
        case["renewals"] = [{"at": soon}]
    if dice.random() < 0.05:
        case["transfers"] = [{"from": soon, "to": later}]
    if dice.random() < 0.05:
        case["recall"] = {"at": later}
    return {"id": f"case-{number}", "kind": "loan", "input": case}


def evaluated(lines: bytes) -> int:
    return sum(told.count(b"\n") for told in answers(io.BytesIO(lines), builtin_book()))


def copied(lines: bytes) -> int:
    """Parse and print, and nothing else."""
    return sum(json.dumps(json.loads(line)).encode() is not None for line in io.BytesIO(lines))


def rate(work: Callable[[bytes], int], lines: bytes) -> float:
    begun = time.perf_counter()
    done = work(lines)
    return done / (time.perf_counter() - begun)


def program(lines: bytes) -> tuple[float, int]:
    """Return the seconds and the most kilobytes that the program took."""
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *PROGRAM], input=lines, capture_output=True, check=True, cwd=ROOT
    )
    assert done.stdout.count(b"\n") == lines.count(b"\n")
    return time.perf_counter() - begun, int(done.stderr.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=40_000)
    parser.add_argument("--rounds", type=int, default=3)
    told = parser.parse_args()
    lines = cases(told.cases)
    refused = sum(answer.count(b'"error"') for answer in answers(io.BytesIO(lines), builtin_book()))
    print(f"{told.cases} loans, {len(lines) / told.cases:.0f} bytes each, {refused} of them refused")
    for _ in range(told.rounds):
        ours, limit = rate(evaluated, lines), rate(copied, lines)
        print(
            f"evaluated {ours:8,.0f}/s   parsed and printed alone {limit:8,.0f}/s   ratio {ours / limit:.2f}"
        )
    tenth = lines[: lines.index(b"\n", len(lines) // 10) + 1]
    for some in (tenth, lines):
        seconds, kilobytes = program(some)
        count = some.count(b"\n")
        print(f"the program: {count:6} loans in {seconds:.1f} s, {kilobytes / 1024:.0f} MB at most")


if __name__ == "__main__":
    main()
