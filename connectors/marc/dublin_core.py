"""What Dublin Core says of a work: dc:dc, srw_dc:dc and oai_dc:dc alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stdnum import issn

from connectors import xml
from connectors.marc.citations import isbn13, plain, year
from connectors.marc.details import told
from workflows.citation import Citation

if TYPE_CHECKING:
    from lxml import etree

    from workflows.citation import Details

_ISSN = re.compile(r"\b[0-9]{4}-[0-9]{3}[0-9Xx]\b")
_LANGUAGE = re.compile(r"[a-z]{3}\b|[a-z]{2}\b")
#: A cataloguer's link to a field in another script, which crosswalks forget to take away: "880-04Shi".
_LINK = re.compile(r"^880-[0-9]{2}")
_UNKNOWN_LANGUAGE = "und"
#: Dublin Core types that are no books; whatever is not listed is one.
_TYPES = {"movingimage": "video", "sound": "cd", "stillimage": "other_item", "software": "other_item"}

#: What a record tells beside the citation, by the elements that tell it.
_TERMS = {
    "contributors": ("creator", "contributor"),
    "titles": ("title", "alternative"),
    "subjects": ("subject",),
    "contents": ("tableOfContents",),
}


def citation(element: etree._Element) -> Citation | None:
    """Return the work that *element* describes, None if it is no Dublin Core with a title."""
    root = _root(element)
    titles = _values(root, "title")
    if not titles:
        return None
    numbers = _values(root, "identifier")
    authors = _values(root, "creator") or _values(root, "contributor")
    publishers = _values(root, "publisher")
    return Citation(
        title=plain(titles[0]),
        author=plain(authors[0]) if authors else None,
        isbn=next(filter(None, map(isbn13, numbers)), None),
        issn=_issn(numbers),
        year=next(filter(None, map(year, _values(root, "date"))), None),
        # The place comes first, in an element of its own or before a colon.
        publisher=publishers[-1].rpartition(" : ")[2] if publishers else None,
        language=next(filter(None, map(_language, _values(root, "language"))), _UNKNOWN_LANGUAGE),
        item_type=next(filter(None, map(_type, _values(root, "type"))), "book"),
    )


def details(element: etree._Element, work: Citation) -> Details:
    """Return what *element* tells beside *work*."""
    root = _root(element)
    found = {name: [text for term in terms for text in _values(root, term)] for name, terms in _TERMS.items()}
    return told(found, work)


def record_id(element: etree._Element) -> str:
    """Return the first identifier that is not the number of the book itself, nothing if there is none."""
    numbers = (xml.text_of(found) for found in _named(_root(element), "identifier"))
    return next((number for number in numbers if number and not isbn13(number)), "")


def _root(element: etree._Element) -> etree._Element | None:
    return next(xml.descendants(element, "dc"), None)


def _named(root: etree._Element | None, name: str) -> list[etree._Element]:
    return [] if root is None else list(xml.children(root, name))


def _values(root: etree._Element | None, name: str) -> list[str]:
    texts = (plain(_LINK.sub("", xml.text_of(found))) for found in _named(root, name))
    return [text for text in texts if text]


def _issn(numbers: list[str]) -> str | None:
    matches = (_ISSN.search(number) for number in numbers if not isbn13(number))
    return next((str(issn.format(match[0])) for match in matches if match and issn.is_valid(match[0])), None)


def _language(text: str) -> str:
    match = _LANGUAGE.match(text.lower())
    return match[0] if match else ""


def _type(text: str) -> str | None:
    return _TYPES.get("".join(text.lower().split()))
