"""What a library says of its Koha."""

from __future__ import annotations

from connectors import forms

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
