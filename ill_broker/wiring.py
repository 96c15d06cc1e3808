"""Which connector is plugged in where, and what every process is made of."""

import os
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import structlog

from connectors.addresses import Reach, networks
from connectors.iso18626.dialogue import IsoDialogue
from connectors.mail.client import SmtpMailer
from connectors.mail.partner import ByMail, MailProfile
from connectors.members import ProfileRegistry, nobody_writes
from connectors.ports import Connectors, Letter, Mailer, Message, Supplier
from connectors.probes import try_out
from connectors.profiles import FaultyProfile, Profile, check, read_profile
from connectors.sms.client import HttpGateway
from connectors.sms.messages import Form
from connectors.trials import Trial
from connectors.webhook.codec import decode_report
from connectors.webhook.signing import verified_id
from ill_broker import clock
from ill_broker.clock import Clock, FileClock, SystemClock
from ill_broker.services.accounts.account import Accounts
from ill_broker.services.accounts.hand_fines import HandFines
from ill_broker.services.accounts.lender_accounts import LenderAccounts
from ill_broker.services.accounts.tills import Tills
from ill_broker.services.cards.loan_cards import LoanCards
from ill_broker.services.cards.overview import CardOverview
from ill_broker.services.delivery.dead_letters import DeadLetters
from ill_broker.services.delivery.delivery import Delivery
from ill_broker.services.delivery.notice_log import NoticeLog
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.discovery.wishes import Wishes
from ill_broker.services.members.admission import Admission
from ill_broker.services.members.connections import Connections
from ill_broker.services.members.connector_health import PartnerHealth
from ill_broker.services.members.directory import Directory
from ill_broker.services.members.lending_limits import AskingLimits
from ill_broker.services.members.membership import Membership
from ill_broker.services.members.onboarding import Onboarding
from ill_broker.services.members.particulars import Particulars
from ill_broker.services.members.rulebook import Rulebook
from ill_broker.services.office.amendments import Amendments
from ill_broker.services.office.announcements import Announcements
from ill_broker.services.office.reports import Reports
from ill_broker.services.office.simulations import Simulations
from ill_broker.services.partners.inbound import Inbound
from ill_broker.services.partners.iso_messages import Conversations
from ill_broker.services.partners.mail_answers import Correspondence, Links
from ill_broker.services.partners.partner_requests import Holdings, PartnerRequests
from ill_broker.services.partners.set_aside import SetAside
from ill_broker.services.passwords import Passwords
from ill_broker.services.people.home_cards import HomeCards
from ill_broker.services.people.registration import build_people
from ill_broker.services.places import Places
from ill_broker.services.privileges.borrowing import Borrowing
from ill_broker.services.privileges.no_dues import NoDues
from ill_broker.services.requests.desk_lists import DeskLists
from ill_broker.services.requests.door import Requests
from ill_broker.services.requests.lending import Lending
from ill_broker.services.requests.options import Choices
from ill_broker.services.requests.overview import Overview
from ill_broker.services.requests.scanning import Desk
from ill_broker.services.requests.submissions import Submissions
from ill_broker.services.requests.typed import TypedRequests
from ill_broker.services.scans.scans import Scans
from ill_broker.settings import Settings, Sms
from ill_broker.storage import libraries
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from ill_broker.texts.library_letters import library_letter

#: how long a changed profile may go unnoticed
_FRESH = timedelta(seconds=10)
_log = structlog.get_logger()


def open_clock(settings: Settings) -> Clock:
    """Return the clock of the service: the machine's, or the demonstration's."""
    return FileClock(Path(settings.clock_file)) if settings.clock_file else SystemClock()


class LiveRegistry:
    """The connectors of every member library, read anew when a profile or a secret has changed.

    A new member is reached, and a rotated secret is used, without restarting anything.
    """

    def __init__(
        self,
        store: Store,
        *,
        reach: Reach | None = None,
        by_mail: Callable[[str, MailProfile], Supplier] = nobody_writes,
    ) -> None:
        """Reach member libraries as the *store* says.

        :param reach: where they may be called; the public addresses if None
        """
        self._store = store
        self._registry = ProfileRegistry({}, now=clock.now, reach=reach, by_mail=by_mail)
        self._read_before: object = None
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
            read = libraries.all_connectors(conn), libraries.all_secrets(conn, now=now)
        if read != self._read_before:
            stored, secrets = read
            self._registry.change(
                {str(code): _profile(code, told, secrets.get(code, {})) for code, told in stored.items()}
            )
            self._read_before = read
        self._fresh_until = now + _FRESH


def _profile(code: str, told: Mapping[str, Any], secrets: Mapping[str, str]) -> Profile:
    """Return what is stored of a library; one whose profile nobody can read is asked by hand."""
    try:
        return read_profile(code, told, secrets)
    except FaultyProfile as error:
        _log.error("profile not usable", library=code, faults=str(error))
        return Profile(library=code)


def reach_of(settings: Settings) -> Reach:
    """Return where member libraries may be called."""
    return Reach(networks(settings.allowed_networks))


def open_connections(store: Store, health: PartnerHealth, reach: Reach, places: Places) -> Connections:
    """Return what the office sees to members' connectors by."""

    def trials(library: str, told: Mapping[str, Any], secrets: Mapping[str, str]) -> Iterator[Trial]:
        return try_out(read_profile(library, told, secrets), now=clock.now, reach=reach)

    return Connections(store, health, places, check=partial(check, reach=reach), try_out=trials)


def open_services(settings: Settings, time: Clock, places: Places | None = None) -> list[object]:
    """Return what the web process serves.

    :param places: of its threads
    """
    places = places or Places()
    store = Store.open(settings.database_url)
    reach = reach_of(settings)
    registry, health = LiveRegistry(store, reach=reach), PartnerHealth(store)
    directory = Directory(store, builtin_book(), registry)
    requests = Requests(store, directory)
    discovery = Discovery(store, time, directory, registry, settings, health=health, places=places)
    home_cards = HomeCards(store, directory, registry, places)
    inbound = open_inbound(store, requests)
    loan_cards, card_overview = LoanCards(store, directory, home_cards), CardOverview(store, directory)
    return [
        store,
        directory,
        requests,
        discovery,
        home_cards,
        *_asking(store, requests, discovery, directory, home_cards),
        *_seen_at_desks(store, directory),
        Lending(store, registry),
        AskingLimits(store, directory),
        loan_cards,
        Scans(store, directory, requests, loan_cards, card_overview),
        Accounts(store, directory),
        LenderAccounts(store),
        HandFines(store, directory),
        Tills(store, directory),
        Choices(store, directory),
        Borrowing(store, directory),
        NoDues(store, directory),
        card_overview,
        health,
        open_connections(store, health, reach, places),
        *_of_members(store, directory),
        Amendments(store, directory, requests),
        Simulations(store, directory),
        Announcements(store, directory),
        Reports(store, directory),
        inbound,
        SetAside(store),
        Membership(store, Passwords(cheap=settings.cheap_passwords), directory.base),
        Conversations(store, inbound, IsoDialogue()),
        Correspondence(store, directory, requests, Links(settings)),
        *build_people(store, settings, places),
    ]


def _seen_at_desks(store: Store, directory: Directory) -> list[object]:
    """Return what shows requests, and what went astray of them."""
    lists = DeskLists(store, directory)
    return [Overview(store, directory), lists, NoticeLog(store), DeadLetters(store), Desk(store)]


def _of_members(store: Store, directory: Directory) -> list[object]:
    """Return what the office sees to members by, their connectors apart."""
    made = Rulebook, Admission, Onboarding, Particulars
    return [one(store, directory) for one in made]


def _asking(
    store: Store, requests: Requests, discovery: Discovery, directory: Directory, home_cards: HomeCards
) -> tuple[object, ...]:
    """Return what readers ask for books by."""
    submissions = Submissions(store, requests, discovery, directory, home_cards)
    return (
        submissions,
        Wishes(store, directory, discovery),
        TypedRequests(store, directory, submissions),
    )


def warm_up(services: Iterable[object], time: Clock) -> None:
    """Do before the first reader comes what the first search would have to wait for."""
    for service in services:
        if isinstance(service, Discovery):
            service.warm_up(time.now())


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
        LiveRegistry(store, reach=reach_of(settings), by_mail=_by_mail(settings, mailer)),
        mailer,
        owner=process_name(),
        gateway=open_gateway(settings.sms),
        base_url=settings.base_url,
        health=PartnerHealth(store),
    )


def _by_mail(settings: Settings, mailer: Mailer) -> Callable[[str, MailProfile], Supplier]:
    """Return who writes to libraries that are asked by letter."""
    links = Links(settings)

    def supplier(library: str, profile: MailProfile) -> ByMail:
        def worded(message: Message) -> Letter:
            link = links.address(message.request_id, library)
            return library_letter(message, to=profile.address, language=profile.language, link=link)

        return ByMail(mailer, worded)

    return supplier


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


def open_inbound(store: Store, requests: Requests, find: Holdings | None = None) -> Inbound:
    """Return what takes and applies partners' messages.

    :param find: finds the copies of what partners ask for; None in a process that only takes
    """
    dialogue = IsoDialogue()
    hearer = PartnerRequests(store, requests, dialogue, find) if find else None
    return Inbound(store, requests, verify=verified_id, read=decode_report, dialogue=dialogue, hearer=hearer)


def process_name() -> str:
    """Return what tells this process from every other one that works on the same database."""
    return f"{socket.gethostname()}:{os.getpid()}"
