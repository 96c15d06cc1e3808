"""What was lent, and files of loans, under policies that are not in force."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest

from ill_broker.services.office import simulations as module
from ill_broker.services.office.evaluation import MAX_LINE
from ill_broker.services.office.simulations import Left, Simulations, TooManyLoans, simulate_lines
from ill_broker.storage.policies import FileKind
from ill_broker.storage.store import Store
from tests.factories import DAY, PKU, START, SZUTL, the_book
from tests.ill_broker.services.lending import Lending
from tests.ill_broker.services.rulebooks import A_WEEK, Office, a_file
from workflows.errors import FaultyPolicy
from workflows.evaluation.simulation import Simulation
from workflows.requests.commands import ReportedStatus, ReportLoss, TakeBack
from workflows.requests.lifecycle import Outcome


@pytest.fixture
def office(store: Store) -> Office:
    return Office(Lending(store))


def simulated(office: Office, *files: Any, **facts: Any) -> Simulation:
    service = Simulations(office.lending.store, office.lending.directory)
    return service.history(files, **{"now": office.lending.now, **facts})


def lenders(found: Simulation) -> list[tuple[str, int]]:
    return [(row.group.lender, row.loans) for row in found.rows()]


def test_what_was_lent_is_compared_with_what_it_would_come_to(office: Office) -> None:
    back, _out, other = office.lent(PKU), office.lent(PKU), office.lent(SZUTL)
    office.lending.now += 20 * DAY
    office.lending.do(back, TakeBack())
    office.lending.do(other, TakeBack())
    pku, szutl = simulated(office, a_file("balis", **A_WEEK)).rows()

    assert (2, 1, 2) == (pku.loans, pku.still_out, pku.due_earlier)
    assert (0, 2) == (pku.today.overdue, pku.candidate.overdue)
    assert (28, 7) == (pku.today.least_usable, pku.candidate.least_usable)
    assert ("szutl", szutl.today, 0) == (szutl.group.lender, szutl.candidate, szutl.still_out)


def test_a_calendar_may_be_tried(office: Office) -> None:
    calendar = the_book().policy("pku").calendar.almanac.id
    clock = {**the_book().document("balis")["clock"], "due_on_closed_day": "next_open_day"}
    office.install(a_file("balis", clock=clock))
    due = office.lent(PKU).due
    closed = {"from": f"{due}", "to": f"{due}", "label": "works"}
    (row,) = simulated(office, a_file(calendar, FileKind.CALENDAR, closures=[closed])).rows()

    assert (28, 29) == (row.today.usable_days, row.candidate.usable_days)


def test_only_books_that_the_patron_had_are_counted(office: Office) -> None:
    office.waiting(PKU)
    office.lending.asked(PKU)
    request = office.lending.asked(PKU)
    for status in (ReportedStatus.LOANED, ReportedStatus.COMPLETED_WITHOUT_RETURN):
        office.lending.hear(request, status)
    lost = office.lending.load(request)
    office.lending.do(office.lent(PKU), ReportLoss())
    found = simulated(office)

    assert (Outcome.LOST, None) == (lost.outcome, lost.instants.handover)
    assert ([("pku", 1)], 1) == (lenders(found), found.not_lent)


def test_today_is_what_the_office_has_put_in_force_or_what_is_named(office: Office) -> None:
    office.lent(PKU)
    office.install(a_file("balis", **A_WEEK))
    (row,) = simulated(office).rows()
    (named,) = simulated(office, today=the_book()).rows()

    assert (7, 7) == (row.today.usable_days, row.candidate.usable_days)
    assert (28, 28) == (named.today.usable_days, named.candidate.usable_days)


def test_every_page_of_what_was_lent_is_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAGE", 2)
    for _ in range(4):
        office.lent(PKU)

    assert [("pku", 4)] == lenders(simulated(office))


def test_a_time_is_half_open_and_by_the_day_of_submission(office: Office) -> None:
    submitted = [office.lent(PKU).instants.submitted for _ in range(3)]
    _, second, third = submitted

    assert [("pku", 1)] == lenders(simulated(office, since=second, until=third))
    assert [("pku", 2)] == lenders(simulated(office, since=second))
    assert [("pku", 2)] == lenders(simulated(office, until=third))
    assert [] == lenders(simulated(office, since=third + timedelta(seconds=1)))


def test_more_loans_than_are_waited_for_are_refused(office: Office) -> None:
    for _ in range(3):
        office.lent(PKU)

    with pytest.raises(TooManyLoans) as refused:
        simulated(office, at_most=2)

    assert {"at_most": 2} == refused.value.facts
    assert [("pku", 3)] == lenders(simulated(office, at_most=3))


def test_a_faulty_candidate_is_refused_whole(office: Office) -> None:
    files = (a_file("balis", **A_WEEK), a_file("szutl", fine={"rate": 0.2}), a_file("pku", id="other"))

    with pytest.raises(FaultyPolicy) as faulty:
        simulated(office, *files[:2])
    with pytest.raises(FaultyPolicy) as misfit:
        simulated(office, *files)

    assert {"policies/szutl": [("fine.rate", "bad_money")]} == faulty.value.facts["faults"]
    assert {"policies/pku": [("id", "wrong_id")]} == misfit.value.facts["faults"]


# ---------------------------------------------------------------- a file of loans

LATE = {
    "policy": "szutl",
    "timeline": {"handover": "2025-03-03T10:00:00+08:00", "returned": "2025-04-06T09:30:00+08:00"},
}


def read(*lines: object) -> tuple[Simulation, list[Left]]:
    written = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    found = Simulation(the_book(), the_book(), START)
    return found, list(simulate_lines(io.BytesIO(b"\n".join(written)), found))


def test_every_loan_of_a_file_is_counted() -> None:
    found, left = read({"id": "1", "input": LATE}, {"id": 2, "kind": "loan", "input": LATE}, b"", b"  ")

    assert ([("szutl", 2)], []) == (lenders(found), left)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"{", "line 2: bad_line"),
        (b"[1]", "line 2: bad_line"),
        (b"\xff", "line 2: bad_line"),
        (b'{"input": {"x": NaN}}', "line 2: bad_line"),
        (b"[" * 100_000, "line 2: bad_line"),
        ({"id": "a"}, "line 2: bad_line"),
        (b" " * 10 + b"x" * MAX_LINE, "line 2: line_too_long"),
        ({"id": "a", "kind": "card", "input": {}}, "line 2: a: not_a_loan"),
        ({"id": "a", "kind": ["loan"], "input": LATE}, "line 2: a: not_a_loan"),
        ({"id": "a\nb", "input": {"policy": "nowhere"}}, "line 2: a\\nb: today: unknown_policy"),
        ({"id": {"x": 1}, "input": {**LATE, "timeline": "x"}}, "line 2: today: bad_input"),
        (b'{"id": 7, "input": {"policy": "szutl", "patch": {"\\ud800": 1}}}', "line 2: 7: today: "),
    ],
)
def test_a_line_that_is_no_loan_is_named_and_the_others_are_counted(line: object, told: str) -> None:
    found, left = read({"id": "1", "input": LATE}, line, {"id": "3", "input": LATE})

    assert [("szutl", 2)] == lenders(found)
    assert 1 == len(left)
    assert str(left[0]).startswith(told)


def test_however_deep_a_case_is_it_is_counted_or_named() -> None:
    case = json.dumps(LATE)[:-1]
    depths = [10, *range(800, 1100, 10), 100_000]  # some Pythons read what others find too deep

    def patched(before: str, after: str, deep: int) -> bytes:
        return f'{{"input": {case}, "patch": {{"contacts": {before * deep}1{after * deep}}}}}}}'.encode()

    lines = [patched("[", "]", deep) for deep in depths]
    deeper = [patched('{"a":', "}", deep) for deep in depths]
    found, left = read(*lines, *deeper)

    assert 2 * len(depths) == found.loans + len(left)
    assert {"bad_line", "today: bad_input"} == {one.code for one in left}
