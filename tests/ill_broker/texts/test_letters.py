"""A letter is one template said twice, and no fact in it is taken for markup."""

from __future__ import annotations

import re
from itertools import product

import pytest

from connectors.mail.codec import message_of
from connectors.ports import Letter
from ill_broker.texts.catalogue import LANGUAGES
from ill_broker.texts.letters import Written, written
from tests.connectors.factories import NOW
from tests.ill_broker.texts.hostile import HOSTILE
from tests.support.smtp import faults_of

FACTS = {
    "name": "Anna",
    "title": "红楼梦",
    "desk": "Main desk",
    "lender": "PKU",
    "conditions": "in the room",
    "due": "1 April 2026",
    "last_desk_day": "",
    "is_renewable": False,
    "number": "A1",
    "link": "https://ill.test/requests/req_1?a=b&c=d",
    "home": "BJTU",
}


def letter(language: str, **facts: object) -> Written:
    return written("request.txt", "notice.conditions", language, {**FACTS, **facts})


def taken_for_markup(said: Written, language: str) -> list[str]:
    mail = Letter(
        message_id="m", at=NOW, to="li@example.org", subject=said.subject, text=said.text, html=said.html,
        language=language,
    )  # fmt: skip
    return faults_of(message_of(mail, sender="ill@lib.example").as_bytes())


def test_no_fact_is_taken_for_markup() -> None:
    facts = ("title", "conditions", "lender", "name")
    letters = {
        (language, fact, hostile): letter(language, **{fact: hostile})
        for language, fact, hostile in product(LANGUAGES, facts, HOSTILE)
    }

    assert {} == {which: said.text for which, said in letters.items() if which[2] not in said.text}
    assert {} == {
        which: faults for which, said in letters.items() if (faults := taken_for_markup(said, which[0]))
    }


def test_what_runs_from_right_to_left_stays_among_itself() -> None:
    assert "<bdi>ספר הכתבים</bdi>" in letter("en", title="ספר הכתבים").html


def test_no_paragraph_is_empty() -> None:
    assert "<p></p>" not in letter("en", conditions="one\n\n\n\ntwo\n\n").html


def test_an_address_can_be_opened_and_read() -> None:
    address = "https://ill.test/requests/req_1?a=b&amp;c=d"

    assert f'<a href="{address}">{address}</a>' in letter("zh").html


def test_lines_and_paragraphs_are_kept() -> None:
    said = letter("en")

    assert re.search(r"<p>Dear <bdi>Anna</bdi>,</p>\n<p>.*in the room</bdi><br>\nPlease accept", said.html)
    assert said.text.startswith(
        "Dear Anna,\n\nPKU would lend “红楼梦” on this condition: in the room\nPlease"
    )


def test_a_fact_that_is_missing_stops_the_letter() -> None:
    with pytest.raises(KeyError):
        written("request.txt", "notice.conditions", "en", {"name": "Anna"})
