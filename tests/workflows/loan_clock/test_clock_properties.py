"""What must hold for every loan, whatever its numbers."""

import os
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.books import builtin
from workflows.evaluation.loan_json import read_loan
from workflows.explanations.explanation import explain
from workflows.loan_clock.clock import loan_answer
from workflows.money import Money

#: ILL_CASES=20000 for a long run
CASES = int(os.environ.get("ILL_CASES", "150"))
ZONES = {"bhu": "Asia/Kolkata"}
CATEGORIES = {
    "szutl": ["campus", "public", "ill_reader"],
    "fjmu": ["undergraduate", "postgraduate", "staff", "other_school"],
    "bhu": ["faculty", "ug", "group_b", "alumni"],
    "jinan": ["personal", "family"],
}
CLOCKS = st.fixed_dictionaries(
    {},
    optional={
        "starts": st.sampled_from(["handover", "notified", "arrived"]),
        "logistics": st.sampled_from(["included", "excluded"]),
        "due_on_closed_day": st.sampled_from(["keep", "next_open_day"]),
    },
)
FINES = st.fixed_dictionaries(
    {},
    optional={
        "day": st.sampled_from(["started", "full"]),
        "grace_days": st.integers(0, 5),
        "cap_per_item": st.sampled_from(["1.00", "0.35"]),
        "count_closed_days": st.booleans(),
    },
)
RECALLS = st.fixed_dictionaries({"allowed": st.booleans(), "notice_days": st.integers(0, 10)})
RENEWALS = st.fixed_dictionaries(
    {
        "max_count": st.integers(0, 2),
        "period": st.fixed_dictionaries({"days": st.integers(1, 40)}),
        "from": st.sampled_from(["due_date", "renewal_date"]),
        "advance_days": st.integers(0, 2),
        "when": st.just({}),
        "allow_on_hold": st.booleans(),
    }
)
PATCHES = st.fixed_dictionaries(
    {}, optional={"clock": CLOCKS, "fine": FINES, "recall": RECALLS, "renewal": RENEWALS}
)


@st.composite
def readers(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Return who borrows what from this lender, and the options under which it lends."""
    case: dict[str, Any] = {}
    if name in CATEGORIES:
        case["category"] = draw(st.sampled_from(CATEGORIES[name]))
    if draw(st.booleans()):
        case["borrower"] = draw(st.sampled_from(["bjtu", "pku"]))
    if draw(st.booleans()):
        case["item"] = {"new_book": draw(st.booleans()), "language": draw(st.sampled_from(["zh", "en"]))}
        if name == "bhu":
            case["item"] |= draw(st.sampled_from([{"collection": "text_book_bank"}, {"type": "thesis"}, {}]))
    if draw(st.booleans()):
        case["patch"] = draw(PATCHES)
    return case


@st.composite
def loan_cases(draw: st.DrawFn) -> dict[str, Any]:
    """Return loans between 2024 and 2028, with transfers, renewals, a recall, and options of the policy."""
    name = draw(st.sampled_from(["szutl", "fjmu", "jinan", "bhu", "nlc", "shlib", "pku"]))
    zone = ZoneInfo(draw(st.sampled_from([ZONES.get(name, "Asia/Shanghai"), "UTC", "America/New_York"])))
    minute = draw(st.integers(0, 4 * 365 * 24 * 60))
    start = datetime(2024, 1, 20, tzinfo=ZoneInfo("UTC")) + timedelta(minutes=minute)

    def after(at: datetime, most_days: int) -> datetime:
        return at + timedelta(minutes=draw(st.integers(1, most_days * 24 * 60)))

    def written(at: datetime) -> str:
        return at.astimezone(zone).isoformat()

    line = {"shipped": start}
    for event, most in (("arrived", 8), ("notified", 3), ("handover", 8)):
        line[event] = after(max(line.values()), most)
    renewals = [{"at": written(after(line["handover"], 90)), "on_hold": draw(st.booleans())} for _ in "ab"]
    transfers = []
    for _ in range(draw(st.integers(0, 3))):
        leaves = after(line["handover"], 120)
        transfers.append({"from": written(leaves), "to": written(after(leaves, 9))})
    returned = line["handover"] + timedelta(days=91) + timedelta(minutes=draw(st.integers(0, 150 * 24 * 60)))
    case: dict[str, Any] = {
        "policy": name,
        "timeline": {event: written(at) for event, at in line.items()},
        "transfers": transfers,
        "renewals": renewals[: draw(st.integers(0, 2))],
    }
    if draw(st.booleans()):
        case["timeline"] |= {"returned": written(returned), "lender_received": written(after(returned, 9))}
    else:
        case["as_of"] = written(returned)
    if draw(st.booleans()):
        case["recall"] = {"at": written(after(line["handover"], 90))}
    return case | draw(readers(name))


@settings(max_examples=CASES, deadline=None)
@given(loan_cases())
def test_an_explanation_adds_up_to_the_answer(case: dict[str, Any]) -> None:
    loan = read_loan(case, builtin())
    found = explain(loan)
    answer = loan_answer(loan)
    days = [day for piece in found.late for day in piece.days]
    amounts = [day.amount for day in days if day.amount is not None]

    assert answer == found.answer
    assert answer.overdue_days == sum(day.reason in ("counted", "capped") for day in found.late[0].days)
    assert answer.fine.amount is None or answer.fine.amount == sum(amounts, Money.zero(answer.fine.currency))


@settings(max_examples=CASES, deadline=None)
@given(loan_cases())
def test_custody_leaves_no_gap_and_counts_no_day_twice(case: dict[str, Any]) -> None:
    stretches = explain(read_loan(case, builtin())).custody
    days = [
        span.first.toordinal() + n
        for stretch in stretches
        for span in stretch.spans
        for n in range(span.days)
    ]

    assert [stretch.end for stretch in stretches[:-1]] == [stretch.start for stretch in stretches[1:]]
    assert sorted(set(days)) == days


@settings(max_examples=CASES, deadline=None)
@given(st.integers(0, 900), st.integers(1, 20), st.integers(1, 25))
def test_days_on_the_road_never_change_the_patrons_own_days(shift: int, leaves: int, away: int) -> None:
    handover = datetime(2024, 3, 1, 12, tzinfo=ZoneInfo("Asia/Shanghai")) + timedelta(days=shift)
    transfer = {
        "from": (handover + timedelta(days=leaves)).isoformat(),
        "to": (handover + timedelta(days=leaves + away)).isoformat(),
    }
    plain = {"policy": "szutl", "timeline": {"handover": handover.isoformat()}}
    still = loan_answer(read_loan(plain, builtin()))
    moved = loan_answer(read_loan({**plain, "transfers": [transfer]}, builtin()))

    assert still.due is not None
    assert moved.due == still.due + timedelta(days=away)


@settings(max_examples=CASES, deadline=None)
@given(loan_cases(), st.integers(0, 400), st.integers(0, 400))
def test_a_fine_never_falls_as_time_passes(case: dict[str, Any], one: int, other: int) -> None:
    case["timeline"].pop("returned", None)
    case["timeline"].pop("lender_received", None)
    handover = datetime.fromisoformat(case["timeline"]["handover"])

    def amount(days: int) -> int:
        at = (handover + timedelta(days=days)).isoformat()
        fine = loan_answer(read_loan({**case, "as_of": at}, builtin())).fine.amount
        return 0 if fine is None else fine.minor

    assert amount(min(one, other)) <= amount(max(one, other))
