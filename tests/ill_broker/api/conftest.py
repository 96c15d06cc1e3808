"""The application on an empty database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import responses
from flask import Flask

from ill_broker.services.people.registration import build_people
from ill_broker.settings import Settings
from ill_broker.storage import libraries, people
from ill_broker.storage.people import Staff
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import HOME, Api, Hand, a_patron, logged_in
from tests.ill_broker.api.lending import serving
from tests.ill_broker.api.sign_ons import Browser, SignOn
from tests.support.contract import checked_contract
from workflows.actors import Actor, Role
from workflows.ids import StaffId
from workflows.libraries import Library
from workflows.patrons import Patron


@pytest.fixture
def settings(migrated_file: Path, tmp_path: Path) -> Settings:
    path = tmp_path / "ill.db"
    shutil.copy(migrated_file, path)
    return Settings(
        database_url=f"sqlite:///{path}",
        secret_key="a key for the tests alone, and long",
        base_url="http://broker.test",
        cheap_passwords=True,
        log_level="warning",
    )


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = Store.open(settings.database_url, threads=4)
    with store.writing() as conn:
        libraries.put(conn, Library(code=HOME, name="BJTU", name_zh="北京交通大学图书馆"))
    yield store
    store.close()


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def services(store: Store, settings: Settings) -> list[object]:
    """What the application is given; a test module may add to it."""
    return [store, *build_people(store, settings)]


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    """Return the application; all tests share it, so a view is replaced by monkeypatch and none is added."""
    return serving(settings, services, clock)


@pytest.fixture(scope="session")
def contract() -> Any:
    return checked_contract()


@pytest.fixture
def api(app: Flask, contract: Any) -> Api:
    return Api(app, contract)


@pytest.fixture
def patron(store: Store) -> Patron:
    return a_patron(store)


@pytest.fixture
def patron_api(api: Api, app: Flask, services: list[object], patron: Patron) -> Api:
    return api.as_(logged_in(services, Actor(Role.PATRON, patron.id, patron.home)))


@pytest.fixture
def staff_api(api: Api, services: list[object], store: Store) -> Api:
    member = Staff(id=StaffId("stf_00000001"), library=HOME, login="desk", name="Desk")
    with store.writing() as conn:
        people.add_staff(conn, member)
    return api.as_(logged_in(services, Actor(Role.STAFF, member.id, HOME)))


@pytest.fixture
def office_api(api: Api, services: list[object], store: Store) -> Api:
    member = Staff(id=StaffId("stf_00000002"), role=Role.OFFICE, login="office", name="Office")
    with store.writing() as conn:
        people.add_staff(conn, member)
    return api.as_(logged_in(services, Actor(Role.OFFICE, member.id)))


@pytest.fixture
def sign_on() -> Iterator[SignOn]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield SignOn(mock)


@pytest.fixture
def browser(app: Flask, sign_on: SignOn, api: Api) -> Browser:
    return Browser(app.test_client(), sign_on, api)
