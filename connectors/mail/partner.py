"""Asking a library by e-mail: a letter with a link that its staff answer by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.mail import partner_letters
from connectors.ports import Acknowledgement, AskToSupply, Letter

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.mail.partner_letters import Wording
    from connectors.ports import Envelope, Mailer, Telling


@dataclass(frozen=True, slots=True)
class MailProfile:
    """A library that reads letters and has no system that could be asked."""

    address: str
    #: the language it is written to in: "zh" or "en"
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class ByMail:
    """A supplier that writes to the library."""

    library: str
    profile: MailProfile
    mailer: Mailer
    #: from a request's id to the address at which this library answers it
    answer_link: Callable[[str], str]

    def ask(self, message: AskToSupply) -> Acknowledgement:
        """Write what is asked for, and where to answer.

        :raises PartnerFailure: if the mail server did not take the letter
        """
        return self._send(message, partner_letters.asking(message, self.profile.language))

    def tell(self, message: Telling) -> Acknowledgement:
        """Write what the library should know or do.

        :raises PartnerFailure: if the mail server did not take the letter
        """
        return self._send(message, partner_letters.telling(message, self.profile.language))

    def _send(self, message: Envelope, written: Wording) -> Acknowledgement:
        language = self.profile.language
        end = partner_letters.ending(message, language, self.answer_link(message.request_id))
        self.mailer.send(
            Letter(
                message_id=message.message_id,
                at=message.at,
                to=self.profile.address,
                subject=written.subject,
                text=f"{written.text}\n\n{end}\n",
                language=language,
            )
        )
        return Acknowledgement(message.message_id)
