"""Everything that is said is said in every language, with the same facts; nothing waits that nobody says."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from jinja2 import Environment

from ill_broker.texts.catalogue import DEFAULT, LANGUAGES, knows, language_of, sentences
from tools.messages import SERVICE, brought_in_step, said

NAMES = sorted(said())
#: where each name is a whole sentence
REASONS = ("attention.", "case.", "flaw.", "library.", "refusal.")
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
    reasons = [name for name in NAMES if name.startswith(REASONS)]

    assert {"。"} == {chinese[name][-1] for name in reasons}
    assert {"."} == {english[name][-1] for name in reasons}
    assert [] == [name for name in {*NAMES} - PHRASES if not re.match("[A-Z“{]", english[name])]


TEMPLATES = [*(SERVICE / "texts" / "templates").iterdir(), *(SERVICE / "pages" / "templates").iterdir()]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_words_of_its_own(template: Path) -> None:
    tokens = Environment(autoescape=True).lex(template.read_text(encoding="utf-8"))
    markup = "".join(value for _, kind, value in tokens if kind == "data")

    assert [] == re.findall(r"\w+", re.sub(r"<[^>]*>", "", markup))


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
