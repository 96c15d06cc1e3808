"""What a library says of how it is reached by the broker's own protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors import forms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.profile_secrets import Secrets

#: The secret by which we sign what we say to a library; the one kind that has no name in a profile.
_OUTBOUND = "outbound"
FORM = forms.form(["base_url"], base_url=forms.url)


@dataclass(frozen=True, slots=True)
class WebhookProfile:
    base_url: str
    secret: str = field(repr=False)


def read(told: Mapping[str, Any], secrets: Secrets) -> WebhookProfile:
    return WebhookProfile(told["base_url"], secrets.named(_OUTBOUND))
