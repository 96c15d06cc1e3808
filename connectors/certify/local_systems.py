"""A library's own system, by whatever protocol: whom it knows, what it takes in, lends and takes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.certify.examiner import PARTNER, Untried, needs, refused, require
from connectors.failures import PartnerFailure
from connectors.koha.calls import KohaCalls
from connectors.koha.client import KohaSystem
from connectors.koha.keeper import Keeper
from connectors.koha.mapping import KohaProfile
from connectors.koha.mapping import Login as KohaLogin
from connectors.ncip.client import NcipSystem
from connectors.ncip.mapping import NcipProfile
from connectors.ports import ArrivedItem
from connectors.sip2.client import Sip2System
from connectors.sip2.mapping import Login, Sip2Profile
from connectors.transport import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connectors.certify.examiner import Endpoint, Examiner, Exchange
    from connectors.ports import LocalPatron

    System = NcipSystem | KohaSystem | Sip2System

_NOBODY = "ILL-CERTIFY-NOBODY"
_WRONG = "0-wrong-0"
_LIMITS = Limits(connect=5.0, total=15.0, size=64 * 1024)
_SIP2_PORT = 6001
_STRANGERS = "turns strangers away"
_LOAN = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clauses:
    """Where a protocol speaks of each thing; empty where it has no word for it."""

    look_up: str
    password: str
    accept: str = ""
    check_out: str
    check_in: str = ""
    last: str


NCIP = Clauses(
    look_up="NCIP 2.02, LookupUser",
    password="NCIP 2.02, AuthenticationInput",  # noqa: S106 - the name of an element
    accept="NCIP 2.02, AcceptItem",
    check_out="NCIP 2.02, CheckOutItem",
    check_in="NCIP 2.02, CheckInItem",
    last="NCIP 2.02, Problem",
)
KOHA = Clauses(
    look_up="Koha REST, GET /patrons",
    password="Koha REST, POST /auth/password/validation",  # noqa: S106 - a path
    accept="Koha REST, POST /biblios, /items, /holds",
    check_out="Koha REST, POST /checkouts",
    last="Koha REST, 401",
)
SIP2 = Clauses(
    look_up="SIP2, 63/64 Patron Information",
    password="SIP2, CQ",  # noqa: S106 - the name of a field
    check_out="SIP2, 11/12 Checkout",
    check_in="SIP2, 09/10 Checkin",
    last="SIP2, 93/94 Login",
)


class Desk:
    """One examination; *system* makes a client whose talk is remembered."""

    def __init__(
        self, examiner: Examiner, stamp: str, clauses: Clauses, system: Callable[[Exchange], System]
    ) -> None:
        self._examiner = examiner
        self._endpoint = examiner.endpoint
        self._clauses = clauses
        self._system = system
        self._stamp = stamp
        self._is_taken_in = False

    def examine(self, last: str, attempt: Callable[[Exchange], None]) -> None:
        """Try every claim that the protocol has; the *last* one is its own."""
        check, clauses = self._examiner.check, self._clauses
        check("knows nobody by a card that nobody has", clauses.look_up, self._nobody, is_needed=True)
        check("knows whose card it is", clauses.look_up, self._somebody)
        check("says that a wrong password is wrong", clauses.password, self._wrong_password)
        if clauses.accept:
            check("takes in another library's book, once", clauses.accept, self._accept)
        check("lends a copy, and confirms it when asked again", clauses.check_out, self._check_out)
        check("lends nobody what it does not know", clauses.check_out, self._unknown_copy)
        if clauses.check_in:
            check("takes a copy back, and confirms it when asked again", clauses.check_in, self._check_in)
        check(last, clauses.last, attempt)

    def _nobody(self, exchange: Exchange) -> None:
        found = self._looked_up(exchange, _NOBODY)
        require(holds=found is None, otherwise=f"takes {_NOBODY} for somebody")

    def _somebody(self, exchange: Exchange) -> None:
        card = needs(self._endpoint.card, "a card")
        found = self._looked_up(exchange, card)
        require(holds=found is not None, otherwise=f"knows nobody with the card {card}")
        require(holds=found is not None and bool(found.name), otherwise="says no name")

    def _wrong_password(self, exchange: Exchange) -> None:
        found = self._looked_up(exchange, needs(self._endpoint.card, "a card"), password=_WRONG)
        if found is None or found.password_is_right is None:
            raise Untried("does not say whether a password is right")
        require(holds=not found.password_is_right, otherwise="believes a wrong password")

    def _accept(self, exchange: Exchange) -> None:
        arrived = ArrivedItem(
            message_id=f"msg_certify_{self._stamp}", request_id=f"req_certify_{self._stamp}",
            card_number=needs(self._endpoint.card, "a card"), barcode=self._foreign,
            title="Certification of a partner",
        )  # fmt: skip
        system = self._system(exchange)
        if isinstance(system, Sip2System):
            raise Untried("SIP2 has no word for it")
        first = system.accept(arrived)
        self._is_taken_in = True
        again = system.accept(arrived)
        require(holds=first == again, otherwise=f"{again} at the second time, {first} at the first")

    def _check_out(self, exchange: Exchange) -> None:
        system, copy = self._system(exchange), self._copy()
        exchange.sent = f"check out {copy}, twice"
        for _ in range(2):
            self._lend(system, copy)

    def _unknown_copy(self, exchange: Exchange) -> None:
        card = needs(self._endpoint.card, "a card")
        system = self._system(exchange)
        exchange.sent = f"check out {_NOBODY} for {card}"
        try:
            self._lend(system, _NOBODY)
        except PartnerFailure as failure:
            exchange.came = exchange.came or failure.detail
            return
        require(holds=False, otherwise="lends a copy that nobody has")

    def _check_in(self, exchange: Exchange) -> None:
        system, copy = self._system(exchange), self._copy()
        exchange.sent = f"check in {copy}, twice"
        if isinstance(system, KohaSystem):
            raise Untried("Koha's API has no word for it")
        for _ in range(2):
            system.check_in(f"msg_certify_{self._stamp}_in", barcode=copy)

    @property
    def _foreign(self) -> str:
        return f"CERTIFY{self._stamp}"

    def _copy(self) -> str:
        needs(self._endpoint.card, "a card")
        return self._foreign if self._is_taken_in else needs(self._endpoint.barcode, "a copy's barcode")

    def _lend(self, system: System, barcode: str) -> None:
        due = (self._endpoint.now() + _LOAN).date()
        name = f"msg_certify_{self._stamp}_out"
        system.check_out(name, card_number=self._endpoint.card, barcode=barcode, due=due)

    def _looked_up(self, exchange: Exchange, card: str, password: str | None = None) -> LocalPatron | None:
        system = self._system(exchange)
        exchange.sent = f"look up {card}"
        found = system.look_up(card, password=password)
        exchange.came = exchange.came or ("nobody" if found is None else "somebody")
        return found


# ---------------------------------------------------------------- the three protocols


def ncip(examiner: Examiner, stamp: str) -> None:
    endpoint = examiner.endpoint

    def system(exchange: Exchange) -> NcipSystem:
        profile = NcipProfile(
            url=endpoint.url, our_agency=endpoint.our_agency, their_agency=endpoint.their_agency
        )
        return NcipSystem(examiner.target(exchange), profile, endpoint.now)

    def garbled(exchange: Exchange) -> None:
        reply = examiner.call(exchange, "POST", endpoint.url, content=b"<NCIPMessage>", headers=_XML)
        is_no = HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR
        require(holds=is_no or b"Problem" in reply.body, otherwise="takes what is no XML")

    Desk(examiner, stamp, NCIP, system).examine("does not break over what is no XML", garbled)


_XML: Mapping[str, str] = {"content-type": "application/xml; charset=utf-8"}


def koha(examiner: Examiner, stamp: str) -> None:
    endpoint = examiner.endpoint
    kept = _keeper(endpoint)

    def stranger(exchange: Exchange) -> None:
        reply = examiner.call(exchange, "GET", kept.profile.url("patrons"))
        refused(reply, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)

    desk = Desk(
        examiner, stamp, KOHA, lambda exchange: KohaSystem(KohaCalls(examiner.target(exchange), kept))
    )
    desk.examine(_STRANGERS, stranger)


def _keeper(endpoint: Endpoint) -> Keeper:
    login = KohaLogin(endpoint.user, "password")
    profile = KohaProfile(base_url=endpoint.url, login=login, library_id=endpoint.their_agency)
    return Keeper(PARTNER, profile, lambda _: endpoint.password)


def sip2(examiner: Examiner, stamp: str) -> None:
    endpoint = examiner.endpoint
    opened: list[Sip2System] = []

    def system(_exchange: Exchange, password: str | None = None) -> Sip2System:
        shown = endpoint.password if password is None else password
        # systems count terminals: one at a time
        while opened:
            opened.pop().close()
        opened.append(
            Sip2System(
                PARTNER, _sip2_profile(endpoint), secrets=lambda _: shown, now=endpoint.now, limits=_LIMITS
            )
        )
        return opened[-1]

    def stranger(exchange: Exchange) -> None:
        needs(endpoint.user, "a user")
        exchange.sent = "log in with a wrong password"
        try:
            system(exchange, _WRONG).look_up(_NOBODY)
        except PartnerFailure as failure:
            exchange.came = failure.detail
            return
        require(holds=False, otherwise="lets a wrong password in")

    try:
        Desk(examiner, stamp, SIP2, system).examine(_STRANGERS, stranger)
    finally:
        for each in opened:
            each.close()


def _sip2_profile(endpoint: Endpoint) -> Sip2Profile:
    place = urlsplit(endpoint.url)
    login = Login(endpoint.user, "password") if endpoint.user else None
    return Sip2Profile(
        host=place.hostname or "", port=place.port or _SIP2_PORT, login=login,
        # one examination holds no more than one terminal for each claim
        connections=1,
    )  # fmt: skip
