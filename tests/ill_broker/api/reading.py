"""A browser in which a reader has logged in."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from tests.ill_broker.api.client import logged_in
from workflows.actors import Actor, Role
from workflows.patrons import Patron

FORM = {"form_token": "known"}


def reading(app: Flask, services: list[object], patron: Patron) -> FlaskClient:
    """Return a browser in which the patron has logged in; its forms bear the token of ``FORM``."""
    browser = app.test_client()
    opened = logged_in(services, Actor(Role.PATRON, patron.id, patron.home))
    with browser.session_transaction() as kept:
        kept["session"], kept["form"] = opened.token, FORM["form_token"]
    return browser
