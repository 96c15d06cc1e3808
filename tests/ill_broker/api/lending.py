"""Requests over HTTP: the services behind them on an empty database, and everybody who may call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from connectors.webhook.codec import decode_report
from connectors.webhook.signing import signed_headers, verified_id
from ill_broker import clock as machine
from ill_broker import mint
from ill_broker.app import create_app
from ill_broker.services.delivery.dead_letters import DeadLetters
from ill_broker.services.delivery.notice_log import NoticeLog
from ill_broker.services.discovery.record import Search, row_of
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.members.admission import Admission
from ill_broker.services.members.directory import Directory
from ill_broker.services.members.lending_limits import AskingLimits
from ill_broker.services.members.membership import INBOUND
from ill_broker.services.members.onboarding import Onboarding
from ill_broker.services.members.particulars import Particulars
from ill_broker.services.office.announcements import Announcements
from ill_broker.services.partners.inbound import Inbound
from ill_broker.services.partners.set_aside import SetAside
from ill_broker.services.people.registration import build_people
from ill_broker.services.people.sessions import Sessions
from ill_broker.services.privileges.borrowing import Borrowing
from ill_broker.services.privileges.no_dues import NoDues
from ill_broker.services.requests.desk_lists import DeskLists
from ill_broker.services.requests.door import Requests
from ill_broker.services.requests.lending import Lending
from ill_broker.services.requests.options import Choices
from ill_broker.services.requests.overview import Overview
from ill_broker.services.requests.scanning import Desk
from ill_broker.services.requests.submissions import Submissions
from ill_broker.services.requests.typed import TypedRequests
from ill_broker.settings import Settings
from ill_broker.storage import libraries, people, searches, sessions
from ill_broker.storage.libraries import Secret
from ill_broker.storage.people import Staff
from ill_broker.storage.rows import metadata
from ill_broker.storage.sessions import ApiKey
from ill_broker.storage.store import Store
from ill_broker.web.context import put_services
from ill_broker.web.throttle import Throttle
from tests.factories import LIBRARIES, the_book
from tests.ill_broker.api.client import NOW, Api, Hand, logged_in
from tests.ill_broker.services.finders import Fast, Members
from workflows.actors import Actor, Role
from workflows.citation import Citation, Hit, Holding, Query
from workflows.ids import LibraryCode, StaffId
from workflows.patrons import Patron
from workflows.policies.item_types import Kinds

SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"


def lending_services(
    store: Store,
    settings: Settings,
    clock: Hand,
    hits: tuple[Hit, ...] = (),
    kinds: Mapping[str, Kinds] | None = None,
) -> tuple[list[object], Callable[[], None]]:
    """Return what serves requests, and what ends it; a typed citation finds *hits*."""
    with store.writing() as conn:
        for library in LIBRARIES.values():
            libraries.put(conn, library, {})
            long_ago = NOW - timedelta(days=365)
            secret = Secret(library=library.code, kind=INBOUND, secret=SECRET, valid_from=long_ago)
            libraries.add_secret(conn, secret)
    directory = Directory(store, the_book())
    requests = Requests(store, directory)
    members = Members({"szutl": Fast(hits, len(hits))}, kinds)
    discovery = Discovery(store, clock, directory, members, replace(settings, search_seconds=5.0))
    submissions = Submissions(store, requests, discovery, directory)
    services: list[object] = [
        store,
        directory,
        requests,
        discovery,
        submissions,
        TypedRequests(store, directory, submissions),
        Overview(store, directory),
        DeskLists(store, directory),
        DeadLetters(store),
        Choices(store, directory),
        Borrowing(store, directory),
        NoDues(store, directory),
        Particulars(store, directory),
        Admission(store, directory),
        Onboarding(store, directory),
        NoticeLog(store),
        Desk(store),
        Lending(store),
        AskingLimits(store, directory),
        SetAside(store),
        Inbound(store, requests, verify=verified_id, read=decode_report),
        *build_people(store, settings),
    ]
    return services, discovery.close


def serving(
    settings: Settings, services: list[object], clock: Hand, before: Callable[[], Flask] | None = None
) -> Flask:
    """Return the application *before* these services, which is made once, as that takes long."""
    app = (before or _app)()
    store = next(one for one in services if isinstance(one, Store))
    # every page asks for them; a test that has its own gives it
    said = Announcements(store, Directory(store, the_book()))
    put_services(app, [settings, Throttle(), said, *services], clock.now)
    return app


def an_app() -> Flask:
    """Make an application without services."""
    app = create_app(Settings(secret_key="a key for the tests alone, and long", log_level="warning"))
    app.testing = True
    return app


_app = cache(an_app)


class Callers:
    """Everybody who may call, each with an Api of their own."""

    def __init__(self, api: Api, services: list[object], store: Store) -> None:
        self.anybody, self._services, self.store = api, services, store

    def patron(self, patron: Patron, now: datetime = NOW) -> Api:
        """Return a patron who logs in *now*."""
        known = next(one for one in self._services if isinstance(one, Sessions))
        actor = Actor(Role.PATRON, patron.id, patron.home)
        return self.anybody.as_(known.open_for(actor, now=now))

    def staff(self, library: str | None, now: datetime = NOW) -> Api:
        """Return somebody at a library's desk, logged in *now*; without a library, in the office."""
        role = Role.STAFF if library else Role.OFFICE
        member = Staff(
            id=StaffId(mint.new_id("stf", NOW)),
            library=LibraryCode(library) if library else None,
            role=role,
            login=mint.new_id("l", NOW),
            name="Somebody",
        )
        with self.store.writing() as conn:
            people.add_staff(conn, member)
        return self.anybody.as_(logged_in(self._services, Actor(role, member.id, member.library), now))

    def partner(self, library: str) -> Api:
        """Return a library's system, by its key."""
        key = mint.token("ill_")
        issued = ApiKey(
            key_hash=mint.token_hash(key),
            library=LibraryCode(library),
            role=Role.PARTNER,
            label="x",
            created_at=NOW,
        )
        with self.store.writing() as conn:
            sessions.add_key(conn, issued)
        return Api(self.anybody.app, self.anybody.contract, headers={"X-API-Key": key})


def a_find(store: Store, patron: Patron, *lenders: str, **citation: Any) -> dict[str, str]:
    """Put a search of the patron's into the store and return the submission of its only work."""
    told = Citation(**{"title": "红楼梦", "isbn": "9787020002207", **citation})
    copies = tuple(
        Holding(library=LibraryCode(code), record_id="1", available=True) for code in lenders or ("szutl",)
    )
    found = Search(
        id=mint.new_id("srch", NOW),
        owner=patron.id,
        query=Query(text="x"),
        started_at=NOW,
        ends_by=NOW,
        expires_at=NOW + timedelta(days=365),
        finished_at=NOW,
        hits=(Hit(citation=told, holdings=copies),),
    )
    with store.writing() as conn:
        searches.add(conn, row_of(found))
    return {"search": found.id, "work": found.works()[0].id}


def counts(store: Store) -> dict[str, int]:
    """Return how many rows each table has."""
    with store.reading() as conn:
        return {
            name: conn.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


def send(api: Api, body: bytes, name: str = "m1", library: str = "szutl", **headers: str) -> Any:
    """Send a signed report; *headers* overrule the true ones."""
    signed = signed_headers(message_id=name, body=body, secret=SECRET, now=machine.now())
    return api.post(f"/webhooks/{library}", data=body, headers={**signed, **headers})
