"""What a library says of its Z39.50 target."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors import forms
from connectors.connector import Connector
from connectors.marc.encodings import ENCODINGS
from connectors.ports import Connectors
from connectors.questions import MOST_SEEN, CatalogueTrial, named_in
from connectors.transport import Limits
from connectors.z3950.client import Z3950Finder
from connectors.z3950.mapping import Habits, Z3950Profile
from connectors.z3950.messages import Credentials, Syntax

if TYPE_CHECKING:
    from connectors.connector import Line
    from connectors.questions import Ask
    from connectors.trials import Answer

_attribute = forms.whole(1, 9_999)
_HABITS = forms.form(
    Habits,
    (),
    # the attribute is left out
    ("text", "title", "author", "isbn", "issn", "structure", "relation", "truncation"),
    text=_attribute,
    title=_attribute,
    author=_attribute,
    isbn=_attribute,
    issn=_attribute,
    subject=_attribute,
    publisher=_attribute,
    year=_attribute,
    structure=_attribute,
    phrase=_attribute,
    relation=_attribute,
    truncation=_attribute,
    splits_words=forms.flag,
    asks_both_isbns=forms.flag,
    folds_characters=forms.flag,
    encoding=forms.one_of("utf-8", "gb18030", "latin-1"),
)


def _credentials(secret: str = "", **login: str) -> Credentials:
    return Credentials(password=secret, **login)


_SYNTAX = replace(forms.one_of(*Syntax.__members__), read=lambda name, _: Syntax[name])
_FORM = forms.form(
    Z3950Profile,
    ["host"],
    ["element_set"],
    host=forms.host,
    port=forms.port,
    database=forms.text(),
    syntaxes=forms.list_of(_SYNTAX),
    encoding=forms.one_of(*ENCODINGS),
    element_set=forms.text(),
    habits=_HABITS,
    credentials=forms.form(_credentials, (), user=forms.text(), group=forms.text(), secret=forms.secret),
)


def _connect(told: Z3950Profile, line: Line) -> Connectors:
    return Connectors(line.library, finder=_finder(told, line))


def _finder(told: Z3950Profile, line: Line) -> Z3950Finder:
    limits = line.limits or Limits()
    return Z3950Finder(line.library, told, limits=limits, reach=line.reach, size=limits.records)


def _probe(told: Z3950Profile, line: Line) -> Answer:
    finder = _finder(told, line)
    trial = CatalogueTrial(
        ask=_asking(finder),
        # The search alone: no records are presented.
        ask_plainly=_asking(replace(finder, size=0)),
        indexes=named_in("habits", told.habits),
        forms={
            f"syntaxes[{place}]": _asking(replace(finder, profile=replace(told, syntaxes=(syntax,))))
            for place, syntax in enumerate(told.syntaxes)
        },
        encoding="encoding",
    )
    return asyncio.run(trial.answer())


def _asking(finder: Z3950Finder) -> Ask:
    return lambda query, seconds: finder.find(query, deadline=seconds, most=MOST_SEEN)


Z3950 = Connector(
    name="z3950",
    serves=("find",),
    form=_FORM,
    connect=_connect,
    probe=_probe,
)
