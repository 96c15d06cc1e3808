"""A clock that is set back holds nothing up, and puts nothing before what has happened."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.failures import Unreachable
from ill_broker import clock
from ill_broker.jobs.set_back import catch_up, hasten
from ill_broker.jobs.timetable import Job, run_once, schedule
from ill_broker.services.delivery.delivery import LEASE
from ill_broker.storage.outbox import EntryState
from ill_broker.storage.store import Store
from tests.factories import START, SZUTL
from tests.ill_broker.services.delivery.test_turns import failing
from tests.ill_broker.services.lending import OFFICE, Lending
from workflows.requests.commands import Arrive, CallResult, Command, HandOver, RecordCall, ShipBack, TakeBack
from workflows.requests.events import Arrived, HandedOver, Notified, ShippedBack, TakenBack
from workflows.requests.lifecycle import Status

JUMP = timedelta(hours=3)


@pytest.fixture
def lending(store: Store) -> Lending:
    return Lending(store)


def test_a_desks_step_never_precedes_what_the_request_already_knows(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    steps: tuple[Command, ...] = (
        Arrive(),
        RecordCall(result=CallResult.REACHED),
        HandOver(),
        TakeBack(),
        ShipBack(),
    )
    for step in steps[:3]:
        request = lending.do(request, step)
    handed_over = request.instants.handover
    lending.now -= JUMP
    for step in steps[3:]:
        request = lending.do(request, step)
    instants = request.instants
    kinds = (Arrived, Notified, HandedOver, TakenBack, ShippedBack)
    seen = lending.requests.see(request.id, OFFICE).events
    happened = [one.event.at for one in seen if isinstance(one.event, kinds)]

    assert Status.RETURNING is request.status
    assert (handed_over, handed_over) == (instants.returned, instants.shipped_back)
    assert sorted(happened) == happened


def test_what_was_put_off_before_the_jump_goes_out(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    lending.lenders["szutl"].answer = failing(Unreachable("szutl", "ConnectError"))
    lending.deliver()
    lending.lenders["szutl"].answer = lambda _: "S1"
    lending.now -= JUMP
    lending.deliver()

    assert 1 == len(lending.lenders["szutl"].told)
    assert 1 == hasten(lending.store, lending.now)

    lending.deliver()

    assert EntryState.DONE is lending.entries(request)[0].state
    assert 0 == hasten(lending.store, lending.now)


def test_what_was_ordered_before_the_jump_goes_out_and_what_a_worker_has_is_left_to_it(
    lending: Lending,
) -> None:
    lending.asked(SZUTL)
    lending.delivery.claim(lending.now, 1)
    ordered = lending.asked(SZUTL)
    lending.now -= JUMP

    assert 2 == hasten(lending.store, lending.now)
    assert [ordered.id] == [entry.request_id for entry in lending.delivery.claim(lending.now, 9)]

    lending.now += LEASE

    assert 2 == len(lending.delivery.claim(lending.now, 9))


def test_clocks_that_differ_a_little_take_nothing_from_each_other(lending: Lending) -> None:
    lending.asked(SZUTL)
    lending.delivery.claim(lending.now, 1)

    assert 0 == hasten(lending.store, lending.now - timedelta(minutes=4))


def test_a_lease_from_before_the_jump_binds_nobody(store: Store) -> None:
    job = Job("tidy", 600.0, lambda _: 0)
    times = [START, START - timedelta(minutes=4), START - JUMP]

    assert [True, False, True] == [
        run_once(job, store, owner=f"worker-{at}", now=at, machine_now=at) for at in times
    ]


def test_every_job_runs_again_after_the_jump(store: Store) -> None:
    timetable = (Job("often", 1.0, lambda _: 0), Job("seldom", 600.0, lambda _: 0))
    scheduler = schedule(timetable, store, owner="one", now=clock.now, machine_now=clock.now)
    scheduler.start(paused=True)
    try:
        now = clock.now()

        assert 0 == catch_up(scheduler, now)
        assert 2 == catch_up(scheduler, now - JUMP)
        assert {now - JUMP} == {job.next_run_time for job in scheduler.get_jobs()}
    finally:
        scheduler.shutdown()
