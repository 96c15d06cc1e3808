"""Eight libraries around one broker, in one process: their catalogues, systems, desks, and the nights.

Whoever does something does it through the REST API; what the worker does by itself is done when a day passes.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.ports import AskToSupply, FoundRecords, TellDueDate
from connectors.webhook.signing import signed_headers
from ill_broker import clock as machine
from ill_broker import mint
from ill_broker.demo.consortium import MEMBERS, PASSWORD, found_consortium
from ill_broker.jobs.postman import Postman
from ill_broker.jobs.timetable import Job, jobs
from ill_broker.services.cards.loan_cards import LoanCards
from ill_broker.services.delivery.delivery import Delivery
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.members.directory import Directory
from ill_broker.services.members.membership import INBOUND, OUTBOUND, Membership
from ill_broker.services.office.amendments import Amendments
from ill_broker.services.partners.inbound import Inbound
from ill_broker.services.passwords import Passwords
from ill_broker.services.people.home_cards import HomeCards
from ill_broker.services.requests.door import Requests
from ill_broker.services.requests.submissions import Submissions
from ill_broker.settings import Settings
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from ill_broker.wiring import open_services
from tests.ill_broker.api.client import Api, Hand
from tests.ill_broker.api.lending import serving
from tests.ill_broker.services.finders import Members
from tests.ill_broker.services.lending import Lenders, Mails
from workflows.citation import Citation, Hit, Holding, Query
from workflows.ids import LibraryCode
from workflows.libraries import Library

Told = dict[str, Any]
#: what a journey is walked on that looks at more than one: PostgreSQL in CI alone
DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.ci)]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
_KEY = "a key for the tests alone, and long"
_MOST = 10
#: what may have something to do on any day
_DAILY = frozenset({"deadlines", "card_reminders"})


def morning(day: str, hour: int = 10) -> datetime:
    """Return an hour of a day in Beijing."""
    return datetime.fromisoformat(f"{day}T{hour:02}:00+08:00").astimezone(UTC)


def good(response: Any, status: int = 200) -> Told:
    """Return what was answered; it has to be this status."""
    assert status == response.status_code, response.json
    told: Told = response.json
    return told


class Catalogue:
    """What a library owns, found by title."""

    def __init__(self, library: str) -> None:
        self._library = LibraryCode(library)
        self._hits: list[Hit] = []

    async def find(self, query: Query, **_: Any) -> FoundRecords:
        found = tuple(hit for hit in self._hits if hit.citation.title == query.text)
        return FoundRecords(self._library, found, len(found))

    def add(self, title: str, *, collection: str = "general", **citation: Any) -> None:
        copy = Holding(
            library=self._library,
            record_id=title,
            barcode=f"{self._library}-{title}",
            available=True,
            collection=collection,
        )
        self._hits.append(Hit(citation=Citation(title=title, **citation), holdings=(copy,)))


class Consortium:
    """Everybody, on the day that is set."""

    def __init__(self, database_url: str, contract: Any) -> None:
        settings = Settings(
            database_url=database_url,
            secret_key=_KEY,
            base_url="http://broker.test",
            cheap_passwords=True,
            log_level="error",
            search_seconds=10.0,
            session_hours=24 * 800,
        )
        self.clock, self.lenders, self.mails = Hand(), Lenders(), Mails()
        self._secrets = {member.code: mint.webhook_secret() for member in MEMBERS}
        self._catalogues = {member.code: Catalogue(member.code) for member in MEMBERS}
        self._members = Members(self._catalogues)
        self._logins: dict[str, Api] = {}
        self._messages = 0
        services = open_services(settings, self.clock)
        self._open(settings, services)
        self.anybody = Api(serving(settings, services, self.clock), contract)

    def _open(self, settings: Settings, services: list[object]) -> None:
        """Let the members be searched and asked in this process instead of over the network."""
        store, directory, requests, cards, home_cards, inbound, amendments = (
            _the(services, kind)
            for kind in (Store, Directory, Requests, LoanCards, HomeCards, Inbound, Amendments)
        )
        addresses = {member.code: f"http://{member.code}.test" for member in MEMBERS}
        found_consortium(store, addresses, self._secrets, now=machine.now() - DAY)
        _the(services, Discovery).close()
        self._store = store
        self._discovery = Discovery(store, self.clock, directory, self._members, settings)
        submissions = Submissions(store, requests, self._discovery, directory, home_cards)
        for new in (self._discovery, submissions):
            services[services.index(_the(services, type(new)))] = new
        self._delivery = Delivery(
            store, requests, directory, self.lenders, self.mails, owner="worker", base_url=settings.base_url
        )
        self._postman = Postman(inbound, self.clock.now)
        self._jobs: tuple[Job, ...] = jobs(store, requests, cards, amendments)

    def joins(self, code: str, *, policy: str) -> None:
        """Admit another library, with a desk and a system, that lends by a policy file of others."""
        membership = Membership(self._store, Passwords(cheap=True), builtin_book())
        library = Library(code=LibraryCode(code), name=code.upper(), name_zh=code, policy=policy)
        membership.admit(library, {"webhook": {"base_url": f"http://{code}.test"}}, now=machine.now())
        membership.add_staff(library.code, f"desk@{code}", code, PASSWORD, now=machine.now())
        self._secrets[code] = mint.webhook_secret()
        self._catalogues[code] = self._members.finders[code] = Catalogue(code)
        for kind in (INBOUND, OUTBOUND):
            membership.rotate_secret(library.code, kind, self._secrets[code], now=machine.now() - DAY)

    def close(self) -> None:
        self._discovery.close()
        self._store.close()

    def begins(self, day: str) -> Consortium:
        """Let the story begin on this day."""
        self.clock.time = morning(day)
        return self

    def on(self, day: str, hour: int = 10) -> Consortium:
        """Let the days pass until then; the worker rings and delivers on each."""
        then = morning(day, hour)

        assert self.clock.time <= then, day
        while self.clock.time + DAY < then:
            self._next_day()
        self.clock.time = then
        self.work()
        return self

    def days_pass(self, days: int) -> None:
        for _ in range(days):
            self._next_day()

    def work(self) -> None:
        """Do all that the worker would: ring what is due, read what has come, deliver what waits."""
        for job in self._jobs:
            job.work(self.clock.now())
        self._read()
        self._deliver()

    def _next_day(self) -> None:
        self.clock.move(DAY)
        for job in self._jobs:
            if job.name in _DAILY:
                job.work(self.clock.now())
        self._deliver()

    def _read(self) -> None:
        while self._postman.round():
            pass

    def _deliver(self) -> None:
        while entries := self._delivery.claim(self.clock.now(), _MOST):
            for entry in entries:
                self._delivery.deliver(entry, now=self.clock.now())

    def owns(self, library: str, *titles: str, **facts: Any) -> None:
        """Put books into the library's catalogue."""
        for title in titles:
            self._catalogues[library].add(title, **facts)

    def log_in(self, login: str) -> Api:
        """Return the calls of somebody who has logged in with the password."""
        if login not in self._logins:
            wanted = {"login": login, "password": PASSWORD}
            token = good(self.anybody.post("/sessions", json=wanted), 201)["token"]
            self._logins[login] = Api(self.anybody.app, self.anybody.contract, token)
        return self._logins[login]

    def desk(self, library: str = "bjtu") -> Api:
        return self.log_in(f"desk@{library}")

    @property
    def office(self) -> Api:
        return self.log_in("office")

    def says(self, library: str, request: str, status: str, **facts: Any) -> None:
        """Have the library's system report, signed, what happened just now, and the broker read it."""
        self.clock.move(MINUTE)
        self._messages += 1
        now = self.clock.now().isoformat()
        said = {"request_id": request, "status": status, "occurred_at": now, **facts}
        body = json.dumps({"type": "request.status", "timestamp": now, "data": said}).encode()
        headers = signed_headers(
            message_id=f"{library}-{self._messages}",
            body=body,
            secret=self._secrets[library],
            now=machine.now(),
        )
        answer = self.anybody.post(f"/webhooks/{library}", data=body, headers=headers)

        assert 202 == answer.status_code, answer.json
        self._read()

    def was_asked(self, library: str, request: str) -> bool:
        """Tell whether the library's system has our ask."""
        told = self.lenders[library].told
        return any(isinstance(one, AskToSupply) and one.request_id == request for one in told)

    def told_days(self, library: str, request: str) -> list[str]:
        """Return the days by which we told the library's system that it will have the book back."""
        told = self.lenders[library].told
        days = [one.lender_due for one in told if isinstance(one, TellDueDate) and one.request_id == request]
        return [str(day) for day in days]

    def letters(self, to: str) -> list[str]:
        """Return the subjects of the letters to somebody, the oldest first."""
        return [letter.subject for letter in self.mails.letters if letter.to == to]


def _the(services: list[object], kind: type[Any]) -> Any:
    return next(service for service in services if type(service) is kind)
