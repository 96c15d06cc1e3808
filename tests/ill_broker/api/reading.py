"""A browser in which a reader has logged in, or somebody at a desk or in the office."""

from __future__ import annotations

from datetime import datetime

from flask import Flask
from flask.testing import FlaskClient

from ill_broker.storage import people
from ill_broker.storage.people import Staff
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import HOME, NOW, logged_in
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode, StaffId
from workflows.patrons import Patron

FORM = {"form_token": "known"}


def reading(app: Flask, services: list[object], patron: Patron, now: datetime = NOW) -> FlaskClient:
    """Return a browser in which the patron has logged in *now*; its forms bear the token of ``FORM``."""
    return _logged_in(app, services, Actor(Role.PATRON, patron.id, patron.home), now)


def working(
    app: Flask, services: list[object], store: Store, library: str | None = HOME, now: datetime = NOW
) -> FlaskClient:
    """Return a browser in which somebody at a desk, or without one in the office, has logged in *now*."""
    role, login = (Role.STAFF, library) if library else (Role.OFFICE, "office")
    code = LibraryCode(library) if library else None
    member = Staff(id=StaffId(f"stf_at{login}"), library=code, role=role, login=login, name="王老师")
    with store.writing() as conn:
        if people.staff_member(conn, member.id) is None:
            people.add_staff(conn, member)
    return _logged_in(app, services, Actor(role, member.id, code), now)


def _logged_in(app: Flask, services: list[object], actor: Actor, now: datetime) -> FlaskClient:
    browser = app.test_client()
    opened = logged_in(services, actor, now)
    with browser.session_transaction() as kept:
        kept["session"], kept["form"] = opened.token, FORM["form_token"]
    return browser
