"""What a catalogue says of a copy decides on what terms it is lent, from the search to the hand-over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from connectors.marc.records import Field, MarcRecord
from connectors.profiles import read_profile
from ill_broker.services.discovery.catalogue import Catalogue
from ill_broker.settings import Settings
from ill_broker.storage import requests as request_rows
from ill_broker.storage.store import Store
from tests.connectors.factories import cnmarc, field, iso2709, marc21
from tests.ill_broker.api.at_desk import MINUTE, AtDesk, with_accounts
from tests.ill_broker.api.client import NOW, Api, Hand
from tests.ill_broker.api.lending import lending_services, serving
from workflows.ids import LibraryCode, RequestId
from workflows.patrons import Patron

BHU_ITEMS = {"call_numbers": {"T ": "thesis"}, "item_types": {"TB": "book"}}
CODED = "ay   m   000yy"


def unimarc(*fields: Field) -> MarcRecord:
    return replace(cnmarc(*fields), control=(("001", "44"),))


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    words = read_profile("bhu", {"items": BHU_ITEMS}, {}).kinds
    services, close = lending_services(store, settings, clock, kinds={"bhu": words} if words else {})
    yield with_accounts(services, store)
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def desk(api: Api, services: list[object], store: Store, clock: Hand, patron: Patron) -> AtDesk:
    return AtDesk(api, services, store, clock, patron)


def found(desk: AtDesk, tmp_path: Path, library: str, *records: MarcRecord) -> dict[str, Any]:
    """Return what a search finds in a catalogue of these records, with the search's id in it."""
    file = tmp_path / "records.mrc"
    file.write_bytes(b"".join(map(iso2709, records)))
    Catalogue(desk.store).load(file, LibraryCode(library), NOW)
    search = desk.me().post("/searches", json={"title": records[0].first("245", "a") or "三体"}).json
    for _ in range(200):
        if search["finished_at"]:
            break
        time.sleep(0.05)
        search = desk.me().get(f"/searches/{search['id']}").json
    (work,) = search["works"]
    return {"search": search["id"], **work}


def asked(desk: AtDesk, work: dict[str, Any]) -> Any:
    return desk.me().post("/requests", json={"search": work["search"], "work": work["id"]})


@pytest.mark.parametrize(
    "record",
    [
        marc21(field("502", "aThesis (M.Tech.)--BHU"), field("952", "p1", "o620 K1")),
        marc21(field("952", "p1", "oT 620 K1", "yXX")),
        unimarc(field("105", CODED), field("995", "f1", "k620")),
        cnmarc(field("328", "b博士论文"), field("905", "b1", "sTP18/3")),
    ],
)
def test_r_bhu_12_a_thesis_in_the_catalogue_is_lent_for_a_night_with_a_permission(
    desk: AtDesk, tmp_path: Path, record: MarcRecord
) -> None:
    work = found(desk, tmp_path, "bhu", record)
    ((offer,), (copy,)) = work["offers"], work["holdings"]
    refused = desk.reasons(asked(desk, work))
    desk.record("permissions", library="bhu", citation=_typed(work), authority="the Dean")
    request = asked(desk, work).json["id"]
    desk.step(request, "arrival")
    desk.step(request, "notification", result="reached")
    due = desk.step(request, "handover")["due"]

    assert ("thesis", "permission_required") == (copy["item_type"], offer["reason"])
    assert (["permission_required"], "2026-03-03") == (refused, due)


def _typed(work: dict[str, Any]) -> dict[str, Any]:
    told = work["citation"]
    return {name: value for name, value in told.items() if value is not None and name != "issn"}


def test_a_library_s_own_word_lends_what_the_usual_ones_would_not(desk: AtDesk, tmp_path: Path) -> None:
    record = marc21(field("502", "aThesis (Ph.D.)"), field("952", "p1", "o620", "yTB"))
    work = found(desk, tmp_path, "bhu", record)

    assert "book" == work["holdings"][0]["item_type"]
    assert 201 == asked(desk, work).status_code


def led(record: MarcRecord, kind: str, level: str) -> MarcRecord:
    return replace(record, leader=f"{record.leader[:6]}{kind}{level}{record.leader[8:]}")


def serial(kind: str) -> MarcRecord:
    return led(cnmarc(field("110", f"a{kind}"), field("905", "b1")), "a", "s")


DVD = led(cnmarc(field("215", "a1张DVD"), field("905", "b1")), "g", "m")


@pytest.mark.parametrize(
    ("library", "record", "told"),
    [
        ("szutl", DVD, ("dvd", None)),
        ("jinan", DVD, ("dvd", "not_lendable")),
        ("jinan", serial("c"), ("newspaper", "reading_room_only")),
        ("szutl", cnmarc(field("905", "b1", "s善本/1")), ("rare_book", "not_lendable")),
        ("nlc", cnmarc(field("905", "b1", "s线装/1")), ("rare_book", "not_lendable")),
        ("szutl", cnmarc(field("905", "b1", "sR1", "c工具书库")), ("reference", "reading_room_only")),
        ("jinan", cnmarc(field("905", "b1", "sK29", "c地方文献")), ("local_literature", "reading_room_only")),
        ("bhu", marc21(field("952", "p1", "o030", "yREF")), ("reference", "category_not_entitled")),
        ("szutl", cnmarc(field("905", "b1", "sI1", "n红标 禁外借")), ("book", "not_lendable")),
        ("fjmu", serial("a"), ("bound_periodical", "reading_room_only")),
    ],
)  # fmt: skip
def test_what_a_copy_is_decides_whether_its_library_lends_it(
    desk: AtDesk, tmp_path: Path, library: str, record: MarcRecord, told: tuple[str, str | None]
) -> None:
    kind, reason = told
    work = found(desk, tmp_path, library, record)
    answer = asked(desk, work)

    assert kind == work["holdings"][0]["item_type"]
    assert reason == work["offers"][0]["reason"]
    assert 201 == answer.status_code if reason is None else [reason] == desk.reasons(answer)


def test_of_two_copies_the_one_that_lends_is_asked_for(desk: AtDesk, tmp_path: Path) -> None:
    copies = field("905", "bREF1", "sR1", "c参考书", "y在架"), field("905", "bLEND1", "sI1")
    work = found(desk, tmp_path, "szutl", cnmarc(*copies))
    request = asked(desk, work).json["id"]
    with desk.store.reading() as conn:
        kept = request_rows.load(conn, RequestId(request))

    assert {"REF1": "reference", "LEND1": "book"} == {
        copy["barcode"]: copy["item_type"] for copy in work["holdings"]
    }
    assert kept is not None
    copy = kept.copy_at(LibraryCode("szutl"))
    assert copy is not None
    assert ("LEND1", "book") == (copy.barcode, copy.item_type)


def as_a_book(desk: AtDesk, tmp_path: Path) -> dict[str, Any]:
    """Return a work whose catalogue does not say that it is a thesis."""
    return found(desk, tmp_path, "bhu", marc21(field("952", "p1", "o620")))


def corrected(desk: AtDesk, request: str, by: str, **body: Any) -> Any:
    desk.clock.move(MINUTE)
    told = {"item_type": "thesis", "reason": "a thesis, see its title page", **body}
    return desk.staff(by).call("post", f"/requests/{request}/item-type", json=told)


def test_r_bhu_12_a_lender_that_sees_a_thesis_is_passed_over_as_nobody_has_permitted_it(
    desk: AtDesk, tmp_path: Path
) -> None:
    request = asked(desk, as_a_book(desk, tmp_path)).json["id"]
    answer = corrected(desk, request, "bhu")
    seen = desk.staff().get(f"/requests/{request}").json
    timeline = desk.staff().get(f"/requests/{request}/timeline").json["items"]

    assert 200 == answer.status_code
    assert ("closed", "unfilled") == (seen["status"], seen["outcome"])
    (told,) = [one for one in timeline if one["event"] == "ItemCorrected"]
    assert {"a thesis, see its title page", "thesis"} <= set(map(str, told["facts"].values()))


def test_r_bhu_12_a_desk_that_sees_a_thesis_hands_it_over_for_a_night_with_a_permission(
    desk: AtDesk, tmp_path: Path
) -> None:
    work = as_a_book(desk, tmp_path)
    request = asked(desk, work).json["id"]
    desk.step(request, "arrival")
    taken = corrected(desk, request, "bjtu")
    desk.step(request, "notification", result="reached")
    refused = desk.try_step(request, "handover")
    desk.record("permissions", library="bhu", citation=_typed(work), authority="the Dean")
    due = desk.step(request, "handover")["due"]
    late = corrected(desk, request, "bjtu", item_type="book")

    assert (200, 409) == (taken.status_code, late.status_code)
    assert ["permission_required"] == refused.json["facts"]["reasons"]
    assert ("2026-03-03", "wrong_state") == (due, late.json["code"])


def test_only_the_lender_and_the_desk_correct_what_a_copy_is_and_say_why(
    desk: AtDesk, tmp_path: Path
) -> None:
    request = asked(desk, as_a_book(desk, tmp_path)).json["id"]
    patron = desk.me().post(f"/requests/{request}/item-type", json={"item_type": "dvd", "reason": "x"})
    silent = corrected(desk, request, "bhu", reason="")
    unknown = corrected(desk, request, "bhu", item_type="scroll")
    stranger = corrected(desk, request, "pku")

    assert [403, 422, 422, 404] == [one.status_code for one in (patron, silent, unknown, stranger)]


def test_staff_read_who_corrected_a_copy_and_the_reader_which_library(desk: AtDesk, tmp_path: Path) -> None:
    request = asked(desk, as_a_book(desk, tmp_path)).json["id"]
    desk.step(request, "arrival")
    corrected(desk, request, "bjtu")
    path = f"/requests/{request}/timeline"
    for_staff, for_lender, for_reader = (
        next(one for one in caller.get(path).json["items"] if one["event"] == "ItemCorrected")
        for caller in (desk.staff("bjtu"), desk.staff("bhu"), desk.me())
    )

    assert ("bjtu", "Somebody of bjtu") == (for_staff["by_library"], for_staff["by_name"])
    assert for_staff == for_lender
    assert ("bjtu", False) == (for_reader["by_library"], "by_name" in for_reader)


def test_a_correction_on_the_way_moves_the_date_that_the_lender_expects_it_back(
    desk: AtDesk, tmp_path: Path
) -> None:
    request = asked(desk, as_a_book(desk, tmp_path)).json["id"]
    desk.staff("bhu").post(f"/requests/{request}/answer", json={"status": "Loaned"})
    as_book = desk.staff("bhu").get(f"/requests/{request}").json["lender_due"]
    as_thesis = corrected(desk, request, "bhu").json["lender_due"]
    again = corrected(desk, request, "bhu", item_type="book").json["lender_due"]

    assert as_thesis < as_book == again
