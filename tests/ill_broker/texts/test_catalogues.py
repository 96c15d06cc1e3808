"""Everything that is said is said in every language, with the same facts; nothing waits that nobody says."""

from __future__ import annotations

import re
import string

import pytest
from babel.messages.catalog import Catalog

from ill_broker.texts.catalogue import DEFAULT, LANGUAGES, knows, language_of, sentences
from tools.messages import brought_in_step, said

NAMES = sorted(said())
#: sentences that are no reasons: titles, letters and their parts
OTHERS = {"problem", "letter", "notice", "card_notice", "library_letter", "label", "sms", "partner_page"}
#: what stands amid a sentence, or speaks the other language
PHRASES = {"sms.your_book", "letter.not_known", "partner_page.parcel", "partner_page.other_language"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_has_its_words_and_none_is_left_over(language: str) -> None:
    """Where this fails, call ``make messages`` and write the words that are missing."""
    known = sentences(language)

    assert [] == [name for name in NAMES if not known.get(name)]
    assert set() == known.keys() - set(NAMES)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


#: seventy characters have no room for the library
SHORTER = {"card_notice.issued.sms"}


@pytest.mark.parametrize("name", sorted({*NAMES} - SHORTER))
def test_a_sentence_names_the_same_facts_in_every_language(name: str) -> None:
    assert 1 == len({frozenset(placeholders(sentences(language)[name])) for language in LANGUAGES})


def test_a_reason_is_a_whole_sentence() -> None:
    chinese, english = sentences("zh"), sentences("en")
    reasons = [name for name in NAMES if name.partition(".")[0] not in OTHERS]

    assert {"。"} == {chinese[name][-1] for name in reasons}
    assert {"."} == {english[name][-1] for name in reasons}
    assert [] == [name for name in {*NAMES} - PHRASES if not re.match("[A-Z“{]", english[name])]


def test_chinese_is_the_default() -> None:
    assert ("zh", "zh") == (DEFAULT, language_of([]))
    assert not knows("refusal.of_nobody")


def test_the_catalogues_are_brought_in_step_with_the_code() -> None:
    catalogue = Catalog(locale="en")
    catalogue.add("refusal.old", "Nobody says this.")
    catalogue.add("refusal.kept", "This stays.")
    waiting = brought_in_step(catalogue, {"refusal.kept", "refusal.new"})

    assert ["refusal.new"] == waiting
    assert {"refusal.kept", "refusal.new"} == {one.id for one in catalogue if one.id}
