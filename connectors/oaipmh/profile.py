"""What a library says of its OAI-PMH repository."""

from __future__ import annotations

from connectors import forms

FORM = forms.form(["url"], url=forms.url, set=forms.text(), prefix=forms.text())
