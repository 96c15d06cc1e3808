"""What is done from time to time: by one worker at a time, and by another one when that one dies."""

from __future__ import annotations

import signal
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from ill_broker.jobs.timetable import Job, jobs, run_once, schedule
from ill_broker.jobs.worker import Worker
from ill_broker.services.cards.loan_cards import LoanCards
from ill_broker.services.office.amendments import Amendments
from ill_broker.storage import idempotency, inbox, outbox, searches, sessions
from ill_broker.storage.failures import Busy
from ill_broker.storage.idempotency import SavedAnswer
from ill_broker.storage.inbox import Message
from ill_broker.storage.outbox import Entry
from ill_broker.storage.searches import Search
from ill_broker.storage.sessions import Session
from ill_broker.storage.store import Store
from tests.factories import DAY, START, SZUTL
from tests.ill_broker.services.lending import Lending
from workflows.actors import Role
from workflows.citation import Query
from workflows.ids import MessageId


def run(job: Job, store: Store, owner: str, after: float = 0.0) -> bool:
    at = START + timedelta(seconds=after)
    return run_once(job, store, owner=owner, now=START, machine_now=at)


def timetable_of(lending: Lending) -> dict[str, Job]:
    cards = LoanCards(lending.store, lending.directory)
    amendments = Amendments(lending.store, lending.directory, lending.requests)
    return {job.name: job for job in jobs(lending.store, lending.requests, cards, amendments)}


def counting(name: str = "count", every: float = 5.0) -> tuple[Job, list[datetime]]:
    done: list[datetime] = []

    def work(now: datetime) -> int:
        done.append(now)
        return 1

    return Job(name, every, work), done


def test_one_worker_does_the_job_as_long_as_it_lives(store: Store) -> None:
    job, done = counting()
    ticks = [run(job, store, "one"), run(job, store, "two", 1), run(job, store, "one", 5)]

    assert [True, False, True] == ticks
    assert [START, START] == done


def test_another_worker_takes_over_when_the_lease_has_run_out(store: Store) -> None:
    job, done = counting()
    run(job, store, "one")

    assert (False, True) == (run(job, store, "two", 14), run(job, store, "two", 15))
    assert not run(job, store, "one", 16)
    assert 2 == len(done)


def test_each_job_has_a_lease_of_its_own(store: Store) -> None:
    first, second = counting("first")[0], counting("second")[0]

    assert run(first, store, "one")
    assert run(second, store, "two")


@pytest.mark.parametrize("error", [Busy("locked"), KeyError("a bug")])
def test_a_job_that_fails_is_done_again_the_next_time(store: Store, error: Exception) -> None:
    def work(_: datetime) -> int:
        raise error

    assert not run(Job("count", 5.0, work), store, "one")
    assert run(counting()[0], store, "one")


def test_the_scheduler_ticks_every_job_once_at_a_time(store: Store) -> None:
    ticked = Event()

    def work(_: datetime) -> int:
        ticked.set()
        return 0

    scheduler = schedule(
        (Job("quick", 0.02, work),),
        store,
        owner="one",
        now=lambda: START,
        machine_now=lambda: START,
    )
    scheduler.start()
    try:
        assert ticked.wait(60)
    finally:
        scheduler.shutdown()


def test_the_timetable_watches_deadlines_and_keeps_the_tables_short(store: Store) -> None:
    lending = Lending(store)
    timetable = timetable_of(lending)
    lending.asked()

    assert {
        *("deadlines", "card_reminders", "quarantine", "set_aside", "clock", "amendments"),
        *("works", "tidy"),
    } == set(timetable)
    assert 0 == timetable["deadlines"].work(START)
    assert 1 == timetable["deadlines"].work(START + 30 * DAY)
    # what the lender's turn took up of two limits was given back
    assert 2 == timetable["tidy"].work(START)


def test_what_nobody_asks_for_any_more_is_forgotten(store: Store) -> None:
    tidy = timetable_of(Lending(store))["tidy"].work
    entry = Entry(id="e1", kind="tell", body={}, created_at=START, due_at=START)
    answer = SavedAnswer(actor="a", key="k", fingerprint="f", status=201, body="{}", created_at=START)
    search = Search(
        id="srch_00000001", owner="a", query=Query(text="x"), created_at=START, expires_at=START + DAY
    )
    session = Session(token_hash="t", role=Role.PATRON, subject="p", created_at=START, expires_at=START + DAY)
    with store.writing() as conn:
        outbox.add(conn, [entry])
        outbox.claim(conn, owner="w", now=START, lease=DAY, limit=1)
        outbox.done(conn, ["e1"], owner="w", now=START)
        idempotency.keep(conn, answer)
        searches.add(conn, search)
        sessions.start(conn, session)

    assert [0, 1, 2, 1] == [tidy(START + days * DAY) for days in (0, 1, 3, 31)]


def test_what_was_set_aside_is_tried_again(store: Store) -> None:
    try_again = timetable_of(Lending(store))["quarantine"].work
    message = Message(library=SZUTL, message_id=MessageId("m"), body="{}", received_at=START)
    with store.writing() as conn:
        inbox.put(conn, message)
        inbox.mark(conn, message, inbox.MessageState.QUARANTINED, now=START)

    assert (0, 1, 0) == (try_again(START + 31 * DAY), try_again(START + DAY), try_again(START + DAY))
    with store.reading() as conn:
        assert 1 == len(inbox.waiting(conn, 5))


class Runner:
    """Works until it is told to stop."""

    def __init__(self) -> None:
        self.begun, self.ended = Event(), Event()

    def run(self, stop: Event) -> None:
        self.begun.set()
        stop.wait(60)
        self.ended.set()


def test_a_worker_asked_to_end_finishes_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    courier, postman = Runner(), Runner()
    handlers: dict[int, Any] = {}
    monkeypatch.setattr(signal, "signal", lambda number, handler: handlers.update({int(number): handler}))
    scheduler = BackgroundScheduler(timezone="UTC")
    worker = Worker(Store.open("sqlite://"), courier, [postman], scheduler)  # type: ignore[arg-type,list-item]  # runners that only say that they ran

    def ready() -> None:
        assert courier.begun.wait(60)
        assert postman.begun.wait(60)
        handlers[signal.SIGTERM](signal.SIGTERM, None)

    worker.run(ready)

    assert courier.ended.is_set()
    assert postman.ended.is_set()
    assert {signal.SIGTERM, signal.SIGINT} == set(handlers)
