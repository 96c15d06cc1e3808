"""What a library says of its Koha."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors import forms
from connectors.connector import Connector
from connectors.koha.calls import KohaCalls
from connectors.koha.client import KohaFinder, KohaSystem
from connectors.koha.keeper import Keeper
from connectors.koha.mapping import IllModule, KohaProfile, Login
from connectors.koha.supplier import KohaSupplier
from connectors.ports import Connectors
from connectors.questions import looks_up
from connectors.transport import Limits

if TYPE_CHECKING:
    from connectors.connector import Line

_FORM = forms.form(
    KohaProfile,
    ["base_url", "login"],
    base_url=forms.url,
    login=forms.form(
        Login,
        ["user", "secret"],
        user=forms.text(),
        secret=forms.secret_name,
        kind=forms.one_of("oauth", "basic"),
    ),
    library_id=forms.text(),
    flavour=forms.one_of("MARC21", "UNIMARC"),
    item_type=forms.text(),
    ill=forms.form(
        IllModule, ["backend", "patron_id"], backend=forms.text(), patron_id=forms.whole(1, 2**31 - 1)
    ),
)


def _connect(told: KohaProfile, line: Line) -> Connectors:
    calls = _calls(told, line)
    system = KohaSystem(calls)
    supplier = KohaSupplier(calls, told.ill, line.otherwise) if told.ill else None
    return Connectors(
        line.library,
        finder=KohaFinder(line.async_target(), calls.keeper, size=(line.limits or Limits()).records),
        supplier=supplier,
        witness=supplier,
        patrons=system,
        hold_shelf=system,
    )


def _calls(told: KohaProfile, line: Line) -> KohaCalls:
    return KohaCalls(line.target(), Keeper(line.library, told, line.secrets.named))


def _probe(told: KohaProfile, line: Line) -> str:
    return looks_up(KohaSystem(_calls(told, line)))


KOHA = Connector(
    name="koha",
    serves=("find", "ask", "patrons", "hold_shelf"),
    form=_FORM,
    connect=_connect,
    probe=_probe,
)
