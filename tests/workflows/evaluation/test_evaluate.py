# ruff: noqa: E501 - a table reads best with one row for each case
"""Cases of the other kinds beyond the worked examples."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.books import builtin, policy
from tests.workflows.test_worked_examples import EXAMPLES
from workflows.errors import InvalidCase
from workflows.evaluation.evaluate import evaluate
from workflows.loan_clock.holds import delivery

Case = dict[str, Any]


def ask(kind: str, **case: object) -> Case:
    return evaluate(kind, case, builtin())


def at(day: str, hour: str = "10:00") -> str:
    return f"{day}T{hour}:00+08:00"


def test_an_unknown_kind_is_refused() -> None:
    assert {"error": "unknown_kind"} == ask("wish")
    assert {"error": "bad_input"} == evaluate("loan", [], builtin())  # type: ignore[arg-type]  # no case at all


@pytest.mark.parametrize(
    ("reasons", "change"),
    [
        ([], {}),
        (["not_lendable"], {"item": {"type": "cd"}}),
        (["permission_required"], {"policy": "bhu", "item": {"type": "thesis"}}),
        ([], {"policy": "bhu", "item": {"type": "thesis"}, "state": {"permission": True}}),
        (["category_not_entitled"], {"policy": "bhu", "item": {"collection": "text_book_bank"}}),
        ([], {"policy": "bhu", "category": "ug", "item": {"collection": "text_book_bank"}, "state": {"open_at_lender": {"general": 3}}}),
        (["lender_limit"], {"policy": "bhu", "category": "ug", "state": {"open_at_lender": {"general": 3}}}),
        (["lender_limit"], {"policy": "fjmu", "state": {"open_at_lender": {"a": 1, "b": 1}}}),
        (["suspended"], {"state": {"suspended": [{"policy": "szutl", "from": "2026-03-01"}]}}),
        (["suspended"], {"state": {"suspended": [{"policy": "szutl", "from": "2026-03-01", "until": "2026-03-03"}]}}),
        # it is over, has not begun, is another library's
        ([], {"state": {"suspended": [{"policy": "szutl", "from": "2026-03-01", "until": "2026-03-02"}]}}),
        ([], {"state": {"suspended": [{"policy": "szutl", "from": "2026-03-03"}]}}),
        ([], {"state": {"suspended": [{"policy": "bhu", "from": "2026-03-01"}]}}),
        ([], {"state": {"suspended": []}}),
        (["quota_exhausted"], {"policy": "nlc", "state": {"quota_used": 500}, "item": {"language": "en"}}),
        (["processing_stopped"], {"policy": "nlc", "at": at("2026-01-19"), "item": {"language": "en"}}),
        (["borrower_limit"], {"borrower": "pku", "state": {"open_total": 10}}),
        ([], {"policy": "bulc"}),
    ],
)  # fmt: skip
def test_every_reason_against_a_loan_is_named(reasons: list[str], change: Case) -> None:
    answer = ask("limits", **{"policy": "szutl", "at": at("2026-03-02")} | change)

    assert {"allowed": not reasons, "reasons": reasons, "advice": []} == answer


def test_a_reader_is_told_that_the_lender_prefers_foreign_titles() -> None:
    assert ["lender_prefers_foreign"] == ask("limits", policy="nlc", at=at("2026-03-02"))["advice"]


@pytest.mark.parametrize(
    ("kind", "case", "code"),
    [
        ("limits", {"state": {"suspended": True}}, "bad_input"),
        ("limits", {"state": {"suspended": ["szutl"]}}, "bad_input"),
        ("limits", {"state": {"suspended": [{"policy": "szutl"}]}}, "bad_timestamp"),
        ("limits", {"state": {"suspended": [{"policy": "szutl", "from": "2026-03-02", "until": "2026-03-01"}]}}, "bad_interval"),
        ("limits", {"state": {"permission": "false"}}, "bad_input"),
        ("limits", {"item": {"new_book": "false"}}, "bad_input"),
        ("limits", {"item": []}, "bad_input"),
        ("route", {"candidates": [{"policy": "szutl", "holds": "false"}]}, "bad_input"),
        ("route", {"candidates": [{"policy": "szutl", "available": 0}]}, "bad_input"),
        ("compensation", {"case": "loss", "reported": at("2026-03-02"), "available": "false"}, "bad_input"),
    ],
)  # fmt: skip
def test_what_is_no_truth_value_is_not_taken_for_one(kind: str, case: Case, code: str) -> None:
    assert {"error": code} == ask(kind, **{"policy": "szutl", "at": at("2026-03-02")} | case)


@pytest.mark.parametrize("count", [-1, True, "3", 1.0])
def test_a_count_is_a_whole_number(count: object) -> None:
    state = {"open_total": count}

    assert {"error": "bad_count"} == ask("limits", policy="szutl", at=at("2026-03-02"), state=state)


def test_each_lender_is_left_out_for_its_first_reason() -> None:
    candidates = [
        {"policy": "szutl", "holds": False, "available": False},
        {"policy": "nlc"},
        {"policy": "bjtu"},
    ]
    answer = ask("route", at=at("2026-01-20"), candidates=candidates)

    assert {
        "order": ["bjtu"],
        "excluded": [
            {"policy": "szutl", "reason": "not_held"},
            {"policy": "nlc", "reason": "processing_stopped"},
        ],
    } == answer


def test_a_hold_is_held_until_its_last_day() -> None:
    case = {"policy": "szutl", "notified": at("2026-03-06"), "at": at("2026-03-07")}

    assert {"hold_until": "2026-03-08", "state": "held"} == ask("hold", **case)
    assert {"error": "timeline_order"} == ask("hold", **case | {"at": at("2026-03-05")})
    assert {"error": "calendar_gap"} == ask("hold", **case | {"desk": "balis"})
    assert {"hold_until": "2026-03-13"} == ask("hold", policy="balis", notified=at("2026-03-06"))


def test_a_closed_thursday_means_the_next_one() -> None:
    answer = ask("pickup", policy="szutl", site="service_station", applied=at("2026-09-30"))

    assert {"delivered_by": "2026-10-08", "after_cutoff": False} == answer
    assert {"error": "unknown_pickup_site"} == ask(
        "pickup", policy="szutl", site="moon", applied=at("2026-09-30")
    )


def test_a_site_without_cutoff_is_never_late() -> None:
    patch = {"pickup": {"annex": {"opening_days": 1}}}
    answer = ask("pickup", policy="szutl", site="annex", applied=at("2026-03-04", "23:59"), patch=patch)

    assert {"delivered_by": "2026-03-05", "after_cutoff": False} == answer


def test_a_card_answers_only_what_is_known() -> None:
    case = {"policy": "bulc", "issued": at("2025-02-14")}
    unstated = {"loan_cards": {"fine": {"rate": None, "day": "full"}}}
    open_fine = {"currency": "CNY", "amount": None}

    assert {"allowed": True, "due": "2025-03-16"} == ask("card", **case)
    assert {"error": "no_loan_cards"} == ask("card", **case | {"policy": "bjtu"})
    assert {"error": "bad_count"} == ask("card", **case, cards_held=-1)
    assert {"error": "timeline_order"} == ask("card", **case, returned=at("2025-02-13"))
    assert {"allowed": True, "due": "2025-03-16", "overdue_days": 1, "fine": open_fine} == ask(
        "card", **case, as_of=at("2025-03-18"), patch=unstated
    )


def test_a_desk_that_never_opens_has_no_next_opening() -> None:
    assert {"open": False, "next_open": None} == ask("desk", policy="balis", at=at("2026-03-04"))
    assert {"open": True, "next_open": at("2026-03-04")} == ask(
        "desk", policy="bjtu", at="2026-03-04T02:00:00Z"
    )


def test_a_suspension_ends_on_the_first_free_day() -> None:
    case = {"policy": "szutl", "case": "theft", "from": "2026-01-31"}

    assert {"from": "2026-01-31", "until": "2026-02-28"} == ask("suspension", **case, months=1)
    assert {"error": "months_out_of_range"} == ask("suspension", **case, months=7)
    assert {"error": "months_out_of_range"} == ask("suspension", **case, months="1")
    assert {"error": "case_not_covered"} == ask("suspension", **case | {"case": "loss"}, months=1)
    assert {"error": "case_not_covered"} == ask("suspension", **case | {"case": "noise"}, months=1)


def test_validation_names_path_and_code_in_order() -> None:
    patch = {"name": None, "fine": {"rate": 0.2}, "colour": "red"}

    assert {
        "errors": [
            {"path": "colour", "code": "unknown_field"},
            {"path": "fine.rate", "code": "bad_money"},
            {"path": "name", "code": "missing_field"},
        ]
    } == ask("validate", policy="szutl", patch=patch)
    assert {"errors": []} == ask("validate", policy="szutl")
    assert {"error": "unknown_policy"} == ask("validate", policy="x", patch={})


def test_a_pickup_site_that_is_not_known_has_no_delivery() -> None:
    with pytest.raises(InvalidCase) as caught:
        delivery(policy("szutl"), "moon", datetime(2026, 3, 2, tzinfo=UTC))

    assert "unknown_pickup_site" == caught.value.code


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**19)
    | st.text(max_size=8)
    | st.floats()
    | st.just("2026-03-02"),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["at", "from", "policy"]), inner)
    ),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_is_put_in_there_is_an_answer_or_an_error(data: st.DataObject) -> None:
    example = data.draw(st.sampled_from(EXAMPLES))
    case = dict(example["input"])
    spoiled = data.draw(
        st.sampled_from([*case, "item", "state", "patch", "transfers", "renewals", "recall", "fx"])
    )
    if isinstance(case.get(spoiled), dict) and case[spoiled] and data.draw(st.booleans()):
        inner = data.draw(st.sampled_from(sorted(case[spoiled])))
        case[spoiled] = {**case[spoiled], inner: data.draw(JUNK)}
    else:
        case[spoiled] = data.draw(JUNK)
    answer = evaluate(example["kind"], case, builtin())

    assert answer
    assert set(answer) == {"error"} or "error" not in answer
