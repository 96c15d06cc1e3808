"""Puts the worker together, nothing else."""

from ill_broker import clock
from ill_broker.clock import Clock
from ill_broker.jobs.courier import Courier
from ill_broker.jobs.postman import Postman
from ill_broker.jobs.timetable import counting, ending_typed, harvesting, jobs, looking_again, schedule
from ill_broker.jobs.worker import Worker
from ill_broker.services.cards.loan_cards import LoanCards
from ill_broker.services.discovery.harvests import Harvests
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.discovery.wish_rounds import WishRounds
from ill_broker.services.members.connector_health import PartnerHealth
from ill_broker.services.members.directory import Directory
from ill_broker.services.office.amendments import Amendments
from ill_broker.services.office.report_counting import ReportCounting
from ill_broker.services.requests.door import Requests
from ill_broker.services.requests.submissions import Submissions
from ill_broker.services.requests.typed import TypedRequests
from ill_broker.settings import Settings
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from ill_broker.wiring import (
    LiveRegistry,
    open_delivery,
    open_inbound,
    process_name,
    reach_of,
)


def open_worker(settings: Settings, time: Clock) -> Worker:
    """Return a worker that has not been started yet."""
    store = Store.open(settings.database_url, threads=16)
    registry = LiveRegistry(store, reach=reach_of(settings))
    directory = Directory(store, builtin_book(), registry)
    requests = Requests(store, directory)
    health = PartnerHealth(store)
    discovery = Discovery(store, time, directory, registry, settings, health=health)
    timetable = (
        *jobs(store, requests, LoanCards(store, directory), Amendments(store, directory, requests)),
        harvesting(Harvests(store, directory, registry, health=health)),
        counting(ReportCounting(store, directory)),
        looking_again(WishRounds(store, directory, registry, discovery, health)),
        ending_typed(TypedRequests(store, directory, Submissions(store, requests, discovery, directory))),
    )
    inbound = open_inbound(store, requests, lambda citation, now: discovery.holdings_of(citation, now=now))
    return Worker(
        store,
        Courier(open_delivery(settings, store, requests, directory), time.now),
        [Postman(inbound, time.now), Postman(inbound, time.now, asking=True)],
        schedule(timetable, store, owner=process_name(), now=time.now, machine_now=clock.now),
    )
