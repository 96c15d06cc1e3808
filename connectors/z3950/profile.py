"""What a library says of its Z39.50 target."""

from __future__ import annotations

from connectors import forms
from connectors.marc.encodings import ENCODINGS
from connectors.z3950.messages import Syntax

_attribute = forms.whole(1, 9_999)
_HABITS = forms.form(
    (),
    text=_attribute,
    title=_attribute,
    author=_attribute,
    isbn=_attribute,
    structure=_attribute,
    relation=_attribute,
    truncation=_attribute,
    splits_words=forms.flag,
    asks_both_isbns=forms.flag,
    encoding=forms.one_of(("utf-8", "gb18030", "latin-1")),
)
FORM = forms.form(
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
