"""How members' connectors are doing: noted by all who call, and a reason not to call for a while."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NoReturn

import pytest
from prometheus_client import REGISTRY

from connectors.failures import Garbled, PartnerFailure, Refused, Unreachable
from connectors.ports import Connectors, HarvestPage
from ill_broker.services.delivery.delivery import Delivery
from ill_broker.services.discovery.fan_out import MemberState
from ill_broker.services.discovery.harvests import Harvests
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.members.connector_health import FAILURES, REST, ConnectorHealth, PartnerHealth, call
from ill_broker.services.members.directory import Directory
from ill_broker.settings import Settings
from ill_broker.storage import libraries
from ill_broker.storage.failures import Busy
from ill_broker.storage.store import Store
from tests.factories import PKU, START, SZUTL, a_library, the_book
from tests.ill_broker.services.finders import Failing, Fast, Hanging, Members, find_now
from tests.ill_broker.services.lending import Lending
from workflows.citation import Query

SECOND = timedelta(seconds=1)
AWAY = Unreachable(PKU, "ConnectError")


@pytest.fixture
def health(store: Store) -> PartnerHealth:
    return PartnerHealth(store)


def fail(health: PartnerHealth, failure: PartnerFailure = AWAY, *, times: int = 1) -> None:
    """Let calls fail, a second apart; the last one at START."""
    for left in reversed(range(times)):
        health.note([call(PKU, "sru", failure)], now=START - left * SECOND)


def seen(health: PartnerHealth, now: datetime = START) -> ConnectorHealth:
    (standing,) = health.of(PKU, now)
    return standing


def told(standing: ConnectorHealth) -> tuple[Any, ...]:
    known = standing.health
    return standing.state, known.failures, known.last_success, known.last_failure, known.detail


def test_a_call_that_goes_well_is_noted(health: PartnerHealth) -> None:
    health.note([call(PKU, "sru")], now=START)

    assert ("closed", 0, START, None, None) == told(seen(health))


def test_failures_in_a_row_are_counted_with_their_words(health: PartnerHealth) -> None:
    health.note([call(PKU, "sru")], now=START - 9 * SECOND)
    fail(health, times=2)

    assert ("closed", 2, START - 9 * SECOND, START, "ConnectError") == told(seen(health))
    assert health.rests_until(PKU, "sru", START) is None


def test_a_connector_that_fails_again_and_again_rests_for_a_while(health: PartnerHealth) -> None:
    fail(health, times=FAILURES)
    later = START + REST

    assert ("open", START + REST) == (seen(health).state, seen(health).rests_until)
    assert START + REST == health.rests_until(PKU, "sru", START + SECOND)
    assert health.rests_until(PKU, "webhook", START) is None
    assert health.rests_until(SZUTL, "sru", START) is None
    assert health.rests_until(PKU, "sru", later) is None
    assert ("half_open", None) == (seen(health, later).state, seen(health, later).rests_until)


def test_the_next_call_after_a_rest_decides(health: PartnerHealth) -> None:
    fail(health, times=FAILURES)
    later = START + REST
    health.note([call(PKU, "sru", AWAY)], now=later)
    again = health.rests_until(PKU, "sru", later)
    health.note([call(PKU, "sru")], now=later + REST)

    assert later + REST == again
    assert ("closed", 0, later + REST, later, None) == told(seen(health, later + REST))


def test_an_answer_of_no_use_is_a_failure_and_no_reason_to_rest(health: PartnerHealth) -> None:
    fail(health, Garbled(PKU, "no XML"), times=FAILURES)
    fail(health, Refused(PKU, "HTTP 403"))

    assert ("closed", FAILURES + 1, None, START, "HTTP 403") == told(seen(health))


def test_an_answer_of_no_use_ends_a_rest(health: PartnerHealth) -> None:
    fail(health, times=FAILURES)
    fail(health, Garbled(PKU, "no XML"))

    assert health.rests_until(PKU, "sru", START) is None


def test_another_process_notices_within_seconds(health: PartnerHealth, store: Store) -> None:
    other = PartnerHealth(store)
    before = other.rests_until(PKU, "sru", START)
    fail(health, times=FAILURES)

    assert before is None
    assert other.rests_until(PKU, "sru", START + 6 * SECOND) is not None


def test_what_everybody_knows_is_not_written_again(
    health: PartnerHealth, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    health.note([call(PKU, "sru")], now=START)
    written: list[object] = []
    monkeypatch.setattr(Store, "write", lambda _, work: written.append(work))
    health.note([call(PKU, "sru")], now=START + 59 * SECOND)
    quiet = len(written)
    health.note([call(PKU, "sru")], now=START + 60 * SECOND)

    assert (0, 1) == (quiet, len(written))


def test_words_are_kept_short(health: PartnerHealth) -> None:
    fail(health, Garbled(PKU, "x" * 5000))

    assert seen(health).health.detail == "x" * 300


def test_a_clock_that_was_set_back_keeps_nobody_at_rest(health: PartnerHealth) -> None:
    fail(health, times=FAILURES)

    assert health.rests_until(PKU, "sru", START - timedelta(days=1)) is None


def test_a_database_that_is_away_keeps_no_call_from_being_made(
    health: PartnerHealth, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: Store) -> NoReturn:
        raise Busy("away")

    monkeypatch.setattr(Store, "reading", away)
    monkeypatch.setattr(Store, "writing", away)
    health.note([call(PKU, "sru", AWAY)], now=START)

    assert health.rests_until(PKU, "sru", START) is None


def test_failures_in_a_row_are_measured(health: PartnerHealth) -> None:
    fail(health, times=2)
    labels = {"library": str(PKU), "connector": "sru"}

    assert REGISTRY.get_sample_value("ill_partner_failures", labels) == 2


# ---------------------------------------------------------------- searching


class _Clock:
    def now(self) -> datetime:
        return START


@pytest.fixture
def discovery(store: Store, health: PartnerHealth) -> Iterator[tuple[Discovery, dict[str, Any]]]:
    members = Members()
    with store.writing() as conn:
        for code in (PKU, SZUTL):
            libraries.put(conn, a_library(code), {})
    service = Discovery(
        store,
        _Clock(),
        Directory(store, the_book()),
        members,
        Settings(search_seconds=0.3),
        health=health,
    )
    yield service, members.finders
    service.close()


def test_searches_note_how_each_finder_does(
    discovery: tuple[Discovery, dict[str, Any]], health: PartnerHealth
) -> None:
    service, finders = discovery
    finders.update({PKU: Failing(AWAY), SZUTL: Fast()})
    find_now(service, Query(text="x"), START)
    found = {each.health.library: told(each) for each in health.of(None, START)}

    assert ("closed", 1, None, START, "ConnectError") == found[PKU]
    assert ("closed", 0, START, None, None) == found[SZUTL]


def test_who_rests_is_not_searched(discovery: tuple[Discovery, dict[str, Any]], store: Store) -> None:
    service, finders = discovery
    finders.update({PKU: Fast(), SZUTL: Fast()})
    for _ in range(FAILURES):
        PartnerHealth(store).note([call(PKU, "find", AWAY)], now=START)
    found = find_now(service, Query(text="x"), START)

    assert ([], [], 1) == (list(found), finders[PKU].asked, len(finders[SZUTL].asked))


def test_whoever_does_not_answer_in_time_has_failed_without_being_given_up(
    discovery: tuple[Discovery, dict[str, Any]], health: PartnerHealth
) -> None:
    service, finders = discovery
    finders.update({PKU: Hanging()})
    find_now(service, Query(text="x"), START)

    assert ("closed", 1, None, START, MemberState.SLOW) == told(seen(health))


# ---------------------------------------------------------------- delivering


class _Connected:
    """Lenders' systems, each served by the same connector."""

    def __init__(self, lending: Lending, name: str) -> None:
        self._lenders, self._name = lending.lenders, name

    def connectors(self, library: str) -> Connectors:
        return replace(self._lenders.connectors(library), served_by={"ask": self._name})


def delivering(lending: Lending, health: PartnerHealth, name: str = "webhook") -> Delivery:
    """Return a worker that asks every lender by the connector of this name."""
    return Delivery(
        lending.store,
        lending.requests,
        lending.directory,
        _Connected(lending, name),
        lending.mails,
        owner="w",
        health=health,
    )


def test_deliveries_note_how_each_lender_does(store: Store, health: PartnerHealth) -> None:
    lending = Lending(store)
    worker = delivering(lending, health)
    lending.asked(SZUTL)
    lending.deliver(worker)
    well = told(health.of(SZUTL, START)[0])

    def away(_: object) -> str:
        raise Unreachable(SZUTL, "ReadTimeout")

    lending.lenders[SZUTL].answer = away
    lending.asked(SZUTL)
    lending.deliver(worker)

    assert ("closed", 0, START, None, None) == well
    assert ("closed", 1, START, START, "ReadTimeout") == told(health.of(SZUTL, START)[0])


def test_what_is_for_a_lender_that_rests_waits_without_being_tried(
    store: Store, health: PartnerHealth
) -> None:
    lending = Lending(store)
    worker = delivering(lending, health)
    for _ in range(FAILURES):
        health.note([call(SZUTL, "webhook", Unreachable(SZUTL, "ConnectError"))], now=START)
    request = lending.asked(SZUTL)
    lending.deliver(worker)
    (waiting,) = lending.entries(request)[:1]
    tried = len(lending.lenders[SZUTL].told)
    lending.now = START + REST
    lending.deliver(worker)

    assert (0, START + REST, 0) == (waiting.attempts, waiting.due_at, tried)
    assert len(lending.lenders[SZUTL].told) == 1
    assert health.of(SZUTL, lending.now)[0].state == "closed"


@pytest.mark.parametrize("name", ["by_hand", "email"])
def test_what_goes_to_no_machine_of_the_lenders_shows_nothing_of_it(
    store: Store, health: PartnerHealth, name: str
) -> None:
    lending = Lending(store)
    worker = delivering(lending, health, name)
    lending.asked(SZUTL)
    lending.deliver(worker)

    assert health.of(None, START) == []


# ---------------------------------------------------------------- harvesting


@dataclass
class _List:
    """A library's list of nothing, which fails as long as *error* stays."""

    error: PartnerFailure | None = None

    def begin(self, *, since: datetime | None = None) -> HarvestPage:
        if self.error is not None:
            raise self.error
        return HarvestPage()

    def go_on(self, token: str) -> HarvestPage:
        raise AssertionError(token)

    def connectors(self, library: str) -> Connectors:
        return Connectors(library, harvester=self)


def test_harvests_note_how_each_repository_does(store: Store, health: PartnerHealth) -> None:
    listed = _List(AWAY)
    harvests = Harvests(store, Directory(store, the_book()), listed, health=health)
    harvests.step(PKU, START)
    badly = told(health.of(PKU, START)[0])
    listed.error = None
    harvests.step(PKU, START + SECOND)

    assert ("closed", 1, None, START, "ConnectError") == badly
    assert ("oai", 0) == (health.of(PKU, START)[0].health.connector, health.of(PKU, START)[0].health.failures)
