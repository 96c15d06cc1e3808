"""Reports as pages: a table in words, a way to the requests behind a figure, and a file for a spreadsheet."""

from __future__ import annotations

import re
from functools import partial
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ill_broker.services.members.directory import Directory
from ill_broker.services.office.report_counting import ReportCounting
from ill_broker.services.office.reports import Report, Reports
from ill_broker.services.people.registration import build_people
from ill_broker.settings import Settings
from ill_broker.storage.limit_reports import Refused, add_refused
from ill_broker.storage.store import Store
from tests.factories import BJTU, LIBRARIES, PKU, SZUTL, the_book
from tests.ill_broker.api.client import a_patron
from tests.ill_broker.api.reading import reading, working
from tests.ill_broker.services.card_desk import a_card_lost
from tests.ill_broker.services.lending import Lending
from tests.ill_broker.services.rulebooks import Office
from workflows.reasons import Refusal
from workflows.requests.commands import ReportedStatus

SPAN = "first_month=2026-02&last_month=2026-03"


@pytest.fixture
def services(store: Store, settings: Settings) -> list[object]:
    lending = Lending(store)
    Office(lending).lent(SZUTL)
    lending.hear(lending.asked(PKU), ReportedStatus.UNFILLED, PKU)
    ReportCounting(store, lending.directory).go_on(lending.now)
    a_card_lost(store, lending.now)
    store.write(partial(add_refused, counted={Refused("2026-03-02", BJTU, SZUTL, Refusal.SUSPENDED): 3}))
    directory = Directory(store, the_book())
    return [store, directory, Reports(store, directory), *build_people(store, settings)]


@pytest.fixture
def office(app: Flask, services: list[object], store: Store) -> FlaskClient:
    return working(app, services, store, None)


@pytest.mark.parametrize("report", Report)
def test_each_report_is_a_table_in_words(office: FlaskClient, report: Report) -> None:
    page = office.get(f"/reports?report={report.value}&{SPAN}&by=lane")
    said = re.sub(r"<[^>]*>", " ", unescape(page.text).partition("<h1>")[2])

    assert 200 == page.status_code
    assert report is Report.MONEY or LIBRARIES[SZUTL].name_zh in said
    # no code stands there
    assert [] == re.findall(r"[a-z]{3,}", said)


def test_a_figure_leads_to_its_requests_and_back(office: FlaskClient) -> None:
    page = unescape(office.get(f"/reports?report=fill&{SPAN}&by=home").text)
    (unfilled,) = re.findall(r'href="(/reports/requests[^"]*outcome=unfilled[^"]*)"', page)
    rows = unescape(office.get(unfilled).text)
    (back,) = re.findall(r'href="(/reports\?[^"]*)"', rows)

    assert 1 == rows.count("<tr>") - 1
    assert LIBRARIES[PKU].name_zh in rows or "—" in rows
    assert "report=fill" in back
    assert 200 == office.get(back).status_code


def test_a_figure_of_loan_cards_leads_to_them_and_back(office: FlaskClient) -> None:
    page = unescape(office.get(f"/reports?report=cards&{SPAN}&by=month").text)
    (lost,) = re.findall(r'href="(/reports/cards[^"]*deed=lost[^"]*)"', page)
    rows = unescape(office.get(lost).text)
    (back,) = re.findall(r'href="(/reports\?[^"]*)"', rows)

    assert ("C1" in rows, LIBRARIES[SZUTL].name_zh in rows, 2) == (True, True, rows.count("<tr>"))
    assert "report=cards" in back


def test_what_was_chosen_stays_chosen_and_stands_in_the_file(office: FlaskClient) -> None:
    page = unescape(office.get(f"/reports?report=overdue&{SPAN}&by=month").text)
    (csv,) = re.findall(r'href="(/reports\?[^"]*format=csv)"', page)
    file = office.get(csv)

    assert 2 == len(re.findall(r'value="2026-0[23]" selected', page))
    assert 'value="overdue" selected' in page
    assert 'attachment; filename="overdue.csv"' == file.headers["Content-Disposition"]
    assert file.text.startswith("month,lent,late,late_rate,late_days")


@pytest.mark.parametrize(
    "forged",
    [
        "report=nothing",
        "by=x",
        "first_month=9999-99",
        "library=nobody",
        "last_month=2026-01&first_month=2026-02",
    ],
)
def test_what_cannot_be_chosen_is_not_taken(office: FlaskClient, forged: str) -> None:
    assert 200 == office.get(f"/reports?{forged}").status_code
    assert 200 == office.get(f"/reports/requests?{forged}&after=%25&outcome=x&home=y").status_code
    assert 200 == office.get(f"/reports/requests?{forged}&reached=x&reached_at=y").status_code
    assert 200 == office.get(f"/reports/cards?{forged}&after=%25&deed=x&home=y").status_code


def test_a_desk_sees_its_own_and_a_reader_no_such_page(
    app: Flask, services: list[object], store: Store
) -> None:
    desk = working(app, services, store, PKU)
    page = desk.get(f"/reports?report=fill&{SPAN}").text

    assert ('name="library"' in page, LIBRARIES[SZUTL].name_zh in page) == (False, False)
    assert 404 == reading(app, services, a_patron(store)).get("/reports").status_code
