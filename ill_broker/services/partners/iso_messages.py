"""Partners' messages that are confirmed at once: who wrote them, and what becomes of them."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any
from zoneinfo import ZoneInfo

from connectors.failures import NotAuthentic, Objection, Unreadable
from ill_broker.services.partners import partner_requests
from ill_broker.services.partners.inbound import ZONE, Dialogue, Inbound, PartnerMessage
from ill_broker.services.refusals import Unknown
from ill_broker.storage import libraries
from ill_broker.storage.inbox import Message
from ill_broker.storage.store import Store
from workflows.ids import LibraryCode, MessageId
from workflows.reasons import Refusal

#: what a library's connectors call this, and the kind of secret that its system shows
PROFILE = SECRET = "iso18626"  # noqa: S105 - the kind, not the secret
_DEFAULT_ZONE = "Asia/Shanghai"
_BEARER = "bearer "


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What came with a message to prove whose it is."""

    #: names in lower case
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    address: str = ""
    #: a proxy of ours stands in front, so that what it says of certificates is true
    is_proxied: bool = False


class Conversations:
    """Takes partners' messages; what a lender reports goes the way of every report."""

    def __init__(self, store: Store, inbound: Inbound, dialogue: Dialogue) -> None:
        self._store = store
        self._inbound = inbound
        self._dialogue = dialogue

    def hear(self, body: bytes, shown: Shown, *, now: datetime, machine_now: datetime) -> bytes:
        """Return the confirmation of a message, which is stored by then if it was taken.

        :param machine_now: what secrets are dated by
        :raises Unreadable: if it is no message that could be confirmed
        :raises NotAuthentic: if its sender is no member, or does not prove to be it
        """
        message = self._dialogue.read(body)
        library, profile = self._sender(message, shown, machine_now)
        if message.is_flawed:
            return message.answer(now=now)
        return message.answer(now=now, objection=self._kept(message, library, profile, body, now))

    def _kept(
        self,
        message: PartnerMessage,
        library: LibraryCode,
        profile: Mapping[str, Any],
        body: bytes,
        now: datetime,
    ) -> Objection | None:
        zone = str(profile.get("zone", _DEFAULT_ZONE))
        stored = Message(
            library=library,
            message_id=MessageId(message.message_id),
            body=self._dialogue.text(body),
            headers={ZONE: zone},
            received_at=now,
        )
        try:
            report = message.report(ZoneInfo(zone))
            if report is not None:
                self._inbound.keep(stored, report)
                return None
            said = message.request(ZoneInfo(zone)) or message.action()
            if said is None:
                return Objection.NOT_OFFERED
            with self._store.writing() as conn:
                partner_requests.keep(conn, stored, said)
        except Unreadable:
            return Objection.TIMELESS
        except Unknown:
            return Objection.UNKNOWN_REQUEST
        return None

    def _sender(
        self, message: PartnerMessage, shown: Shown, machine_now: datetime
    ) -> tuple[LibraryCode, Mapping[str, Any]]:
        """Return the member that wrote the message, with its profile.

        :raises NotAuthentic: if that is not proven
        """
        with self._store.reading() as conn:
            for code, told in libraries.all_connectors(conn).items():
                profile = told.get(PROFILE, {})
                if _agency(profile.get("their_agency")) == _agency(message.sender):
                    secrets = libraries.secrets_of(conn, code, SECRET, now=machine_now)
                    if proves(profile.get("proof", {}), shown, secrets):
                        return code, profile
        raise NotAuthentic(Refusal.SENDER_NOT_PROVEN)


def _agency(name: object) -> tuple[str, str]:
    """Return type and value of an agency's name, whose letters' case senders are careless with."""
    kind, _, value = str(name or "").rpartition(":")
    return kind.casefold() or "isil", value.strip().casefold()


def proves(proof: Mapping[str, Any], shown: Shown, secrets: tuple[str, ...]) -> bool:
    """Tell whether everything that a profile asks for is shown; one that asks for nothing trusts nobody.

    `header` or `query` name where one of *secrets* is shown; `networks` are those the system calls from;
    `certificate` and `subject` are the header in which a proxy of ours tells the client certificate's
    subject, and that subject.
    """
    checks: Mapping[str, Callable[[Any], bool]] = {
        "header": lambda name: _is_secret(_token(shown.headers.get(str(name).lower(), "")), secrets),
        "query": lambda name: _is_secret(shown.query.get(str(name), ""), secrets),
        "networks": lambda networks: _is_inside(shown.address, networks),
        "certificate": lambda name: (
            shown.is_proxied and _is_secret(shown.headers.get(str(name).lower(), ""), (proof.get("subject"),))
        ),
    }
    asked = [name for name in checks if name in proof]
    return bool(asked) and all(checks[name](proof[name]) for name in asked)


def _token(header: str) -> str:
    return header[len(_BEARER) :].strip() if header[: len(_BEARER)].lower() == _BEARER else header.strip()


def _is_secret(shown: str, secrets: tuple[str | None, ...]) -> bool:
    """Tell whether one of *secrets* is shown, comparing in constant time."""
    given = shown.encode()
    return any([hmac.compare_digest(given, secret.encode()) for secret in secrets if secret])  # noqa: C419 - all of them


def _is_inside(address: str, networks: object) -> bool:
    try:
        at = ip_address(address)
        return any(at in ip_network(str(network), strict=False) for network in _listed(networks))
    except ValueError:
        return False


def _listed(networks: object) -> list[object]:
    return list(networks) if isinstance(networks, list | tuple) else [networks]
