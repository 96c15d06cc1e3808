"""The libraries' rules at the desk, live through the API: pieces, pick-up, return, renewal, calls."""

from __future__ import annotations

import pytest

from ill_broker.texts.catalogue import say
from tests.ill_broker.api.desk import AtTheDesk, Told, app, desk, services
from workflows.actors import Role

__all__ = ["app", "desk", "services"]

#: in the spring term: due on 9 May
LENT, DUE, LATE = "2026-04-09", "2026-05-09", "2026-05-19"


def with_a_disc(desk: AtTheDesk, lender: str = "fjmu") -> AtTheDesk:
    return desk.on(LENT).lent(lender, arrival={"pieces": ["cd", "dvd"]})


def test_a_reader_who_comes_before_the_call_is_handed_the_book(desk: AtTheDesk) -> None:
    desk.on(LENT).asked("fjmu")
    offered = desk.step("arrival")["actions"]
    handed = desk.step("handover")

    assert {"notification", "handover"} <= set(offered)
    assert ("on_loan", DUE) == (handed["status"], handed["due"])
    assert ["came_in_person"] == [one["result"] for one in desk.happened("Called")]


def test_that_a_reader_came_in_person_is_a_result_of_the_call_list(desk: AtTheDesk) -> None:
    desk.on(LENT).asked("fjmu").step("arrival")

    assert "notified" == desk.step("notification", result="came_in_person")["status"]


def test_what_came_with_the_book_is_shown_r_fjmu_6(desk: AtTheDesk) -> None:
    told = with_a_disc(desk).seen(Role.PATRON)

    assert [(1, "cd", None), (2, "dvd", None)] == [
        (piece["number"], piece["kind"], piece["returned"]) for piece in told["pieces"]
    ]
    assert DUE == told["due"]


def test_each_late_piece_is_fined_as_an_item_of_its_own_r_fjmu_6(desk: AtTheDesk) -> None:
    with_a_disc(desk).on(LATE).step("return")

    assert "3.00" == desk.owed


def test_a_book_without_its_disc_is_returned_and_the_disc_is_late_by_itself_r_fjmu_6(
    desk: AtTheDesk,
) -> None:
    told = with_a_disc(desk).on(DUE).step("return", missing=[2])
    (accruing,) = desk.on(LATE).account()["accruing"]

    assert ("returned", "0.00") == (told["status"], desk.owed)
    assert ([2], 10, "1.00") == (
        accruing["pieces_out"],
        accruing["overdue_days"],
        accruing["amount"]["amount"],
    )
    told = desk.step("pieces", returned=[2])

    assert ("1.00", []) == (desk.owed, desk.account()["accruing"])
    assert "pieces" not in told["actions"]


def test_a_disc_that_comes_later_adds_to_what_was_paid_already_r_fjmu_5(desk: AtTheDesk) -> None:
    with_a_disc(desk).on("2026-05-12").step("return", missing=[1])

    assert "0.60" == desk.owed
    paid = {"lender": "fjmu", "currency": "CNY", "amount": "0.60", "method": "cash"}
    desk.as_(Role.STAFF).post(f"/accounts/{desk.who.id}/payments", json=paid)
    desk.on(LATE).step("pieces", returned=[1])

    assert "1.00" == desk.owed


def test_a_disc_may_come_before_its_book_r_fjmu_6(desk: AtTheDesk) -> None:
    with_a_disc(desk).on(DUE).step("pieces", returned=[1])
    told = desk.on(LATE).step("return")

    assert "2.00" == desk.owed
    assert [True, True] == [piece["returned"] is not None for piece in told["pieces"]]


def test_a_disc_of_shenzhen_is_not_fined_beside_its_book_r_szutl_35(desk: AtTheDesk) -> None:
    with_a_disc(desk, "szutl").on("2026-05-20").step("return", missing=[1, 2])

    assert "2.00" == desk.owed
    (out,) = desk.on("2026-06-20").account()["accruing"]

    assert ([1, 2], "0.00") == (out["pieces_out"], out["amount"]["amount"])


def test_a_request_waits_for_a_piece_that_is_out_when_its_lender_has_the_book(desk: AtTheDesk) -> None:
    with_a_disc(desk).on(DUE).step("return", missing=[1])
    desk.step("shipment")
    told = desk.step("answer", library="fjmu", status="LoanCompleted")

    assert ("returning", True) == (told["status"], "pieces_out" in told["attention"])
    told = desk.step("pieces", returned=[1])

    assert ("closed", "completed") == (told["status"], told["outcome"])


def test_a_lost_disc_opens_a_case_and_its_fine_stops_r_szutl_35(desk: AtTheDesk) -> None:
    with_a_disc(desk).on(DUE).step("return", missing=[1])
    told = desk.on(LATE).step("pieces", lost=[1])
    (case,) = told["cases"]
    settled = desk.step("case-settlement", number=1, price="8.00", factor="10")

    assert ("loss", 1) == (case["kind"], case["piece"])
    assert ("81.00", "settled") == (desk.owed, settled["cases"][0]["end"])


@pytest.mark.parametrize("body", [{"returned": [3]}, {"returned": [1], "lost": [1]}, {"lost": [1, 1]}])
def test_a_piece_that_is_not_out_is_refused(desk: AtTheDesk, body: Told) -> None:
    assert "no_such_piece" == with_a_disc(desk).refused("pieces", **body)


def test_an_undone_return_has_the_pieces_out_again(desk: AtTheDesk) -> None:
    with_a_disc(desk).on(DUE).step("return", missing=[2])
    told = desk.step("undo")

    assert [None, None] == [piece["returned"] for piece in told["pieces"]]


def test_a_patron_is_shown_when_each_site_has_the_book_r_szutl_12(desk: AtTheDesk) -> None:
    desk.on("2026-04-14", 16).asked("pku", "szutl")
    early = desk.as_(Role.PATRON).get(f"/requests/{desk.id}/pickup-sites").json["items"]
    desk.step("arrival", library="szutl")
    here = desk.as_(Role.PATRON).get(f"/requests/{desk.id}/pickup-sites").json["items"]

    assert [None, None] == [site["by"] for site in early]
    assert [("information_desk", "2026-04-16", True), ("service_station", "2026-04-16", True)] == [
        (site["site"], site["by"], site["after_cutoff"]) for site in here
    ]


@pytest.mark.parametrize(("hour", "by"), [(14, "2026-04-15"), (16, "2026-04-16")])
def test_a_book_applied_for_after_three_comes_on_the_second_opening_day_r_szutl_11(
    desk: AtTheDesk, hour: int, by: str
) -> None:
    desk.on("2026-04-14", hour).asked("pku", "szutl", {"pickup_site": "information_desk"})
    waiting = desk.as_(Role.PATRON).get(f"/requests/{desk.id}").json
    told = desk.step("arrival", library="szutl")

    assert (None, by) == (waiting["pickup"]["by"], told["pickup"]["by"])


def test_the_hold_of_two_opening_days_begins_when_the_site_has_the_book_r_szutl_13(desk: AtTheDesk) -> None:
    desk.on("2026-04-10", 9).asked("szutl", "szutl")
    desk.step("arrival", library="szutl")
    desk.step("pickup", Role.PATRON, site="service_station")
    told = desk.step("notification", library="szutl", result="reached")

    assert ("2026-04-16", "2026-04-18") == (told["pickup"]["by"], told["hold_until"])


@pytest.mark.parametrize("where", ["wish", "step"])
def test_an_unknown_pickup_site_is_refused_r_szutl_11(desk: AtTheDesk, where: str) -> None:
    desk.on(LENT).asked("pku", "szutl")
    if where == "step":
        assert "unknown_pickup_site" == desk.refused("pickup", Role.PATRON, site="moon")
        return
    wanted = {"citation": {"title": "x"}, "desk": "szutl", "pickup_site": "moon"}
    refused = desk.as_(Role.PATRON).post("/requests", json=wanted)

    assert (422, "unknown_pickup_site") == (refused.status_code, refused.json["code"])


def test_a_desk_without_sites_offers_none(desk: AtTheDesk) -> None:
    told = desk.on(LENT).asked("szutl").seen(Role.PATRON)

    assert ([], False) == (told["pickup_sites"], "pickup" in told["actions"])


def test_a_book_is_returned_at_its_desk_r_bjtu_11(desk: AtTheDesk) -> None:
    told = desk.on(LENT).lent("pku").on(DUE).step("return", channel="book_drop", condition="as it was")
    (taken,) = desk.happened("TakenBack")

    assert ("returned", "bjtu", "book_drop", "as it was") == (
        told["status"],
        taken["place"],
        taken["channel"],
        taken["condition"],
    )


@pytest.mark.parametrize(("library", "code"), [("jinan", "not_found"), ("pku", "not_allowed")])
def test_another_desk_is_refused_r_bjtu_11(desk: AtTheDesk, library: str, code: str) -> None:
    assert code == desk.on(LENT).lent("pku").refused("return", library=library)


def test_a_machines_return_is_none_until_a_desk_confirms_it_r_szutl_15(desk: AtTheDesk) -> None:
    told = desk.on("2026-04-01").lent("szutl").on("2026-05-02").step("return", channel="self_machine")

    assert ("on_loan", True) == (told["status"], "return_unconfirmed" in told["attention"])
    told = desk.on("2026-05-07").step("return")

    assert ("returned", False, "1.00") == (
        told["status"],
        "return_unconfirmed" in told["attention"],
        desk.owed,
    )


def test_a_shenzhen_desk_takes_its_book_back_r_szutl_15(desk: AtTheDesk) -> None:
    told = desk.on(LENT).lent("szutl").seen(Role.PATRON)
    back = desk.on(DUE).step("return", library="szutl")

    assert ["szutl"] == told["return_desks"]
    assert ("closed", "completed") == (back["status"], back["outcome"])


def test_a_book_is_not_taken_back_on_its_first_day_r_bhu_14(desk: AtTheDesk) -> None:
    desk.on(LENT).lent("bhu")

    assert "refused_same_day" == desk.refused("return")
    assert "reason_missing" == desk.refused("return", staff_override=True)
    desk.step("return", staff_override=True, reason="the library closes tomorrow")

    assert "the library closes tomorrow" == desk.happened("TakenBack")[0]["reason"]


def test_the_condition_at_hand_over_and_a_stamp_are_recorded_r_jn_15_r_bhu_13(desk: AtTheDesk) -> None:
    desk.on(LENT).lent("jinan", handover={"condition": "page 3 torn", "damage_stamp": True})

    assert ("page 3 torn", True) == (desk.happened("HandedOver")[0]["condition"], desk.seen()["damage_stamp"])


def test_an_unknown_channel_of_a_renewal_is_refused_r_jn_7(desk: AtTheDesk) -> None:
    desk.on(LENT).lent("jinan").on("2026-05-30")

    assert "invalid_input" == desk.refused("renewal", channel="pigeon")
    desk.step("renewal", channel="telephone")

    assert "telephone" == desk.happened("Renewed")[0]["channel"]


def test_a_call_to_a_patron_who_has_the_book_is_taken_down_and_notifies_nobody_anew(desk: AtTheDesk) -> None:
    told = desk.on(LENT).lent("fjmu").step("notification", result="no_answer", note="recall")

    assert ("on_loan", 2) == (told["status"], told["calls"])
    assert "no_answer" == desk.happened("Called")[-1]["result"]


@pytest.mark.parametrize("spoken", ["zh", "en"])
def test_the_desk_and_the_office_read_what_asks_for_attention_and_what_to_do(
    desk: AtTheDesk, spoken: str
) -> None:
    with_a_disc(desk).on(DUE).step("return", missing=[1])
    desk.step("shipment")
    desk.step("answer", library="fjmu", status="LoanCompleted")
    path, heads = f"/requests/{desk.id}", {"Accept-Language": spoken}
    shown = desk.as_(Role.STAFF).get(path, headers=heads).json
    listed = desk.as_(Role.STAFF).get("/requests", headers=heads).json["items"]
    office = desk.as_(Role.OFFICE, None).get(path, headers=heads).json

    assert ["pieces_out"] == shown["attention"]
    assert [
        {
            "code": "pieces_out",
            "text": say("attention.pieces_out", spoken),
            "next": say("attention.pieces_out.next", spoken),
        }
    ] == shown["attention_told"]
    assert [shown["attention_told"]] * 2 == [office["attention_told"], listed[0]["attention_told"]]
    assert "attention_told" not in desk.seen(Role.PATRON)
    assert "attention_told" not in desk.as_(Role.STAFF, "fjmu").get(path).json
