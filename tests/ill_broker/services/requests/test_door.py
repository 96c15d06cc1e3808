"""The one door: limits hold under any concurrency, decisions are saved whole, nobody sees another's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, func, select

from ill_broker.services.refusals import Outdated, Unknown
from ill_broker.storage import outbox, tallies
from ill_broker.storage import requests as request_rows
from ill_broker.storage.failures import Busy, Stale
from ill_broker.storage.rows import metadata
from ill_broker.storage.store import Store
from tests.factories import BJTU, FJMU, JINAN, NLC, PKU, START, SZUTL
from tests.ill_broker.services.lending import DESK, OFFICE, Lending, as_patron
from workflows.actors import Actor, Role
from workflows.ids import RequestId
from workflows.refusals import NotAllowed, NotEligible, WrongState
from workflows.requests.commands import Arrive, Cancel, HandOver, Report, ReportedStatus
from workflows.requests.lifecycle import Status
from workflows.requests.request import Request

_T = TypeVar("_T")
THREADS = 16
ISBNS = [f"97870200{number:05}" for number in range(100)]


@pytest.fixture
def lending(store: Store, database_url: str) -> Iterator[Lending]:
    """A consortium with a connection for each thread."""
    wide = Store.open(database_url, threads=THREADS)
    yield Lending(wide)
    wide.close()


def together(works: list[Callable[[], _T]]) -> list[_T | Exception]:
    """Do all at once, each in a thread, again while the database is busy; return what came of each."""
    start = Barrier(len(works))

    def one(work: Callable[[], _T]) -> _T | Exception:
        start.wait(timeout=60)
        for _ in range(20):
            try:
                return work()
            except Busy:
                continue
            except Exception as error:  # noqa: BLE001 - is looked at by the test
                return error
        return Busy("for ever")

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def rows(store: Store) -> dict[str, int]:
    with store.reading() as conn:
        return {
            name: conn.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


def reasons(error: NotEligible) -> tuple[str, ...]:
    told: Any = error.facts["reasons"]
    return tuple(told)


def used(store: Store, *keys: str) -> list[int]:
    with store.reading() as conn:
        return list(tallies.read(conn, keys).values())


def test_of_sixteen_submissions_at_once_five_are_taken(lending: Lending) -> None:
    anna = lending.patron()
    wishes = [lending.wish(anna, isbn) for isbn in ISBNS[:THREADS]]
    came = together([partial(lending.submit, anna, wish) for wish in wishes])
    refused = [error for error in came if isinstance(error, NotEligible)]

    assert Counter({"Request": 5, "NotEligible": 11}) == Counter(type(one).__name__ for one in came)
    assert {("borrower_limit",)} == {reasons(error) for error in refused}
    assert [5] == used(lending.store, f"patron:{anna.id}")
    assert 5 == rows(lending.store)["requests"]


def test_the_same_work_twice_at_once_is_one_request(lending: Lending) -> None:
    anna = lending.patron()
    came = together([lambda: lending.submit(anna) for _ in range(8)])

    assert 1 == len({one.id for one in came if isinstance(one, Request)})
    assert 8 == len([one for one in came if isinstance(one, Request)])
    assert (1, 1) == (rows(lending.store)["requests"], rows(lending.store)["outbox"])
    assert [1] == used(lending.store, f"patron:{anna.id}")


def test_the_last_place_of_a_monthly_quota_is_given_once(lending: Lending) -> None:
    with lending.store.writing() as conn:
        conn.execute(metadata.tables["tallies"].insert(), {"key": "quota:nlc:2026-03", "used": 499})
    patrons = [lending.patron(f"p{number}") for number in range(8)]
    came = together([partial(lending.submit, one, lending.wish(one, lenders=(NLC,))) for one in patrons])

    assert Counter({"Request": 1, "NotEligible": 7}) == Counter(type(one).__name__ for one in came)
    assert {("quota_exhausted",)} == {reasons(error) for error in came if isinstance(error, NotEligible)}
    assert [500] == used(lending.store, "quota:nlc:2026-03")


def test_who_gets_no_place_of_a_quota_is_lent_by_the_next_lender(lending: Lending) -> None:
    with lending.store.writing() as conn:
        conn.execute(metadata.tables["tallies"].insert(), {"key": "quota:nlc:2026-03", "used": 500})
    anna = lending.patron()
    request = lending.submit(anna, lending.wish(anna, lenders=(NLC, SZUTL)))

    assert (SZUTL, "quota_exhausted") == (request.lender, getattr(request.entry(NLC), "reason", None))


def test_what_is_given_up_makes_room_again(lending: Lending) -> None:
    anna = lending.patron()
    mine = [lending.submit(anna, lending.wish(anna, isbn)) for isbn in ISBNS[:5]]
    with pytest.raises(NotEligible):
        lending.submit(anna, lending.wish(anna, ISBNS[6]))
    lending.do(mine[0], Cancel(), as_patron(anna))

    assert Status.SUBMITTED is lending.submit(anna, lending.wish(anna, ISBNS[6])).status


def test_one_step_taken_twice_at_once_is_taken_once(lending: Lending) -> None:
    request = lending.asked()
    steps = [lambda: lending.requests.handle(request.id, Arrive(), DESK, now=lending.now) for _ in range(8)]
    came = together(steps)

    assert Counter({"Request": 1, "WrongState": 7}) == Counter(type(one).__name__ for one in came)
    assert 1 == lending.happened(request).count("Arrived")


def test_reports_at_once_are_all_taken_and_only_the_first_asks_on(lending: Lending) -> None:
    request = lending.asked(SZUTL, PKU, JINAN, FJMU)
    declined = Report(lender=request.lender or SZUTL, status=ReportedStatus.UNFILLED, occurred_at=lending.now)
    actor = Actor(Role.PARTNER, declined.lender, declined.lender)
    came = together(
        [lambda: lending.requests.handle(request.id, declined, actor, now=lending.now) for _ in range(6)]
    )

    assert Counter({"Request": 6}) == Counter(type(one).__name__ for one in came)
    assert 2 == lending.happened(request).count("AskedLender")
    assert 2 == len([entry for entry in lending.entries(request) if entry.body["what"] == "ask"])


def test_a_decision_that_cannot_be_saved_leaves_nothing_behind(lending: Lending) -> None:
    anna = lending.patron()
    before = rows(lending.store)

    def breaks(conn: Connection, request: Request) -> None:
        raise RuntimeError(request.id)

    with pytest.raises(RuntimeError):
        lending.requests.submit(lending.wish(anna), anna, as_patron(anna), now=START, also=breaks)

    assert before == rows(lending.store)
    assert [0] == used(lending.store, f"patron:{anna.id}")


def test_a_refused_step_leaves_nothing_behind(lending: Lending) -> None:
    request = lending.asked()
    before = rows(lending.store)
    with pytest.raises(WrongState):
        lending.do(request, HandOver())

    assert (before, request) == (rows(lending.store), lending.load(request))


def test_a_decision_is_taken_anew_when_another_was_saved_first(
    lending: Lending, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = lending.asked()
    save, failed = request_rows.save, list[str]()

    def late(conn: Connection, changed: Request, *, was_version: int) -> None:
        if not failed:
            failed.append(changed.id)
            raise Stale(changed.id)
        save(conn, changed, was_version=was_version)

    monkeypatch.setattr(request_rows, "save", late)

    assert Status.ARRIVED is lending.do(request, Arrive()).status


def test_others_who_never_stop_make_it_busy(lending: Lending, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: Any, **__: Any) -> None:
        raise Stale("always")

    request = lending.asked()
    monkeypatch.setattr(request_rows, "save", late)
    with pytest.raises(Busy):
        lending.do(request, Arrive())


def test_who_means_another_version_changes_nothing(lending: Lending) -> None:
    request = lending.asked()

    def expected(version: int) -> None:
        raise Stale(str(version))

    with pytest.raises(Outdated) as caught:
        lending.requests.handle(request.id, Arrive(), DESK, now=lending.now, expected=expected)

    assert {"version": request.version} == caught.value.facts


STRANGERS = [
    Actor(Role.PATRON, "pat_other", BJTU),
    Actor(Role.STAFF, "stf_other", JINAN),
    Actor(Role.STAFF, "stf_not_asked_yet", PKU),
    Actor(Role.PARTNER, "pku", PKU),
    Actor(Role.PARTNER, "bjtu", BJTU),
]


@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda actor: f"{actor.role}-{actor.library}")
def test_what_one_may_not_see_does_not_exist(lending: Lending, stranger: Actor) -> None:
    request = lending.asked(SZUTL)
    with pytest.raises(Unknown) as mine:
        lending.requests.handle(request.id, Arrive(), stranger, now=lending.now)
    with pytest.raises(Unknown) as seen:
        lending.requests.see(request.id, stranger)
    with pytest.raises(Unknown) as none:
        lending.requests.see(RequestId("req_00000000000000000"), stranger)

    assert 1 == len({(error.value.detail, str(error.value.facts)) for error in (mine, seen, none)})


def test_what_one_sees_and_may_not_do_is_refused(lending: Lending) -> None:
    request = lending.asked(SZUTL)
    with pytest.raises(NotAllowed):
        lending.requests.handle(request.id, Arrive(), Actor(Role.STAFF, "s", SZUTL), now=lending.now)

    assert 1 < len(lending.requests.see(request.id, OFFICE).events)


def test_an_effect_is_ordered_once_however_often_it_is_decided(lending: Lending) -> None:
    request = lending.asked()
    (ask,) = lending.entries(request)
    with lending.store.writing() as conn:
        outbox.add(conn, [ask])

    assert [ask] == lending.entries(request)


def test_a_month_later_the_quota_is_another_one(lending: Lending) -> None:
    lending.at(START + timedelta(days=31))
    lending.asked(NLC)

    assert [0, 1] == used(lending.store, "quota:nlc:2026-03", "quota:nlc:2026-04")
