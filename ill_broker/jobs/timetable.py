"""What is done from time to time, and by which worker: the one that holds the lease of the job."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from ill_broker.jobs.deadlines import remind_holders, ring_alarms
from ill_broker.jobs.set_aside import raise_attention
from ill_broker.jobs.set_back import hasten
from ill_broker.jobs.tidy import tidy, try_again
from ill_broker.jobs.wishes import look_again
from ill_broker.services.cards.loan_cards import LoanCards
from ill_broker.services.discovery.catalogue import remake
from ill_broker.services.discovery.harvests import Harvests
from ill_broker.services.discovery.wish_rounds import WishRounds
from ill_broker.services.office.amendments import Amendments
from ill_broker.services.office.report_counting import ReportCounting
from ill_broker.services.requests.door import Requests
from ill_broker.services.requests.typed import TypedRequests
from ill_broker.storage import leases
from ill_broker.storage.failures import Busy
from ill_broker.storage.store import Store

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so many seconds of the machine's clock."""

    name: str
    every: float
    work: Callable[[datetime], int]


def jobs(store: Store, requests: Requests, cards: LoanCards, amendments: Amendments) -> tuple[Job, ...]:
    """Return the whole timetable."""
    return (
        Job("deadlines", 1.0, lambda now: ring_alarms(store, requests, now)),
        Job("card_reminders", 60.0, lambda now: remind_holders(store, cards, now)),
        Job("quarantine", 30.0, lambda now: try_again(store, now)),
        Job("set_aside", 30.0, lambda now: raise_attention(store, requests, now)),
        Job("clock", 30.0, lambda now: hasten(store, now)),
        Job("amendments", 60.0, amendments.finish),
        Job("works", 60.0, lambda _: remake(store)),
        Job("tidy", 600.0, lambda now: tidy(store, now)),
    )


def harvesting(harvests: Harvests) -> Job:
    """Return the job that keeps the union catalogue; a run of it ends long before its lease does."""
    return Job("harvest", 60.0, harvests.go_on)


def counting(counts: ReportCounting) -> Job:
    """Return the job that keeps reports in step; a run of it ends long before its lease does."""
    return Job("reports", 300.0, counts.go_on)


def looking_again(rounds: WishRounds) -> Job:
    """Return the job that looks after readers' wishes; a run of it ends long before its lease does."""
    return Job("wishes", 20.0, lambda now: look_again(rounds, now))


def ending_typed(typed: TypedRequests) -> Job:
    """Return the job that ends what readers typed and nobody has acted on in time."""
    return Job("typed_requests", 300.0, typed.end_overdue)


def schedule(
    timetable: tuple[Job, ...],
    store: Store,
    *,
    owner: str,
    now: Callable[[], datetime],
    machine_now: Callable[[], datetime],
) -> BackgroundScheduler:
    """Return a scheduler that has not been started yet; every worker has one, one of them does the work."""
    scheduler = BackgroundScheduler(timezone="UTC")
    for job in timetable:

        def tick(job: Job = job) -> None:
            run_once(job, store, owner=owner, now=now(), machine_now=machine_now())

        scheduler.add_job(
            tick,
            "interval",
            seconds=job.every,
            id=job.name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=60,
        )
    return scheduler


def run_once(job: Job, store: Store, *, owner: str, now: datetime, machine_now: datetime) -> bool:
    """Do the job if no other worker holds its lease; false if one does, or the database was busy."""
    until = machine_now + timedelta(seconds=max(3 * job.every, 10))
    try:
        with store.writing() as conn:
            mine = leases.take(conn, f"job:{job.name}", owner, until=until, now=machine_now)
        if mine:
            done = job.work(now)
            if done:
                _log.info("job done", job=job.name, done=done)
    except Busy:
        return False
    except Exception:  # noqa: BLE001 - the job runner's edge
        _log.exception("job failed", job=job.name)
        return False
    return mine
