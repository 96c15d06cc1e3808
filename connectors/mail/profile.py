"""What a library says that is asked by letter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connectors import forms
from connectors.connector import Connector
from connectors.mail.partner import MailProfile
from connectors.ports import Connectors

if TYPE_CHECKING:
    from connectors.connector import Line

_MAIL = re.compile(r"[^@\s<>,;:\"\\]{1,64}@[A-Za-z0-9.-]{1,190}")
_FORM = forms.form(MailProfile, ["address"], address=forms.shaped(_MAIL), language=forms.one_of("zh", "en"))


def _connect(told: MailProfile, line: Line) -> Connectors:
    return Connectors(line.library, supplier=line.by_mail(line.library, told))


def _probe(_told: MailProfile, _line: Line) -> None:
    """Nothing can be tried without sending a letter."""


EMAIL = Connector(
    name="email",
    serves=("ask",),
    form=_FORM,
    connect=_connect,
    probe=_probe,
)
