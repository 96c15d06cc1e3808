"""Puts the worker together, nothing else."""

from ill_broker import clock
from ill_broker.clock import Clock
from ill_broker.jobs.courier import Courier
from ill_broker.jobs.postman import Postman
from ill_broker.jobs.timetable import jobs, schedule
from ill_broker.jobs.worker import Worker
from ill_broker.services.amendments import Amendments
from ill_broker.services.directory import Directory
from ill_broker.services.loan_cards import LoanCards
from ill_broker.services.requests import Requests
from ill_broker.settings import Settings
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from ill_broker.wiring import open_delivery, open_inbound, process_name


def open_worker(settings: Settings, time: Clock) -> Worker:
    """Return a worker that has not been started yet."""
    store = Store.open(settings.database_url, threads=16)
    directory = Directory(store, builtin_book())
    requests = Requests(store, directory)
    timetable = jobs(store, requests, LoanCards(store, directory), Amendments(store, directory, requests))
    return Worker(
        Courier(open_delivery(settings, store, requests, directory), time.now),
        Postman(open_inbound(store, requests), time.now),
        schedule(timetable, store, owner=process_name(), now=time.now, machine_now=clock.now),
    )
