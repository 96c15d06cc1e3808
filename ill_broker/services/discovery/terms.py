"""What is looked for: from what a person types, or from a citation, to a query."""

from stdnum import isbn as isbn_numbers
from stdnum.exceptions import ValidationError as BadNumber

from workflows.citation import Citation, Query


def query_of(
    *, text: str | None = None, title: str | None = None, author: str | None = None, isbn: str | None = None
) -> Query:
    """Return the query for what was typed; a text that is an ISBN is looked for as one.

    :raises ValueError: if nothing was typed
    """
    if not (text or title or author or isbn):
        raise ValueError("nothing to look for")
    number = None if isbn or not text else _isbn(text)
    return Query(text=None if number else text, title=title, author=author, isbn=isbn or number)


def terms_of(citation: Citation) -> Query:
    """Return the query that finds a citation: by its number if it has one, else by title and author."""
    if citation.isbn:
        return Query(isbn=citation.isbn)
    return Query(title=citation.title, author=citation.author)


def _isbn(text: str) -> str | None:
    """Return *text* as an ISBN of 13 digits, None if it is none."""
    try:
        return str(isbn_numbers.validate(text, convert=True))
    except BadNumber:
        return None
