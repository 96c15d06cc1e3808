"""A disk that takes nothing more: callers are asked to come again, and whoever runs the service is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text

from ill_broker.settings import Settings
from ill_broker.storage.failures import Full
from ill_broker.storage.migrations import migrate
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Api, Hand
from tests.ill_broker.api.lending import a_find, lending_services, serving
from workflows.patrons import Patron

MakeRoom = Callable[[], None]


def fill_sqlite(store: Store) -> MakeRoom:
    """Fill the database to the last page of as many as it may have, and return what makes room."""
    with store.writing() as conn:
        conn.exec_driver_sql("CREATE TABLE hog (text TEXT)")
        most = [conn.exec_driver_sql("PRAGMA page_count").scalar()]

    @event.listens_for(store.engine, "begin")
    def limit(connection: Any) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {most[0]}")

    for size in (20_000, 2_000, 200, 1):
        with suppress(Full):
            while True:
                with store.writing() as conn:
                    conn.exec_driver_sql("INSERT INTO hog VALUES (?)", ("x" * size,))

    def make_room() -> None:
        most[0] = 2**30

    return make_room


def fill_postgres(store: Store) -> MakeRoom:
    """Let the server say of every new row here that its disk is full, and return what makes room."""
    full = "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'"
    with store.writing() as conn:
        conn.execute(
            text(f"CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {full}; END $$")
        )
        for table in ("requests", "probes"):
            conn.execute(
                text(f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} EXECUTE FUNCTION no_room()")
            )

    def make_room() -> None:
        with store.writing() as conn:
            conn.execute(text("DROP FUNCTION no_room CASCADE"))

    return make_room


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    if request.param == "sqlite":
        return settings
    url = str(request.getfixturevalue("postgres_url"))
    migrate(url)
    return replace(settings, database_url=url)


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    yield services
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


def test_a_full_disk_is_told_to_callers_and_operators_and_is_over_when_there_is_room(
    app: Flask, patron_api: Api, store: Store, patron: Patron
) -> None:
    # longer than any page has room for
    wish, web = a_find(store, patron, title="红楼梦" * 600), app.test_client()
    key = {"Idempotency-Key": "once"}
    ready = web.get("/readyz")
    make_room = fill_sqlite(store) if store.engine.dialect.name == "sqlite" else fill_postgres(store)
    refused = patron_api.post("/requests", json=wish, headers=key)
    unready, alive = web.get("/readyz"), web.get("/healthz")
    read = patron_api.get("/requests")
    make_room()
    taken = patron_api.post("/requests", json=wish, headers=key)

    assert (503, "busy", "60") == (refused.status_code, refused.json["code"], refused.headers["Retry-After"])
    assert (503, {"status": "no room to store anything"}) == (unready.status_code, unready.json)
    assert (200, 200, []) == (ready.status_code, alive.status_code, read.json["items"])
    assert (201, 200) == (taken.status_code, web.get("/readyz").status_code)


def test_being_ready_leaves_one_probe_behind_however_often_it_is_asked(app: Flask, store: Store) -> None:
    for _ in range(3):
        assert 200 == app.test_client().get("/readyz").status_code
    with store.reading() as conn:
        assert 1 == conn.execute(text("SELECT count(*) FROM probes")).scalar_one()
