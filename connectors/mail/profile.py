"""What a library says that is asked by letter."""

from __future__ import annotations

import re

from connectors import forms

_MAIL = re.compile(r"[^@\s<>,;:\"\\]{1,64}@[A-Za-z0-9.-]{1,190}")
FORM = forms.form(["address"], address=forms.shaped(_MAIL), language=forms.one_of(("zh", "en")))
