"""Libraries that are asked by e-mail, over a real mail server; what they are written is worded elsewhere."""

from __future__ import annotations

import pytest

from connectors import ports
from connectors.failures import Unreachable
from connectors.mail.client import SmtpMailer
from connectors.mail.partner import ByMail
from connectors.ports import Letter, Supplier
from tests.connectors.factories import ask, cancel
from tests.connectors.factories import letter as a_letter
from tests.connectors.promises import SupplierPromises
from tests.support.smtp import Postbox, text_of


def worded(message: ports.Message) -> Letter:
    return a_letter(message_id=message.message_id, text=f"{type(message).__name__}\n")


def by_mail(host: str, port: int) -> ByMail:
    return ByMail(SmtpMailer(host, port, "Library <ill@lib.example>", timeout=10), worded)


class TestByMail(SupplierPromises):
    @pytest.fixture
    def supplier(self, postbox: Postbox) -> Supplier:
        return by_mail(postbox.host, postbox.port)


def test_each_message_goes_out_as_it_was_worded(postbox: Postbox) -> None:
    library = by_mail(postbox.host, postbox.port)
    library.ask(ask())
    library.tell(cancel())

    assert ["AskToSupply\n", "CancelAsk\n"] == [text_of(letter) for letter in postbox.letters]


def test_a_mail_server_that_does_not_answer_is_tried_again() -> None:
    with pytest.raises(Unreachable) as failure:
        by_mail("127.0.0.1", 1).tell(cancel())

    assert failure.value.again
