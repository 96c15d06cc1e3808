"""The office's pages of amendments: dry first, as words, table and picture; carried out once; taken back."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from ill_broker.services.people.registration import build_people
from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from ill_broker.texts.amendment_chart import MAX_DRAWN, as_picture
from tests.factories import NLC, PKU
from tests.ill_broker.api.client import Hand
from tests.ill_broker.api.lending import serving
from tests.ill_broker.api.reading import FORM, working
from tests.ill_broker.services.lending import Lending
from tests.ill_broker.services.rulebooks import Office

DAY = date(2026, 1, 1)


@pytest.fixture
def lending(store: Store) -> Office:
    return Office(Lending(store))


@pytest.fixture
def services(store: Store, settings: Settings, lending: Office) -> list[object]:
    return [store, lending.lending.directory, lending.amendments, *build_people(store, settings)]


@pytest.fixture
def office(
    settings: Settings, services: list[object], store: Store, clock: Hand, lending: Office
) -> FlaskClient:
    for lender in (PKU, PKU, NLC):
        lending.lent(lender)
    clock.time = lending.lending.now
    return working(serving(settings, services, clock), services, store, None, now=clock.time)


def wish(lending: Office, **more: str) -> dict[str, str]:
    now = lending.lending.now.date()
    told = {"issued_from": str(now - timedelta(days=30)), "new_due": str(now + timedelta(days=200))}
    return {**FORM, **told, "which": "except", "lenders": "nlc", "reason": "寒假闭馆", **more}


def test_a_dry_run_tells_days_and_loans_and_changes_nothing(office: FlaskClient, lending: Office) -> None:
    page = office.post("/office/amendments/dry-run", data=wish(lending)).text

    assert "会推迟 2 笔借阅（共看了 3 笔借阅）" in page
    assert (1, 1) == (page.count("<svg xmlns"), page.count('class="primary"'))
    assert re.search(r'data-head="借阅数">2<', page)
    assert "还没有调整过" in office.get("/office/amendments").text


def test_it_is_carried_out_once_and_taken_back_with_a_reason(office: FlaskClient, lending: Office) -> None:
    done = office.post("/office/amendments", data=wish(lending))
    twice = office.post("/office/amendments", data=wish(lending))
    page = office.get(done.location).text
    silent = office.post(f"{done.location}/revocation", data=FORM)
    office.post(f"{done.location}/revocation", data={**FORM, "reason": "误操作"})
    after = office.get(done.location).text

    assert (303, done.location, 422) == (done.status_code, twice.location, silent.status_code)
    assert [] == [
        each for each in ("已执行", "推迟了 2 笔借阅", "王老师", "除这些图书馆以外") if each not in page
    ]
    assert [True, True, False] == ["已撤销" in after, "误操作" in after, "revocation" in after]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"new_due": ""}, "e-new_due"),
        ({"issued_until": "2020-01-01"}, "e-issued_until"),
        ({"lenders": ""}, "请至少勾选一个图书馆"),
        ({"lenders": "atlantis"}, "refusal"),
    ],
)
def test_what_cannot_be_tried_keeps_what_was_typed(
    office: FlaskClient, lending: Office, wrong: dict[str, str], field: str
) -> None:
    page = office.post("/office/amendments/dry-run", data=wish(lending, **wrong))

    assert (True, True) == (page.status_code in {409, 422}, field in page.text)
    assert "寒假闭馆</textarea>" in page.text
    assert 'value="except" checked' in page.text


def test_the_form_comes_back_as_it_was(office: FlaskClient, lending: Office) -> None:
    page = office.post("/office/amendments/new", data=wish(lending)).text

    assert ('value="nlc" checked' in page, "寒假闭馆</textarea>" in page) == (True, True)


def test_nothing_to_move_is_said(office: FlaskClient, lending: Office) -> None:
    early = wish(lending, new_due=str(lending.lending.now.date()))
    page = office.post("/office/amendments/dry-run", data=early).text

    assert ("没有借阅会变动" in page, "执行调整" in page) == (True, False)


def test_the_picture_has_every_pair_in_words_and_an_end() -> None:
    moves = {(DAY + timedelta(days=number), DAY + timedelta(days=99)): number for number in range(60)}
    picture = as_picture(moves, "en")

    assert "1 January 2026 → 10 April 2026 (0 loans)" in picture
    assert MAX_DRAWN == picture.count("<line ")
