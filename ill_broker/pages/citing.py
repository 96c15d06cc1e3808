"""Works as people type them on pages, and as pages tell them again."""

from __future__ import annotations

from ill_broker.pages.forms import Form
from ill_broker.texts.catalogue import say
from ill_broker.web.fields import Isbn, OneOf, Text, Whole
from ill_broker.web.language import page_language
from workflows.citation import Citation

#: languages of works to choose from, by ISO 639-2; the last one is none of these
LANGUAGES = ("chi", "eng", "jpn", "kor", "fre", "ger", "rus", "und")


class CitedForm(Form):
    """A work as somebody types it."""

    title = Text(required=True, max_length=500)
    author = Text(max_length=300)
    year = Whole(minimum=1, maximum=9999)
    publisher = Text(max_length=300)
    edition = Text(max_length=100)
    volume = Text(max_length=100)
    isbn = Isbn()
    language = OneOf(*LANGUAGES, load_default="chi")


def languages() -> list[tuple[str, str]]:
    """Return the languages to choose from, and what each is called."""
    return [(code, say(f"typed.language.{code}", page_language())) for code in LANGUAGES]


def cited_values(cited: Citation) -> dict[str, str]:
    """Return a work as its form has it."""
    language = cited.language if cited.language in LANGUAGES else "und"
    typed = {name: str(getattr(cited, name) or "") for name in CitedForm().fields}
    return typed | {"language": language}


def cited_facts(cited: Citation) -> list[tuple[str, str]]:
    """Return what is said of a work, with the name of each."""
    spoken = page_language()
    values = cited_values(cited)
    values["language"] = say(f"typed.language.{values['language']}", spoken)
    return [(say(f"typed.field.{name}", spoken), value) for name, value in values.items() if value]
