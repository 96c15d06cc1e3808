"""The desk asks a patron's own library about the card."""

from __future__ import annotations

from datetime import date

import pytest

from connectors.ports import Connectors, LocalPatron
from ill_broker.services.members.directory import Directory
from ill_broker.services.people.home_cards import HomeCards
from ill_broker.services.people.registration import build_people
from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.factories import the_book
from tests.ill_broker.api.client import HOME, Api
from tests.ill_broker.services.lending import Lenders
from tests.ill_broker.services.local import OwnSystem
from workflows.patrons import Patron


@pytest.fixture
def system() -> OwnSystem:
    known = LocalPatron(
        card_number="20261", name="李梅", category="本科生", valid_until=date(2026, 6, 30), blocks=("欠费",)
    )
    return OwnSystem(patron=known)


@pytest.fixture
def services(store: Store, settings: Settings, system: OwnSystem) -> list[object]:
    registry = Lenders()
    registry.by_hand[HOME] = Connectors(HOME, patrons=system)
    cards = HomeCards(store, Directory(store, the_book(), registry), registry)
    return [store, cards, *build_people(store, settings)]


def test_the_desk_sees_what_the_home_system_says_now(staff_api: Api, patron: Patron) -> None:
    answer = staff_api.get(f"/patrons/{patron.id}/home-card")

    assert 200 == answer.status_code
    assert {
        "library": "bjtu",
        "card_number": "20261",
        "state": "blocked",
        "checked_at": "2026-03-02T02:00:00Z",
        "holder": {
            "name": "李梅",
            "email": None,
            "phone": None,
            "category": "本科生",
            "valid_until": "2026-06-30",
            "blocks": ["欠费"],
        },
    } == answer.json


def test_a_card_that_nobody_has_has_no_holder(office_api: Api, patron: Patron, system: OwnSystem) -> None:
    system.patron = None
    answer = office_api.get(f"/patrons/{patron.id}/home-card")

    assert ("unknown", None) == (answer.json["state"], answer.json["holder"])


def test_a_patron_does_not_ask(patron_api: Api, patron: Patron) -> None:
    assert 403 == patron_api.get(f"/patrons/{patron.id}/home-card").status_code


def test_a_patron_who_does_not_exist_is_not_found(staff_api: Api) -> None:
    assert 404 == staff_api.get("/patrons/pat_00000009/home-card").status_code
