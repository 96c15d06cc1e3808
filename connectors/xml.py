"""XML from strangers: one hardened parser, and reading that forgives missing and odd namespaces."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator


#: How many tags and attributes one document may have: each takes up to 240 bytes in memory, however short it
#: is written. Ten records with all their copies have 20,000.
MOST_MARKS = 120_000
#: Encodings in which a tag begins by the byte that it begins by in ASCII, so that tags can be counted.
_COUNTABLE = re.compile(
    r"(utf-?(8|16|32)|ucs|iso-?10646|(us-)?ascii|iso-?8859|latin|windows-|cp125|cp936|gb|big5|euc-|koi8|shift_?jis)",
    re.IGNORECASE,
)
#: "<?" in the encoding of mainframes, which the parser would recognize by itself.
_EBCDIC = b"\x4c\x6f"
_DECLARED = re.compile(rb"""\A(?:\xef\xbb\xbf)?<\?xml[^>]{0,80}?encoding\s*=\s*["']([^"'>]*)""")
#: What XML 1.0 cannot hold at all.
_UNSPEAKABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class NotXml(ValueError):
    """The bytes are not XML that we are willing to read."""


def parse(body: bytes | str, *, most: int = MOST_MARKS) -> etree._Element:
    """Return the root of *body*.

    :raises NotXml: if it is not well-formed, brings a document type of its own, or has more than *most* marks
    """
    octets = body.encode() if isinstance(body, str) else body
    _measure(octets, most)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(octets, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise NotXml(str(error)) from error
    about: Any = root.getroottree().docinfo
    if about.doctype:
        raise NotXml("a document type is not allowed")
    return root


def _measure(body: bytes, most: int) -> None:
    if body.count(b"<") + body.count(b"=") > most:
        raise NotXml(f"more than {most} tags and attributes")
    declared = _DECLARED.match(body)
    if (declared and not _COUNTABLE.match(declared[1].decode("latin-1"))) or body.startswith(_EBCDIC):
        raise NotXml("an encoding that is not read")


def local(element: etree._Element) -> str:
    """Return the name of *element* without its namespace; vendors disagree about those."""
    return _without_namespace(element.tag)


@lru_cache(maxsize=256)
def _without_namespace(tag: str) -> str:
    return tag.rpartition("}")[2]


def children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return (child for child in element if local(child) == name)


def child(element: etree._Element, name: str) -> etree._Element | None:
    return next(children(element, name), None)


def descendants(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return (found for found in element.iter() if local(found) == name)


def text_of(element: etree._Element | None) -> str:
    return "" if element is None else (element.text or "").strip()


def speakable(text: str) -> str:
    """Return *text* without the characters that XML cannot hold."""
    return _UNSPEAKABLE.sub("", text)
