"""A repository that is not ours is harvested by a worker's timetable: all of it, then what has changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ill_broker import clock
from ill_broker.clock import set_clock
from ill_broker.services.discovery.catalogue import Catalogue
from ill_broker.storage import catalogue, libraries
from ill_broker.storage.migrations import migrate
from ill_broker.storage.store import Store
from tests.factories import BHU, START, a_library
from tests.journeys.world import until
from tests.support import pyoai
from tests.support.processes import Child
from workflows.citation import Query

pytestmark = pytest.mark.ci

#: the harvest's own: after six hours it asks for changes
LATER = timedelta(hours=7)
BOOKS = 3 * pyoai.PAGE - 1


def naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None, microsecond=0)


def test_a_worker_harvests_a_repository_and_then_what_has_changed(tmp_path: Path) -> None:
    url, script = f"sqlite:///{tmp_path / 'broker.db'}", tmp_path / "clock.json"
    long_ago = datetime(2021, 5, 4)  # noqa: DTZ001 - pyoai's datestamps are naive
    shelf = pyoai.Shelf({number: (f"Book {number}", long_ago) for number in range(BOOKS)})
    migrate(url)
    set_clock(script, START)
    with pyoai.serving(shelf) as address, Store.open(url, threads=2) as store:
        with store.writing() as conn:
            libraries.put(conn, a_library(BHU), {"oai": {"url": address}})

        def records() -> int:
            with store.reading() as conn:
                return catalogue.count(conn, BHU)

        def titles(text: str) -> list[str]:
            found = Catalogue(store).find(Query(title=text), clock.FileClock(script).now())
            return [hit.citation.title for hit in found.hits]

        told = {"ILL_DATABASE_URL": url, "ILL_CLOCK_FILE": str(script), "ILL_ALLOWED_NETWORKS": "127.0.0.0/8"}
        worker = Child("-m", "ill_broker", "worker", environment={**told, "ILL_SECRET_KEY": "k" * 40})
        try:
            worker.wait_until_ready()
            until(lambda: titles("Book 1"), lambda found: found)
            first = list(shelf.asked)
            today = naive(clock.now())
            shelf.books |= {1: ("Tome 1", today), 2: (None, today), BOOKS: ("Book new", today)}
            set_clock(script, START + LATER)
            until(lambda: titles("Tome 1"), lambda found: found)
        finally:
            worker.end()
        then = shelf.asked[len(first) :]

        assert BOOKS == records()
        assert (["Tome 1"], ["Book new"], []) == (titles("Tome 1"), titles("Book new"), titles("Book 2"))

    assert ["ListRecords"] * 3 == [asked["verb"] for asked in first]
    assert ["marc21", None, None] == [asked.get("metadataPrefix") for asked in first]
    assert ["Identify", "ListRecords"] == [asked["verb"] for asked in then]
    assert then[1]["from"] < f"{today:%Y-%m-%dT%H:%M:%SZ}"
