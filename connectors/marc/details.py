"""What a MARC record tells beside the citation: everybody who made it, its other titles, what it is about."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from connectors.marc.citations import plain
from workflows.citation import Details

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connectors.marc.records import Field, MarcRecord
    from workflows.citation import Citation

#: A record is not worth more than this of one thing, nor is a note longer worth reading.
_MOST, _LONGEST = 40, 1_000
#: Stand between the parts of what is read out of one field.
_SUBDIVISION, _NAME, _WORDS = " -- ", ", ", " "

#: Says in another script what another field says.
_LINKED = "880"

_Part = tuple[str, str, str]
_NAMES: _Part = ("contributors", "a", _WORDS)
_BODIES: _Part = ("contributors", "ab", _WORDS)
_WORK: _Part = ("titles", "t", _WORDS)
_TITLE: _Part = ("titles", "a", _WORDS)
_SERIES: _Part = ("series", "a", _WORDS)
_SERIES_OF: _Part = ("series", "t", _WORDS)
_ABOUT: _Part = ("subjects", "atxyz", _SUBDIVISION)

#: By tag: what is read out of which subfields.
_MARC21: Mapping[str, tuple[_Part, ...]] = {
    "100": (_NAMES,), "110": (_BODIES,), "111": (_NAMES,), "720": (_NAMES,),
    "700": (_NAMES, _WORK), "710": (_BODIES, _WORK), "711": (_NAMES, _WORK),
    "245": (("titles", "ab", ": "), ("titles", "p", _WORDS)),
    "246": (("titles", "ab", ": "),), "247": (("titles", "ab", ": "),),
    **dict.fromkeys(("130", "240", "242", "243", "730", "740"), (_TITLE,)),
    "260": (("publishers", "b", _WORDS),), "264": (("publishers", "b", _WORDS),),
    "440": (_SERIES,), "490": (_SERIES,), "830": (_SERIES,), "800": (_SERIES_OF,), "810": (_SERIES_OF,),
    **dict.fromkeys(("600", "610", "611", "630", "647", "648", "650", "651", "653", "655"), (_ABOUT,)),
    "505": (("contents", "atr", _WORDS),),
    _LINKED: (),
}  # fmt: skip
#: In UNIMARC a name is split in two; CNMARC has what is spoken under 9 or A.
_PERSON: tuple[_Part, ...] = (
    ("contributors", "ab", _NAME), ("contributors", "9", _WORDS), ("contributors", "A", _WORDS),
)  # fmt: skip
_UNIMARC: Mapping[str, tuple[_Part, ...]] = {
    **dict.fromkeys(("700", "701", "702", "703"), _PERSON),
    **dict.fromkeys(("710", "711", "712", "713", "720", "721", "722", "730"), (_BODIES,)),
    "200": (
        ("titles", "ae", ": "), ("titles", "d", _WORDS), ("titles", "i", _WORDS),
        ("titles", "9", _WORDS), ("titles", "A", _WORDS),
    ),
    **dict.fromkeys(("500", "501", "503", "532", "540", "541"), (_TITLE,)),
    **dict.fromkeys(map(str, range(510, 519)), (_TITLE,)),
    "210": (("publishers", "c", _WORDS),), "214": (("publishers", "c", _WORDS),),
    "225": (_SERIES,), "410": (_SERIES_OF,), "461": (_SERIES_OF,), "462": (_SERIES_OF,),
    **dict.fromkeys(("600", "601", "602", "604", "605", "606", "607", "608", "610"), (_ABOUT,)),
    "327": (("contents", "a", _WORDS),),
    _LINKED: (),
}  # fmt: skip


def details(record: MarcRecord, work: Citation) -> Details:
    """Return what *record* tells beside *work*, in whichever script it does."""
    table = _UNIMARC if record.is_unimarc else _MARC21
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for field in record.among(table):
        # A linked field is read as the one that it names.
        tag = field.tag if field.tag != _LINKED else field.first("6")[:3]
        for name, codes, between in table.get(tag, ()):
            text = _text(field, codes, between)
            if text:
                found[name][text] = None
    return told(found, work)


def told(found: Mapping[str, Iterable[str]], work: Citation) -> Details:
    """Return *found* without what *work* says already."""
    said = {"contributors": work.author, "titles": work.title, "publishers": work.publisher}
    return Details(
        **{
            name: tuple(text for text in texts if text != said.get(name))[:_MOST]
            for name, texts in found.items()
        }
    )


def _text(field: Field, codes: str, between: str) -> str:
    texts = [plain(value) for code, value in field.subfields if code in codes]
    return between.join([text for text in texts if text])[:_LONGEST] if texts else ""
