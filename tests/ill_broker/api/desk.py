"""A patron at a desk, all of it through the API: who does what, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from ill_broker.services.accounts.account import Accounts
from ill_broker.services.members.directory import Directory
from ill_broker.services.people.sessions import Sessions
from ill_broker.settings import Settings
from ill_broker.storage import libraries, people
from ill_broker.storage.people import Staff
from ill_broker.storage.store import Store
from tests.factories import a_library
from tests.ill_broker.api.client import Api, Hand
from tests.ill_broker.api.lending import a_find, lending_services, serving
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode, StaffId
from workflows.patrons import Patron

Told = dict[str, Any]


def on(day: str, hour: int = 10) -> datetime:
    """Return an hour of a day in Beijing."""
    return datetime.fromisoformat(f"{day}T{hour:02}:00+08:00").astimezone(UTC)


class AtTheDesk:
    """Everybody at once, on the day that is set."""

    def __init__(self, api: Api, services: list[object], store: Store, clock: Hand, patron: Patron) -> None:
        self.api, self.store, self.clock, self.who = api, store, clock, patron
        self._sessions = next(one for one in services if isinstance(one, Sessions))
        self.id = ""

    def on(self, day: str, hour: int = 10) -> AtTheDesk:
        self.clock.time = on(day, hour)
        return self

    def as_(self, role: Role, library: str | None = "bjtu") -> Api:
        """Return somebody who logs in now: a patron, or staff of a library."""
        if role is Role.PATRON:
            actor = Actor(role, self.who.id, self.who.home)
        else:
            actor = Actor(role, f"stf_at{library}", LibraryCode(library) if library else None)
            self._enrol(StaffId(actor.id), role, actor.library)
        return self.api.as_(self._sessions.open_for(actor, now=self.clock.time))

    def _enrol(self, staff: StaffId, role: Role, library: LibraryCode | None) -> None:
        with self.store.writing() as conn:
            if people.staff_member(conn, staff) is None:
                member = Staff(id=staff, library=library, role=role, login=staff, name="王老师")
                people.add_staff(conn, member)

    def step(self, step: str, role: Role = Role.STAFF, library: str | None = "bjtu", **body: Any) -> Told:
        """Take a step and return what the request has become; it has to be possible."""
        answer = self.tried(step, role, library, **body)

        assert 200 == answer.status_code, (step, answer.json)
        told: Told = answer.json
        return told

    def tried(self, step: str, role: Role = Role.STAFF, library: str | None = "bjtu", **body: Any) -> Any:
        return self.as_(role, library).post(f"/requests/{self.id}/{step}", json=body)

    def refused(self, step: str, role: Role = Role.STAFF, library: str | None = "bjtu", **body: Any) -> str:
        """Return the code that a step is refused with."""
        answer = self.tried(step, role, library, **body)

        assert answer.status_code >= 400, answer.json
        code: str = answer.json["code"]
        return str(answer.json["facts"]["reason"]) if code == "invalid_case" else code

    def asked(self, lender: str, desk: str = "bjtu", wish: Told | None = None, **citation: Any) -> AtTheDesk:
        """Let the patron ask for a book of one lender."""
        wanted = a_find(self.store, self.who, lender, **citation)
        answer = self.as_(Role.PATRON).post("/requests", json={**wanted, "desk": desk, **(wish or {})})

        assert 201 == answer.status_code, answer.json
        self.id = answer.json["id"]
        return self

    def lent(self, lender: str, *, arrival: Told | None = None, handover: Told | None = None) -> AtTheDesk:
        """Let the patron have a book of the lender today."""
        self.asked(lender)
        self.step("arrival", **(arrival or {}))
        self.step("notification", result="reached")
        self.step("handover", **(handover or {}))
        return self

    def seen(self, role: Role = Role.STAFF) -> Told:
        told: Told = self.as_(role).get(f"/requests/{self.id}").json
        return told

    def account(self) -> Told:
        told: Told = self.as_(Role.PATRON).get("/accounts/me").json
        return told

    @property
    def owed(self) -> str:
        """What the patron owes altogether."""
        balances = [each["balance"]["amount"] for each in self.account()["accounts"]]
        return balances[0] if balances else "0.00"

    def happened(self, event: str) -> list[Told]:
        """Return the facts of the events of this name."""
        items = self.as_(Role.STAFF).get(f"/requests/{self.id}/timeline").json["items"]
        return [{**item["facts"], **item["because"]} for item in items if item["event"] == event]

    def notices(self) -> list[str]:
        items = self.as_(Role.STAFF).get(f"/requests/{self.id}/notices").json["items"]
        return [item["notice"] for item in items]


def with_the_network(store: Store) -> None:
    """Let Shenzhen's own desk take its books back (R-SZUTL-15)."""
    with store.writing() as conn:
        szutl = LibraryCode("szutl")
        libraries.put(conn, a_library(szutl, return_desks=(szutl,)))


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    with_the_network(store)
    directory = next(one for one in services if isinstance(one, Directory))
    yield [*services, Accounts(store, directory)]
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def desk(api: Api, services: list[object], store: Store, clock: Hand, patron: Patron) -> AtTheDesk:
    return AtTheDesk(api, services, store, clock, patron)
