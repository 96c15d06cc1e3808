"""What a library says of its NCIP responder."""

from __future__ import annotations

from connectors import forms
from connectors.ncip.mapping import DIALECTS

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
