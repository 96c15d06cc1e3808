"""What a clock that was set back would otherwise hold up for as long as it had been ahead."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event

from apscheduler.schedulers.background import BackgroundScheduler

from ill_broker.services.delivery.delivery import LEASE
from ill_broker.storage import outbox
from ill_broker.storage.store import Store

_LOOK_EVERY = 1.0
#: a job that waits for so much longer than from one time to the next was timed by another clock
_TOO_LONG = timedelta(seconds=5)


def hasten(store: Store, now: datetime) -> int:
    """Let go out what was put off before the clock was set back, and return how much that is."""
    return store.write(lambda conn: outbox.hasten(conn, now, lease=LEASE))


def catch_up(scheduler: BackgroundScheduler, now: datetime) -> int:
    """Have every job run that waits for longer than it ever should, and return how many."""
    late = [
        job
        for job in scheduler.get_jobs()
        if job.next_run_time is not None and job.next_run_time - now > job.trigger.interval + _TOO_LONG
    ]
    for job in late:
        job.modify(next_run_time=now)
    return len(late)


def watch(scheduler: BackgroundScheduler, now: Callable[[], datetime], stop: Event) -> None:
    """Look after the jobs until *stop* is set."""
    while not stop.wait(_LOOK_EVERY):
        catch_up(scheduler, now())
