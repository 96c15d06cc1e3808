"""What a library says of how it is reached by the broker's own protocol."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connectors import forms
from connectors.connector import Connector
from connectors.ports import Connectors
from connectors.questions import of_no_request
from connectors.webhook.client import WebhookPartner

if TYPE_CHECKING:
    from connectors.connector import Line
    from connectors.profile_secrets import Secrets

#: The secret by which we sign what we say to a library; the one kind that has no name in a profile.
_OUTBOUND = "outbound"


@dataclass(frozen=True, slots=True)
class WebhookProfile:
    base_url: str
    secret: str = field(repr=False)


def _signed(url: str, secrets: Secrets) -> WebhookProfile:
    return WebhookProfile(url, secrets.named(_OUTBOUND))


_FORM = forms.form(lambda base_url: base_url, ["base_url"], base_url=replace(forms.url, read=_signed))


def _connect(told: WebhookProfile, line: Line) -> Connectors:
    partner = _partner(told, line)
    return Connectors(line.library, supplier=partner, witness=partner)


def _partner(told: WebhookProfile, line: Line) -> WebhookPartner:
    return WebhookPartner(line.target(), told.base_url, told.secret, line.now)


def _probe(told: WebhookProfile, line: Line) -> str:
    _partner(told, line).did_you_get(of_no_request(line.now()).message_id)
    return "takes what we sign"


WEBHOOK = Connector(
    name="webhook",
    serves=("ask",),
    form=_FORM,
    connect=_connect,
    probe=_probe,
)
