"""What is looked for: from what a person types, or from a citation, to a query."""

import re
from typing import Any

from stdnum import isbn as isbn_numbers
from stdnum import issn as issn_numbers
from stdnum.exceptions import ValidationError as BadNumber

from workflows.citation import Citation, Query

#: what stands before a number, and the marks and spaces around it
_NAMED = re.compile(r"^\W*(?:(?:e-?)?is[bs]n(?:-?1[03])?\W*)?|\W+$", re.IGNORECASE)


def query_of(*, text: str | None = None, isbn: str | None = None, **fields: Any) -> Query:
    """Return the query for what was typed; a text that is an ISBN or ISSN is looked for as one.

    :raises ValueError: if nothing was typed
    """
    if not (text or isbn or fields):
        raise ValueError("nothing to look for")
    several: dict[str, Any] = {name: tuple(fields.pop(name, ())) for name in ("any_of", "none_of")}
    if text and not isbn:
        number = _NAMED.sub("", text)
        if found := isbn13(number):
            return Query(isbn=found, **fields, **several)
        if issn_numbers.is_valid(number) and "issn" not in fields:
            return Query(issn=issn_numbers.format(number), **fields, **several)
    return Query(text=text, isbn=isbn, **fields, **several)


def terms_of(citation: Citation) -> Query:
    """Return the query that finds a citation: by its number if it has one, else by title and author."""
    if citation.isbn:
        return Query(isbn=citation.isbn)
    return Query(title=citation.title, author=citation.author)


def isbn13(text: str) -> str | None:
    """Return *text* as an ISBN of 13 digits, None if it is none."""
    try:
        return str(isbn_numbers.compact(isbn_numbers.validate(text, convert=True)))
    except BadNumber:
        return None
