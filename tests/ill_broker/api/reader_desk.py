"""A desk's browser with a reader before it, on a day of the spring term."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ill_broker.services.accounts.account import Accounts
from ill_broker.services.accounts.tills import Tills
from ill_broker.services.cards.loan_cards import LoanCards
from ill_broker.services.cards.overview import CardOverview
from ill_broker.services.members.directory import Directory
from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Hand
from tests.ill_broker.api.desk import AtTheDesk, app, desk, on
from tests.ill_broker.api.lending import lending_services
from tests.ill_broker.api.reading import working

__all__ = ["app", "desk"]
#: 31 days, and three more
LENT, LATE = "2026-04-09", "2026-05-13"


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    directory = next(one for one in services if isinstance(one, Directory))
    kinds = (Accounts, LoanCards, CardOverview, Tills)
    yield [*services, *(kind(store, directory) for kind in kinds)]
    close()


@pytest.fixture
def clerk(app: Flask, services: list[object], desk: AtTheDesk) -> FlaskClient:
    return working(app, services, desk.on(LENT).store, now=on(LENT))
