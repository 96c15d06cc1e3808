"""Readers at the desk as pages: found, seen whole, and served with one button."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ill_broker.storage.store import Store
from tests.ill_broker.api.client import a_patron
from tests.ill_broker.api.desk import AtTheDesk, on
from tests.ill_broker.api.reader_desk import LENT, app, clerk, desk, services
from tests.ill_broker.api.reading import FORM, working
from workflows.actors import Role

__all__ = ["app", "clerk", "desk", "services"]


@pytest.mark.parametrize("known", ["20261", "李梅", "5678", "reader1@example.org"])
def test_a_reader_is_gone_to_by_what_the_desk_knows(clerk: FlaskClient, desk: AtTheDesk, known: str) -> None:
    found = clerk.get("/desk/readers", query_string={"query": known})

    assert f"/desk/readers/{desk.who.id}" == found.location


def test_of_several_readers_one_is_chosen_but_a_card_means_its_own(clerk: FlaskClient, store: Store) -> None:
    other = a_patron(store, "2")
    listed = clerk.get("/desk/readers?query=李梅").text
    meant = clerk.get("/desk/readers?query=20262")

    assert 2 == listed.count('<a class="title"')
    assert f"/desk/readers/{other.id}" == meant.location
    assert "本馆没有这样的读者" in clerk.get("/desk/readers?query=nobody").text


def test_a_reader_at_the_desk_is_seen_whole(clerk: FlaskClient, desk: AtTheDesk) -> None:
    desk.lent("szutl")
    stocked = desk.as_(Role.STAFF).post(
        "/loan-cards", json={"barcode": "C1", "library": "pku", "desk": "bjtu"}
    )
    desk.as_(Role.STAFF).post("/loan-cards/issues", json={"barcode": "C1", "card_number": "20261"})
    page = clerk.get(f"/desk/readers/{desk.who.id}").text

    assert f'href="/desk/requests/{desk.id}"' in page
    assert 201 == stocked.status_code
    shown = (
        "李梅",
        "20261",
        "+8613812345678",
        "reader1@example.org",
        "红楼梦",
        "应于",
        ">C1<",
        "没有任何费用",
    )
    assert [] == [each for each in shown if each not in page]


def test_a_book_is_handed_over_and_renewed_by_its_one_button(clerk: FlaskClient, desk: AtTheDesk) -> None:
    desk.asked("szutl")
    desk.step("arrival")
    path = f"/desk/readers/{desk.who.id}"
    assert f"{path}/requests/{desk.id}/handover" in clerk.get(path).text

    handed = clerk.post(f"{path}/requests/{desk.id}/handover", data=FORM)
    done = clerk.get(handed.location).text
    renewed = clerk.post(f"{path}/requests/{desk.id}/renewal", data=FORM)

    assert (303, 303) == (handed.status_code, renewed.status_code)
    assert ('class="notice good"' in done, "2026年5月10日" in done) == (True, True)
    assert ["on_loan", "2026-06-10"] == [desk.seen()[each] for each in ("status", "due")]


def test_what_is_refused_is_said_on_the_readers_own_page(clerk: FlaskClient, desk: AtTheDesk) -> None:
    desk.lent("szutl")
    refused = clerk.post(f"/desk/readers/{desk.who.id}/requests/{desk.id}/handover", data=FORM)

    assert (409, True) == (refused.status_code, 'class="refusal"' in refused.text)
    assert "李梅" in refused.text


def test_a_lender_sees_of_a_reader_what_concerns_it(
    app: Flask, services: list[object], desk: AtTheDesk
) -> None:
    desk.on(LENT).lent("szutl")
    lender = working(app, services, desk.store, "szutl", on(LENT))
    found = lender.get("/desk/readers/elsewhere?home=bjtu&card_number=20261")
    page = lender.get(found.location).text
    stranger = working(app, services, desk.store, "pku", on(LENT))

    assert ("红楼梦" in page, "李梅" in page, "5678" in page) == (True, False, False)
    assert "/desk/requests/" not in page
    assert 404 == stranger.get(found.location).status_code
    assert (
        "没有向本馆借书的读者持此证"
        in stranger.get("/desk/readers/elsewhere?home=bjtu&card_number=20261").text
    )
    assert "/log-in?to=/desk/readers" == app.test_client().get("/desk/readers").location


def test_a_readers_requests_and_cards_are_listed_for_the_desk_alone(desk: AtTheDesk, store: Store) -> None:
    desk.on(LENT).lent("szutl")
    other = a_patron(store, "2")

    def listed(patron: str, library: str = "bjtu", what: str = "requests") -> int:
        items = desk.as_(Role.STAFF, library).get(f"/{what}?patron={patron}").json["items"]
        return len(items)

    assert [1, 0, 1, 0] == [
        listed(desk.who.id),
        listed(other.id),
        listed(desk.who.id, "szutl"),
        listed(desk.who.id, "pku"),
    ]
    assert 0 == listed(desk.who.id, what="loan-cards")
