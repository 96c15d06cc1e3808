"""Suspensions, permissions and categories by the numbered rules of the libraries, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.ill_broker.api.at_desk import DAY, REASON, AtDesk, with_accounts
from tests.ill_broker.api.client import Api, Hand, a_patron
from tests.ill_broker.api.lending import lending_services, serving
from workflows.patrons import Patron

THESIS: dict[str, Any] = {"item_type": "thesis", "language": "eng", "title": "On Loans"}


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    yield with_accounts(services, store)
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def desk(api: Api, services: list[object], store: Store, clock: Hand, patron: Patron) -> AtDesk:
    return AtDesk(api, services, store, clock, patron)


# Suspensions


def test_r_szutl_17_a_reported_loss_suspends_at_its_lender_alone(desk: AtDesk) -> None:
    lost = desk.lent("szutl")
    desk.step(lost, "loss")
    refused = desk.wish("szutl", number=2)
    (told,) = desk.shown("suspensions")

    assert ["suspended"] == desk.reasons(refused)
    assert {"szutl": "suspended"} == refused.json["facts"]["lenders"]
    assert ("szutl", "loss", lost, True, None) == tuple(
        told[name] for name in ("library", "case", "request", "holds", "until")
    )
    assert 201 == desk.wish("fjmu", number=2).status_code


def test_r_szutl_21_the_suspension_lasts_until_the_loss_is_settled(desk: AtDesk) -> None:
    lost = desk.lent("szutl")
    desk.step(lost, "loss")
    desk.clock.move(40 * DAY)
    late = desk.wish("szutl", number=2)
    desk.step(lost, "settlement", note="paid")

    assert ["suspended"] == desk.reasons(late)
    assert ([], 201) == (desk.shown("suspensions"), desk.wish("szutl", number=2).status_code)


def test_r_szutl_19_a_lost_book_that_is_brought_back_ends_the_suspension(desk: AtDesk) -> None:
    lost = desk.lent("szutl")
    desk.step(lost, "loss")
    desk.step(lost, "return")

    assert 201 == desk.wish("szutl", number=2).status_code


def test_r_jn_17_a_lender_that_states_no_suspension_does_not_suspend_for_a_loss(desk: AtDesk) -> None:
    desk.step(desk.lent("jinan"), "loss")

    assert ([], 201) == (desk.shown("suspensions"), desk.wish("jinan", number=2).status_code)


def test_a_suspended_lender_is_left_out_of_the_rota_with_the_reason(desk: AtDesk) -> None:
    desk.suspended("szutl", "theft", 1)
    request = desk.wish("szutl", "fjmu").json["id"]
    rota = {one["lender"]: one["reason"] for one in desk.me().get(f"/requests/{request}/rota").json["items"]}

    assert "suspended" == rota["szutl"]
    assert "fjmu" == desk.me().get(f"/requests/{request}").json["lender"]


@pytest.mark.parametrize(
    ("case", "fits", "until", "misfits"),
    [
        ("serious_damage", 6, "2026-09-02", (None, 0, 5, 13)),  # R-SZUTL-32
        ("serious_damage", 12, "2027-03-02", (None,)),
        ("theft", 1, "2026-04-02", (None, 0, 7)),  # R-SZUTL-34
    ],
)
def test_r_szutl_32_34_staff_suspend_within_the_range_of_months(
    desk: AtDesk, case: str, fits: int, until: str, misfits: tuple[int | None, ...]
) -> None:
    refused = [desk.record("suspensions", library="szutl", case=case, months=months) for months in misfits]

    assert {(422, "months_out_of_range")} == {
        (one.status_code, one.json["facts"]["reason"]) for one in refused
    }
    assert [] == desk.shown("suspensions")
    assert until == desk.suspended("szutl", case, fits)["until"]


def test_g_11_a_suspension_of_months_ends_by_itself_and_holds_nowhere_else(desk: AtDesk) -> None:
    desk.suspended("szutl", "theft", 1)
    held = [desk.reasons(desk.wish("szutl")), desk.wish("pku").status_code]
    desk.clock.move(timedelta(days=31))

    assert [["suspended"], 201] == held
    assert 201 == desk.wish("szutl", number=2).status_code
    assert [False] == [one["holds"] for one in desk.shown("suspensions")]


def test_r_szutl_33_refusal_to_pay_cancels_the_card_until_that_is_lifted(desk: AtDesk) -> None:
    made = desk.suspended("szutl", "refusal_to_pay")
    desk.clock.move(timedelta(days=300))
    refused = desk.reasons(desk.wish("szutl"))
    lifted = desk.record(f"suspensions/{made['id']}/lift", by="szutl", reason="has paid")
    (shown,) = desk.shown("suspensions")

    assert (True, None, ["suspended"], 201) == (
        made["card_cancelled"],
        made["until"],
        refused,
        lifted.status_code,
    )
    assert (False, "has paid", "Somebody of szutl") == (
        shown["holds"],
        shown["lifted"]["reason"],
        shown["lifted"]["by"]["name"],
    )
    assert 201 == desk.wish("szutl").status_code


def test_r_szutl_36_a_decision_without_a_reason_is_refused(desk: AtDesk) -> None:
    made = desk.suspended("szutl", "refusal_to_pay")
    for path, body in (
        ("suspensions", {"library": "szutl", "case": "theft", "months": 1}),
        (f"suspensions/{made['id']}/lift", {}),
        ("card", {"lends": False}),
        ("categories", {"library": "bhu", "category": "faculty"}),
    ):
        response = desk.staff().post(f"/patrons/{desk.patron.id}/{path}", json=body)

        assert (422, [("/reason", "required")]) == (
            response.status_code,
            [(one["pointer"], one["code"]) for one in response.json["errors"]],
        )


def test_r_bhu_16_misbehaviour_is_recorded_with_name_and_reason_and_has_no_fixed_end(desk: AtDesk) -> None:
    made = desk.suspended("bhu", "misbehaviour")

    assert (REASON, "Somebody of bhu", "bhu", None) == (
        made["reason"],
        made["by"]["name"],
        made["by"]["library"],
        made["until"],
    )
    assert ["suspended"] == desk.reasons(desk.wish("bhu"))
    fixed = desk.record("suspensions", library="bhu", case="misbehaviour", months=3)
    assert (422, "months_out_of_range") == (fixed.status_code, fixed.json["facts"]["reason"])


@pytest.mark.parametrize(
    ("library", "case"), [("fjmu", "theft"), ("szutl", "loss"), ("jinan", "misbehaviour")]
)
def test_what_a_library_does_not_state_is_no_case_for_staff(desk: AtDesk, library: str, case: str) -> None:
    refused = desk.record("suspensions", library=library, case=case, months=1)

    assert (422, "case_not_covered") == (refused.status_code, refused.json["facts"]["reason"])


def test_g_11_a_suspension_stops_the_hand_over_and_the_renewal(desk: AtDesk) -> None:
    kept, waiting = desk.lent("szutl"), desk.waiting("szutl", 2)
    made = desk.suspended("szutl", "theft", 1)
    handed, renewed = desk.try_step(waiting, "handover"), desk.try_step(kept, "renewal")
    desk.record(f"suspensions/{made['id']}/lift", by="szutl")

    assert (409, "not_handed_over", ["suspended"]) == (
        handed.status_code,
        handed.json["code"],
        handed.json["facts"]["reasons"],
    )
    assert ["suspended"] == renewed.json["facts"]["reasons"]
    assert "on_loan" == desk.step(waiting, "handover")["status"]
    assert 1 == desk.step(kept, "renewal")["renewals"]


def test_r_szutl_17_staff_may_lift_what_a_loss_has_brought_about(desk: AtDesk) -> None:
    desk.step(desk.lent("szutl"), "loss")
    (made,) = desk.shown("suspensions")
    first, again = (desk.record(f"suspensions/{made['id']}/lift", by="szutl") for _ in range(2))

    assert (201, 409, "not_in_force") == (first.status_code, again.status_code, again.json["code"])
    assert 201 == desk.wish("szutl", number=2).status_code


def test_only_the_library_and_the_office_decide(desk: AtDesk) -> None:
    body = {"library": "szutl", "case": "refusal_to_pay"}
    stranger = desk.record("suspensions", by="jinan", **body)
    by_home = desk.record("suspensions", by="bjtu", **body)
    desk.lent("szutl")
    known = desk.record("suspensions", by="szutl", **body)
    lifted_at_home = desk.record(f"suspensions/{known.json['id']}/lift", by="bjtu")
    other = desk.record("suspensions", by="szutl", library="bhu", case="misbehaviour")
    own = desk.me().post("/patrons/me/suspensions", json={**body, "reason": "x"})

    assert (404, 403, 201, 403, 403, 403) == tuple(
        one.status_code for one in (stranger, by_home, known, lifted_at_home, other, own)
    )
    assert 201 == desk.record("suspensions", by=None, **{**body, "case": "theft", "months": 1}).status_code


def test_a_library_decides_about_a_reader_who_never_borrowed_from_it(desk: AtDesk) -> None:
    made = desk.record("suspensions", library="szutl", case="refusal_to_pay")
    unseen = desk.staff("szutl").get(f"/patrons/{desk.patron.id}/suspensions")
    lifted = desk.record(f"suspensions/{made.json['id']}/lift", by="szutl")

    assert (201, 404, 201) == (made.status_code, unseen.status_code, lifted.status_code)


def test_me_is_a_patron(desk: AtDesk) -> None:
    assert 404 == desk.staff().get("/patrons/me/suspensions").status_code


def test_a_lender_learns_only_what_is_its_own(desk: AtDesk) -> None:
    desk.lent("szutl")
    made = [desk.suspended("szutl", "theft", 1), desk.suspended("bhu", "misbehaviour")]
    path = f"/patrons/{desk.patron.id}"
    lender = desk.staff("szutl")
    foreign = lender.post(f"{path}/suspensions/{made[1]['id']}/lift", json={"reason": "x"})

    assert ["szutl"] == [one["library"] for one in lender.get(f"{path}/suspensions").json["items"]]
    assert ["szutl"] == [one["library"] for one in lender.get(f"{path}/categories").json["items"]]
    assert 404 == foreign.status_code
    assert [404] * 3 == [
        desk.staff("jinan").get(f"{path}/{view}").status_code
        for view in ("suspensions", "permissions", "categories")
    ]
    assert 404 == desk.me(a_patron(desk.store, "2")).get(f"{path}/suspensions").status_code


def test_who_is_suspended_cannot_be_forgotten_and_start_anew(desk: AtDesk) -> None:
    made = desk.suspended("szutl", "refusal_to_pay")
    kept = desk.me().delete("/patrons/me")
    desk.record(f"suspensions/{made['id']}/lift", by="szutl")
    gone = desk.me().delete("/patrons/me")

    assert (409, 1, 204) == (kept.status_code, kept.json["facts"]["suspensions"], gone.status_code)


# Permission


def test_r_bhu_12_a_thesis_needs_a_recorded_permission_and_is_lent_for_a_night(desk: AtDesk) -> None:
    refused = desk.reasons(desk.wish("bhu", **THESIS))
    made = desk.record(
        "permissions", library="bhu", citation={**THESIS, "isbn": "9787020000012"}, authority="the Dean"
    )
    (shown,) = desk.shown("permissions")
    other = desk.reasons(desk.wish("bhu", number=77, **THESIS))
    request = desk.lent("bhu", **{**THESIS, "isbn": "9787020000012"})
    due = desk.me().get(f"/requests/{request}").json["due"]

    assert (["permission_required"], 201) == (refused, made.status_code)
    assert ("the Dean", "bhu", "Somebody of bhu", True) == (
        shown["authority"],
        shown["by"]["library"],
        shown["by"]["name"],
        shown["holds"],
    )
    assert ["permission_required"] == other
    assert "2026-03-03" == due


def test_r_bhu_12_a_permission_that_was_withdrawn_permits_nothing(desk: AtDesk) -> None:
    citation: dict[str, Any] = {**THESIS, "isbn": "9787020000012"}
    made = desk.record("permissions", library="bhu", citation=citation, authority="the Dean")
    desk.record(f"permissions/{made.json['id']}/withdrawal", by="bhu")

    assert ["permission_required"] == desk.reasons(desk.wish("bhu", **citation))
    assert [False] == [one["holds"] for one in desk.shown("permissions")]


# Categories


@pytest.mark.parametrize(
    ("lender", "category", "limit", "rule"),
    [
        ("bhu", "alumni", 2, "R-BHU-1"),
        ("jinan", "personal", 3, "R-JN-2"),
        ("fjmu", "other_school", 2, "R-FJMU-4"),
    ],
)
def test_r_bhu_1_r_jn_2_r_fjmu_4_a_reader_from_elsewhere_has_the_default_limit(
    desk: AtDesk, lender: str, category: str, limit: int, rule: str
) -> None:
    made = [desk.wish(lender, number=number).status_code for number in range(limit)]
    shown = {one["library"]: one for one in desk.shown("categories")}

    assert [201] * limit == made, rule
    assert ["lender_limit"] == desk.reasons(desk.wish(lender, number=9))
    assert (category, limit, None) == (
        shown[lender]["category"],
        shown[lender]["limits"]["total"],
        shown[lender]["recorded"],
    )


def test_r_szutl_2_no_number_is_stated_so_only_the_home_limit_counts(desk: AtDesk) -> None:
    assert [201] * 5 == [desk.wish("szutl", number=number).status_code for number in range(5)]
    assert ["borrower_limit"] == desk.reasons(desk.wish("szutl", number=9))


def test_r_pku_1_readers_of_pku_have_ten_at_once(desk: AtDesk) -> None:
    reader = a_patron(desk.store, "7")
    desk.patron = reader
    with desk.store.writing() as conn:
        conn.exec_driver_sql("UPDATE patrons SET home = 'pku' WHERE id = ?", (reader.id,))

    assert [201] * 10 == [desk.wish("szutl", number=number).status_code for number in range(10)]
    assert ["borrower_limit"] == desk.reasons(desk.wish("szutl", number=11))


def test_r_bhu_2_a_recorded_category_has_its_own_limit_and_period(desk: AtDesk) -> None:
    made = desk.record("categories", library="bhu", category="group_b")
    request = desk.lent("bhu")
    more = [desk.wish("bhu", number=number).status_code for number in (2, 3, 4)]

    assert (201, "group_b") == (made.status_code, made.json["category"])
    assert "2026-05-31" == desk.me().get(f"/requests/{request}").json["due"]
    assert [201] * 3 == more


def test_r_bhu_15_bound_volumes_go_to_faculty_alone(desk: AtDesk) -> None:
    refused = desk.reasons(desk.wish("bhu", item_type="reference"))
    desk.record("categories", library="bhu", category="officer")
    officer = desk.reasons(desk.wish("bhu", item_type="bound_periodical"))
    desk.record("categories", library="bhu", category="faculty")

    assert [["category_not_entitled"]] * 2 == [refused, officer]
    assert 201 == desk.wish("bhu", item_type="bound_periodical").status_code


def test_a_category_that_the_library_does_not_know_is_refused_by_name(desk: AtDesk) -> None:
    refused = desk.record("categories", library="jinan", category="faculty")
    nobody = desk.record("categories", library="nowhere", category="faculty")

    assert (422, "unknown_category", ["personal", "family"]) == (
        refused.status_code,
        refused.json["code"],
        refused.json["facts"]["categories"],
    )
    assert (422, "/library") == (nobody.status_code, nobody.json["errors"][0]["pointer"])


def test_r_jn_2_the_limit_of_a_lender_holds_for_wishes_at_once(desk: AtDesk) -> None:
    me, wishes = desk.me(), [desk.find("jinan", number=number) for number in range(5)]
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda wish: me.post("/requests", json=wish), wishes))

    assert [201] * 3 + [422] * 2 == sorted(answer.status_code for answer in answers)
    assert {"lender_limit"} == {
        reason for answer in answers if answer.status_code == 422 for reason in desk.reasons(answer)
    }
