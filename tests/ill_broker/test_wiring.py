"""What every process is made of."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.mail.client import SmtpMailer
from connectors.manual import ByHand
from connectors.sms.messages import Form
from connectors.sru.client import SruFinder
from connectors.webhook.client import WebhookPartner
from ill_broker import clock, wiring
from ill_broker.clock import SystemClock, set_clock
from ill_broker.services.delivery.delivery import Delivery
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.members.directory import Directory
from ill_broker.services.members.membership import OUTBOUND, Membership
from ill_broker.services.partners.inbound import Inbound
from ill_broker.services.passwords import Passwords
from ill_broker.services.requests.door import Requests
from ill_broker.services.requests.overview import Overview
from ill_broker.settings import Mail, Settings, Sms
from ill_broker.storage.store import Store
from ill_broker.worker import open_worker
from tests.factories import PKU, SHLIB, START, SZUTL, a_library, the_book


@pytest.fixture
def settings(migrated_file: Path, tmp_path: Path) -> Settings:
    path = tmp_path / "ill.db"
    shutil.copy(migrated_file, path)
    return Settings(database_url=f"sqlite:///{path}", secret_key="k" * 32, cheap_passwords=True)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = Store.open(settings.database_url)
    membership = Membership(store, Passwords(cheap=True), the_book())
    both = {"sru": {"url": "http://x.example/sru"}, "webhook": {"base_url": "http://x.example"}}
    for code, connectors in ((PKU, both), (SZUTL, both), (SHLIB, {})):
        membership.admit(a_library(code), connectors, now=START)
    membership.rotate_secret(PKU, OUTBOUND, None, now=START)
    yield store
    store.close()


def test_each_library_is_reached_as_its_profile_says(store: Store) -> None:
    registry = wiring.LiveRegistry(store)
    found = {code: registry.connectors(code) for code in (PKU, SZUTL, SHLIB)}

    assert isinstance(found[PKU].finder, SruFinder)
    assert isinstance(found[PKU].supplier, WebhookPartner)
    assert isinstance(found[PKU].witness, WebhookPartner)
    assert found[SHLIB].finder is None


def test_a_library_that_nothing_can_be_signed_for_is_asked_by_hand(store: Store) -> None:
    registry = wiring.LiveRegistry(store)

    assert isinstance(registry.connectors(SZUTL).supplier, ByHand)
    assert isinstance(registry.connectors(SHLIB).supplier, ByHand)
    assert registry.connectors(SZUTL).witness is None


def test_a_new_secret_is_used_without_a_restart(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = wiring.LiveRegistry(store)
    before = registry.connectors(SZUTL).supplier
    membership = Membership(store, Passwords(cheap=True), the_book())
    membership.rotate_secret(SZUTL, OUTBOUND, None, now=START)
    at_once = registry.connectors(SZUTL).supplier
    later = clock.now() + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert isinstance(before, ByHand)
    assert at_once is before
    assert isinstance(registry.connectors(SZUTL).supplier, WebhookPartner)


def test_the_web_process_has_every_service(store: Store, settings: Settings) -> None:
    services = wiring.open_services(settings, SystemClock())
    kinds = {type(service) for service in services}
    for service in services:
        if isinstance(service, Discovery | Store):
            service.close()

    assert {Store, Requests, Discovery, Overview, Inbound} <= kinds


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_letters_go_to_the_mail_server_of_the_settings(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    mail = Mail(host="mail.example", port=587, security=security)
    made: list[SmtpMailer] = []

    def mailer(*arguments: Any, **named: Any) -> SmtpMailer:
        made.append(SmtpMailer(*arguments, **named))
        return made[-1]

    monkeypatch.setattr(wiring, "SmtpMailer", mailer)
    directory = Directory(store, the_book())
    with_mail = Settings(database_url=settings.database_url, mail=mail)
    delivery = wiring.open_delivery(with_mail, store, Requests(store, directory), directory)

    assert isinstance(delivery, Delivery)
    assert [("mail.example", 587, security)] == [(one.host, one.port, one.security) for one in made]


def test_the_clock_is_the_machines_or_the_demonstrations(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    set_clock(path, datetime(2030, 1, 1, tzinfo=UTC))

    assert isinstance(wiring.open_clock(Settings()), SystemClock)
    assert 2030 == wiring.open_clock(Settings(clock_file=str(path))).now().year


def test_a_worker_starts_and_stops(store: Store, settings: Settings) -> None:
    worker = open_worker(settings, SystemClock())
    worker.start()
    worker.stop()

    assert not any(thread.is_alive() for thread in worker._threads)


def test_texts_go_to_the_gateway_of_the_settings_in_its_own_words() -> None:
    sms = Sms(
        url="https://sms.test/send",
        token="t",
        encoding="form",
        fields=("mobile", "content", "uid"),
        always=(("sign", "ILL"),),
        taken=("code", "0"),
    )
    gateway = wiring.open_gateway(sms)

    assert gateway is not None
    assert ("https://sms.test/send", "t") == (gateway.url, gateway.token)
    assert gateway.form == Form(
        is_web_form=True, to="mobile", text="content", id="uid", always={"sign": "ILL"}, taken=("code", "0")
    )


def test_an_installation_without_a_gateway_sends_no_texts() -> None:
    assert wiring.open_gateway(Sms()) is None
