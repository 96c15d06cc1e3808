"""Letters about an account, from the call that causes one to the mailbox in which it is read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ill_broker.services.members.directory import Directory
from ill_broker.services.requests.door import Requests
from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from ill_broker.wiring import open_delivery
from tests.factories import the_book
from tests.ill_broker.api.client import NOW, Api
from tests.support.smtp import Postbox, text_of

EMAIL = "wang@example.org"
WANTED = {
    "home": "bjtu",
    "card_number": "20261234",
    "name": "王𠮷",
    "mobile": "138 1234 5678",
    "email": EMAIL,
    "password": "correct horse battery",
}
#: what a registration says of languages, and in which it is answered
SAID: list[tuple[dict[str, str], str]] = [
    ({}, "zh-Hans"), ({"language": "zh"}, "zh-Hans"), ({"language": "en"}, "en"),
]  # fmt: skip
CONFIRM = {"zh-Hans": "请确认您的电子邮箱", "en": "Please confirm your e-mail address"}
ALREADY = {"zh-Hans": "您已注册", "en": "You are registered already"}


class Post:
    """Carries out what waits in the outbox, to a mail server."""

    def __init__(self, store: Store, settings: Settings, postbox: Postbox) -> None:
        mail = replace(settings.mail, host=postbox.host, port=postbox.port)
        directory = Directory(store, the_book())
        self._delivery = open_delivery(
            replace(settings, mail=mail), store, Requests(store, directory), directory
        )
        self._postbox = postbox

    def come(self, email: str = EMAIL) -> list[tuple[str, str, str]]:
        """Send what is due, and return language, subject and text of every letter that the patron has."""
        for entry in self._delivery.claim(NOW, 50):
            self._delivery.deliver(entry, now=NOW)
        return [
            (str(letter["content-language"]), str(letter["subject"]), text_of(letter))
            for letter in self._postbox.to(email)
        ]


@pytest.fixture
def post(store: Store, settings: Settings, postbox: Postbox) -> Post:
    return Post(store, settings, postbox)


def token_in(text: str) -> dict[str, Any]:
    return {"token": text.split("#", 1)[1].split(maxsplit=1)[0]}


@pytest.mark.parametrize(("said", "language"), SAID)
def test_the_link_of_the_letter_confirms_the_address(
    api: Api, post: Post, said: dict[str, str], language: str
) -> None:
    api.post("/patrons", json={**WANTED, **said})
    ((in_language, subject, text),) = post.come()
    confirmed = api.post("/patrons/verification", json=token_in(text))
    session = api.post("/sessions", json={"login": EMAIL, "password": WANTED["password"]})

    assert (language, CONFIRM[language]) == (in_language, subject)
    assert (204, 201) == (confirmed.status_code, session.status_code)


@pytest.mark.parametrize(("said", "language"), SAID)
def test_the_link_of_a_second_letter_confirms_it_as_well(
    api: Api, post: Post, said: dict[str, str], language: str
) -> None:
    api.post("/patrons", json={**WANTED, **said})
    api.post("/patrons/verification/resend", json={"email": EMAIL})
    _, (in_language, subject, text) = post.come()

    assert (language, CONFIRM[language]) == (in_language, subject)
    assert 204 == api.post("/patrons/verification", json=token_in(text)).status_code


@pytest.mark.parametrize(("said", "language"), SAID)
def test_whoever_is_registered_hears_that_somebody_tried(
    api: Api, post: Post, said: dict[str, str], language: str
) -> None:
    api.post("/patrons", json={**WANTED, **said})
    ((_, _, text),) = post.come()
    api.post("/patrons/verification", json=token_in(text))
    api.post("/patrons", json={**WANTED, "email": "other@example.org"})
    _, (in_language, subject, _) = post.come()

    assert (language, ALREADY[language]) == (in_language, subject)
