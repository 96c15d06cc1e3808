"""What a library says of its SRU server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from connectors import forms
from connectors.connector import Connector
from connectors.failures import Garbled, Refused
from connectors.ports import Connectors
from connectors.questions import MOST_SEEN, SECONDS, CatalogueTrial, named_in
from connectors.sru.client import SruFinder
from connectors.sru.mapping import ALMA, BATH, K10PLUS, Indexes, chosen
from connectors.transport import Limits
from workflows.policies.forms import Kind

if TYPE_CHECKING:
    from connectors.addresses import Reach
    from connectors.connector import Line
    from connectors.profile_secrets import Secrets
    from connectors.questions import Ask
    from connectors.trials import Answer
    from workflows.policies.document import Place


@dataclass(frozen=True, slots=True)
class SruProfile:
    url: str
    indexes: Indexes = BATH
    version: str = "1.2"
    schema: str | None = "marcxml"
    #: the schema that tells the copies, where the records do not
    holdings_schema: str | None = None


def _check_indexes(place: Place, reach: Reach | None) -> None:
    if isinstance(place.value, str):
        place.one_of(_KNOWN)
    else:
        _INDEXES.check(place, reach)


def _read_indexes(told: Any, secrets: Secrets) -> Indexes:
    return _KNOWN[told] if isinstance(told, str) else _INDEXES.read(told, secrets)


_KNOWN = {"bath": BATH, "alma": ALMA, "k10plus": K10PLUS}
_INDEXES = forms.form(
    Indexes,
    (),
    text=forms.text(),
    title=forms.text(),
    author=forms.text(),
    isbn=forms.text(),
    issn=forms.text(),
    subject=forms.text(),
    publisher=forms.text(),
    year=forms.text(),
    words=forms.text(),
    phrases=forms.text(),
    asks_both_isbns=forms.flag,
    folds_characters=forms.flag,
)
_FORM = forms.form(
    SruProfile,
    ["url"],
    ["schema"],
    url=forms.url,
    version=forms.one_of("1.1", "1.2", "2.0"),
    schema=forms.text(),
    indexes=Kind(check=_check_indexes, read=_read_indexes),
    holdings_schema=forms.text(),
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
        size=(line.limits or Limits()).records,
    )


def _probe(told: SruProfile, line: Line) -> Answer:
    return asyncio.run(_tried(_finder(told, line)))


async def _tried(finder: SruFinder) -> Answer:
    try:
        explained = await _explained(finder)
        answer = await _trial(finder).answer()
    finally:
        await finder.target.close()
    return replace(answer, detail="; ".join(filter(None, (explained, answer.detail))))


def _trial(finder: SruFinder) -> CatalogueTrial:
    works = _asking(replace(finder, holdings_schema=None))
    schemas = {"schema": works}
    if finder.holdings_schema:
        schemas["holdings_schema"] = finder.find_copies
    return CatalogueTrial(
        ask=works,
        ask_plainly=_asking(replace(finder, schema=None, holdings_schema=None)),
        indexes=named_in("indexes", finder.indexes),
        forms=schemas,
    )


def _asking(finder: SruFinder) -> Ask:
    return lambda query, seconds: finder.find(query, deadline=seconds, most=MOST_SEEN)


async def _explained(finder: SruFinder) -> str:
    try:
        explained = await finder.explain(deadline=SECONDS)
    except (Refused, Garbled):
        # Not every server explains itself; what counts is whether it finds.
        return ""
    offered = chosen(explained)
    return f"explains itself: {offered.text}, {offered.title}, {offered.author}, {offered.isbn}"


SRU = Connector(
    name="sru",
    serves=("find",),
    form=_FORM,
    connect=_connect,
    probe=_probe,
)
