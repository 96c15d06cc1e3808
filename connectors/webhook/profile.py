"""What a library says of how it is reached by the broker's own protocol."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors import forms

FORM = forms.form(["base_url"], base_url=forms.url)


@dataclass(frozen=True, slots=True)
class WebhookProfile:
    base_url: str
    secret: str = field(repr=False)
