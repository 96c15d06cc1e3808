"""What a library says of how it is reached by the broker's own protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors import forms
from connectors.connector import Connector
from connectors.ports import Connectors
from connectors.questions import of_no_request
from connectors.webhook.client import WebhookPartner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.connector import Line
    from connectors.profile_secrets import Secrets

#: The secret by which we sign what we say to a library; the one kind that has no name in a profile.
_OUTBOUND = "outbound"
_FORM = forms.form(["base_url"], base_url=forms.url)


@dataclass(frozen=True, slots=True)
class WebhookProfile:
    base_url: str
    secret: str = field(repr=False)


def _read(told: Mapping[str, Any], secrets: Secrets) -> WebhookProfile:
    return WebhookProfile(told["base_url"], secrets.named(_OUTBOUND))


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
    read=_read,
    connect=_connect,
    probe=_probe,
)
