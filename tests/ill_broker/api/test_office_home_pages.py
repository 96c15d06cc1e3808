"""The office's first page: what needs somebody, and what is decided and sent again from there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient

from connectors.failures import Unreachable
from connectors.profiles import check
from ill_broker.services.accounts.account import Accounts
from ill_broker.services.accounts.lender_accounts import LenderAccounts
from ill_broker.services.cards.overview import CardOverview
from ill_broker.services.delivery.dead_letters import DeadLetters
from ill_broker.services.members.connections import Connections
from ill_broker.services.members.connector_health import PartnerHealth, call
from ill_broker.services.members.directory import Directory
from ill_broker.services.places import Places
from ill_broker.services.requests.posting import post
from ill_broker.settings import Settings
from ill_broker.storage import cards, inbox, outbox
from ill_broker.storage.inbox import Message, MessageState
from ill_broker.storage.outbox import Entry, EntryState
from ill_broker.storage.store import Store
from tests.factories import PKU, SZUTL, the_book
from tests.ill_broker.api.client import HOME, NOW, Hand, a_patron
from tests.ill_broker.api.lending import lending_services, serving
from tests.ill_broker.api.reading import FORM, working
from workflows.accounts.account import Key, Kind, charged
from workflows.actors import Actor, Role
from workflows.cards.card import LoanCard
from workflows.ids import CardId, MessageId, PostingId
from workflows.money import Money
from workflows.patrons import Patron

DESK = Actor(Role.STAFF, "stf_00000001", HOME)


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    health, directory = PartnerHealth(store), Directory(store, the_book())
    connections = Connections(store, health, Places(), check=partial(check), try_out=lambda *_: ())
    money = (Accounts(store, directory), LenderAccounts(store))
    yield [*services, health, connections, *money, DeadLetters(store), CardOverview(store, directory)]
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def office(app: Flask, services: list[object], store: Store) -> FlaskClient:
    return working(app, services, store, None)


@pytest.fixture
def patron(store: Store) -> Patron:
    return a_patron(store)


@pytest.fixture
def proposed(store: Store, services: list[object], patron: Patron) -> str:
    """Have a desk propose to let its reader off a fine, and return where the office decides."""
    fine = charged(Kind.FINE, Money("CNY", 460), at=NOW, reason="41 days late")
    with store.writing() as conn:
        (entry,) = post(conn, Key(patron.id, SZUTL, "CNY"), lambda _: (fine,), DESK, now=NOW)
    accounts = next(one for one in services if isinstance(one, Accounts))
    accounts.propose_waiver(
        patron.id,
        DESK,
        charge=PostingId(entry.id),
        amount="3.00",
        reason="读者生病",
        now=NOW,
        also=lambda *_: None,
    )
    (waiting,) = LenderAccounts(store).proposals(Actor(Role.OFFICE, "stf_office"), limit=9).items
    return f"/office/waiver-proposals/{waiting.posted.entry.id}"


def test_where_nothing_waits_the_page_says_so_and_leads_on(office: FlaskClient) -> None:
    page = office.get("/office").text

    assert ("现在没有需要您处理的事" in page, 'href="/office/members"' in page) == (True, True)


@pytest.mark.parametrize("decided", [("let_off", 160), ("refuse", 460)])
def test_a_proposal_is_decided_with_a_reason(
    office: FlaskClient, store: Store, patron: Patron, proposed: str, decided: tuple[str, int]
) -> None:
    decision, owed = decided
    page = office.get("/office").text
    silent = office.post(proposed, data={**FORM, "decision": decision})
    done = office.post(proposed, data={**FORM, "decision": decision, "reason": "已核实"})
    again = office.post(proposed, data={**FORM, "decision": decision, "reason": "已核实"})
    shown = Accounts(store, Directory(store, the_book())).show(
        patron.id, Actor(Role.PATRON, patron.id, patron.home), now=NOW, limit=9
    )

    assert [] == [each for each in ("读者生病", "3.00 元", proposed) if each not in page]
    assert [422, 303, 404] == [one.status_code for one in (silent, done, again)]
    assert [owed] == [each.balance.minor for each in shown.accounts]
    assert proposed not in office.get("/office").text


def test_what_failed_stands_there_and_is_tried_again(office: FlaskClient, store: Store) -> None:
    PartnerHealth(store).note([call("pku", "koha", Unreachable("pku", "ConnectError"))], now=NOW)
    dead = Entry(
        id="tell-1", kind="tell", library=PKU, body={}, created_at=NOW, due_at=NOW, state=EntryState.DEAD,
        attempts=7, done_at=NOW,
    )  # fmt: skip
    said = Message(
        library=PKU, message_id=MessageId("m-1"), body="{}", received_at=NOW, state=MessageState.REFUSED,
        status="Loaned", reason="no such request",
    )  # fmt: skip
    with store.writing() as conn:
        outbox.add(conn, [dead])
        inbox.put(conn, said)
    page = office.get("/office").text
    assert [] == [each for each in ("上次失败", "试了 7 次", "no such request") if each not in page]
    office.post("/office/dead-letters", data={**FORM, "id": "tell-1"})
    again = office.post("/office/messages", data={**FORM, "id": "m-1", "library": "pku"})
    after = office.get(again.location).text

    assert ["tell-1" in after, "m-1" in after, "已安排再试" in after] == [False, False, True]
    assert 404 == office.post("/office/dead-letters", data={**FORM, "id": "tell-2"}).status_code


def test_card_stock_counts_each_desk_and_all(office: FlaskClient, store: Store) -> None:
    assert "还没有借阅证" in office.get("/office/cards").text
    with store.writing() as conn:
        for number in "123":
            card = LoanCard(
                id=CardId(f"crd_0000000{number}"),
                barcode=f"LC{number}",
                consortium="bulc",
                desk=HOME,
                library=PKU,
            )
            cards.add(conn, card, now=NOW)
    page = office.get("/office/cards").text

    assert re.search(r'data-head="在库">3<', page)
    assert '"0 %"' not in page
    assert "借出比例: 0 %" in page
