"""What a library says of its SRU server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors import forms
from connectors.sru.mapping import ALMA, BATH, K10PLUS, Indexes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.addresses import Reach
    from connectors.profile_secrets import Secrets
    from workflows.policies.document import Place


@dataclass(frozen=True, slots=True)
class SruProfile:
    url: str
    indexes: Indexes = BATH
    version: str = "1.2"
    schema: str | None = "marcxml"
    #: the schema that tells the copies, where the records do not
    holdings_schema: str | None = None


def _indexes(place: Place, reach: Reach | None) -> None:
    if isinstance(place.value, str):
        place.one_of(_KNOWN)
    else:
        _INDEXES(place, reach)


_KNOWN = {"bath": BATH, "alma": ALMA, "k10plus": K10PLUS}
_INDEXES = forms.form(
    (),
    text=forms.text(),
    title=forms.text(),
    author=forms.text(),
    isbn=forms.text(),
    words=forms.text(),
    asks_both_isbns=forms.flag,
)
FORM = forms.form(
    ["url"],
    url=forms.url,
    version=forms.one_of(("1.1", "1.2", "2.0")),
    schema=forms.text(),
    indexes=_indexes,
    holdings_schema=forms.text(),
)


def read(told: Mapping[str, Any], _secrets: Secrets) -> SruProfile:
    said = forms.present(told, but=["schema"])
    indexes = said.pop("indexes", "bath")
    return SruProfile(
        indexes=_KNOWN[indexes] if isinstance(indexes, str) else Indexes(**forms.present(indexes)), **said
    )
