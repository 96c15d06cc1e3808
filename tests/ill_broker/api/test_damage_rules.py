"""The libraries' rules on loss, damage and theft, live through the API: shown, settled, charged."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.ill_broker.api.desk import AtTheDesk, Told, app, desk, services
from workflows.actors import Role

__all__ = ["app", "desk", "services"]

LENT, REPORTED, SETTLED = "2026-04-09", "2026-05-19", "2026-05-25"


def lost(desk: AtTheDesk, lender: str, case: str = "loss", **facts: Any) -> AtTheDesk:
    """Let a book of the lender be reported in a case."""
    desk.on(LENT).lent(lender).on(REPORTED).step("case", case=case, **facts)
    return desk.on(SETTLED)


def terms(desk: AtTheDesk, **query: Any) -> Told:
    answer = desk.as_(Role.STAFF).get(f"/requests/{desk.id}/case-terms?{urlencode(query)}")

    assert 200 == answer.status_code, answer.json
    told: Told = answer.json
    return told


def _one(name: str, value: str) -> dict[str, Any]:
    return {name: value}


def amounts(answer: Told) -> tuple[str | None, str | None, str | None]:
    least, most, amount = (answer[name] and answer[name]["amount"] for name in ("least", "most", "amount"))
    return least, most, amount


def charges(desk: AtTheDesk) -> dict[str, str]:
    return {each["kind"]: each["amount"]["amount"] for each in desk.account()["postings"]}


def test_the_range_is_shown_before_staff_choose_r_fjmu_15(desk: AtTheDesk) -> None:
    before = terms(lost(desk, "fjmu"), case="loss")
    with_price = terms(desk, case="loss", price="30.00")

    assert ("10", "20", "price") == tuple(
        before["cash"][name] for name in ("factor_min", "factor_max", "basis")
    )
    assert "price_missing" == before["cash"]["fault"]["code"]
    assert ("300.00", "600.00", None) == amounts(with_price["cash"]["answer"])
    assert ["same"] == with_price["replacement"]["editions"]


def test_a_loss_is_settled_within_the_range_and_charged_r_fjmu_15(desk: AtTheDesk) -> None:
    lost(desk, "fjmu")

    assert "amount_not_chosen" == desk.refused("case-settlement", number=1, price="30.00")
    assert "factor_out_of_range" == desk.refused("case-settlement", number=1, price="30.00", factor="21")
    assert "price_missing" == desk.refused("case-settlement", number=1)
    told = desk.step("case-settlement", number=1, price="30.00", factor="12")

    assert ("closed", "lost") == (told["status"], told["outcome"])
    assert {"fine": "1.00", "compensation": "360.00"} == charges(desk)
    assert "account" in desk.notices()


def test_a_damage_in_part_is_a_case_that_leaves_the_loan_as_it_is_r_fjmu_17(desk: AtTheDesk) -> None:
    lost(desk, "fjmu", "stain", note="coffee")
    shown = terms(desk, case="stain", price="10.00")
    told = desk.step(
        "case-settlement", number=1, price="10.00", factor="0.2", criticism="to be named in a notice"
    )
    (case,) = told["cases"]

    assert ("2.00", "200.00", None) == amounts(shown["cash"]["answer"])
    assert ("on_loan", "settled", "to be named in a notice") == (
        told["status"],
        case["end"],
        case["criticism"],
    )
    assert "2.00" == case["compensation"]["amount"]["amount"]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"resolution": "replacement", "edition": "old"}, "edition_not_accepted"),
        ({"price": "40.00"}, "replacement_required"),
        ({"available": False}, "price_missing"),
        ({"available": False, "price": "40.00"}, "pages_missing"),
        ({"available": False, "price": "40.00", "price_currency": "USD", "pages": 90}, "fx_rate_missing"),
        ({"available": False, "price": "0.00", "pages": 90}, "bad_price"),
    ],
)
def test_what_varanasi_does_not_accept_r_bhu_19_r_bhu_20(
    desk: AtTheDesk, facts: dict[str, Any], code: str
) -> None:
    assert code == lost(desk, "bhu").refused("case-settlement", number=1, **facts)


def test_a_lost_book_of_varanasi_is_paid_with_its_pages_r_bhu_20(desk: AtTheDesk) -> None:
    lost(desk, "bhu")
    rate = {"fx_from": "USD", "fx_to": "INR", "fx_date": "2026-05-20", "fx_rate": "83.456"}
    price: dict[str, Any] = {"price": "10.00", "price_currency": "USD", "pages": 90}
    shown = terms(desk, case="loss", available="false", **price, **rate)
    fx = [{"from": "USD", "to": "INR", "date": "2026-05-20", "rate": "83.456"}]
    desk.step("case-settlement", number=1, available=False, fx=fx, **price)

    assert "924.56" == shown["cash"]["answer"]["amount"]["amount"]
    assert "924.56" == charges(desk)["compensation"]


def test_a_mutilated_book_is_replaced_and_its_fine_stops_at_the_report_r_bhu_13(desk: AtTheDesk) -> None:
    lost(desk, "bhu", "cut").step("return", condition="pages cut out")
    told = desk.on("2026-07-01").step("case-settlement", number=1, resolution="replacement", edition="latest")

    assert ("returned", "settled", "10.00") == (told["status"], told["cases"][0]["end"], desk.owed)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"resolution": "replacement", "edition": "other"}, "edition_not_accepted"),
        ({"price": "-1"}, "invalid_input"),
        ({"price": "0.00"}, "bad_price"),
        ({}, "reference_price_missing"),
        ({"resolution": "replacement", "volumes": 0}, "invalid_input"),
    ],
)
def test_what_shenzhen_does_not_accept_r_szutl_20_r_szutl_26(
    desk: AtTheDesk, facts: dict[str, Any], code: str
) -> None:
    assert code == lost(desk, "szutl").refused("case-settlement", number=1, **facts)


def test_a_replacement_is_due_within_one_month_r_szutl_21(desk: AtTheDesk) -> None:
    shown = terms(lost(desk, "szutl"), case="loss")
    desk.on("2026-06-20")

    assert ("2026-06-19", "CNY") == (shown["replacement"]["deadline"], shown["currency"])
    assert "replacement_too_late" == desk.refused("case-settlement", number=1, resolution="replacement")
    desk.on("2026-06-19").step("case-settlement", number=1, resolution="replacement", volumes=2)

    assert "20.00" == charges(desk)["processing_fee"]


@pytest.mark.parametrize(("origin", "amount"), [("domestic", "90.00"), ("foreign", "150.00")])
def test_three_or_five_times_the_price_r_szutl_22_r_szutl_23(
    desk: AtTheDesk, origin: str, amount: str
) -> None:
    lost(desk, "szutl").step("case-settlement", number=1, price="30.00", origin=origin)

    assert amount == charges(desk)["compensation"]


@pytest.mark.parametrize(
    ("wish", "citation", "missing", "named"),
    [
        ({"part_of_set": True}, {}, "set_price_missing", "set_price"),
        ({}, {"item_type": "bound_periodical"}, "year_price_missing", "year_price"),
    ],
)
def test_a_set_or_a_year_is_paid_whole_r_szutl_24_r_szutl_25(
    desk: AtTheDesk, wish: Told, citation: Told, missing: str, named: str
) -> None:
    desk.on(LENT).asked("szutl", wish=wish, **citation)
    desk.step("arrival")
    desk.step("notification", result="reached")
    for step in ("handover", "loss"):
        desk.step(step)

    assert missing == desk.refused("case-settlement", number=1, price="30.00")
    told = desk.step("case-settlement", number=1, **_one(named, "240.00"))

    assert "240.00" == charges(desk)["compensation"]
    assert "library" == told["compensation"]["remainder_belongs_to"]


def test_a_key_card_costs_its_price_r_szutl_27(desk: AtTheDesk) -> None:
    told = lost(desk, "szutl", "other_item", note="key card 7").step(
        "case-settlement", number=1, price="15.00"
    )

    assert ("on_loan", "15.00") == (told["status"], charges(desk)["compensation"])


@pytest.mark.parametrize(
    ("amount", "code"), [("4.99", "amount_out_of_range"), ("20.01", "amount_out_of_range")]
)
def test_a_stain_costs_five_to_twenty_r_szutl_28(desk: AtTheDesk, amount: str, code: str) -> None:
    shown = terms(lost(desk, "szutl", "stain"), case="stain")["cash"]

    assert ("5.00", "20.00") == (shown["amount_min"]["amount"], shown["amount_max"]["amount"])
    assert code == desk.refused("case-settlement", number=1, amount=amount)
    desk.step("case-settlement", number=1, amount="20.00")

    assert "20.00" == charges(desk)["compensation"]


def test_an_unreadable_book_costs_its_price_and_a_cut_one_is_lost_r_szutl_29_r_szutl_31(
    desk: AtTheDesk,
) -> None:
    lost(desk, "szutl", "unreadable")

    assert "30.00" == terms(desk, case="unreadable", price="30.00")["cash"]["answer"]["amount"]["amount"]
    cut = terms(desk, case="cut", price="30.00")

    assert ("loss", "90.00") == (cut["treated_as"], cut["cash"]["answer"]["amount"]["amount"])


def test_staff_may_ask_for_another_amount_with_name_and_reason_r_szutl_36(desk: AtTheDesk) -> None:
    lost(desk, "szutl")

    assert "invalid_input" == desk.refused("case-settlement", number=1, override={"amount": "50.00"})
    told = desk.step(
        "case-settlement", number=1, price="30.00", override={"amount": "50.00", "reason": "an old copy"}
    )
    (posted,) = [each for each in desk.account()["postings"] if each["kind"] == "compensation"]

    assert ("50.00", "an old copy", "王老师") == (
        posted["amount"]["amount"],
        posted["reason"],
        posted["by"]["name"],
    )
    assert "an old copy" == told["cases"][0]["override_reason"]


def test_a_stamped_damage_costs_nothing_and_another_is_left_open_r_jn_15(desk: AtTheDesk) -> None:
    desk.on(LENT).lent("jinan", handover={"damage_stamp": True}).step("case", case="stain")
    told = desk.step("case-settlement", number=1)

    assert ({}, True) == (charges(desk), told["compensation"]["waived"])


def test_an_unstamped_damage_is_referred_r_jn_15(desk: AtTheDesk) -> None:
    told = lost(desk, "jinan", "stain").step("case-settlement", number=1)

    assert ({}, "relevant_regulations") == (charges(desk), told["compensation"]["refer"])


def test_a_book_that_can_be_had_is_replaced_r_jn_17_r_jn_19(desk: AtTheDesk) -> None:
    lost(desk, "jinan", "cut")

    assert "replacement_required" == desk.refused("case-settlement", number=1, price="40.00", factor="3")
    desk.step("case-settlement", number=1, resolution="replacement", edition="newer_agreed")

    assert "3.00" == charges(desk)["processing_fee"]


def test_a_theft_is_recorded_where_no_amount_is_stated_r_jn_11_r_jn_18(desk: AtTheDesk) -> None:
    lost(desk, "jinan", "theft", note="carried out")

    assert "case_not_covered" == terms(desk, case="theft")["cash"]["fault"]["code"]
    assert "case_not_covered" == desk.refused("case-settlement", number=1)
    told = desk.step("case-settlement", number=1, override={"amount": "0.00", "reason": "warned"})

    assert ({}, "settled") == (charges(desk), told["cases"][0]["end"])


def test_a_theft_costs_ten_to_a_hundred_times_the_price_r_fjmu_19(desk: AtTheDesk) -> None:
    shown = terms(lost(desk, "fjmu", "theft"), case="theft", price="5.00")["cash"]

    assert ("50.00", "500.00", None) == amounts(shown["answer"])
    assert shown["answer"]["recover_item"]


def test_the_fine_stops_at_the_report_r_szutl_19(desk: AtTheDesk) -> None:
    told = lost(desk, "szutl", channel="telephone").seen()

    assert ("telephone", "1.80") == (told["cases"][0]["channel"], charges(desk)["fine"])


def test_a_book_that_is_found_before_settlement_is_an_ordinary_return_r_szutl_19(desk: AtTheDesk) -> None:
    told = lost(desk, "szutl").step("return")

    assert ("returned", "found", "3.00") == (told["status"], told["cases"][0]["end"], desk.owed)
    assert "no_such_case" == desk.refused("case-settlement", number=1, price="1.00")


def test_a_book_that_is_found_after_settlement_is_recorded_and_nothing_paid_back_r_szutl_19(
    desk: AtTheDesk,
) -> None:
    lost(desk, "szutl").step("case-settlement", number=1, price="30.00")
    told = desk.on("2026-06-30").step("found", note="behind the radiator")
    explained = desk.as_(Role.STAFF).get(f"/requests/{desk.id}/explanation").json["answer"]

    assert ("91.80", True) == (desk.owed, "found_after_settlement" in told["attention"])
    assert (True, "wrong_state") == (explained["found_after_settlement"], desk.refused("found"))


def test_a_book_that_its_lender_gives_up_keeps_its_fine_and_can_be_settled(desk: AtTheDesk) -> None:
    desk.on(LENT).lent("szutl").on(REPORTED)
    told = desk.step("answer", library="szutl", status="CompletedWithoutReturn")

    assert ("closed", "lost", {"fine": "1.80"}) == (told["status"], told["outcome"], charges(desk))
    told = desk.on(SETTLED).step("case-settlement", number=1, price="10.00")

    assert ("closed", "30.00") == (told["status"], charges(desk)["compensation"])
    assert "case_settlement" not in told["actions"]


def test_a_case_needs_a_patron_who_had_the_book(desk: AtTheDesk) -> None:
    desk.on(LENT).asked("szutl").step("arrival")

    assert "wrong_state" == desk.refused("case", case="stain")
    answer = desk.as_(Role.STAFF).get(f"/requests/{desk.id}/case-terms?case=stain")

    assert (409, "wrong_state") == (answer.status_code, answer.json["code"])


def test_a_book_that_is_back_can_be_damaged_and_not_lost(desk: AtTheDesk) -> None:
    desk.on(LENT).lent("szutl").on(REPORTED).step("return")

    assert "wrong_state" == desk.refused("case", case="loss")
    assert "no_such_piece" == desk.refused("case", case="loss", piece=1)
    desk.step("case", case="stain")
    told = desk.step("case-settlement", number=1, amount="5.00")

    assert ("returned", "6.80") == (told["status"], desk.owed)


def test_only_staff_are_shown_what_a_case_costs(desk: AtTheDesk) -> None:
    lost(desk, "szutl")
    asked = f"/requests/{desk.id}/case-terms?case=loss"
    answers = [(Role.PATRON, "bjtu"), (Role.STAFF, "szutl"), (Role.STAFF, "jinan")]

    assert [403, 403, 404] == [desk.as_(*who).get(asked).status_code for who in answers]
