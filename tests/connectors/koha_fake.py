"""A Koha of our own on the loopback, with the habits of the real one."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, request
from lxml import etree
from werkzeug.serving import make_server

from connectors import xml
from connectors.marc import marcxml

Row = dict[str, Any]

USER, SECRET = "broker", "s3cret"


def mij(number: int, title: str, author: str = "", isbn: str = "") -> Row:
    """Return a record as MARC in JSON, with Koha's own number in 999."""
    fields: list[Row] = [{"001": f"x{number}"}]
    for tag, code, said in (
        ("020", "a", isbn),
        ("100", "a", author),
        ("245", "a", title),
        ("999", "c", str(number)),
    ):
        if said:
            fields.append({tag: {"ind1": " ", "ind2": " ", "subfields": [{code: said}]}})
    return {"leader": "00000nam a2200000   4500", "fields": fields}


def biblio(number: int, title: str, author: str = "", isbn: str = "") -> Row:
    return {"biblio_id": number, "title": title, "subtitle": None, "author": author, "isbn": isbn,
            "marc": mij(number, title, author, isbn)}  # fmt: skip


def copy(number: int, biblio_id: int, barcode: str, **facts: Any) -> Row:
    usual = {"item_id": number, "biblio_id": biblio_id, "external_id": barcode, "callnumber": "D9/1",
             "collection_code": "GEN", "checked_out_date": None, "lost_status": 0, "withdrawn": 0,
             "not_for_loan_status": 0}  # fmt: skip
    return {**usual, **facts}


def reader(number: int, card: str, **facts: Any) -> Row:
    usual = {
        "patron_id": number,
        "cardnumber": card,
        "surname": "张",
        "firstname": "三",
        "email": "z@bhu.example",
        "mobile": None,
        "phone": "138",
        "category_id": "UG",
        "expiry_date": "2027-06-30",
        "restricted": False,
        "patron_card_lost": None,
        "incorrect_address": None,
    }
    return {**usual, **facts}


class FakeKoha:
    """Keeps rows as Koha's API shows them, and what it was asked."""

    def __init__(self) -> None:
        self.biblios = [
            biblio(1, "民法 法律", "李四", "978-7-5366-9293-0"),
            biblio(2, "刑法 100% 法律", "王五"),
        ]
        self.items = [
            copy(11, 1, "B11"),
            copy(12, 1, "B12", checked_out_date="2026-01-01"),
            copy(21, 2, "B21"),
        ]
        self.patrons = [reader(5, "P1"), reader(6, "P10", restricted=True, patron_card_lost=True)]
        self.holds: list[Row] = []
        self.checkouts: list[Row] = []
        self.requests: list[Row] = []
        self.heard: list[str] = []
        self.tokens: set[str] = set()
        #: An answer to give instead of what is asked for at a path.
        self.instead: dict[str, Response] = {}
        self.app = Flask("koha")
        self.app.before_request(self._let_in)
        for path, methods, view in (
            ("oauth/token", ["POST"], self._token),
            ("biblios", ["GET"], self._list_biblios),
            ("biblios", ["POST"], self._add_biblio),
            ("biblios/<int:number>/items", ["POST"], self._add_item),
            ("items", ["GET"], lambda: self._listed(self.items)),
            ("patrons", ["GET"], lambda: self._listed(self.patrons)),
            ("holds", ["GET"], lambda: self._listed(self.holds)),
            ("holds", ["POST"], self._add_hold),
            ("checkouts", ["GET"], lambda: self._listed(self.checkouts)),
            ("checkouts", ["POST"], self._add_checkout),
            ("ill/requests", ["GET"], self._list_requests),
            ("ill/requests", ["POST"], self._add_request),
            ("auth/password/validation", ["POST"], self._validate),
        ):
            self.app.add_url_rule(f"/api/v1/{path}", f"{methods}{path}", view, methods=methods)

    @contextmanager
    def running(self) -> Iterator[str]:
        server = make_server("127.0.0.1", 0, self.app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(60)
            server.server_close()

    # ------------------------------------------------------------ who asks

    def _let_in(self) -> Response | None:
        path = request.path.removeprefix("/api/v1/")
        self.heard.append(f"{request.method} {path}")
        if path in self.instead:
            return self.instead[path]
        if path == "oauth/token":
            return None
        kind, _, shown = request.headers.get("authorization", "").partition(" ")
        told = base64.b64encode(f"{USER}:{SECRET}".encode()).decode()
        if (kind == "Bearer" and shown in self.tokens) or (kind == "Basic" and shown == told):
            # Koha parses the body that a content type promises, whether there is one or not.
            if request.method == "GET" and request.content_type:
                return said(500, {"error": "Something went wrong, check Koha logs for details.",
                                  "error_code": "internal_server_error"})  # fmt: skip
            return None
        return said(401, {"error": "Authentication failure."})

    def _token(self) -> Response:
        if (request.form["client_id"], request.form["client_secret"]) != (USER, SECRET):
            return said(403, {"error": "unauthorized_client"})
        self.tokens = {f"token-{len(self.heard)}"}
        return said(
            200, {"access_token": next(iter(self.tokens)), "token_type": "Bearer", "expires_in": 3600}
        )

    def _validate(self) -> Response:
        body = request.get_json()
        found = [
            each for each in self.patrons if body["identifier"] in {each["cardnumber"], each.get("userid")}
        ]
        if not found or body["password"] != "1234":
            return said(400, {"error": "Validation failed"})
        return said(201, {"cardnumber": found[-1]["cardnumber"], "patron_id": found[-1]["patron_id"]})

    # ------------------------------------------------------------ lists

    def _found(self, rows: Iterable[Row]) -> list[Row]:
        rows = list(rows)
        for name, value in request.args.items():
            if name == "q":
                rows = [row for row in rows if matches(json.loads(value), row)]
            elif not name.startswith("_"):
                rows = [row for row in rows if value in str(row.get(name))]
        return rows

    def _listed(self, rows: Iterable[Row]) -> Response:
        found = self._found(rows)
        answer = said(200, found[_page()])
        answer.headers["X-Total-Count"] = str(len(found))
        return answer

    def _list_biblios(self) -> Response:
        accepted = ["application/json", "application/marcxml+xml", "application/marc-in-json"]
        if request.headers.get("accept") not in accepted:
            return said(406, accepted)
        found = self._found(self.biblios)
        answer = said(200, [each["marc"] for each in found[_page()]])
        answer.headers["Content-Type"] = request.headers["accept"]
        answer.headers["X-Total-Count"] = str(len(found))
        return answer

    # ------------------------------------------------------------ what is made

    def _add_biblio(self) -> Response:
        if request.content_type != "application/marcxml+xml":
            return said(406, ["application/marcxml+xml", "application/marc-in-json", "application/marc"])
        record = marcxml.marc_record(xml.parse(request.get_data()))
        assert record is not None
        number = 100 + len(self.biblios)
        title = record.first("245", "a") or record.first("200", "a")
        self.biblios.append(biblio(number, title, record.first("100", "a")))
        return said(200, {"id": number})

    def _add_item(self, number: int) -> Response:
        body = request.get_json()
        if any(each["external_id"] == body["external_id"] for each in self.items):
            return said(409, {"error": "Duplicate barcode."})
        made = copy(100 + len(self.items), number, **{"barcode": body.pop("external_id"), **body})
        self.items.append(made)
        return said(201, made, location=f"/api/v1/biblios/{number}/items/{made['item_id']}")

    def _add_hold(self) -> Response:
        body = request.get_json()
        if not body.get("pickup_library_id"):
            return said(
                400, {"errors": [{"message": "Missing property.", "path": "/body/pickup_library_id"}]}
            )
        if body["patron_id"] == 6:
            return said(403, {"error": "Hold cannot be placed. Reason: tooManyReserves"})
        self.holds.append({"hold_id": 900 + len(self.holds), **body})
        return said(201, self.holds[-1])

    def _add_checkout(self) -> Response:
        body = request.get_json()
        if any(each["item_id"] == body["item_id"] for each in self.checkouts):
            return said(412, {"error": "Confirmation error"})
        self.checkouts.append({"checkout_id": 700 + len(self.checkouts), **body})
        # Nothing but where it is, and that without a host.
        return Response(
            status=201, headers={"Location": f"/api/v1/checkouts/{self.checkouts[-1]['checkout_id']}"}
        )

    def _list_requests(self) -> Response:
        assert "extended_attributes" == request.headers["x-koha-embed"]
        value = json.loads(request.args["q"])["extended_attributes.value"]
        return said(200, [each for each in self.requests if value in _values(each)])

    def _add_request(self) -> Response:
        body = request.get_json()
        if body["ill_backend_id"] != "Standard":
            return said(405, {"errors": ["This backend does not allow request creation via API"]})
        self.requests.append({"ill_request_id": 50 + len(self.requests), **body})
        # Without what was told with it, as it is not asked for here.
        return said(201, {"ill_request_id": self.requests[-1]["ill_request_id"], "status": "REQ"})


def _values(row: Row) -> set[str]:
    return {each["value"] for each in row["extended_attributes"]}


def _page() -> slice:
    size, page = int(request.args.get("_per_page", 20)), int(request.args.get("_page", 1))
    return slice(size * (page - 1), size * page)


def said(status: int, content: Any, location: str | None = None) -> Response:
    answer = Response(json.dumps(content), status, content_type="application/json;charset=UTF-8")
    # As it came: the client must not be helped with a host.
    answer.autocorrect_location_header = False
    if location:
        answer.headers["Location"] = location
    return answer


def matches(query: Any, row: Row) -> bool:
    """Say whether *row* is what a query in Koha's JSON asks for."""
    for name, value in query.items():
        if name == "-and":
            fits = all(matches(each, row) for each in value)
        elif name == "-or":
            fits = any(matches(each, row) for each in value)
        elif isinstance(value, dict):
            fits = is_like(value["-like"], str(row.get(name) or ""))
        else:
            fits = row.get(name) == value
        if not fits:
            return False
    return True


def is_like(pattern: str, text: str) -> bool:
    """Compare as SQL does, % standing for anything."""
    assert pattern[0] == pattern[-1] == "%"
    inner, plain, escaped = pattern[1:-1], "", False
    for mark in inner:
        assert escaped or mark not in "%_", "a wildcard of the patron's"
        escaped = mark == "\\" and not escaped
        plain += "" if escaped else mark
    assert not escaped
    return plain.casefold() in text.casefold()


def collection(*records: str) -> bytes:
    root = etree.fromstring(f"<collection xmlns='{marcxml.SLIM}'>{''.join(records)}</collection>")
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)
