"""Which connector is plugged in where, and what every process is made of."""

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.mail.client import SmtpMailer
from connectors.registry import Profile, ProfileRegistry, SruProfile, WebhookProfile
from connectors.sru.mapping import BATH
from connectors.webhook.codec import decode_report
from connectors.webhook.signing import verified_id
from ill_broker import clock
from ill_broker.clock import Clock, FileClock, SystemClock
from ill_broker.services.delivery import Delivery
from ill_broker.services.desk import Desk
from ill_broker.services.directory import Directory
from ill_broker.services.discovery import Discovery
from ill_broker.services.inbound import Inbound
from ill_broker.services.membership import OUTBOUND
from ill_broker.services.overview import Overview
from ill_broker.services.people import build_people
from ill_broker.services.requests import Requests
from ill_broker.services.submissions import Submissions
from ill_broker.settings import Settings
from ill_broker.storage import libraries
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from workflows.ids import LibraryCode

def open_clock(settings: Settings) -> Clock:
    """Return the clock of the service: the machine's, or the demonstration's."""
    return FileClock(Path(settings.clock_file)) if settings.clock_file else SystemClock()


def open_registry(store: Store) -> ProfileRegistry:
    """Return the connectors of every member library, as its profile names them."""
    with store.reading() as conn:
        profiles = libraries.all_connectors(conn)
        secrets = {code: libraries.secrets_of(conn, code, OUTBOUND, now=clock.now()) for code in profiles}
    known: dict[str, Profile] = {
        code: _profile(code, profile, secrets[code]) for code, profile in profiles.items()
    }
    return ProfileRegistry(known, now=clock.now)


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
    discovery = Discovery(store, time, directory, open_registry(store), settings)
    return [
        store,
        directory,
        requests,
        discovery,
        Submissions(store, requests, discovery, directory),
        Overview(store, directory),
        Desk(store),
        open_inbound(store, requests),
        *build_people(store, settings),
    ]


def open_delivery(settings: Settings, store: Store, requests: Requests, directory: Directory) -> Delivery:
    """Return what empties the outbox; its name tells machine and process, so that a lease says whose it is."""
    mail = settings.mail
    mailer = SmtpMailer(
        mail.host,
        mail.port,
        mail.sender,
        mail.user or None,
        mail.password or None,
        starttls=mail.security == "starttls",
    )
    return Delivery(store, requests, directory, open_registry(store), mailer, owner=process_name())


def open_inbound(store: Store, requests: Requests) -> Inbound:
    """Return what takes and applies partners' reports."""
    return Inbound(store, requests, verify=verified_id, read=decode_report)


def process_name() -> str:
    """Return what tells this process from every other one that works on the same database."""
    return f"{socket.gethostname()}:{os.getpid()}"
