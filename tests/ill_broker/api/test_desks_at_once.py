"""What two clerks do at the same moment happens once, on either database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from ill_broker.services.requests.scanning import Desk
from ill_broker.settings import Settings
from ill_broker.storage import libraries
from ill_broker.storage.rows import metadata
from ill_broker.storage.store import Store
from tests.ill_broker.api.at_desk import REASON, AtDesk, with_accounts
from tests.ill_broker.api.client import HOME, Api, Hand
from tests.ill_broker.api.lending import lending_services, serving
from workflows.libraries import Library
from workflows.patrons import Patron

SAID = {"reason": REASON}


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(
        database_url=database_url,
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
    if store.engine.dialect.name == "postgresql":
        with store.writing() as conn:
            conn.execute(text(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY"))
    store.close()


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    yield with_accounts(services, store)
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def desk(api: Api, services: list[object], store: Store, clock: Hand, patron: Patron) -> AtDesk:
    return AtDesk(api, services, store, clock, patron)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do all of it at the same moment, each in a thread of its own."""
    together = Barrier(len(acts))

    def do(act: Callable[[], Any]) -> Any:
        together.wait(60)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts))


def twice(desk: AtDesk, path: str, body: dict[str, Any], *, at: str = "bjtu") -> list[int]:
    """Let two clerks send the same at once, and return what they are answered."""
    clerks = [desk.staff(at), desk.staff(at)]
    answers = at_once(*(lambda clerk=clerk: clerk.post(path, json=body) for clerk in clerks))
    return sorted(answer.status_code for answer in answers)


def test_two_clerks_suspend_for_the_same_once(desk: AtDesk) -> None:
    body = {"library": "szutl", "case": "theft", "months": 1, **SAID}

    assert [201, 409] == twice(desk, f"/patrons/{desk.patron.id}/suspensions", body, at="szutl")
    assert 1 == len(desk.shown("suspensions"))


def test_two_clerks_lift_a_suspension_once(desk: AtDesk) -> None:
    made = desk.suspended("szutl", "theft", 1)

    path = f"/patrons/{desk.patron.id}/suspensions/{made['id']}/lift"

    assert [201, 409] == twice(desk, path, SAID, at="szutl")


def test_two_clerks_hand_over_a_book_once(desk: AtDesk) -> None:
    waiting = desk.waiting("szutl")

    assert [200, 409] == twice(desk, f"/requests/{waiting}/handover", {})


def test_the_second_of_two_scans_is_told_what_to_do_next(
    desk: AtDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have found the request on its way before either takes the book in."""
    request = desk.wish("szutl").json["id"]
    desk.staff("szutl").post(f"/requests/{request}/answer", json={"status": "Loaned", "item_barcode": "B-1"})
    found, both = Desk.arrival_of, Barrier(2)

    def meanwhile(*told: Any) -> Any:
        answer = found(*told)
        both.wait(60)
        return answer

    monkeypatch.setattr(Desk, "arrival_of", meanwhile)
    clerks = [desk.staff("bjtu"), desk.staff("bjtu")]
    answers = at_once(
        *(lambda clerk=clerk: clerk.post("/arrivals", json={"code": "B-1"}) for clerk in clerks)
    )
    taken, refused = sorted(answers, key=lambda answer: int(answer.status_code))

    assert [200, 409] == [taken.status_code, refused.status_code]
    assert ("already_arrived", request) == (refused.json["code"], refused.json["facts"]["request"])
    assert taken.json["number"] in refused.json["title"]
    assert taken.json["actions"] == refused.json["facts"]["actions"]


@pytest.mark.parametrize("step", ["case-settlement", "settlement"])
def test_two_clerks_charge_a_loss_once(desk: AtDesk, step: str) -> None:
    lost = desk.lent("szutl")
    desk.step(lost, "loss")
    facts = {"price": "10.00"} | ({"number": 1} if step == "case-settlement" else {"case": "loss"})

    first, second = twice(desk, f"/requests/{lost}/{step}", facts)

    assert (200, True) == (first, second in {409, 422})
    (account,) = desk.me().get("/accounts/me").json["accounts"]
    assert "30.00" == account["balance"]["amount"]
