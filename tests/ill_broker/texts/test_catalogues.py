"""Everything that is said is said in every language, with the same facts; nothing waits that nobody says."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from jinja2 import Environment

from ill_broker.texts.catalogue import DEFAULT, LANGUAGES, knows, language_of, say_count
from tools.messages import SERVICE, TERMS, brought_in_step, counted, name_of, said, sentences

TERMS_KNOWN = {name for name in sentences(DEFAULT) if name.startswith(TERMS)}
NAMES = sorted(said() | counted() | TERMS_KNOWN)
#: where each name is a whole sentence
REASONS = (
    "attention.",
    "case.",
    "flaw.",
    "library.",
    "meaning.",
    "passed_over.",
    "placed.",
    "refusal.",
    "sign_on.",
)
#: what the names of phrases begin with
AMID = (
    "explanation.began.", "explanation.heading.", "explanation.status.", "simulation.column.",
    "simulation.chart.", "simulation.all", "search_member.",
)  # fmt: skip
#: what stands amid a sentence, or speaks the other language
PHRASES = {
    *TERMS_KNOWN,
    *(name for name in NAMES if name.startswith(AMID)),
    "value.unstated",
    "value.empty",
    "amendment_page.made_until",
    "lending_page.optional",
    "office_page.optional",
    "paper.size.80mm",
    "report.nothing",
    "sms.your_book",
    "letter.not_known",
    "partner_page.parcel",
    "frame.other_language",
    "request_page.stretch",
    "work_page.about",
    "work_page.is_in",
    "work_page.is_out",
    "work_page.most",
    "work_page.no_rate",
    "work_page.not_sure",
    "work_page.until",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_has_its_words_and_none_is_left_over(language: str) -> None:
    """Where this fails, call ``make messages`` and write the words that are missing."""
    known = sentences(language)

    assert [] == [name for name in NAMES if not all(known.get(name, [""]))]
    assert set() == known.keys() - set(NAMES)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


#: seventy characters have no room for the library
SHORTER = {"card_notice.issued.sms"}


def test_a_sentence_names_the_same_facts_in_every_language() -> None:
    catalogues = [sentences(language) for language in LANGUAGES]
    told = {name: [form for known in catalogues for form in known[name]] for name in {*NAMES} - SHORTER}

    assert {} == {
        name: forms
        for name, forms in told.items()
        if len({frozenset(placeholders(form)) for form in forms}) > 1
    }


def test_a_reason_is_a_whole_sentence() -> None:
    chinese, english = sentences("zh"), sentences("en")
    reasons = [name for name in NAMES if name.startswith(REASONS)]

    assert {"。"} == {chinese[name][0][-1] for name in reasons}
    assert {"."} == {english[name][0][-1] for name in reasons}
    assert [] == [name for name in {*NAMES} - PHRASES if not re.match("[A-Z“{]", english[name][0])]


TEMPLATES = [
    file
    for room in ("texts", "pages")
    for file in (SERVICE / room / "templates").rglob("*.*")
    if file.is_file()
]
#: which of our styles a page has
STYLE = re.compile(r"{% block (width|density) %}\w+{% endblock -?%}")


def own_words(template: Path) -> list[str]:
    tokens = Environment(autoescape=True).lex(STYLE.sub("", template.read_text(encoding="utf-8")))
    markup = "".join(value for _, kind, value in tokens if kind == "data")
    return re.findall(r"\w+", re.sub(r"<[^>]*>", "", markup))


def test_a_template_has_no_words_of_its_own() -> None:
    assert {} == {template.name: words for template in TEMPLATES if (words := own_words(template))}


def test_chinese_is_the_default() -> None:
    assert ("zh", "zh") == (DEFAULT, language_of([]))
    assert not knows("refusal.of_nobody")


def test_a_language_counts_in_its_own_forms() -> None:
    assert ["1 day", "2 days", "0 days"] == [say_count("count.days", "en", count) for count in (1, 2, 0)]
    assert ["1 天", "2 天"] == [say_count("count.days", "zh", count) for count in (1, 2)]
    with pytest.raises(KeyError):
        say_count("count.of_nobody", "en", 1)


def test_the_catalogues_are_brought_in_step_with_the_code() -> None:
    catalogue = Catalog(locale="en")
    catalogue.add("refusal.old", "Nobody says this.")
    catalogue.add("refusal.kept", "This stays.")
    catalogue.add("term.kept", "this as well")
    known = {"refusal.kept", "refusal.new", "count.new", "term.kept"}
    waiting = brought_in_step(catalogue, {"refusal.kept", "refusal.new"}, {"count.new"})

    assert ["count.new", "refusal.new"] == waiting
    assert known == {name_of(one) for one in catalogue if one.id}
