"""What is stored before anything is measured, and the requests that are sent to it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from connectors.webhook.signing import signed_headers
from ill_broker import clock, mint
from ill_broker.demo.consortium import MEMBERS, found_consortium
from ill_broker.services.discovery.fan_out import Member, MemberState
from ill_broker.services.discovery.live import Live
from ill_broker.services.discovery.record import Search, row_of
from ill_broker.services.members.directory import Directory
from ill_broker.services.partners.inbound import partner
from ill_broker.services.requests.door import Requests
from ill_broker.storage import people, searches, sessions
from ill_broker.storage.migrations import migrate
from ill_broker.storage.people import Enrolment
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.sessions import Session
from ill_broker.storage.store import Store
from workflows.actors import Actor, Role
from workflows.citation import Citation, Hit, Holding, Query
from workflows.discovery.works import Work, works
from workflows.ids import LibraryCode, PatronId, RequestId
from workflows.patrons import Patron
from workflows.requests.commands import Report, ReportedStatus
from workflows.requests.request import Instants, Request

#: a Monday in a spring term, 10:00 in Beijing: no day of the measuring machine's decides what is allowed
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOME = LibraryCode("bjtu")
LENDERS = (LibraryCode("pku"), LibraryCode("szutl"), LibraryCode("shlib"))
SECRET = mint.webhook_secret()
#: below the home library's limit of five at once
WORKS_EACH = 4
_HOUR = timedelta(hours=1)
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Asker:
    """A verified patron who is logged in and has a search with works in it."""

    patron: Patron
    token: str
    search: str
    works: tuple[Work, ...]


class World:
    """One database with a consortium in it."""

    def __init__(self, url: str) -> None:
        migrate(url)
        self._store = Store.open(url, threads=2)
        secrets = {member.code: SECRET for member in MEMBERS}
        reached = dict.fromkeys(secrets, "http://127.0.0.1:9")
        found_consortium(self._store, reached, secrets, now=clock.now() - timedelta(days=1))
        self._requests = Requests(self._store, Directory(self._store, builtin_book()))
        self.desk = self._logged_in(Role.STAFF, "stf_bench")
        self._askers: Iterator[tuple[Asker, Work]] = iter(())
        self._stored: list[tuple[Asker, Request]] = []

    def fill(self, *, stored: int, wishes: int) -> None:
        """Store requests, two in three of them with a lender's answers, and prepare wishes for more."""
        askers = self._patrons(-(-(stored + wishes) // WORKS_EACH))
        pairs = [(asker, work) for asker in askers for work in asker.works]
        for number, (asker, work) in enumerate(pairs[:stored]):
            self._stored.append((asker, self._submitted(asker, work, answered=number % 3)))
        self._askers = iter(pairs[stored:])
        self._store.close()

    def wishes(self, count: int) -> list[str]:
        """Return submissions, each a new one."""
        return [
            http(
                "POST",
                "/api/v1/requests",
                {"search": asker.search, "work": work.id},
                Authorization=f"Bearer {asker.token}",
                Idempotency_Key=f"key-{next(_numbers)}",
            )
            for asker, work in itertools.islice(self._askers, count)
        ]

    def reports(self, count: int) -> list[str]:
        """Return lenders' webhooks, each a new message about one of the stored requests."""
        return [self._report(request) for _, request in self._some(count)]

    def looks(self, count: int, rest: str = "") -> list[str]:
        """Return patrons' looks at their requests."""
        return [
            http("GET", f"/api/v1/requests/{request.id}{rest}", Authorization=f"Bearer {asker.token}")
            for asker, request in self._some(count)
        ]

    def lists(self, count: int) -> list[str]:
        """Return the desk's looks at its first 25 requests."""
        return [http("GET", "/api/v1/requests?limit=25", Authorization=f"Bearer {self.desk}")] * count

    def _some(self, count: int) -> Iterator[tuple[Asker, Request]]:
        return itertools.islice(itertools.cycle(self._stored), count)

    def _report(self, request: Request) -> str:
        data = {
            "request_id": request.id,
            "status": "ExpectToSupply",
            "occurred_at": (NOW + _HOUR).isoformat(),
            "lender_request_id": f"L{request.number}",
            "note": "two days",
        }
        body = {"type": "request.status", "timestamp": (NOW + _HOUR).isoformat(), "data": data}
        signed = signed_headers(
            message_id=f"msg-{next(_numbers)}",
            body=json.dumps(body).encode(),
            secret=SECRET,
            now=clock.now(),
        )
        return http("POST", f"/api/v1/webhooks/{request.lender}", body, **signed)

    def _patrons(self, count: int) -> list[Asker]:
        with self._store.writing() as conn:
            askers = [_asker(number) for number in range(count)]
            for asker in askers:
                people.enrol(conn, Enrolment(patron=asker.patron, created_at=NOW))
                sessions.start(conn, _session(asker.token, Role.PATRON, asker.patron.id))
                found = _search(asker)
                searches.add(conn, row_of(found))
                searches.save(conn, Live(found, {}, parts=1).progress(found))
        return askers

    def _logged_in(self, role: Role, subject: str) -> str:
        token = mint.token()
        with self._store.writing() as conn:
            sessions.start(conn, _session(token, role, subject))
        return token

    def _submitted(self, asker: Asker, work: Work, *, answered: int) -> Request:
        request = Request(
            id=RequestId(mint.new_id("req", NOW)),
            number=mint.desk_number(),
            patron=asker.patron.id,
            home=HOME,
            desk=HOME,
            citation=work.citation,
            holdings=work.holdings,
            instants=Instants(registered=NOW, searched=NOW, submitted=NOW),
        )
        request = self._requests.submit(
            request, asker.patron, Actor(Role.PATRON, asker.patron.id, HOME), now=NOW
        )
        lender = request.lender
        assert lender is not None
        for status in (ReportedStatus.WILL_SUPPLY, ReportedStatus.LOANED)[:answered]:
            report = Report(lender=lender, status=status, occurred_at=NOW + _HOUR)
            request = self._requests.handle(request.id, report, partner(lender), now=NOW + _HOUR)
        return request


def http(method: str, path: str, body: object = None, **headers: str) -> str:
    """Return a request as it goes over the wire."""
    sent = "" if body is None else json.dumps(body)
    told = {"Host": "broker", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if body is not None:
        told |= {"Content-Type": "application/json", "Content-Length": str(len(sent))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n{sent}"


def _asker(number: int) -> Asker:
    patron = Patron(
        id=PatronId(mint.new_id("pat", NOW)),
        home=HOME,
        name="李华",
        card_number=f"{number:08}",
        mobile="+8613800138000",
        email=f"reader{number}@bjtu.example",
        verified_at=NOW,
    )
    found = works(_hits(number), Query(text="history"))
    return Asker(patron, mint.token(), mint.new_id("srch", NOW), found)


def _hits(number: int) -> tuple[Hit, ...]:
    """Return what three catalogues say of four works."""
    citation = Citation(title="中国图书馆史", author="李华", year=2009, publisher="北京大学出版社")
    isbns = [f"978{number * WORKS_EACH + place:010}" for place in range(WORKS_EACH)]
    return tuple(
        Hit(
            citation=replace(citation, isbn=isbn, title=f"{citation.title} {isbn}"),
            holdings=(
                Holding(
                    library=lender, record_id=isbn, barcode=f"3{isbn}", call_number="G25", available=True
                ),
            ),
        )
        for lender in LENDERS
        for isbn in isbns
    )


def _search(asker: Asker) -> Search:
    hits = _hits(int(asker.patron.card_number))
    members = (
        Member(library=lender, state=MemberState.ANSWERED, hits=WORKS_EACH, total=WORKS_EACH)
        for lender in LENDERS
    )
    return Search(
        id=asker.search,
        owner=asker.patron.id,
        query=Query(text="history"),
        started_at=NOW,
        ends_by=NOW,
        expires_at=NOW + timedelta(days=1),
        finished_at=NOW,
        members=tuple(members),
        hits=tuple(hits),
    )


def _session(token: str, role: Role, subject: str) -> Session:
    return Session(
        token_hash=mint.token_hash(token),
        role=role,
        subject=subject,
        library=HOME,
        created_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
