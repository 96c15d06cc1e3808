"""What a library says of its Z39.50 target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors import forms
from connectors.connector import Connector
from connectors.marc.encodings import ENCODINGS
from connectors.ports import Connectors
from connectors.questions import finds
from connectors.transport import Limits
from connectors.z3950.client import Z3950Finder
from connectors.z3950.mapping import Habits, Z3950Profile
from connectors.z3950.messages import Credentials, Syntax

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.connector import Line
    from connectors.profile_secrets import Secrets

_attribute = forms.whole(1, 9_999)
_HABITS = forms.form(
    (),
    text=_attribute,
    title=_attribute,
    author=_attribute,
    isbn=_attribute,
    issn=_attribute,
    structure=_attribute,
    relation=_attribute,
    truncation=_attribute,
    splits_words=forms.flag,
    asks_both_isbns=forms.flag,
    encoding=forms.one_of(("utf-8", "gb18030", "latin-1")),
)
_FORM = forms.form(
    ["host"],
    host=forms.host,
    port=forms.port,
    database=forms.text(),
    syntaxes=forms.list_of(forms.one_of(tuple(Syntax.__members__))),
    encoding=forms.one_of(ENCODINGS),
    element_set=forms.text(),
    habits=_HABITS,
    credentials=forms.form((), user=forms.text(), group=forms.text(), secret=forms.secret),
)


def _read(told: Mapping[str, Any], secrets: Secrets) -> Z3950Profile:
    said = forms.present(told, but=["element_set"])
    if "syntaxes" in said:
        said["syntaxes"] = tuple(Syntax[name] for name in said["syntaxes"])
    if "habits" in said:
        # here null says something: the attribute is left out
        said["habits"] = Habits(**said["habits"])
    if "credentials" in said:
        login = forms.present(said["credentials"])
        password = secrets.meant(login.pop("secret")) if "secret" in login else ""
        said["credentials"] = Credentials(password=password, **login)
    return Z3950Profile(**said)


def _connect(told: Z3950Profile, line: Line) -> Connectors:
    return Connectors(line.library, finder=_finder(told, line))


def _finder(told: Z3950Profile, line: Line) -> Z3950Finder:
    return Z3950Finder(line.library, told, limits=line.limits or Limits(), reach=line.reach)


def _probe(told: Z3950Profile, line: Line) -> str:
    return finds(_finder(told, line))


Z3950 = Connector(
    name="z3950",
    serves=("find",),
    form=_FORM,
    read=_read,
    connect=_connect,
    probe=_probe,
)
