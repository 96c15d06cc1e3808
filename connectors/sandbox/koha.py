"""The Koha of a sandbox library: its catalogue, copies, readers and holds, with the habits of its API."""

from __future__ import annotations

import base64
import json
import secrets
from hmac import compare_digest
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from connectors import xml
from connectors.koha import codec
from connectors.marc import marcxml
from connectors.sandbox.manners import dawdle, half, library
from connectors.sandbox.readers import READERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connectors.marc.records import MarcRecord
    from connectors.sandbox.readers import Book, Reader
    from connectors.sandbox.shelf import Title

Row = dict[str, Any]

_MOST = 10_000
#: Seconds for which a token is good.
_LASTS = 3600

doors = Blueprint("koha", __name__, url_prefix="/api/v1")


@doors.before_request
def let_in() -> Response | None:
    dawdle()
    if request.method == "GET" and request.content_type:
        # Koha parses the body that a content type promises, whether there is one or not.
        return _shown({"error": "Something went wrong, check Koha logs for details."}, HTTPStatus.BAD_REQUEST)
    config = library().config
    if request.path.endswith("/oauth/token") or not config.user:
        return None
    claimed = request.headers.get("authorization", "")
    told = base64.b64encode(f"{config.user}:{config.password}".encode()).decode()
    good = (f"Basic {told}", f"Bearer {_token()}")
    if not any(compare_digest(claimed.encode(), each.encode()) for each in good):
        return _shown({"error": "Authentication failure."}, HTTPStatus.UNAUTHORIZED)
    return None


@doors.post("/oauth/token")
def give_token() -> Response:
    config = library().config
    if (request.form.get("client_id"), request.form.get("client_secret")) != (config.user, config.password):
        return _shown({"error": "unauthorized_client"}, HTTPStatus.FORBIDDEN)
    return _shown({"access_token": _token(), "token_type": "Bearer", "expires_in": _LASTS})


@doors.get("/biblios")
def list_biblios() -> Response:
    accepted = request.headers.get("accept", "")
    if accepted not in {codec.JSON, codec.MARC_IN_JSON, codec.MARCXML}:
        return _shown([codec.JSON, codec.MARC_IN_JSON, codec.MARCXML], HTTPStatus.NOT_ACCEPTABLE)
    titles = library().catalogue.titles(_MOST)
    rows = [_biblio(number, title) for number, title in enumerate(titles, 1)]
    found = [row["biblio_id"] for row in _matching(rows)]
    records = [_marc_in_json(number, titles[number - 1].record) for number in found[_page()]]
    return _shown(records, total=len(found), content_type=accepted)


@doors.get("/items")
def list_items() -> Response:
    foreign = [_foreign(book) for book in library().local.books() if book.is_foreign]
    return _listed([*_own_items(), *foreign])


@doors.get("/patrons")
def list_patrons() -> Response:
    return _listed(list(map(_patron, READERS)))


@doors.post("/auth/password/validation")
def validate() -> Response:
    said = request.get_json()
    reader = library().local.reader(str(said.get("identifier")))
    if reader is None or said.get("password") != reader.pin:
        return _shown({"error": "Validation failed"}, HTTPStatus.BAD_REQUEST)
    told = {"cardnumber": reader.card, "patron_id": reader.number}
    return _shown(told, HTTPStatus.CREATED)


@doors.post("/biblios")
def add_biblio() -> Response:
    if request.content_type != codec.MARCXML:
        return _shown([codec.MARCXML], HTTPStatus.NOT_ACCEPTABLE)
    try:
        record = marcxml.marc_record(xml.parse(request.get_data()))
    except xml.NotXml:
        record = None
    if record is None:
        return _shown({"error": "Invalid record."}, HTTPStatus.BAD_REQUEST)
    return _shown({"id": _MOST + len(library().local.books())})


@doors.post("/biblios/<int:number>/items")
def add_item(number: int) -> Response:
    barcode = str(request.get_json().get("external_id"))
    if library().local.book(barcode) is not None:
        return _shown({"error": "Duplicate barcode."}, HTTPStatus.CONFLICT)
    book = library().local.accept(barcode, "", "")
    return _shown({**_foreign(book), "biblio_id": number}, HTTPStatus.CREATED)


@doors.get("/holds")
def list_holds() -> Response:
    return _listed(
        [_pair("hold_id", book, book.held_for) for book in library().local.books() if book.held_for]
    )


@doors.post("/holds")
def add_hold() -> Response:
    said = request.get_json()
    if not said.get("pickup_library_id"):
        fault = {"message": "Missing property.", "path": "/body/pickup_library_id"}
        return _shown({"errors": [fault]}, HTTPStatus.BAD_REQUEST)
    reader, book = _reader_and_book(said)
    if reader is None or book is None:
        return _shown({"error": "patron_id or item_id not found"}, HTTPStatus.BAD_REQUEST)
    if reader.block:
        return _shown({"error": "Hold cannot be placed. Reason: debtLimit"}, HTTPStatus.FORBIDDEN)
    library().local.accept(book.barcode, "", reader.card)
    return _shown(_pair("hold_id", book, reader.card), HTTPStatus.CREATED)


@doors.get("/checkouts")
def list_checkouts() -> Response:
    return _listed(
        [_pair("checkout_id", book, book.holder) for book in library().local.books() if book.holder]
    )


@doors.post("/checkouts")
def add_checkout() -> Response:
    reader, book = _reader_and_book(request.get_json())
    if reader is None or book is None or reader.block or not library().local.lend(book.barcode, reader.card):
        return _shown({"error": "Confirmation error"}, HTTPStatus.PRECONDITION_FAILED)
    # nothing but where it is, and that without a host
    answer = Response(status=HTTPStatus.CREATED, headers={"Location": f"/api/v1/checkouts/{book.number}"})
    answer.autocorrect_location_header = False
    return answer


# ---------------------------------------------------------------- rows


def _biblio(number: int, title: Title) -> Row:
    record = title.record
    return {
        "biblio_id": number,
        # a title in its own letters, and in Latin ones
        "title": " ".join([record.first("245", "a"), *_in_own_letters(record, "245")]),
        "subtitle": record.first("245", "b"),
        "author": record.first("100", "a"),
        "isbn": record.first("020", "a"),
    }


def _in_own_letters(record: MarcRecord, tag: str) -> list[str]:
    return [field.first("a") for field in record.of("880") if field.first("6").startswith(tag)]


def _marc_in_json(number: int, record: MarcRecord) -> Row:
    fields: list[Row] = [{tag: value} for tag, value in record.control]
    own = (("c", str(number)),)
    everything = [(field.tag, field.indicators, field.subfields) for field in record.fields]
    for tag, indicators, subfields in [*everything, ("999", "  ", own)]:
        told = [{code: value} for code, value in subfields]
        fields.append({tag: {"ind1": indicators[:1], "ind2": indicators[1:], "subfields": told}})
    return {"leader": record.leader, "fields": fields}


def _item(biblio_id: int, place: int, barcode: str, call_number: str, *, is_out: bool) -> Row:
    return {
        "item_id": biblio_id * 10 + place,
        "biblio_id": biblio_id,
        "external_id": barcode,
        "callnumber": call_number,
        "collection_code": "GEN",
        "checked_out_date": "2026-01-01" if is_out else None,
        "lost_status": 0,
        "withdrawn": 0,
        "not_for_loan_status": 0,
    }


def _foreign(book: Book) -> Row:
    row = _item(_MOST, 0, book.barcode, "", is_out=bool(book.holder))
    return {**row, "item_id": book.number * _MOST, "collection_code": "ILL"}


def _patron(reader: Reader) -> Row:
    return {
        "patron_id": reader.number,
        "cardnumber": reader.card,
        "surname": reader.surname,
        "firstname": reader.given_name,
        "email": reader.email,
        "mobile": reader.phone,
        "phone": None,
        "category_id": reader.category,
        "expiry_date": reader.valid_until,
        "restricted": bool(reader.block),
    }


def _pair(name: str, book: Book, card: str) -> Row:
    reader = library().local.reader(card)
    return {
        name: book.number,
        "patron_id": reader.number if reader else 0,
        "item_id": _item_id(book),
    }


def _item_id(book: Book) -> int:
    if book.is_foreign:
        return book.number * _MOST
    return next(int(row["item_id"]) for row in _own_items() if row["external_id"] == book.barcode)


def _own_items() -> Iterator[Row]:
    for number, title in enumerate(library().catalogue.titles(_MOST), 1):
        for place, copy in enumerate(title.copies, 1):
            yield _item(number, place, copy.barcode, copy.call_number, is_out=not copy.available)


def _reader_and_book(said: Row) -> tuple[Reader | None, Book | None]:
    """Return whom and what a hold or a loan is about, by Koha's own numbers."""
    number, item_id = said.get("patron_id"), said.get("item_id")
    reader = next((each for each in READERS if each.number == number), None)
    foreign = [book for book in library().local.books() if book.is_foreign and _item_id(book) == item_id]
    if foreign or not isinstance(item_id, int):
        return reader, next(iter(foreign), None)
    titles = library().catalogue.titles(_MOST)
    place, copy = item_id // 10, item_id % 10
    if not (0 < place <= len(titles) and 0 < copy <= len(titles[place - 1].copies)):
        return reader, None
    return reader, library().local.book(titles[place - 1].copies[copy - 1].barcode)


# ---------------------------------------------------------------- lists and queries


def _listed(rows: list[Row]) -> Response:
    found = _matching(rows)
    return _shown(found[_page()], total=len(found))


def _page() -> slice:
    size, page = request.args.get("_per_page", 20, type=int), request.args.get("_page", 1, type=int)
    return slice(size * (page - 1), size * page)


def _matching(rows: Iterable[Row]) -> list[Row]:
    asked = request.args.get("q")
    query = json.loads(asked) if asked else {}
    return [row for row in rows if _fits(query, row)]


def _fits(query: Any, row: Row) -> bool:
    """Say whether *row* is what a query in Koha's JSON asks for.

    :raises ValueError: if it asks in a way that is not understood here
    """
    if not isinstance(query, dict):
        raise ValueError("q: no object")  # noqa: TRY004 - it is the caller's text that is wrong
    return all(_claims(name, value, row) for name, value in query.items())


def _claims(name: str, value: Any, row: Row) -> bool:
    if name == "-and":
        return all(_fits(each, row) for each in value)
    if name == "-or":
        return any(_fits(each, row) for each in value)
    if not isinstance(value, dict):
        return bool(row.get(name) == value)
    pattern = value.get("-like")
    if not isinstance(pattern, str) or not (pattern.startswith("%") and pattern.endswith("%")):
        raise ValueError(f"q: {name}")
    return _plain(pattern[1:-1]).casefold() in str(row.get(name) or "").casefold()


def _plain(pattern: str) -> str:
    """Return what a pattern of SQL stands for once its marks are taken for themselves."""
    return pattern.replace("\\%", "%").replace("\\_", "_").replace("\\\\", "\\")


def _shown(
    content: Any, status: int = HTTPStatus.OK, *, total: int | None = None, content_type: str = codec.JSON
) -> Response:
    body = json.dumps(content).encode()
    garbles = library().scenario.garbles
    answer = Response(half(body) if garbles else body, status, content_type=content_type)
    if total is not None:
        answer.headers["X-Total-Count"] = str(total)
    return answer


def _token() -> str:
    """Return the token of this library, the same as long as it runs."""
    return f"{library().config.library}-{_RUN}"


_RUN = secrets.token_hex(8)
