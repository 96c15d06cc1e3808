"""What libraries say of themselves over HTTP: read by everybody, changed by their desks and the office."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from ill_broker.services.members.connections import Connections
from ill_broker.services.members.connector_health import PartnerHealth
from ill_broker.services.members.directory import Directory
from ill_broker.services.members.rulebook import Rulebook
from ill_broker.services.places import Places
from ill_broker.settings import Settings
from ill_broker.storage import libraries
from ill_broker.storage.store import Store
from tests.ill_broker.api.client import Api, Hand, a_patron
from tests.ill_broker.api.lending import Callers, lending_services, serving
from workflows.ids import LibraryCode
from workflows.libraries import Library

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MORNINGS = {day: ["08:00-12:00"] if day != "sun" else [] for day in WEEK}
A_CLOSURE = {"from": "2026-11-02", "to": "2026-11-03", "label": {"zh": "盘点", "en": "Stocktaking"}}
A_TEXT = {"zh": "请保持安静。", "en": "Please be quiet."}


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    with store.writing() as conn:
        for code, zh in (
            ("jinan", "济南市图书馆"),
            ("fjmu", "福建医科大学图书馆"),
            ("bhu", "印度理工学院图书馆"),
        ):
            libraries.put(conn, Library(code=LibraryCode(code), name=code.upper(), name_zh=zh), {})
        cufe = Library(code=LibraryCode("cufe"), name="CUFE", name_zh="中央财经大学图书馆", policy="balis")
        libraries.put(conn, cufe, {})
    directory = next(one for one in services if isinstance(one, Directory))
    health = PartnerHealth(store)
    connections = Connections(store, health, Places(), check=lambda _: (), try_out=lambda *_: ())
    yield [*services, Rulebook(store, directory), health, connections]
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def callers(api: Api, services: list[object], store: Store) -> Callers:
    return Callers(api, services, store)


@pytest.fixture
def desk(callers: Callers) -> Api:
    return callers.staff("bjtu")


@pytest.fixture
def office(callers: Callers) -> Api:
    return callers.staff(None)


@pytest.fixture
def reader(callers: Callers, store: Store) -> Api:
    return callers.patron(a_patron(store))


def told(response: Any, status: int = 200) -> dict[str, Any]:
    body: dict[str, Any] = response.json

    assert status == response.status_code, body
    return body


def page(api: Api, library: str, language: str = "zh") -> dict[str, Any]:
    return told(api.get(f"/libraries/{library}", headers={"Accept-Language": language}))


def stated(api: Api, library: str, **changes: Any) -> dict[str, Any]:
    """Return what would be sent to change these, and nothing else."""
    return {**page(api, library)["stated"], "reason": "as it is now", **changes}


def texts(library: dict[str, Any]) -> str:
    notices = library["notices"]
    return "\n".join(sum(notices.values(), library["registration"]["hints"]))


RULES = (
    ("R-BJTU-1", "bjtu", "馆际互借免费", "free of charge"),
    ("R-BJTU-8", "bjtu", "学生证号", "student card number"),
    ("R-BJTU-10", "bjtu", "电话通知", "calls its reader"),
    ("R-BULC-1", "bjtu", "39 个成员馆", "39 member libraries"),
    ("R-BULC-4", "bjtu", "持证人可借中文图书", "Card holders can borrow Chinese books"),
    ("R-BULC-8", "bjtu", "图书的借期由借出馆决定", "decides for how long"),
    ("R-NLC-5", "nlc", "优先外借外文图书", "prefers to lend foreign-language books"),
    ("R-SHLIB-6", "shlib", "优先外借外文图书", "prefers to lend foreign-language books"),
    ("R-SZUTL-1", "szutl", "免费开放", "open free of charge"),
    (
        "R-SZUTL-3",
        "szutl",
        "仅限馆内阅览：现刊、报纸、工具书",
        "current periodical, newspaper, reference work",
    ),
    ("R-SZUTL-5", "szutl", "不超过三册", "no more than three"),
    ("R-SZUTL-9", "szutl", "遵守该馆的规定", "the rules of that library apply"),
    ("R-SZUTL-14", "szutl", "不通过网络或电子邮件发送催还通知", "sends no overdue notices online"),
    ("R-SZUTL-16", "szutl", "未办理借阅手续", "uncompleted formalities"),
    ("R-FJMU-3", "fjmu", "未规定册数上限", "neither a number of items nor any renewal"),
    ("R-FJMU-8", "fjmu", "空书架", "empty shelves"),
    ("R-FJMU-11", "fjmu", "大学城校区的期刊不外借", "Periodicals of the university campus"),
    ("R-FJMU-12", "fjmu", "台江校区", "Taijiang campus"),
    ("R-FJMU-13", "fjmu", "当班归还", "within the same shift"),
    ("R-JN-9", "jinan", "验证读者证", "verified at each reading room"),
    ("R-JN-10", "jinan", "每次限取一册", "one open-stack book at a time"),
    ("R-JN-12", "jinan", "复印单", "respect copyright"),
    ("R-JN-13", "jinan", "仅限室内阅览", "used inside only"),
    ("R-JN-14", "jinan", "保持安静", "keep silence"),
    ("R-BHU-4", "bhu", "两张照片", "two photographs"),
    ("R-BHU-8", "bhu", "无欠证明", "no-dues certificate"),
    ("R-BHU-9", "bhu", "缴费收据", "fee receipt"),
    ("R-BHU-12", "bhu", "须经特别许可方可外借：学位论文", "special permission only: thesis"),
    ("R-BHU-15", "bhu", "仅借给教师", "go to faculty only"),
    ("R-BHU-17", "bhu", "立即报告", "immediately"),
    ("R-BHU-18", "bhu", "登记价格", "price in the accession register"),
)


@pytest.mark.parametrize(
    ("rule", "library", "chinese", "english"),
    [pytest.param(*row, marks=pytest.mark.rule(row[0]), id=row[0]) for row in RULES],
)
def test_a_reader_is_told_the_rule_in_both_languages(
    reader: Api, rule: str, library: str, chinese: str, english: str
) -> None:
    assert chinese in texts(page(reader, library)), rule
    assert english in texts(page(reader, library, "en")), rule


@pytest.mark.rule("R-BJTU-12")
def test_a_reader_reads_when_the_desk_is_open_and_when_it_will_not_be(reader: Api) -> None:
    bjtu = page(reader, "bjtu")

    assert ["08:00-12:00", "14:00-17:30"] == bjtu["opening_hours"]["fri"]
    assert [] == bjtu["opening_hours"]["sat"]
    assert {"from": "2026-10-01", "to": "2026-10-07", "label": "国庆节"} in bjtu["closures"]
    assert "National Day" in [one["label"] for one in page(reader, "bjtu", "en")["closures"]]
    assert [] == [one for one in bjtu["closures"] if one["to"] < "2026-03-01"]


@pytest.mark.rule("R-BJTU-13")
def test_a_reader_reads_the_telephone_and_the_floor(reader: Api) -> None:
    assert (["010-51683474"], "主馆三层") == tuple(
        page(reader, "bjtu")["contacts"][key] for key in ("phone", "floor")
    )
    assert "3rd floor of the main library" == page(reader, "bjtu", "en")["contacts"]["floor"]


def test_the_list_says_the_same_in_the_callers_language(reader: Api) -> None:
    for language, name in (("zh", "济南市图书馆"), ("en", "JINAN")):
        listed = told(reader.get("/libraries", headers={"Accept-Language": language}))["items"]
        jinan = next(one for one in listed if one["code"] == "jinan")

        assert name == jinan["name"]
        assert jinan == page(reader, "jinan", language)


def test_what_is_sent_back_as_it_was_read_is_no_new_version(desk: Api, office: Api) -> None:
    before = desk.get("/libraries/bjtu")
    after = desk.put("/libraries/bjtu", json=stated(desk, "bjtu"))

    assert told(before) == told(after)
    assert [] == told(office.get("/policies/bjtu"))["versions"]


def test_a_desk_changes_its_words_and_hours_as_a_new_version(desk: Api, office: Api, reader: Api) -> None:
    before = stated(desk, "bjtu")
    notices = {**before["notices"], "reading_room": [A_TEXT]}
    contacts = {**before["contacts"], "phone": ["010-51680000"], "email": ["ill@bjtu.example"]}
    changes = {"notices": notices, "contacts": contacts, "opening_hours": MORNINGS}
    changed = told(desk.put("/libraries/bjtu", json={**before, **changes}))
    file = told(office.get("/policies/bjtu"))

    assert changes == {key: changed["stated"][key] for key in changes}
    assert ["请保持安静。"] == page(reader, "bjtu")["notices"]["reading_room"]
    assert ["Please be quiet."] == page(reader, "bjtu", "en")["notices"]["reading_room"]
    assert MORNINGS == page(reader, "bjtu")["opening_hours"] == file["document"]["opening_hours"]
    assert ["as it is now"] == [version["reason"] for version in file["versions"]]
    assert file["versions"][0]["author"].startswith("stf_")
    assert "cn-university-sample" == file["document"]["calendar"]


def test_a_desks_closures_leave_the_calendar_of_others_alone(desk: Api, office: Api, reader: Api) -> None:
    others = page(reader, "pku")["closures"]
    told(desk.put("/libraries/bjtu", json=stated(desk, "bjtu", closures=[A_CLOSURE])))
    own = told(office.get("/calendars/bjtu"))["document"]
    told(desk.put("/libraries/bjtu", json=stated(desk, "bjtu", closures=[])))

    assert "2024-01-01" == own["closures"][0]["from"]
    assert A_CLOSURE == own["closures"][-1]
    assert [] == page(reader, "bjtu")["closures"]
    assert others == page(reader, "pku")["closures"] != []
    assert [2, 1] == [
        len(told(office.get(f"/{path}/bjtu"))["versions"]) for path in ("calendars", "policies")
    ]


def test_a_library_without_a_policy_file_of_its_own_gets_one(office: Api, reader: Api) -> None:
    told(office.put("/libraries/cufe", json=stated(office, "cufe", opening_hours=MORNINGS)))

    assert MORNINGS == page(reader, "cufe")["opening_hours"]
    assert "balis" == told(office.get("/policies/cufe"))["document"]["inherits"]


FAULTS: tuple[tuple[dict[str, Any], set[tuple[str, str]]], ...] = (
    ({"opening_hours": {**MORNINGS, "tue": ["9-17"]}}, {("/opening_hours/tue/0", "bad_time")}),
    ({"opening_hours": {**MORNINGS, "wed": ["08:00-12:00", "11:00-13:00"]}},
     {("/opening_hours/wed", "overlap")}),
    (
        {"closures": [A_CLOSURE, {**A_CLOSURE, "from": "2026-13-01"}]},
        {("/closures/1/from", "bad_date")},
    ),
    ({"closures": [{**A_CLOSURE, "from": "2026-12-01"}]}, {("/closures/0", "bad_range")}),
    (
        {
            "closures": [{**A_CLOSURE, "to": "9999"}],
            "extra_open": [{"date": "2026-05-09", "hours": ["8"], "label": None}],
            "opening_hours": {**MORNINGS, "mon": ["24:00-25:00"]},
        },
        {("/closures/0/to", "bad_date"), ("/extra_open/0/hours/0", "bad_time"),
         ("/opening_hours/mon/0", "bad_time")},
    ),
    ({"notices": {"reading_room": [{"zh": "请"}], "not_lent": [], "borrowing": []}},
     {("/notices/reading_room/0/en", "required")}),
    ({"colour": "red"}, {("/colour", "unknown_field")}),
)  # fmt: skip


@pytest.mark.parametrize(("changes", "faults"), FAULTS)
def test_a_fault_is_refused_by_its_place_and_nothing_is_changed(
    desk: Api, changes: dict[str, Any], faults: set[tuple[str, str]]
) -> None:
    before = copy.deepcopy(page(desk, "bjtu"))
    wanted = stated(desk, "bjtu", registration={"hints": [A_TEXT]}, **changes)
    refused = told(desk.put("/libraries/bjtu", json=wanted), 422)

    assert faults == {(error["pointer"], error["code"]) for error in refused["errors"]}
    assert before == page(desk, "bjtu")


def test_two_who_change_it_at_once_do_not_overwrite_each_other(desk: Api, office: Api) -> None:
    tag = {"If-Match": desk.get("/libraries/bjtu").headers["ETag"]}
    wanted = stated(desk, "bjtu", closures=[A_CLOSURE])
    changed = desk.put("/libraries/bjtu", json=wanted, headers=tag)
    late = office.put("/libraries/bjtu", json=wanted | {"closures": []}, headers=tag)

    assert [200, 412] == [changed.status_code, late.status_code]
    assert [A_CLOSURE] == page(desk, "bjtu")["stated"]["closures"]


def test_a_library_is_changed_by_its_own_desk_and_the_office_alone(
    callers: Callers, desk: Api, office: Api, reader: Api
) -> None:
    wanted = stated(desk, "bjtu")
    strangers = (callers.staff("pku"), reader, callers.partner("bjtu"))

    assert [403] * 3 == [one.put("/libraries/bjtu", json=wanted).status_code for one in strangers]
    assert [None] * 3 == [page(one, "bjtu")["stated"] for one in strangers]
    assert 401 == callers.anybody.put("/libraries/bjtu", json=wanted).status_code
    assert 404 == office.put("/libraries/atlantis", json=wanted).status_code
