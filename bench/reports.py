"""Measure reports over many requests: `python bench/reports.py [--requests 1000000] [--libraries 5]`.

Fills SQLite and PostgreSQL with invented requests of two years, in the order in which they were submitted,
and asks for each report over all of it, the dearest way, then for the same again, then for pages of the
requests behind a figure. Beside the clock stands the CPU of our process and of the database's server: the
clock of a machine that others use shows them as well. The limit is the same database counting the rows.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice, product
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import func, insert, select, text

from bench.report import Line, machine, table, verdict
from ill_broker import clock
from ill_broker.services.members.directory import Directory
from ill_broker.services.office.reports import DIVISIBLE, Asked, By, Report, Reports
from ill_broker.storage import reports as rows
from ill_broker.storage.migrations import migrate
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.report_rows import report_asks, report_requests
from ill_broker.storage.rows import requests
from ill_broker.storage.store import Store
from tests.support.postgres import Cluster
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode, RequestId
from workflows.requests.lifecycle import Outcome
from workflows.requests.measures import Stage

BEGAN, YEARS = datetime(2025, 1, 1, tzinfo=UTC), timedelta(days=730)
SPAN = rows.Span(first="2025-01", last="2026-12")
OFFICE = Actor(Role.OFFICE, "stf_bench")
BATCH = 5000
#: of all that are lent, and of all that are asked for
LATE, FILLED = 0.08, 0.85
#: hours that a stage takes on the middle
HOURS = {
    Stage.ANSWER: 20,
    Stage.SHIPPING: 30,
    Stage.TRANSIT: 70,
    Stage.CALL: 5,
    Stage.HOLD: 40,
    Stage.LOAN: 700,
    Stage.DESK_RETURN: 10,
    Stage.RECEIPT: 75,
}
#: seconds of server time: a report, and what was made before or is a page
REPORT, PAGE = 10.0, 0.2
_Row = dict[str, Any]
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Base:
    """A database, and the CPU that its server took so far; SQLite has none."""

    name: str
    store: Store
    busy: Callable[[], float]


def invented(count: int, libraries: list[str]) -> Iterator[tuple[_Row, _Row, _Row]]:
    """Yield requests in the order of their birth, each as it is counted and with the asking of its lender."""
    chance = random.Random(1)
    for number in range(count):
        at, (home, lender) = BEGAN + YEARS * (number / count), chance.sample(libraries, 2)
        filled, late = chance.random() < FILLED, chance.random() < LATE
        took = {stage: int(chance.gammavariate(2, middle / 2)) for stage, middle in HOURS.items()}
        took[Stage.SUPPLY] = took[Stage.ANSWER] + took[Stage.SHIPPING] + took[Stage.TRANSIT]
        key = {"request_id": f"req_{number:016}", "home": home, "lender": lender, "month": f"{at:%Y-%m}"}
        outcome = Outcome.COMPLETED if filled else Outcome.UNFILLED
        ended = {"version": 9, "status": "closed", "outcome": outcome.value}
        hours = {f"{stage.value}_hours": spent if filled else None for stage, spent in took.items()}
        days = (chance.randint(1, 40) if late else 0) if filled else None
        asked = ("supplied", None) if filled else ("passed", "unfilled")
        yield (
            {"id": key["request_id"], "number": f"{number:08}", "home": home, "lender": lender}
            | {"created_at": at, "patron": "pat_bench", "desk": home, "work_key": "key"}
            | {"attention": False, "state": "{}"}
            | ended,
            key | ended | hours | {"late_days": days},
            key | dict(zip(("result", "reason"), asked, strict=True)) | {"hours": took[Stage.ANSWER]},
        )


def fill(store: Store, count: int, libraries: list[str]) -> None:
    every = invented(count, libraries)
    while batch := list(islice(every, BATCH)):
        with store.writing() as conn:
            for place, one in enumerate((requests, report_requests, report_asks)):
                conn.execute(insert(one), [row[place] for row in batch])
    with store.writing() as conn:
        rows.set_mark(conn, clock.now(), now=clock.now())
        if store.engine.dialect.name == "postgresql":  # which does so by itself, sooner or later
            conn.execute(text("ANALYZE"))


def measure(base: Base, count: int, libraries: list[str]) -> Iterator[Line]:
    """Fill a database and yield a line for each report and page."""
    began = time.monotonic()
    fill(base.store, count, libraries)
    print(f"{count:,} requests in {time.monotonic() - began:.0f} s; now {machine([])}", flush=True)
    one, other = map(LibraryCode, libraries[:2])
    yield _line(base, "counting the rows", partial(_bare, base.store), None)
    reports = Reports(base.store, Directory(base.store, builtin_book()))
    table = partial(reports.table, actor=OFFICE, now=clock.now())
    for asked in _asked():
        yield _line(base, _named(asked), partial(table, asked), REPORT)
    *_, dearest = _asked()
    yield _line(base, f"{_named(dearest)}, again", partial(table, dearest), PAGE)
    narrowed = {
        "all": rows.Narrowed(),
        "late": rows.Narrowed(is_late=True),
        "of a lender, late": rows.Narrowed(is_late=True, lender=one),
        "of a lane, unfilled": rows.Narrowed(outcome="unfilled", lender=one, home=other),
        "lost, which none is": rows.Narrowed(outcome="lost"),
    }
    for who, span in (("office", SPAN), ("desk", replace(SPAN, library=one))):
        for (named, meant), after in product(narrowed.items(), (None, RequestId(f"req_{count // 2:016}"))):
            page = partial(reports.rows, span, meant, OFFICE, after=after, limit=50)
            yield _line(base, f"{who}: {'old' if after else 'new'} requests, {named}", page, PAGE)


def _asked() -> Iterator[Asked]:
    """Return all reports but that on money, of which nothing is invented; the dearest last."""
    for report in sorted({*Report} - {Report.MONEY}):
        for by in (By.MONTH, By.LANE) if report in DIVISIBLE else (By.HOME,):
            yield Asked(report=report, span=SPAN, by=by)


def _named(asked: Asked) -> str:
    return f"{asked.report} by {asked.by}" if asked.report in DIVISIBLE else asked.report.value


def _bare(store: Store) -> None:
    with store.reading() as conn:
        conn.execute(select(func.count()).select_from(report_requests)).scalar_one()


def _line(base: Base, figure: str, work: Callable[[], Any], reach: float | None) -> Line:
    ours, theirs, began = time.process_time(), base.busy(), time.perf_counter()
    made = work()
    took = time.perf_counter() - began
    cpu, server = time.process_time() - ours, base.busy() - theirs
    found = len(getattr(made, "rows", getattr(made, "items", ())))
    return Line(
        figure=f"{base.name}: {figure}",
        ratio=_time(took),
        reach=_time(reach) if reach else "",
        aim="",
        verdict=verdict(-took, -reach, 0) if reach else "",
        detail=f"CPU {_time(cpu)}, of the server {_time(server)}; {found} rows",
    )


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _none() -> float:
    return 0.0


def _taken(server: int) -> float:
    """Return the seconds of CPU that a process and its children took, those that have ended as well."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if int(stat.parent.name) == server:
            ticks += sum(map(int, told[11:15]))
        elif int(told[1]) == server:
            ticks += sum(map(int, told[11:13]))
    return ticks / _TICK


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--libraries", type=int, default=5)
    options = parser.parse_args()
    libraries = [f"lib{number:02}" for number in range(options.libraries)]
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        cluster = stack.enter_context(Cluster(durable=True))
        lines: list[Line] = []
        for name, url, busy in (
            (f"SQLite {sqlite3.sqlite_version}", f"sqlite:///{folder}/bench.db", _none),
            ("PostgreSQL", cluster.new_database(), partial(_taken, cluster.pid)),
        ):
            migrate(url)
            store = Store.open(url)
            stack.callback(store.close)
            print(machine([name]), flush=True)
            lines += measure(Base(name.split()[0], store, busy), options.requests, libraries)
    print("", table(lines), sep="\n")


if __name__ == "__main__":
    main()
