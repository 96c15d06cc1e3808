"""What a library says of its NCIP responder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors import forms
from connectors.ncip.mapping import DIALECTS, NcipProfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.profile_secrets import Secrets

FORM = forms.form(
    ["url", "our_agency", "their_agency"],
    url=forms.url,
    our_agency=forms.text(),
    their_agency=forms.text(),
    application_profile=forms.text(),
    vendor=forms.one_of(tuple(DIALECTS)),
    zone=forms.zone,
    checks_pins=forms.flag,
)


def read(told: Mapping[str, Any], _secrets: Secrets) -> NcipProfile:
    return NcipProfile(**forms.present(told))
