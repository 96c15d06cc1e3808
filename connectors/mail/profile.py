"""What a library says that is asked by letter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from connectors import forms
from connectors.mail.partner import MailProfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.profile_secrets import Secrets

_MAIL = re.compile(r"[^@\s<>,;:\"\\]{1,64}@[A-Za-z0-9.-]{1,190}")
FORM = forms.form(["address"], address=forms.shaped(_MAIL), language=forms.one_of(("zh", "en")))


def read(told: Mapping[str, Any], _secrets: Secrets) -> MailProfile:
    return MailProfile(**forms.present(told))
