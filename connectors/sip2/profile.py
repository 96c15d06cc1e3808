"""What a library says of its system that speaks SIP2."""

from __future__ import annotations

from connectors import forms
from connectors.sip2.mapping import ENCODINGS

FORM = forms.form(
    ["host"],
    host=forms.host,
    port=forms.port,
    institution=forms.text(),
    login=forms.form(["user", "secret"], user=forms.text(), secret=forms.secret, location=forms.text()),
    terminal_secret=forms.secret,
    encoding=forms.one_of(tuple(ENCODINGS)),
    checksum=forms.flag,
    greets=forms.flag,
    tls=forms.flag,
    connections=forms.whole(1, 16),
    zone=forms.zone,
)
