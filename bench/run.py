"""Measure the service beside its limits: `python -m bench [--quick]`.

All that is compared is measured in one run: short bursts in shuffled order, both servers up, and each ratio
is the median over the rounds of two bursts of the same round.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.children import Child
from bench.engines import Engine, both
from bench.report import Line, machine, table, verdict
from bench.rules import cases_a_second
from bench.world import World, http


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured."""

    rounds: int
    #: that write at once; 16 are always among them
    clients: tuple[int, ...] = (16, 1, 64)
    #: requests of one burst, with one client and with more
    alone: int
    together: int
    #: requests that are there already
    stored: int
    rule_seconds: float
    search: tuple[str, ...]


FULL = Size(rounds=5, alone=150, together=600, stored=1500, rule_seconds=2.0, search=("--rounds", "3"))
QUICK = Size(rounds=2, alone=40, together=160, stored=200, rule_seconds=0.5, search=("--rounds", "1"))
TINY = Size(rounds=1, clients=(16,), alone=0, together=16, stored=30, rule_seconds=0.05, search=())


@dataclass(frozen=True, slots=True)
class Burst:
    """What one burst showed."""

    rate: float
    took: tuple[float, ...] = ()
    errors: int = 0

    def percentile(self, share: float) -> float:
        ranked = sorted(self.took)
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else 0.0


Requests = Callable[[World, int], list[str]]
#: what is sent, and the answer that is meant
SENT: dict[str, tuple[Requests, str]] = {
    "submit": (World.wishes, "201"),
    "webhook": (World.reports, "202"),
    "request": (lambda world, count: world.looks(count), "200"),
    "timeline": (lambda world, count: world.looks(count, "/timeline"), "200"),
    "list of 25": (World.lists, "200"),
    "empty": (lambda _, count: [http("GET", "/healthz")] * count, "200"),
}
WRITTEN = ("submit", "webhook", "bare")
READ = ("request", "timeline", "list of 25", "empty")

Figures = dict[tuple[str, str, int], list[Burst]]


def measure(engines: list[Engine], size: Size) -> Figures:
    """Return the bursts of every round, after one to warm up."""
    figures: Figures = defaultdict(list)
    plan = [(name, clients) for name in WRITTEN for clients in size.clients] + [(name, 16) for name in READ]
    scenes = [(engine, name, clients) for engine in engines for name, clients in plan]
    with Child("bench.client") as client:
        for round_number in range(size.rounds + 1):
            random.shuffle(scenes)
            for engine, name, clients in scenes:
                count = size.alone if clients == 1 else size.together
                burst = _burst(client, engine, name, clients, count)
                if round_number:
                    figures[engine.name, name, clients].append(burst)
    return figures


def _burst(client: Child, engine: Engine, name: str, clients: int, count: int) -> Burst:
    if name == "bare":
        seconds, done = engine.bare(clients, count * 2)
        return Burst(done / seconds)
    requests, meant = SENT[name]
    sent = requests(engine.world, count)
    assert len(sent) == count, "there are not enough of them"
    told = client.ask({"port": engine.port, "clients": clients, "requests": sent})
    good = told["statuses"].get(meant, 0)
    return Burst(good / told["seconds"], tuple(told["took"]), count - good)


def wishes_needed(size: Size) -> int:
    a_round = sum(size.alone if clients == 1 else size.together for clients in size.clients)
    return a_round * (size.rounds + 1)


#: engine, what, over what, clients: the figure to reach, and the aim
TARGETS: tuple[tuple[str, str, str, tuple[float, float]], ...] = (
    ("postgres", "submit", "bare", (0.15, 0.25)),
    ("postgres", "webhook", "bare", (0.20, 0.30)),
    ("sqlite", "submit", "bare", (0.25, 0.40)),
    ("sqlite", "webhook", "bare", (0.20, 0.30)),
    ("postgres", "request", "empty", (0.09, 0.15)),
    ("postgres", "timeline", "empty", (0.09, 0.15)),
    ("postgres", "list of 25", "empty", (0.08, 0.14)),
    ("sqlite", "request", "empty", (0.09, 0.15)),
    ("sqlite", "timeline", "empty", (0.09, 0.15)),
    ("sqlite", "list of 25", "empty", (0.08, 0.14)),
)


def lines(figures: Figures, size: Size) -> Iterable[Line]:
    for engine, name, over, target in TARGETS:
        for clients in size.clients if over == "bare" else (16,):
            ours, limit = figures[engine, name, clients], figures[engine, over, clients]
            ratio = statistics.median(one.rate / other.rate for one, other in zip(ours, limit, strict=True))
            reach, aim = target if clients == 16 else (None, None)
            yield Line(
                figure=f"{engine}: {name}, {clients} client{'s' * (clients > 1)}, over {over}",
                ratio=f"{ratio:.3f}",
                reach=f"{reach:.2f}" if reach else "",
                aim=f"{aim:.2f}" if aim else "",
                verdict=verdict(ratio, reach, aim),
                detail=_detail(ours, limit),
            )


def _detail(ours: list[Burst], limit: list[Burst]) -> str:
    def middle(share: float) -> float:
        return statistics.median(burst.percentile(share) for burst in ours)

    rate, other = (statistics.median(burst.rate for burst in bursts) for bursts in (ours, limit))
    worst, errors = max(max(burst.took, default=0) for burst in ours), sum(burst.errors for burst in ours)
    waits = f"p50 {middle(0.5):.1f}, p99 {middle(0.99):.1f}, worst {worst:.0f} ms"
    return f"{rate:,.0f}/s of {other:,.0f}/s; {waits}; errors {errors}"


def rule_line(seconds: float) -> Line:
    evaluated, alone = cases_a_second(seconds)
    return Line(
        figure='rules: evaluate("loan") on one core, over JSON alone',
        ratio=f"{evaluated / alone:.3f}",
        reach="10,000/s",
        aim="20,000/s",
        verdict=verdict(evaluated, 10_000, 20_000),
        detail=f"{evaluated:,.0f}/s of {alone:,.0f}/s",
    )


_ALL = re.compile(r"^(all|mixed): ", re.MULTILINE)
_OURS = re.compile(r"^ours +over +([-\d.]+) ms .*CPU +([\d.]+) ms .*answers kept (\d+)", re.MULTILINE)


def search_lines(arguments: tuple[str, ...]) -> Iterable[Line]:
    """Measure a federated search in a process of its own: it wants a quiet interpreter."""
    command = [sys.executable, str(Path(__file__).parent / "search.py"), *arguments]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for name, (over, cpu, kept) in zip(_ALL.findall(told), _OURS.findall(told), strict=True):
        what, reach, aim = ("slowest member", 50, 20) if name == "all" else ("deadline", 15, 10)
        yield Line(
            figure=f"search ({name}): over the {what}",
            ratio=f"{over} ms",
            reach=f"{reach} ms",
            aim=f"{aim} ms",
            verdict=verdict(-float(over), -reach, -aim),
            detail=f"CPU {cpu} ms (to reach 350); answers kept {kept}",
        )


def run(size: Size) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        with both(Path(scratch), stored=size.stored, wishes=wishes_needed(size)) as engines:
            print(machine(engine.version for engine in engines), end="\n\n", flush=True)
            measured = [*lines(measure(engines, size), size)]
        measured.append(rule_line(size.rule_seconds))
        if size.search:
            measured += search_lines(size.search)
    print(table(measured))


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--quick", action="store_true", help="less of everything, under a minute")
    how.add_argument("--tiny", action="store_true", help="whether it runs at all; the figures mean nothing")
    options = parser.parse_args()
    run(TINY if options.tiny else QUICK if options.quick else FULL)
