"""Loan cards at the desk as pages: into stock, out to a reader, back, lost and found."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from tests.ill_broker.api.desk import AtTheDesk, on
from tests.ill_broker.api.reader_desk import app, clerk, desk, services
from tests.ill_broker.api.reading import FORM, working
from workflows.actors import Role

__all__ = ["app", "clerk", "desk", "services"]


def test_a_card_goes_out_and_comes_back_by_its_pages(clerk: FlaskClient, desk: AtTheDesk) -> None:
    reader = f"/desk/readers/{desk.who.id}"
    new = {**FORM, "barcode": "C1", "library": "pku"}
    added = [clerk.post("/desk/cards", data=one).status_code for one in (FORM, new, new)]
    unknown = clerk.post(f"{reader}/cards", data={**FORM, "barcode": "C2"})
    issued = clerk.post(f"{reader}/cards", data={**FORM, "barcode": "C1"})
    card = clerk.get("/desk/cards?barcode=c1").location
    out = clerk.get(card).text
    twice = clerk.post(f"{reader}/cards", data={**FORM, "barcode": "C1"})
    steps = [clerk.post(f"{card}/{step}", data=FORM).status_code for step in ("loss", "found", "found")]
    back = clerk.get(card).text

    assert ([422, 303, 409], 409, 303) == (added, unknown.status_code, issued.status_code)
    assert "本馆没有这张证" in unknown.text
    assert ("李梅" in out, f'action="{card}/return"' in out, "2026年5月9日" in out) == (True, True, True)
    assert ([303, 303, 409], 409) == (steps, twice.status_code)
    assert ("李梅" in back, "在库" in back) == (False, True)


def test_what_expires_soon_is_listed_with_its_holder(
    app: Flask, services: list[object], clerk: FlaskClient, desk: AtTheDesk
) -> None:
    clerk.post("/desk/cards", data={**FORM, "barcode": "C1", "library": "pku"})
    clerk.post(f"/desk/readers/{desk.who.id}/cards", data={**FORM, "barcode": "C1"})
    early, lost = clerk.get("/desk/cards").text, clerk.get("/desk/cards?status=lost").text
    desk.on("2026-05-04")
    late = working(app, services, desk.store, now=on("2026-05-04")).get("/desk/cards").text
    listed = [
        len(desk.as_(Role.STAFF, library).get(f"/loan-cards?due_by=2026-05-{day}").json["items"])
        for library, day in (("bjtu", "09"), ("bjtu", "08"), ("szutl", "09"))
    ]

    (step,) = re.findall(r'action="(/desk/cards/[^"]+/return)"', late)
    today = working(app, services, desk.store, now=on("2026-05-04"))
    back = today.post(step, data={**FORM, "here": "/desk/cards"})

    assert (303, "/desk/cards") == (back.status_code, back.location)
    assert [] == desk.as_(Role.STAFF).get("/loan-cards?due_by=2026-05-09").json["items"]
    assert "<h3>2026年5月9日" in late
    assert ('id="expiring"' in early, 'id="expiring"' in late) == (False, True)
    assert ([1, 0, 0], 2) == (listed, late.count(">李梅<"))
    assert "没有这样的互借证" in lost
