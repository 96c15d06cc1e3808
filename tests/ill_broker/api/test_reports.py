"""Reports over HTTP: for the office and for desks, as JSON and CSV."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ill_broker.services.members.directory import Directory
from ill_broker.services.office.report_counting import ReportCounting
from ill_broker.services.office.reports import Reports
from ill_broker.services.people.registration import build_people
from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.factories import BJTU, SZUTL, the_book
from tests.ill_broker.api.client import Api, logged_in
from tests.ill_broker.services.card_desk import a_card_lost
from tests.ill_broker.services.lending import OFFICE, Lending
from tests.ill_broker.services.rulebooks import Office
from workflows.actors import Actor, Role

YEAR = "first_month=2026-01&last_month=2026-12"
REPORTS = ("turnaround", "fill", "reasons", "overdue", "lenders", "balance", "money", "cards", "limits")


@pytest.fixture
def services(store: Store, settings: Settings) -> list[object]:
    lending = Lending(store)
    Office(lending).lent(SZUTL)
    ReportCounting(store, lending.directory).go_on(lending.now)
    a_card_lost(store, lending.now)
    return [store, Reports(store, Directory(store, the_book())), *build_people(store, settings)]


@pytest.fixture
def office_api(api: Api, services: list[object]) -> Api:
    return api.as_(logged_in(services, OFFICE))


@pytest.mark.parametrize("report", REPORTS)
def test_every_report_is_a_table_as_json_and_as_csv(office_api: Api, report: str) -> None:
    told = office_api.get(f"/reports/{report}?{YEAR}")
    table = office_api.get(f"/reports/{report}?{YEAR}&format=csv")

    assert (200, report) == (told.status_code, told.json["report"])
    assert all(set(row) == set(told.json["columns"]) for row in told.json["rows"])
    assert ("text/csv; charset=utf-8", ",".join(told.json["columns"])) == (
        table.headers["Content-Type"],
        table.text.splitlines()[0],
    )
    assert len(table.text.splitlines()) == 1 + len(told.json["rows"])


def test_the_contract_names_both() -> None:
    contract = (Path(__file__).parents[3] / "openapi.yaml").read_text(encoding="utf-8")
    paths = yaml.load(contract, yaml.CSafeLoader)["paths"]

    for report in REPORTS:
        content = paths[f"/api/v1/reports/{report}"]["get"]["responses"]["200"]["content"]
        assert {"application/json", "text/csv"} == set(content)


def test_a_figure_leads_to_its_requests(office_api: Api) -> None:
    (fill,) = office_api.get(f"/reports/fill?{YEAR}&by=lane").json["rows"]
    page = office_api.get(f"/reports/requests?{YEAR}&lender={fill['lender']}&home={fill['home']}").json

    assert (1, "szutl", "bjtu") == (fill["requests"], fill["lender"], fill["home"])
    assert [("on_loan", None, None)] == [(r["status"], r["outcome"], r["late_days"]) for r in page["items"]]
    assert page["next"] is None


def test_a_figure_of_loan_cards_leads_to_what_happened(office_api: Api) -> None:
    (told,) = office_api.get(f"/reports/cards?{YEAR}&by=lane").json["rows"]
    page = office_api.get(f"/reports/card-events?{YEAR}&lender={told['lender']}&deed=lost").json
    first = office_api.get(f"/reports/card-events?{YEAR}&limit=1").json
    further = office_api.get(f"/reports/card-events?{YEAR}&limit=1&after={first['next']}").json

    assert ("szutl", "bjtu", 1, 0, 1) == tuple(
        told[n] for n in ("lender", "home", "issued", "returned", "lost")
    )
    assert [("C1", "lost", None)] == [(r["barcode"], r["deed"], r["late_days"]) for r in page["items"]]
    assert ["lost", "issued"] == [page["items"][0]["deed"] for page in (first, further)]
    assert further["next"] is None


def test_a_desk_sees_its_own_and_a_reader_nothing(api: Api, services: list[object], patron_api: Api) -> None:
    desk = api.as_(logged_in(services, Actor(Role.STAFF, "stf_00000009", BJTU)))

    assert 1 == len(desk.get(f"/reports/fill?{YEAR}&library=pku").json["rows"])
    assert 403 == patron_api.get(f"/reports/fill?{YEAR}").status_code
    assert 401 == api.get(f"/reports/fill?{YEAR}").status_code


@pytest.mark.parametrize(
    ("query", "at"),
    [
        ("first_month=2026-03&last_month=2026-02", "last_month"),
        ("first_month=2026-13&last_month=2027-02", "first_month"),
        ("first_month=2026-01", "last_month"),
        (f"{YEAR}&by=day", "by"),
        (f"{YEAR}&format=xls", "format"),
        (f"{YEAR}&what=1", "what"),
    ],
)
def test_what_is_no_span_is_named(office_api: Api, query: str, at: str) -> None:
    refused = office_api.get(f"/reports/fill?{query}")

    assert 422 == refused.status_code
    assert at in str(refused.json["errors"])


def test_a_report_of_balance_is_not_taken_apart(office_api: Api) -> None:
    assert 422 == office_api.get(f"/reports/balance?{YEAR}&by=month").status_code
