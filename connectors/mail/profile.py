"""What a library says that is asked by letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors import forms
from connectors.connector import Connector
from connectors.mail.partner import MailProfile
from connectors.ports import Connectors

if TYPE_CHECKING:
    from connectors.connector import Line


def _connect(told: MailProfile, line: Line) -> Connectors:
    return Connectors(line.library, supplier=line.by_mail(line.library, told))


def _probe(_told: MailProfile, _line: Line) -> None:
    """Nothing can be tried without sending a letter."""


EMAIL = Connector(
    name="email",
    serves=("ask",),
    form=forms.record_of(MailProfile),
    connect=_connect,
    probe=_probe,
)
