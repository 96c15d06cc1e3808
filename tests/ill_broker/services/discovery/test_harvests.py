"""A library's list is fetched to its end, whatever breaks on the way; nothing is lost or kept too long."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from connectors.oaipmh.client import OaiHarvester, OaiProfile
from connectors.ports import Connectors
from ill_broker.jobs.timetable import harvesting
from ill_broker.services.discovery import harvests as service
from ill_broker.services.discovery.catalogue import CURRENT, Catalogue
from ill_broker.services.discovery.harvests import EVERY, FULL_EVERY, Harvests
from ill_broker.services.members.directory import Directory
from ill_broker.services.refusals import Unknown
from ill_broker.storage import catalogue as rows
from ill_broker.storage import libraries
from ill_broker.storage.catalogue import Harvest
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from tests.factories import BHU, PKU
from tests.support.oai import Answer, Repository, complaint, target
from workflows.citation import Query
from workflows.ids import LibraryCode
from workflows.libraries import Library

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@dataclass
class Consortium:
    """Libraries with repositories, and the harvests of them."""

    store: Store
    repositories: dict[LibraryCode, Repository] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.store.writing() as conn:
            for code in (BHU, PKU):
                libraries.put(conn, Library(code=code, name=code, name_zh=code))
        self.harvests = self.anew()

    def anew(self, *, seconds: float = service.BUDGET_SECONDS) -> Harvests:
        """Return the harvests as a process that has just begun makes them."""
        ticks: Callable[[], float] = count().__next__
        return Harvests(self.store, Directory(self.store, builtin_book()), self, timer=ticks, seconds=seconds)

    def connectors(self, library: str) -> Connectors:
        repository = self.repositories.get(LibraryCode(library))
        if repository is None:
            return Connectors(library)
        return Connectors(
            library, harvester=OaiHarvester(target(repository, library), OaiProfile("http://x"))
        )

    def harvest(self, now: datetime = NOW, library: LibraryCode = BHU) -> Harvest:
        return self.anew().harvest(library, now)

    def titles(self, now: datetime = NOW) -> list[str]:
        found = Catalogue(self.store).find(Query(text="book"), now)
        return sorted(hit.citation.title for hit in found.hits)


@pytest.fixture
def consortium(migrated_file: Path, tmp_path: Path) -> Iterator[Consortium]:
    shutil.copy(migrated_file, tmp_path / "file.db")
    store = Store.open(f"sqlite:///{tmp_path / 'file.db'}")
    yield Consortium(store)
    store.close()


def books(number: int = 5, **facts: object) -> Repository:
    records: dict[int, tuple[str | None, str]] = {one: (f"Book {one}", "2026-01-01") for one in range(number)}
    return Repository(records, **facts)  # type: ignore[arg-type]  # facts of a repository


@pytest.fixture
def bhu(consortium: Consortium) -> Repository:
    consortium.repositories[BHU] = repository = books()
    return repository


FIVE = [f"Book {number}" for number in range(5)]


def test_a_first_harvest_takes_all(consortium: Consortium, bhu: Repository) -> None:
    harvest = consortium.harvest()

    assert FIVE == consortium.titles()
    assert (5, 3, 5, NOW, NOW + EVERY) == (
        harvest.seen, harvest.pages, harvest.total, harvest.last_success, harvest.due_at
    )  # fmt: skip


def test_the_next_harvest_asks_for_changes_alone(consortium: Consortium, bhu: Repository) -> None:
    consortium.harvest()
    bhu.records |= {1: (None, "2026-03-02"), 2: ("Book two", "2026-03-02"), 9: ("Book 9", "2026-03-02")}
    harvest = consortium.harvest(NOW + DAY)

    assert ["Book 0", "Book 3", "Book 4", "Book 9", "Book two"] == consortium.titles(NOW + DAY)
    assert (3, "2026-03-02T01:00:00Z") == (harvest.seen, bhu.asked[-2]["from"])


def test_no_changes_are_a_success(consortium: Consortium, bhu: Repository) -> None:
    consortium.harvest()
    harvest = consortium.harvest(NOW + DAY)

    assert (FIVE, NOW + DAY, 0) == (consortium.titles(NOW + DAY), harvest.last_success, harvest.failures)


def test_from_time_to_time_all_is_asked_for_and_what_is_missing_is_deleted(
    consortium: Consortium, bhu: Repository
) -> None:
    consortium.harvest()
    del bhu.records[3]
    consortium.harvest(NOW + DAY)
    before = consortium.titles()
    consortium.harvest(NOW + FULL_EVERY)

    assert (FIVE, ["Book 0", "Book 1", "Book 2", "Book 4"]) == (before, consortium.titles())


@pytest.mark.parametrize(
    ("broken", "wait"),
    [
        (Answer(b"", 503), MINUTE),
        (Answer(b"", 503, {"Retry-After": "7200"}), timedelta(hours=2)),
        (Answer(b"", 503, {"Retry-After": "999999999"}), DAY),
        (Answer(b"<html>"), MINUTE),
    ],
)
def test_after_a_failure_the_list_goes_on_where_it_stood(
    consortium: Consortium, bhu: Repository, broken: Answer, wait: timedelta
) -> None:
    consortium.harvests.step(BHU, NOW)
    bhu.instead = [broken]
    failed = consortium.harvest()

    assert (1, NOW, NOW + wait, 1) == (failed.failures, failed.last_failure, failed.due_at, failed.pages)
    ended = consortium.harvest(NOW + wait)
    assert (FIVE, 0, 3) == (consortium.titles(), ended.failures, ended.pages)
    assert 2 == [asked.get("resumptionToken") for asked in bhu.asked].count("2|")


def test_failures_make_the_waiting_longer_up_to_a_day(consortium: Consortium, bhu: Repository) -> None:
    bhu.instead = [Answer(b"", 503) for _ in range(20)]
    waits = [harvest.due_at - NOW for _ in range(20) if (harvest := consortium.harvest()).due_at]

    assert [MINUTE, 2 * MINUTE, 4 * MINUTE] == waits[:3]
    assert (DAY, sorted(waits)) == (waits[-1], waits)


@pytest.mark.parametrize(
    "lost", [complaint("badResumptionToken"), complaint("badArgument"), Answer(b"", 404)]
)
def test_a_forgotten_list_is_begun_anew_at_once_and_nothing_is_missing(
    consortium: Consortium, bhu: Repository, lost: Answer
) -> None:
    consortium.harvests.step(BHU, NOW)
    bhu.instead = [lost]
    del bhu.records[0]
    harvest = consortium.harvest()

    assert (FIVE[1:], 0, 0) == (consortium.titles(), harvest.failures, harvest.lost)


def test_forgotten_changes_are_asked_for_from_the_same_time(consortium: Consortium, bhu: Repository) -> None:
    consortium.harvest()
    bhu.records |= {number: (f"Book {number}", "2026-03-02") for number in range(6, 10)}
    consortium.harvests.step(BHU, NOW + DAY)
    bhu.instead = [complaint("badResumptionToken")]
    bhu.asked.clear()
    consortium.harvest(NOW + DAY)

    assert {"2026-03-02T01:00:00Z"} == {asked["from"] for asked in bhu.asked if "from" in asked}
    assert 9 == len(consortium.titles())


def test_a_library_that_always_forgets_its_lists_is_not_asked_all_the_time(
    consortium: Consortium, bhu: Repository
) -> None:
    def forget(asked: dict[str, str]) -> None:
        bhu.instead = [complaint("badResumptionToken")] if "resumptionToken" in asked else []

    bhu.watch = forget
    harvest = consortium.harvest()

    assert (4, 2, NOW + MINUTE) == (len(bhu.asked), harvest.lost, harvest.due_at)


def test_an_endless_list_comes_to_an_end(
    consortium: Consortium, bhu: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_PAGES", 4)
    tokens = count(100)
    bhu._token = lambda *_: f"<resumptionToken>{next(tokens)}</resumptionToken>"  # type: ignore[method-assign]  # it misbehaves
    harvest = consortium.harvest()

    assert ("a list without an end", 8, []) == (harvest.detail, len(bhu.asked), consortium.titles())


def test_the_same_token_again_is_a_failure_and_not_the_end(consortium: Consortium, bhu: Repository) -> None:
    bhu._token = lambda *_: "<resumptionToken>2|</resumptionToken>"  # type: ignore[method-assign]  # it misbehaves
    harvest = consortium.harvest()

    assert (1, None, 2) == (harvest.failures, harvest.last_success, len(bhu.asked))


def test_a_list_that_ends_too_early_deletes_nothing(consortium: Consortium, bhu: Repository) -> None:
    consortium.harvest()
    bhu.records, bhu.total = {1: ("Book 1", "2026-01-01")}, 5
    harvest = consortium.harvest(NOW + FULL_EVERY)

    assert (FIVE, 1, NOW) == (consortium.titles(), harvest.failures, harvest.last_success)
    assert "the list ended after 1 of 5" == harvest.detail


def test_an_empty_list_deletes_nothing(consortium: Consortium, bhu: Repository) -> None:
    consortium.harvest()
    bhu.records = {}
    consortium.harvest(NOW + FULL_EVERY)

    assert FIVE == consortium.titles()


def test_a_library_with_nothing_is_harvested_well(consortium: Consortium) -> None:
    consortium.repositories[BHU] = Repository()

    assert NOW == consortium.harvest().last_success


def test_a_crash_while_sweeping_is_made_good(
    consortium: Consortium, bhu: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    consortium.harvest()
    del bhu.records[3]

    def crash(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rows, "sweep", crash)
        with pytest.raises(KeyboardInterrupt):
            consortium.harvest(NOW + FULL_EVERY)
    asked = len(bhu.asked)
    consortium.harvest(NOW + FULL_EVERY)

    assert (4, asked) == (len(consortium.titles()), len(bhu.asked))


def test_what_has_not_come_whole_yet_is_not_shown(consortium: Consortium, bhu: Repository) -> None:
    consortium.harvests.step(BHU, NOW)

    assert [] == consortium.titles()


def test_what_was_not_harvested_for_long_is_not_shown(consortium: Consortium, bhu: Repository) -> None:
    consortium.harvest()

    assert (FIVE, []) == (consortium.titles(NOW + CURRENT - DAY), consortium.titles(NOW + CURRENT))


def test_a_library_without_a_repository_cannot_be_harvested(consortium: Consortium) -> None:
    with pytest.raises(Unknown):
        consortium.harvest()


# ---------------------------------------------------------------- the job


def test_the_job_fetches_what_is_due_and_rests_until_it_is_due_again(
    consortium: Consortium, bhu: Repository
) -> None:
    consortium.repositories[PKU] = books(1)
    job = harvesting(consortium.harvests)

    assert [6, 0, 0] == [job.work(NOW), job.work(NOW + MINUTE), job.work(NOW + EVERY - MINUTE)]
    assert 2 == job.work(NOW + EVERY)
    assert {BHU, PKU} == Catalogue(consortium.store).current(NOW)


def test_one_library_that_fails_does_not_keep_another_waiting(
    consortium: Consortium, bhu: Repository
) -> None:
    bhu.instead = [Answer(b"", 503)]
    consortium.repositories[PKU] = books(1)
    consortium.harvests.go_on(NOW)

    assert {PKU} == Catalogue(consortium.store).current(NOW)


def test_a_run_of_the_job_ends_in_time_and_the_next_goes_on(consortium: Consortium, bhu: Repository) -> None:
    hurried = consortium.anew(seconds=2.5)

    assert [2, 2, 0] == [hurried.go_on(NOW), hurried.go_on(NOW), hurried.go_on(NOW)]
    assert FIVE == consortium.titles()


def test_whoever_harvests_by_hand_is_told_of_each_page(consortium: Consortium, bhu: Repository) -> None:
    told: list[int] = []
    consortium.harvests.harvest(BHU, NOW, told=lambda harvest: told.append(harvest.seen))

    assert [2, 4, 5] == told


def test_two_processes_at_one_list_do_not_undo_one_another(consortium: Consortium, bhu: Repository) -> None:
    def overtake(_: dict[str, str]) -> None:
        bhu.watch = lambda _: None
        consortium.harvest()

    bhu.watch = overtake
    harvest = consortium.harvests.step(BHU, NOW)

    assert (FIVE, NOW) == (consortium.titles(), harvest.last_success)
