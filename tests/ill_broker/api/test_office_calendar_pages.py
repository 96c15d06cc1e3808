"""A calendar's year as a grid: clicks gather, are said in words, and become one version with a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from ill_broker.services.members.directory import Directory
from ill_broker.services.members.rulebook import Rulebook
from ill_broker.settings import Settings
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Hand
from tests.ill_broker.api.lending import lending_services, serving
from tests.ill_broker.api.reading import FORM, working

NAME = "cn-university-sample"
YEAR = f"/office/calendars/{NAME}/days/2026"


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    directory = Directory(store, builtin_book())
    yield [
        *(one for one in services if not isinstance(one, Directory)),
        directory,
        Rulebook(store, directory),
    ]
    close()


@pytest.fixture
def office(settings: Settings, services: list[object], clock: Hand, store: Store) -> FlaskClient:
    return working(serving(settings, services, clock), services, store, None)


def sent(page: str) -> dict[str, str]:
    """Return what the grid's form holds."""
    held = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in ("seq", "clicked")}
    return FORM | {name: found[1] for name, found in held.items() if found}


def test_clicks_gather_across_years_and_become_one_version(office: FlaskClient) -> None:
    first = office.post(YEAR, data={**sent(office.get(YEAR).text), "day": "2026-12-24"}).text
    second = office.post(YEAR, data={**sent(first), "day": "2026-05-03"}).text
    later = office.post(YEAR.replace("2026", "2027"), data={**sent(second), "day": "2027-03-08"}).text
    silent = office.post(f"{YEAR}/version", data=sent(later))
    saved = office.post(f"{YEAR}/version", data={**sent(silent.text), "reason": "校庆"})
    page = office.get(f"/office/calendars/{NAME}").text

    assert "2026年12月24日 · 闭馆 · 刚改动" in first
    assert "2026年5月3日 · 照常 · 刚改动" in second
    assert (422, 303) == (silent.status_code, saved.status_code)
    said = ("新增闭馆：2026年12月24日", "新增闭馆：2027年3月8日", "恢复开馆：2026年5月3日", "校庆", "王老师")
    assert [] == [each for each in said if each not in page]
    assert "劳动节" in office.get(YEAR).text


def test_a_second_click_takes_the_first_back(office: FlaskClient) -> None:
    once = office.post(YEAR, data={**sent(office.get(YEAR).text), "day": "2026-12-24"}).text
    twice = office.post(YEAR, data={**sent(once), "day": "2026-12-24"}).text

    assert ("还没有保存" in once, "还没有保存" in twice) == (True, False)


def test_who_clicked_on_what_has_changed_meanwhile_keeps_the_clicks(office: FlaskClient) -> None:
    mine = {**sent(office.get(YEAR).text), "clicked": "2026-12-24", "reason": "校庆"}
    office.post(f"{YEAR}/version", data={**mine, "clicked": "2026-12-31"})
    late = office.post(f"{YEAR}/version", data=mine)

    assert 422 == late.status_code
    assert 'name="clicked" value="2026-12-24"' in late.text
    assert 'value="校庆"' in late.text


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        (YEAR.replace("2026", "1900"), {}, 404),
        (YEAR, {"seq": "0", "clicked": "tomorrow"}, 422),
        (YEAR.replace(NAME, "atlantis"), {}, 404),
    ],
)
def test_strange_days_and_years_are_refused(
    office: FlaskClient, path: str, data: dict[str, str], status: int
) -> None:
    answer = office.post(path, data={**FORM, **data}) if data else office.get(path)

    assert status == answer.status_code
