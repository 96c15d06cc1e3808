"""Asking a library by e-mail: whoever words the letters puts a link in, by which its staff answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors import forms
from connectors.ports import Acknowledgement
from workflows.policies.forms import record, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.ports import AskToSupply, Letter, Mailer, Message, Telling


_MAIL = re.compile(r"[^@\s<>,;:\"\\]{1,64}@[A-Za-z0-9.-]{1,190}")


@record
class MailProfile:
    """A library that reads letters and has no system that could be asked."""

    address: str = told(forms.shaped(_MAIL), required=True)
    #: the language it is written to in: "zh" or "en"
    language: str = told(forms.one_of("zh", "en"), default="zh")


@dataclass(frozen=True, slots=True)
class ByMail:
    """A supplier that writes to the library."""

    mailer: Mailer
    #: from what is said to the library to the letter that says it
    worded: Callable[[Message], Letter]

    def ask(self, message: AskToSupply) -> Acknowledgement:
        """Write what is asked for, and where to answer.

        :raises PartnerFailure: if the mail server did not take the letter
        """
        return self._send(message)

    def tell(self, message: Telling) -> Acknowledgement:
        """Write what the library should know or do.

        :raises PartnerFailure: if the mail server did not take the letter
        """
        return self._send(message)

    def _send(self, message: Message) -> Acknowledgement:
        self.mailer.send(self.worded(message))
        return Acknowledgement(message.message_id)
