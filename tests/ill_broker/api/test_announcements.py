"""What is said to readers and desks for some days: to whom, on which days, in which language."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from ill_broker.services.members.directory import Directory
from ill_broker.services.office.announcements import Announcements
from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.factories import the_book
from tests.ill_broker.api.client import NOW, Api, Hand
from tests.ill_broker.api.lending import Callers, lending_services, serving
from tests.ill_broker.api.reading import FORM, reading, working
from workflows.actors import Actor, Role
from workflows.ids import LibraryCode
from workflows.patrons import Patron

SAID = {"audience": "both", "zh": "总馆搬迁", "en": "We move", "first": "2026-03-02", "last": "2026-03-03"}


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Any:
    services, close = lending_services(store, settings, clock)
    yield [*services, Announcements(store, Directory(store, the_book()))]
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def callers(api: Api, services: list[object], store: Store) -> Callers:
    return Callers(api, services, store)


def heard(api: Api) -> list[str]:
    return [one["en"] for one in api.get("/announcements").json["items"]]


def said(api: Api, **told: Any) -> Any:
    return api.post("/announcements", json=SAID | told).json


def test_each_hears_what_is_for_them(callers: Callers, patron: Patron) -> None:
    office, desk, other = (callers.staff(each) for each in (None, "bjtu", "pku"))
    said(office, en="all")
    said(desk, en="our readers", audience="readers")
    said(desk, en="our desk", audience="desks")
    said(other, en="elsewhere")

    assert {"all", "our readers"} == {*heard(callers.patron(patron))}
    assert {"all", "our desk"} == {*heard(desk)}
    assert {"all", "elsewhere"} == {*heard(other)}
    assert ["all"] == heard(office)


def test_days_are_those_of_the_readers_library(callers: Callers, services: list[object]) -> None:
    said(callers.staff(None), first="2026-03-03", last="2026-03-03")
    kept = next(one for one in services if isinstance(one, Announcements))
    midnight = NOW.replace(hour=0, minute=0)

    def hours(library: str | None) -> list[int]:
        who = Actor(Role.PATRON, "pat_anna", LibraryCode(library)) if library else None
        asked = [(hour, midnight + timedelta(hours=hour)) for hour in range(48)]
        return [hour for hour, at in asked if kept.holding(who, now=at)]

    # 3 March begins at 16:00 UTC the day before in Beijing, and half past six in the evening in Varanasi
    assert [*range(16, 40)] == hours("bjtu") == hours(None)
    assert [*range(19, 43)] == hours("bhu")


def test_what_is_withdrawn_is_said_no_longer_and_may_be_said_again(callers: Callers) -> None:
    desk = callers.staff("bjtu")
    one = f"/announcements/{said(desk)['id']}"
    read = desk.get(one)
    desk.delete(one)
    assert [] == heard(desk)
    assert 412 == desk.put(one, json=SAID, headers={"If-Match": read.headers["ETag"]}).status_code

    desk.put(one, json=SAID | {"en": "We moved"})
    assert ["We moved"] == heard(desk)
    assert ["We moved"] == [each["en"] for each in desk.get("/announcements/written").json["items"]]


def test_nobody_changes_what_another_library_says(callers: Callers) -> None:
    desk, other, office = (callers.staff(each) for each in ("bjtu", "pku", None))
    one = f"/announcements/{said(desk)['id']}"

    assert [404, 404, 404] == [
        other.get(one).status_code,
        other.put(one, json=SAID).status_code,
        other.delete(one).status_code,
    ]
    assert [] == other.get("/announcements/written").json["items"]
    assert 200 == office.put(one, json=SAID | {"en": "by the office"}).status_code
    assert ["by the office"] == heard(desk)
    by = office.get("/audit", query_string={"subject": one.rpartition("/")[2]}).json["items"]
    assert {"announced", "announcement_changed"} == {each["action"] for each in by}


def test_without_words_or_with_days_that_run_backwards_it_is_refused(callers: Callers) -> None:
    desk = callers.staff("bjtu")
    wordless = desk.post("/announcements", json=SAID | {"zh": None, "en": None})
    backwards = desk.post("/announcements", json=SAID | {"last": "2026-03-01"})

    assert ["/zh", "/last"] == [each.json["errors"][0]["pointer"] for each in (wordless, backwards)]


def test_another_process_shows_it_within_seconds_and_asks_no_more_often(
    callers: Callers, store: Store, clock: Hand
) -> None:
    other = Announcements(store, Directory(store, the_book()))
    assert [] == other.holding(None, now=clock.now())
    said(callers.staff(None))

    assert [] == other.holding(None, now=clock.now() + timedelta(seconds=4))
    assert ["We move"] == [one.en for one in other.holding(None, now=clock.now() + timedelta(seconds=5))]


def test_a_page_says_it_in_the_language_of_whoever_reads_and_else_in_its_own(
    app: Flask, services: list[object], store: Store, patron: Patron
) -> None:
    desk, reader = working(app, services, store), reading(app, services, patron)
    form = {**FORM, **SAID, "weight": "warning"}
    assert 303 == desk.post("/announcements", data=form).status_code
    assert 303 == desk.post("/announcements", data=form | {"zh": "", "en": "Only so"}).status_code
    page = reader.get("/me").text

    assert ["总馆搬迁", 'lang="en"', "Only so"] == [
        one for one in ("总馆搬迁", "We move", 'lang="en"', "Only so") if one in page.partition("<main")[0]
    ]
    assert "We move" in desk.get("/desk/readers?lang=en").text.partition("<main")[0]
    assert 422 == desk.post("/announcements", data=form | {"last": "2026-03-01"}).status_code


def test_a_form_that_was_shown_before_another_change_is_refused(
    app: Flask, services: list[object], store: Store, callers: Callers
) -> None:
    one = f"/announcements/{said(callers.staff('bjtu'))['id']}"
    desk = working(app, services, store)
    form = {**FORM, **SAID, "weight": "info", "version": "1"}

    assert 200 == desk.get(one).status_code
    assert [303, 422] == [desk.post(one, data=form).status_code for _ in range(2)]
    assert 303 == desk.post(f"{one}/withdrawal", data=FORM).status_code
    assert "已撤下" in desk.get("/announcements").text
