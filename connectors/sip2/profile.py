"""What a library says of its system that speaks SIP2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors import forms
from connectors.sip2.mapping import ENCODINGS, Login, Sip2Profile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.profile_secrets import Secrets

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


def read(told: Mapping[str, Any], secrets: Secrets) -> Sip2Profile:
    said = forms.present(told)
    if "login" in said:
        login = forms.present(said["login"])
        said["login"] = Login(**{**login, "secret": secrets.name(login["secret"])})
    if "terminal_secret" in said:
        said["terminal_secret"] = secrets.name(said["terminal_secret"])
    return Sip2Profile(**said)
