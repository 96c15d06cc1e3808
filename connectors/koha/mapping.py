"""Our questions and orders in Koha's words, and its answers in ours."""

from __future__ import annotations

import json
from dataclasses import KW_ONLY, replace
from typing import TYPE_CHECKING, Any, Literal, assert_never

from lxml import etree
from stdnum import isbn
from stdnum.exceptions import ValidationError

from connectors import forms
from connectors.failures import PartnerFailure, Refused, Unreachable
from connectors.koha import codec
from connectors.marc.catalogue import marc_hit
from connectors.marc.citations import isbn13
from connectors.marc.marcxml import marc_element
from connectors.marc.records import Field, MarcRecord
from connectors.ports import LocalPatron
from connectors.transport import retry_after
from connectors.writings import as_written, words
from workflows.citation import Hit, Holding
from workflows.discovery.criteria import Abilities, All, Criterion, Either, Index, Without, asked
from workflows.ids import LibraryCode
from workflows.policies.forms import record, told
from workflows.policies.item_types import Sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connectors.koha.messages import Item, Patron
    from connectors.ports import ArrivedItem, AskToSupply
    from connectors.transport import Reply
    from workflows.citation import Query
    from workflows.discovery.criteria import Tree


@record
class Login:
    """Who we are to Koha; *secret* names the password or client secret, it is not the secret."""

    user: str = told(forms.text(), required=True)
    secret: str = told(forms.secret_name, required=True)
    #: A client of OAuth 2, or a user with a password.
    kind: Literal["oauth", "basic"] = told(forms.one_of("oauth", "basic"), default="oauth")


@record
class IllModule:
    """Koha's own module for inter-library loan, where it takes requests by its API."""

    #: The backend of the module; not every one takes requests so.
    backend: str = told(forms.text(), required=True)
    #: The patron of the library's that stands for the consortium.
    patron_id: int = told(forms.whole(1, 2**31 - 1), required=True)


@record
class KohaProfile:
    _: KW_ONLY
    #: Of the staff interface, without /api/v1.
    base_url: str = told(forms.url, required=True)
    login: Login = told(forms.record_of(Login), required=True)
    #: Where books are fetched, and to which arrived books belong, in Koha's own code.
    library_id: str = told(forms.text(), default="")
    #: How this Koha wants records: MARC21 or UNIMARC.
    flavour: Literal["MARC21", "UNIMARC"] = told(forms.one_of("MARC21", "UNIMARC"), default="MARC21")
    #: The item type of books that are another library's.
    item_type: str = told(forms.text(), default="ILL")
    #: None where the library is asked in another way.
    ill: IllModule | None = told(forms.record_of(IllModule), default=None)

    def url(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}/api/v1/{path}"


_MOST_WORDS = 20
#: Where each thing is looked for.
_COLUMNS: Mapping[Index, tuple[str, ...]] = {
    Index.TEXT: ("title", "subtitle", "author"),
    Index.TITLE: ("title", "subtitle"),
    Index.AUTHOR: ("author",),
}
_ABLE = Abilities(frozenset({*_COLUMNS, Index.ISBN, Index.ISSN}), exclusions=False, anywhere=False)
_DIGITS = 16
_PASSING = frozenset({408, 425, 429})
_SERVER_ERROR = 500
#: Which subfields hold what in a short record, by the flavour of MARC.
_SHORT = {
    "MARC21": ("00000nam a2200000   4500", "245", "100", "020"),
    "UNIMARC": ("00000nam0 2200000   450 ", "200", "700", "010"),
}


# ---------------------------------------------------------------- finding


def search(query: Query) -> tuple[str, Query]:
    """Return *query* in Koha's query language, nothing if nothing of it can be asked, and what is left."""
    tree, rest = asked(query, _ABLE)
    parts = [] if tree is None else _parts(as_written(tree, in_both=True))
    return (json.dumps({"-and": parts}) if parts else ""), rest


def _parts(tree: Tree) -> list[dict[str, Any]]:
    """Return what has to hold, each thing by itself."""
    match tree:
        case Criterion(Index.ISBN, number):
            forms = [_holds("isbn", form) for form in _isbn_forms(number)]
            return [{"-or": forms}] if forms else []
        case Criterion(Index.ISSN, number):
            return [_holds("issn", number)]
        case Criterion(index, value):
            return [_any_of(_COLUMNS[index], word) for word in _words(value)]
        case All(parts):
            return [each for part in parts for each in _parts(part)]
        case Either(parts):
            return [{"-or": [{"-and": _parts(part)} for part in parts]}]
        case Without(wanted):
            return _parts(wanted)
        case _:
            assert_never(tree)


def _words(said: str) -> list[str]:
    return words(said)[:_MOST_WORDS]


def _any_of(columns: Iterable[str], word: str) -> dict[str, Any]:
    return {"-or": [_holds(column, word) for column in columns]}


def _holds(column: str, word: str) -> dict[str, Any]:
    for mark in ("\\", "%", "_"):
        word = word.replace(mark, f"\\{mark}")
    return {column: {"-like": f"%{word}%"}}


def _isbn_forms(said: str) -> list[str]:
    """Return the ways in which a catalogue may have written the number."""
    found = isbn13(said)
    if found is None:
        return _words(said)
    forms = [found, isbn.format(found)]
    try:
        short = isbn.to_isbn10(found)
    except ValidationError:
        return forms
    return [*forms, short, isbn.format(short)]


def biblio_id(record: MarcRecord) -> int | None:
    """Return Koha's own number of *record*: in 999 $c, or, in UNIMARC, in 001."""
    said = record.first("999", "c") or record.record_id
    return int(said) if said.isascii() and said.isdigit() and len(said) < _DIGITS else None


def copies_of(numbers: Iterable[int]) -> str:
    return json.dumps({"-or": [{"biblio_id": each} for each in numbers]})


def exactly(values: Mapping[str, str | int]) -> str:
    """Return a query for these very *values*: plain parameters would find all that contain them."""
    return json.dumps(values)


def hit(record: MarcRecord, items: Iterable[Item], *, library: str) -> Hit | None:
    """Return the work in *record* with the copies in *items*, or those in the record where there are none."""
    found = marc_hit(record, library=library)
    own = [each for each in items if each.biblio_id == biblio_id(record)]
    if found is None or not own:
        return found
    return replace(found, holdings=tuple(_holding(each, library) for each in own))


def _holding(found: Item, library: str) -> Holding:
    return Holding(
        library=LibraryCode(library),
        record_id=str(found.biblio_id),
        barcode=found.barcode or None,
        call_number=found.call_number or None,
        available=found.is_available,
        collection=found.collection.lower() or "general",
        signs=tuple((sign.value, text) for sign, text in _signs(found) if text),
    )


def _signs(found: Item) -> Iterable[tuple[Sign, str]]:
    return (Sign.ITEM_TYPE, found.item_type), (Sign.LABEL, found.note), (Sign.PLACE, found.shelf)


def total(headers: Mapping[str, str]) -> int:
    """Return how many records Koha says it found, 0 if it does not say."""
    said = headers.get("x-total-count", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < _DIGITS else 0


# ---------------------------------------------------------------- patrons and the hold shelf


def local_patron(found: Patron, *, password_is_right: bool | None) -> LocalPatron:
    return LocalPatron(
        card_number=found.card_number,
        name=found.name,
        email=found.email or None,
        phone=found.phone or None,
        category=found.category or None,
        valid_until=found.expires,
        blocks=found.blocks,
        password_is_right=password_is_right,
    )


def short_record(arrived: ArrivedItem, profile: KohaProfile) -> bytes:
    """Return a record of *arrived* with what a slip needs, as MARCXML."""
    leader, title, author, number = _SHORT[profile.flavour]
    fields = [Field(title, "  ", (("a", arrived.title),))]
    if arrived.author:
        fields.append(Field(author, "  ", (("a", arrived.author),)))
    if arrived.isbn:
        fields.append(Field(number, "  ", (("a", arrived.isbn),)))
    record = MarcRecord(leader, (), ()).with_fields(fields)
    return etree.tostring(marc_element(record), encoding="utf-8", xml_declaration=True)


def new_item(arrived: ArrivedItem, profile: KohaProfile) -> dict[str, Any]:
    place = {"home_library_id": profile.library_id, "holding_library_id": profile.library_id}
    return {
        "external_id": arrived.barcode,
        "item_type_id": profile.item_type,
        "internal_notes": arrived.request_id,
        **(place if profile.library_id else {}),
    }


def new_hold(arrived: ArrivedItem, profile: KohaProfile, *, patron_id: int, copy: Item) -> dict[str, Any]:
    return {
        "patron_id": patron_id,
        "biblio_id": copy.biblio_id,
        "item_id": copy.item_id,
        "pickup_library_id": arrived.pickup_location or profile.library_id,
        "notes": arrived.request_id,
    }


# ---------------------------------------------------------------- requests

#: How our ids are called among the attributes of a request.
MESSAGE, REQUEST = "ill_broker_message", "ill_broker_request"


def new_request(message: AskToSupply, profile: KohaProfile, module: IllModule) -> dict[str, Any]:
    """Return *message* as a request for the ILL module; what a backend does not know it passes over."""
    work = message.citation
    said = {
        "type": "book",
        "title": work.title,
        "author": work.author,
        "isbn": work.isbn,
        "issn": work.issn,
        "year": str(work.year) if work.year else None,
        "publisher": work.publisher,
        "edition": work.edition,
        "volume": work.volume,
        "item_barcode": message.holding.barcode if message.holding else None,
        "needed_by": message.needed_by.isoformat() if message.needed_by else None,
        "desk": f"{message.desk.name} ({message.desk.library})",
        "notes": message.note,
        MESSAGE: message.message_id,
        REQUEST: message.request_id,
    }
    attributes = [{"type": name, "value": value} for name, value in said.items() if value]
    return {
        "ill_backend_id": module.backend,
        "patron_id": module.patron_id,
        "library_id": profile.library_id,
        "extended_attributes": attributes,
    }


def request_of(found: Iterable[Mapping[str, Any]], message_id: str) -> int | None:
    """Return the number of the request that came with that message, None if none did."""
    mark = {"type": MESSAGE, "value": message_id}.items()
    for each in found:
        attributes = each.get("extended_attributes")
        for attribute in attributes if isinstance(attributes, list) else ():
            if isinstance(attribute, dict) and mark <= attribute.items():
                return codec.number(each, "ill_request_id")
    return None


# ---------------------------------------------------------------- failures


def failure(library: str, reply: Reply) -> PartnerFailure:
    """Return what an answer that is not a yes means."""
    said = codec.complaint(reply.status, reply.body)
    wait = retry_after(reply.headers)
    if reply.status >= _SERVER_ERROR:
        return Unreachable(library, f"HTTP {reply.status}: {said}", retry_after=wait)
    if said.is_about_us:
        return Refused(library, f"we are not let in: {said}")
    return Refused(library, str(said), again=reply.status in _PASSING, retry_after=wait)


def created_id(content: Mapping[str, Any], headers: Mapping[str, str], *names: str) -> int:
    """Return the id of what was made: the answer says it, or the address, which may be relative.

    :raises NotKoha: if neither does
    """
    for name in names:
        if name in content:
            return codec.number(content, name)
    last = headers.get("location", "").rstrip("/").rpartition("/")[2]
    known = last.isascii() and last.isdigit() and len(last) < _DIGITS
    return codec.number({"id": int(last) if known else None}, "id")


def the_one(found: Sequence[Patron], card_number: str) -> Patron | None:
    """Return whoever holds that very card; some versions find all cards that contain the number."""
    return next((each for each in found if each.card_number == card_number), None)
