"""What a library says of its Koha."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors import forms
from connectors.koha.mapping import IllModule, KohaProfile, Login

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.profile_secrets import Secrets

FORM = forms.form(
    ["base_url", "login"],
    base_url=forms.url,
    login=forms.form(
        ["user", "secret"], user=forms.text(), secret=forms.secret, kind=forms.one_of(("oauth", "basic"))
    ),
    library_id=forms.text(),
    flavour=forms.one_of(("MARC21", "UNIMARC")),
    item_type=forms.text(),
    ill=forms.form(["backend", "patron_id"], backend=forms.text(), patron_id=forms.whole(1, 2**31 - 1)),
)


def read(told: Mapping[str, Any], secrets: Secrets) -> KohaProfile:
    said = forms.present(told)
    login, ill = forms.present(said.pop("login")), said.pop("ill", None)
    return KohaProfile(
        login=Login(**{**login, "secret": secrets.name(login["secret"])}),
        ill=IllModule(**forms.present(ill)) if ill else None,
        **said,
    )
