"""Which connector is plugged in where, and what every process is made of."""

import os
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from connectors.mail.client import SmtpMailer
from connectors.ports import Connectors
from connectors.registry import Profile, ProfileRegistry, SruProfile, WebhookProfile
from connectors.sms.client import HttpGateway
from connectors.sms.messages import Form
from connectors.sru.mapping import BATH
from connectors.webhook.codec import decode_report
from connectors.webhook.signing import verified_id
from ill_broker import clock
from ill_broker.clock import Clock, FileClock, SystemClock
from ill_broker.services.accounts import Accounts
from ill_broker.services.amendments import Amendments
from ill_broker.services.card_overview import CardOverview
from ill_broker.services.delivery import Delivery
from ill_broker.services.desk import Desk
from ill_broker.services.directory import Directory
from ill_broker.services.discovery import Discovery
from ill_broker.services.inbound import Inbound
from ill_broker.services.loan_cards import LoanCards
from ill_broker.services.membership import OUTBOUND
from ill_broker.services.notice_log import NoticeLog
from ill_broker.services.overview import Overview
from ill_broker.services.people import build_people
from ill_broker.services.requests import Requests
from ill_broker.services.rulebook import Rulebook
from ill_broker.services.submissions import Submissions
from ill_broker.settings import Settings, Sms
from ill_broker.storage import libraries
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from workflows.ids import LibraryCode

#: how long a changed profile may go unnoticed
_FRESH = timedelta(seconds=10)


def open_clock(settings: Settings) -> Clock:
    """Return the clock of the service: the machine's, or the demonstration's."""
    return FileClock(Path(settings.clock_file)) if settings.clock_file else SystemClock()


class LiveRegistry:
    """The connectors of every member library, read anew when a profile or a secret has changed.

    A new member is reached, and a rotated secret is used, without restarting anything.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._profiles: Mapping[str, Profile] = {}
        self._registry = ProfileRegistry({}, now=clock.now)
        self._fresh_until: datetime | None = None
        self._lock = Lock()

    def connectors(self, library: str) -> Connectors:
        """Return the connectors of *library*; one that is not known is asked by hand."""
        now = clock.now()
        with self._lock:
            if self._fresh_until is None or now >= self._fresh_until:
                self._read(now)
            return self._registry.connectors(library)

    def _read(self, now: datetime) -> None:
        with self._store.reading() as conn:
            stored = libraries.all_connectors(conn)
            secrets = {code: libraries.secrets_of(conn, code, OUTBOUND, now=now) for code in stored}
        profiles = {str(code): _profile(code, told, secrets[code]) for code, told in stored.items()}
        if profiles != self._profiles:
            self._profiles, self._registry = profiles, ProfileRegistry(profiles, now=clock.now)
        self._fresh_until = now + _FRESH


def _profile(code: LibraryCode, profile: Mapping[str, Any], secrets: tuple[str, ...]) -> Profile:
    sru, webhook = profile.get("sru"), profile.get("webhook")
    return Profile(
        library=code,
        sru=SruProfile(url=sru["url"], indexes=BATH) if sru else None,
        webhook=WebhookProfile(webhook["base_url"], secrets[0]) if webhook and secrets else None,
    )


def open_services(settings: Settings, time: Clock) -> list[object]:
    """Return what the web process serves."""
    store = Store.open(settings.database_url)
    directory = Directory(store, builtin_book())
    requests = Requests(store, directory)
    discovery = Discovery(store, time, directory, LiveRegistry(store), settings)
    return [
        store,
        directory,
        requests,
        discovery,
        Submissions(store, requests, discovery, directory),
        Overview(store, directory),
        NoticeLog(store),
        Desk(store),
        LoanCards(store, directory),
        Accounts(store, directory),
        CardOverview(store, directory),
        Rulebook(store, directory),
        Amendments(store, directory, requests),
        open_inbound(store, requests),
        *build_people(store, settings),
    ]


def open_delivery(settings: Settings, store: Store, requests: Requests, directory: Directory) -> Delivery:
    """Return what empties the outbox, under this process's name, so that a lease says whose it is."""
    mail = settings.mail
    mailer = SmtpMailer(
        mail.host,
        mail.port,
        mail.sender,
        mail.user or None,
        mail.password or None,
        security=mail.security,
    )
    return Delivery(
        store,
        requests,
        directory,
        LiveRegistry(store),
        mailer,
        owner=process_name(),
        gateway=open_gateway(settings.sms),
        base_url=settings.base_url,
    )


def open_gateway(sms: Sms) -> HttpGateway | None:
    """Return what texts are handed to; None where the installation has no gateway."""
    if not sms.url:
        return None
    to, text, name = sms.fields
    form = Form(
        is_web_form=sms.encoding == "form",
        to=to,
        text=text,
        id=name,
        always=dict(sms.always),
        taken=sms.taken,
    )
    return HttpGateway(url=sms.url, token=sms.token, form=form)


def open_inbound(store: Store, requests: Requests) -> Inbound:
    """Return what takes and applies partners' reports."""
    return Inbound(store, requests, verify=verified_id, read=decode_report)


def process_name() -> str:
    """Return what tells this process from every other one that works on the same database."""
    return f"{socket.gethostname()}:{os.getpid()}"
