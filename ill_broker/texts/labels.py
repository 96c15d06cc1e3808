"""What stands before a fact in a letter or on a page, and which facts tell a library what is asked of it."""

from enum import StrEnum

from ill_broker.texts.catalogue import say
from workflows.citation import Citation, Holding


class Label(StrEnum):
    """A fact about a book that is asked for."""

    TITLE = "title"
    AUTHOR = "author"
    EDITION = "edition"
    VOLUME = "volume"
    PUBLISHER = "publisher"
    YEAR = "year"
    ISBN = "isbn"
    ISSN = "issn"
    CALL_NUMBER = "call_number"
    BARCODE = "barcode"
    NEEDED_BY = "needed_by"
    SEND_TO = "send_to"

    @property
    def message(self) -> str:
        """The name of the words that say it to people."""
        return f"label.{self}"


_CITED = (
    Label.TITLE,
    Label.AUTHOR,
    Label.EDITION,
    Label.VOLUME,
    Label.PUBLISHER,
    Label.YEAR,
    Label.ISBN,
    Label.ISSN,
)


def described(cited: Citation, held: Holding | None, **others: str | None) -> dict[Label, str]:
    """Return what is known of a book and of the library's copy, and *others* behind it."""
    facts: dict[Label, object] = {label: getattr(cited, label) for label in _CITED}
    facts[Label.CALL_NUMBER] = held and held.call_number
    facts[Label.BARCODE] = held and held.barcode
    facts |= {Label(name): fact for name, fact in others.items()}
    return {label: str(fact) for label, fact in facts.items() if fact}


def said_place(library: str, desk: str, language: str) -> str:
    """Return where a book is to be sent."""
    if desk in {"", library}:
        return library
    return say("letter.place", language, {"library": library, "desk": desk})
