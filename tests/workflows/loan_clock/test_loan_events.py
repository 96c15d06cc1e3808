# ruff: noqa: E501 - a table reads best with one row for each case
"""What happens to a loan: renewals, amendments and recalls, each in its place in time."""

import pytest

from tests.workflows.loan_clock.test_case import Case, at, loan


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("suspended", {"suspended": [{"policy": "szutl", "from": "2025-03-20", "until": "2025-03-21"}]}),
        ("suspended", {"suspended": [{"policy": "szutl", "from": at("2025-03-01")}]}),
        (
            "recalled",
            {"recall": {"at": at("2025-03-19")}, "patch": {"recall": {"allowed": True, "notice_days": 7}}},
        ),
        ("policy_no_renewal", {"patch": {"renewal": {"max_count": 0}}}),
    ],
)
def test_a_renewal_is_refused(reason: str, change: Case) -> None:
    answer = loan(renewals=[{"at": at("2025-03-20")}], **change)

    assert {"renewal": "refused", "reason": reason} in answer["events"]


@pytest.mark.parametrize(
    "suspended",
    [
        {"policy": "szutl", "from": "2025-03-01", "until": "2025-03-20"},
        {"policy": "szutl", "from": "2025-03-21"},
        {"policy": "bhu", "from": "2025-03-01"},
    ],
)
def test_a_suspension_elsewhere_or_at_another_time_stops_no_renewal(suspended: Case) -> None:
    answer = loan(renewals=[{"at": at("2025-03-20")}], suspended=[suspended])

    assert [{"renewal": "accepted", "due": "2025-05-04"}] == answer["events"]


def test_a_renewal_goes_before_a_recall_of_the_same_instant() -> None:
    answer = loan(
        renewals=[{"at": at("2025-03-20")}],
        recall={"at": at("2025-03-20")},
        patch={"recall": {"allowed": True, "notice_days": 7}},
    )

    assert [
        {"renewal": "accepted", "due": "2025-05-04"},
        {"recall": "accepted", "due": "2025-03-27"},
    ] == answer["events"]


def test_a_recall_where_none_is_allowed_changes_nothing() -> None:
    answer = loan(recall={"at": at("2025-03-20")})

    assert [{"recall": "refused", "reason": "recall_not_allowed"}] == answer["events"]
    assert answer["first_due"] == answer["due"]


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ({}, {"renewals": [{"at": at("2026-03-20")}]}),
        ({}, {"recall": {"at": at("2026-03-20")}}),
        ({"handover": at("2026-03-10")}, {"renewals": [{"at": at("2026-03-09")}]}),
        ({"handover": at("2026-03-10")}, {"recall": {"at": at("2026-03-08"), "heard": at("2026-03-09")}}),
        (
            {"handover": at("2026-03-10"), "returned": at("2026-03-12"), "lender_received": at("2026-03-20")},
            {"renewals": [{"at": at("2026-03-13")}]},
        ),
    ],
)
@pytest.mark.parametrize("clock", [{"starts": "arrived"}, {"logistics": "included"}])
def test_only_a_book_that_the_patron_has_is_renewed_or_recalled(line: Case, event: Case, clock: Case) -> None:
    early = {"handover": None, "shipped": at("2026-03-05"), "arrived": at("2026-03-06")}
    answer = loan(timeline=early | line, patch={"clock": clock}, **event)

    assert {"error": "event_outside_loan"} == answer


@pytest.mark.parametrize(
    ("recall", "due"),
    [
        ({"at": at("2025-03-20")}, "2025-03-27"),
        ({"at": at("2025-03-20"), "heard": at("2025-03-25")}, "2025-04-01"),
        # a date in the past, the day before the loan, and a clock that runs ahead
        ({"at": at("2025-03-01"), "heard": at("2025-03-25")}, "2025-04-01"),
        ({"at": at("2025-03-25"), "heard": at("2025-03-20")}, "2025-04-01"),
        # heard after the book was back
        ({"at": at("2025-03-20"), "heard": at("2025-04-01")}, None),
    ],
)
def test_notice_counts_from_when_the_patron_could_be_told(recall: Case, due: str | None) -> None:
    answer = loan(
        recall=recall,
        timeline={"returned": at("2025-03-31")},
        patch={"recall": {"allowed": True, "notice_days": 7}},
    )

    assert answer.get("events") == (None if due is None else [{"recall": "accepted", "due": due}])
    assert (due or answer["first_due"]) == answer["due"]


def test_a_recall_after_the_end_is_no_event_of_the_loan() -> None:
    recall = {"at": at("2025-04-01"), "heard": at("2025-04-02")}

    assert {"error": "event_outside_loan"} == loan(recall=recall, timeline={"returned": at("2025-03-31")})


@pytest.mark.parametrize(
    ("made", "events", "steps"),
    [
        # before the start it belongs to the first due date
        (at("2025-03-03", "09:59"), [], [("period", "2025-04-03"), ("bulk_extension", "2025-04-20")]),
        (at("2025-03-03"), [{"amendment": at("2025-03-03"), "due": "2025-04-20"}], [("period", "2025-04-03")]),
        ("2025-03-10T02:00:00Z", [{"amendment": "2025-03-10T02:00:00Z", "due": "2025-04-20"}], [("period", "2025-04-03")]),
        # after the end it is ignored
        (at("2025-05-01", "10:01"), [], [("period", "2025-04-03")]),
    ],
)  # fmt: skip
def test_an_amendment_is_an_event_in_time(
    made: str, events: list[Case], steps: list[tuple[str, str]]
) -> None:
    notice = {"at": made, "new_due": "2025-04-20"}
    answer = loan(amendments=[notice], timeline={"returned": at("2025-05-01")})

    assert (events, steps) == (
        answer.get("events", []),
        [(step["step"], step["due"]) for step in answer["steps"]],
    )


def test_at_one_instant_a_renewal_comes_first_then_an_amendment_then_a_recall() -> None:
    moment = at("2025-03-20")
    answer = loan(
        amendments=[{"at": moment, "new_due": "2025-06-01"}],
        renewals=[{"at": moment}],
        recall={"at": moment},
        patch={"recall": {"allowed": True, "notice_days": 7}},
    )

    assert [
        {"renewal": "accepted", "due": "2025-05-04"},
        {"amendment": moment, "due": "2025-06-01"},
        {"recall": "accepted", "due": "2025-03-27"},
    ] == answer["events"]


def test_a_loan_from_before_the_calendar_is_not_judged() -> None:
    assert {"error": "calendar_gap"} == loan(timeline={"handover": at("2023-12-31")})
    assert {"error": "no_loan_rule"} == loan(policy="bulc", timeline={"handover": at("2020-01-01")})
