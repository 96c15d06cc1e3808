"""``python -m bench.amendments``: a dry run over very many live loans, beside reading their rows alone.

It says how many loans a second are judged, and how much memory that takes: as much at the end as after a
tenth of them.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, bindparam, text

from ill_broker.demo.consortium import MEMBERS, found_consortium
from ill_broker.services.members.directory import Directory
from ill_broker.services.office.amendments import Amendments, DryRun
from ill_broker.services.requests.door import Requests
from ill_broker.storage.migrations import migrate
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from tests.support.postgres import Cluster
from workflows.ids import AmendmentId, LibraryCode
from workflows.loan_clock.amendments import Amendment
from workflows.policies.book import PolicyBook
from workflows.requests.request import Request

#: a Monday in a spring term, 10:00 in Beijing
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LENDERS = ("pku", "szutl", "fjmu", "jinan", "bhu", "nlc", "shlib")
HOMES = ("bjtu", "pku")
#: the loans began in so many days
DAYS = 120
AMENDMENT = Amendment(
    id=AmendmentId("amd_bench"),
    issued_after=date(2026, 1, 4),
    new_due=date(2026, 4, 7),
    exclude_lenders=(LibraryCode("nlc"), LibraryCode("shlib")),
    reason="winter break",
)
_BATCH = 5_000
_MEGABYTE = 1 << 20

_ADD = text(
    "insert into requests (id, number, patron, home, desk, lender, status, work_key, attention, version, "
    "created_at, state) values (:id, :id, :patron, :home, :home, :lender, 'on_loan', 'w', :attention, 8, "
    ":created_at, :state)"
).bindparams(bindparam("attention", value=False))
_READ = text(
    "select id, state from requests where status = 'on_loan' and id < :after order by id desc limit 500"
)


class Watched(Directory):
    """A directory that notes how much memory is in use when a tenth of the loans has been judged."""

    def __init__(self, store: Store, book: PolicyBook, loans: int) -> None:
        super().__init__(store, book)
        self._left = loans - loans // 10
        self._seen = loans
        self.early = 0

    def book_for(self, conn: Connection, *requests: Request) -> PolicyBook:
        self._seen -= len(requests)
        if not self.early and self._seen <= self._left:
            self.early = _resident()
        return super().book_for(conn, *requests)


def main() -> None:
    """Measure as the command line says."""
    said = argparse.ArgumentParser(prog="python -m bench.amendments", description=__doc__)
    said.add_argument("--loans", type=int, default=100_000)
    said.add_argument("--postgres", action="store_true", help="on PostgreSQL instead of SQLite")
    asked = said.parse_args()
    with ExitStack() as stack:
        url = _database(stack, postgres=asked.postgres)
        # in a process of its own: what filling took is no memory of the dry run's
        filling = multiprocessing.get_context("spawn").Process(target=fill, args=(url, asked.loans))
        filling.start()
        filling.join()
        assert filling.exitcode == 0, filling.exitcode
        print(json.dumps(measured(url, asked.loans), indent=1))


def _database(stack: ExitStack, *, postgres: bool) -> str:
    if postgres:
        return stack.enter_context(Cluster(durable=False)).new_database()
    return f"sqlite:///{Path(stack.enter_context(TemporaryDirectory())) / 'loans.db'}"


def fill(url: str, loans: int) -> None:
    """Store so many loans that are under way; one in ten has been renewed, recalled or sent on."""
    migrate(url)
    store = Store.open(url, threads=1)
    members = {member.code: "http://127.0.0.1:9" for member in MEMBERS}
    found_consortium(store, members, dict.fromkeys(members, "whsec_" + "A" * 32), now=NOW - timedelta(days=1))
    rows = _rows(loans)
    for _ in range(0, loans, _BATCH):
        with store.writing() as conn:
            conn.execute(_ADD, [row for _, row in zip(range(_BATCH), rows, strict=False)])
    with store.writing() as conn:
        conn.execute(text("analyze"))
    store.close()


def measured(url: str, loans: int) -> dict[str, Any]:
    """Return rates and memory, and what the dry run found."""
    store = Store.open(url, threads=1)
    reading = _timed(lambda: _read_alone(store))[0]
    directory = Watched(store, builtin_book(), loans)
    service = Amendments(store, directory, Requests(store, directory))
    seconds, found = _timed(lambda: service.dry_run(AMENDMENT, now=NOW, limit=100))
    late = _resident()
    store.close()
    return {
        "loans": loans,
        "seconds": round(seconds, 1),
        "loans/s": round(loans / seconds),
        "reading alone, s": round(reading, 1),
        "over reading": round(seconds / reading, 1),
        "peak, MiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "growth after a tenth, MiB": round((late - directory.early) / _MEGABYTE, 1),
        "found": _told(found),
    }


def _told(found: DryRun) -> dict[str, Any]:
    totals = found.totals
    assert totals is not None
    sums = {code: (one.loans, str(one.fine), str(one.new_fine)) for code, one in totals.currencies.items()}
    return {
        "examined": totals.examined, "touched": totals.touched, "unjudged": totals.unjudged, "sums": sums
    }  # fmt: skip


def _rows(loans: int) -> Iterator[dict[str, Any]]:
    book = builtin_book()
    editions = {lender: book.policy(lender).edition for lender in LENDERS}
    for number in range(loans):
        # spread over days and lenders without chance, and growing with the id as in life
        began = NOW - timedelta(days=DAYS * (loans - number) / loans, seconds=number * 7919 % 3600)
        lender, home = LENDERS[number * 31 % len(LENDERS)], HOMES[number * 17 % len(HOMES)]
        yield {
            "id": f"req_{number:012}",
            "patron": f"pat_{number % 50_000}",
            "home": home,
            "lender": lender,
            "created_at": began.replace(tzinfo=None),
            "state": json.dumps(_state(number, lender, home, began, editions[lender]), separators=(",", ":")),
        }


def _state(number: int, lender: str, home: str, began: datetime, edition: str) -> dict[str, Any]:
    def at(hours: float) -> str:
        return (began + timedelta(hours=hours)).isoformat()

    others = [code for code in LENDERS if code != lender]
    copies = [{"library": code, "record_id": str(number), "available": True} for code in (lender, *others)]
    claim = {"item_barcode": str(number), "item_barcode_at": at(9), "accepted": at(3), "shipped": at(9)}
    rota = [{"lender": code, "reason": "available"} for code in others]
    return {
        "id": f"req_{number:012}",
        "number": str(number),
        "patron": f"pat_{number % 50_000}",
        "home": home,
        "desk": home,
        "citation": {"title": "中国图书馆史", "author": "李华", "isbn": f"978{number:010}", "year": 2009},
        "holdings": copies,
        "instants": {
            name: at(hours)
            for name, hours in (
                ("submitted", -96), ("accepted", -90), ("shipped", -70), ("arrived", -5), ("notified", -4),
                ("handover", 0),
            )
        },
        "status": "on_loan",
        "rota": [{"lender": lender, "reason": "available", "turn": "supplies", "claim": claim}, *rota],
        "lender": lender,
        "category": "ill_reader",
        "alarm": {"at": at(600), "what": "due"},
        "scanned_barcode": str(number),
        "due": "2026-03-20",
        "lender_due": "2026-03-23",
        "terms": edition,
        "version": 8,
    } | _happened(number, at)  # fmt: skip


def _happened(number: int, at: Any) -> dict[str, Any]:
    match number % 30:
        case 0:
            return {"renewals": [{"at": at(300.0)}]}
        case 1:
            return {"recalled_at": at(200.0), "recall_heard": at(200.0)}
        case 2:
            return {"transfers": [{"since": at(48.0), "until": at(100.0)}]}
        case _:
            return {}


def _read_alone(store: Store) -> int:
    after, read = "s", 0
    while True:
        with store.reading() as conn:
            page = conn.execute(_READ, {"after": after}).all()
        read += len(page)
        if not page:
            return read
        after = page[-1].id


def _timed(work: Any) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
