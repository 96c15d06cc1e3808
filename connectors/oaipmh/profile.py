"""What a library says of its OAI-PMH repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors import forms
from connectors.oaipmh.client import OaiProfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.profile_secrets import Secrets

FORM = forms.form(["url"], url=forms.url, set=forms.text(), prefix=forms.text())


def read(told: Mapping[str, Any], _secrets: Secrets) -> OaiProfile:
    return OaiProfile(**forms.present(told))
