"""What a library says of its SRU server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors import forms
from connectors.connector import Connector
from connectors.failures import Garbled, Refused
from connectors.ports import Connectors
from connectors.questions import SECONDS, finds
from connectors.sru.client import SruFinder
from connectors.sru.mapping import ALMA, BATH, K10PLUS, Indexes, chosen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.addresses import Reach
    from connectors.connector import Line
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
    issn=forms.text(),
    words=forms.text(),
    asks_both_isbns=forms.flag,
)
_FORM = forms.form(
    ["url"],
    url=forms.url,
    version=forms.one_of(("1.1", "1.2", "2.0")),
    schema=forms.text(),
    indexes=_indexes,
    holdings_schema=forms.text(),
)


def _read(told: Mapping[str, Any], _secrets: Secrets) -> SruProfile:
    said = forms.present(told, but=["schema"])
    indexes = said.pop("indexes", "bath")
    return SruProfile(
        indexes=_KNOWN[indexes] if isinstance(indexes, str) else Indexes(**forms.present(indexes)), **said
    )


def _connect(told: SruProfile, line: Line) -> Connectors:
    return Connectors(line.library, finder=_finder(told, line))


def _finder(told: SruProfile, line: Line) -> SruFinder:
    return SruFinder(
        line.async_target(),
        told.url,
        indexes=told.indexes,
        version=told.version,
        schema=told.schema,
        holdings_schema=told.holdings_schema,
    )


def _probe(told: SruProfile, line: Line) -> str:
    try:
        explained = asyncio.run(_finder(told, line).explain(deadline=SECONDS))
    except (Refused, Garbled):
        # Not every server explains itself; what counts is whether it finds.
        return finds(_finder(told, line))
    offered = chosen(explained)
    return f"explains itself: {offered.text}, {offered.title}, {offered.author}, {offered.isbn}"


SRU = Connector(
    name="sru",
    serves=("find",),
    form=_FORM,
    read=_read,
    connect=_connect,
    probe=_probe,
)
