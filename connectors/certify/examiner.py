"""Trying claims one by one; a claim on which the rest stands ends the examination if it fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from connectors import xml
from connectors.certify.report import Finding, Report, Verdict
from connectors.failures import PartnerFailure
from connectors.transport import Limits, Target, is_yes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from connectors.certify.listening import Listener
    from connectors.transport import Reply

PARTNER = "partner"
_SHOWN = 400
_PATIENCE = Limits(connect=5.0, total=15.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where the partner listens, and what an examiner has to know to be heard there."""

    url: str
    now: Callable[[], datetime]
    #: whsec_... of the broker's own JSON; empty where it is not spoken
    secret: str = field(default="", repr=False)
    #: shown as Authorization with ISO 18626
    token: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    our_agency: str = "ISIL:ILL-BROKER"
    their_agency: str = "ISIL:PARTNER"
    #: of ISO 18626
    revision: str = "1.2"
    #: a card that somebody holds there, and a copy that may be lent to try it
    card: str = ""
    barcode: str = ""
    #: a word that stands in some title there
    word: str = ""
    #: of Z39.50
    database: str = "Default"
    #: takes what the partner sends; None where only its receiver is examined
    listener: Listener | None = None
    #: carries the calls over HTTP instead of the network, as in `Target`
    transport: Any = None


class Deviation(Exception):
    """What came is not what the standard asks for."""


class Untried(Exception):
    """The claim could not be tried."""


@dataclass(slots=True)
class Exchange:
    """What was sent, and what came, for one claim."""

    sent: str = ""
    came: str = ""


@dataclass(frozen=True, slots=True)
class Watched(Target):
    """An HTTP service whose last answer is remembered; headers may hold secrets and are not."""

    exchange: Exchange = field(default_factory=Exchange)

    def call(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Return the whole answer, whatever its status.

        :raises PartnerFailure: if none comes
        """
        asked = "&".join(f"{name}={value}" for name, value in (params or {}).items())
        shown = "" if _is_form(headers) else _text(content)
        self.exchange.sent = f"{method} {url}{'?' if asked else ''}{asked} {shown}".strip()
        self.exchange.came = ""
        reply = Target.call(self, method, url, params=params, content=content, headers=headers)
        self.exchange.came = f"HTTP {reply.status} {'' if _is_form(headers) else _text(reply.body)}".strip()
        return reply


def _is_form(headers: Mapping[str, str] | None) -> bool:
    """Tell whether a form is sent: by one, a token is fetched for a secret."""
    return (headers or {}).get("content-type", "").startswith("application/x-www-form-urlencoded")


class Examiner:
    """Tries claims at one endpoint and keeps what is found."""

    def __init__(self, protocol: str, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._protocol = protocol
        self._findings: list[Finding] = []
        self._is_over = False
        self._targets: list[Watched] = []

    def report(self) -> Report:
        return Report(self._protocol, self.endpoint.url, tuple(self._findings))

    def close(self) -> None:
        for target in self._targets:
            target.close()

    def check(
        self, claim: str, clause: str, attempt: Callable[[Exchange], None], *, is_needed: bool = False
    ) -> None:
        """Try a claim; *attempt* raises Deviation where it does not hold.

        :param is_needed: nothing further is tried if this does not hold
        """
        exchange = Exchange()
        verdict, detail = Verdict.NOT_TRIED, "what it stands on does not hold"
        if not self._is_over:
            verdict, detail = _tried(attempt, exchange)
            self._is_over = is_needed and verdict is not Verdict.CONFORMS
        self._findings.append(
            Finding(
                claim=claim,
                clause=clause,
                verdict=verdict,
                sent=_short(exchange.sent),
                came=_short(exchange.came),
                detail=detail,
            )
        )

    def call(
        self,
        exchange: Exchange,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Return the answer over HTTP, and remember both sides.

        :raises PartnerFailure: if none comes
        """
        return self.target(exchange).call(method, url, params=params, content=content, headers=headers)

    def target(self, exchange: Exchange) -> Watched:
        """Return a way over HTTP for one claim."""
        known = Watched(PARTNER, limits=_PATIENCE, transport=self.endpoint.transport, exchange=exchange)
        self._targets.append(known)
        return known


def _tried(attempt: Callable[[Exchange], None], exchange: Exchange) -> tuple[Verdict, str]:
    try:
        attempt(exchange)
    except Untried as reason:
        return Verdict.NOT_TRIED, str(reason)
    except Deviation as fault:
        return Verdict.DOES_NOT, str(fault)
    except PartnerFailure as failure:
        return Verdict.DOES_NOT, failure.detail
    return Verdict.CONFORMS, ""


def require(*, holds: bool, otherwise: str) -> None:
    """Go on if the claim holds.

    :raises Deviation: with *otherwise*, if it does not
    """
    if not holds:
        raise Deviation(otherwise)


def needs(value: str, name: str) -> str:
    """Return *value*.

    :raises Untried: if whoever examines did not give it
    """
    if not value:
        raise Untried(f"{name} is not given")
    return value


def accepted(reply: Reply) -> Reply:
    """Return *reply* if it is a yes.

    :raises Deviation: if it is not
    """
    require(holds=is_yes(reply), otherwise=f"HTTP {reply.status} instead of 2xx")
    return reply


def refused(reply: Reply, *wanted: int) -> None:
    """Go on if the answer is one of *wanted*.

    :raises Deviation: if it is another
    """
    words = " or ".join(f"{status} {HTTPStatus(status).phrase}" for status in wanted)
    require(holds=reply.status in wanted, otherwise=f"HTTP {reply.status} instead of {words}")


def _text(body: bytes | None) -> str:
    return xml.speakable((body or b"")[:_SHOWN].decode("utf-8", "replace"))


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}..."
