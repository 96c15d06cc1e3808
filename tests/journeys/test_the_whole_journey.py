"""All seven steps and back again, on a day when nearly every message comes late, twice or out of order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.journeys.story import DECLINES, LENDER, SCENARIOS, Story, Told
from tests.journeys.world import World
from tests.support.smtp import text_of

SEVEN = ("register", "search", "submit", "in_transit", "arrived", "notified", "returned")


pytestmark = pytest.mark.ci


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("journey")
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_cluster").new_database()
    else:
        url = f"sqlite:///{folder / 'broker.db'}"
    with World(folder, url, SCENARIOS) as world:
        yield Story(world).told()


def test_all_seven_steps_stand_on_the_timeline_with_their_times(told: Told) -> None:
    reached = {step["step"]: step["at"] for step in told.request["steps"] if step["reached"]}
    timely = [
        step
        for step, at in reached.items()
        if told.moments[step][0] <= datetime.fromisoformat(at) <= told.moments[step][1]
    ]

    assert list(SEVEN) == timely
    assert sorted(reached.values(), key=datetime.fromisoformat) == list(reached.values())


def test_the_loan_is_completed_and_was_due_after_the_lenders_31_days(told: Told) -> None:
    kept = ("status", "outcome", "lender", "due", "lender_due", "attention")

    assert ["closed", "completed", LENDER, "2026-04-06", "2026-04-10", []] == [
        told.request[name] for name in kept
    ]


def test_nothing_stands_on_the_timeline_twice(told: Told) -> None:
    """What was said twice, too late or too early is there once, and so is each thing that we did."""
    happened = Counter(entry["event"] for entry in told.timeline)

    assert {
        "Submitted": 1,
        "AskedLender": 2,
        "AskDelivered": 2,
        "RequestReceived": 1,
        "LenderPassed": 1,
        "Accepted": 1,
        "Arrived": 1,
        "Called": 2,
        "Notified": 1,
        "HandedOver": 1,
        "Reminded": 3,
        "TakenBack": 1,
        "ShippedBack": 1,
        "ReceivedByLender": 1,
        "Closed": 1,
        "Noted": 2,
    } == happened


def test_the_library_that_declines_is_asked_first_and_passed_over(told: Told) -> None:
    assert [(DECLINES, "passed", "unfilled"), (LENDER, "supplies", "available")] == [
        (entry["lender"], entry["turn"], entry["reason"]) for entry in told.rota
    ]


def test_each_library_hears_each_of_our_messages_once(told: Told) -> None:
    lender = ["request.ask", "request.received", "request.due_date", "request.returned"]

    assert {DECLINES: ["request.ask"], LENDER: lender} == told.heard


def test_every_report_of_the_lender_is_taken_as_often_as_it_is_sent(told: Told) -> None:
    assert {"WillSupply": 1, "RequestReceived": 1, "Loaned": 2, "LoanCompleted": 1} == told.taken


def test_each_letter_comes_once(told: Told) -> None:
    subjects = [
        "请确认您的电子邮箱", "您申请的图书已到馆", "请尽快领取图书",
        "借阅成功", "图书即将到期", "图书已逾期", "费用通知",
    ]  # fmt: skip

    assert subjects == [letter["subject"] for letter in told.letters]
    assert {"zh-Hans"} == {letter["content-language"] for letter in told.letters}
    assert all("李华，您好：" in text_of(letter) for letter in told.letters)
    assert len(subjects) == len({letter["message-id"] for letter in told.letters})


def test_the_days_of_the_explanation_are_those_of_the_due_date_and_the_fine(told: Told) -> None:
    with_patron = sum(each["counted_days"] for each in told.explanation["custody"])
    late = [day["amount"] for piece in told.explanation["late"] for day in piece["days"]]

    assert (34, {"patron"}) == (
        with_patron,
        {each["owner"] for each in told.explanation["custody"] if each["counted_days"]},
    )
    assert ["0.20"] * 3 == late
    assert "0.60" == told.explanation["answer"]["fine"]["amount"]
    assert told.explanation["fine"]["text"]["zh"].startswith("逾期 3 天：0.60")
