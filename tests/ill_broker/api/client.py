"""What tests of the API stand on: a client that holds every answer against the contract; a clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ill_broker.services.people.sessions import Opened, Sessions
from ill_broker.storage import people
from ill_broker.storage.people import Enrolment
from ill_broker.storage.store import Store
from workflows.actors import Actor
from workflows.ids import LibraryCode, PatronId
from workflows.patrons import Patron

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOME = LibraryCode("bjtu")


@dataclass
class Hand:
    """A clock that is moved by hand."""

    time: datetime = NOW

    def now(self) -> datetime:
        return self.time

    def move(self, by: timedelta) -> None:
        self.time += by


@dataclass
class Api:
    """Speaks to the API; an answer that the contract does not know fails the test."""

    app: Flask
    contract: Any
    token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def __getattr__(self, method: str) -> Any:
        if method not in {"get", "post", "put", "patch", "delete"}:
            raise AttributeError(method)
        return lambda path, **named: self.call(method, path, **named)

    def call(self, method: str, path: str, **named: Any) -> TestResponse:
        headers = {**self.headers, **named.pop("headers", {})}
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        client: FlaskClient = self.app.test_client()
        response = client.open(f"/api/v1{path}", method=method.upper(), headers=headers, **named)
        self._hold_against_contract(method, path, response)
        return response

    def _hold_against_contract(self, method: str, path: str, response: TestResponse) -> None:
        operation = self.contract.find_operation_by_path(method.upper(), f"/api/v1{path.partition('?')[0]}")
        if operation is not None:
            operation.validate_response(response)

    def as_(self, opened: Opened) -> Api:
        """Return the same, logged in."""
        return Api(self.app, self.contract, opened.token)


def a_patron(store: Store, number: str = "1", **facts: Any) -> Patron:
    """Put a verified patron into *store*."""
    facts = {"verified_at": NOW, "home": HOME, **facts}
    patron = Patron(
        id=PatronId(f"pat_0000000{number}"),
        name="李梅",
        card_number=f"2026{number}",
        mobile="+8613812345678",
        email=f"reader{number}@example.org",
        **facts,
    )
    with store.writing() as conn:
        people.enrol(conn, Enrolment(patron=patron, created_at=NOW))
    return patron


def logged_in(services: list[object], actor: Actor, now: datetime = NOW) -> Opened:
    """Return a session of *actor*."""
    sessions = next(service for service in services if isinstance(service, Sessions))
    return sessions.open_for(actor, now=now)
