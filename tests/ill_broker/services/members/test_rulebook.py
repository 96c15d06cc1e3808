"""Policies in their versions: installed whole or not at all, and kept by the loans that began under them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from ill_broker.services.members.directory import Directory
from ill_broker.services.members.policy_versions import misread_ever
from ill_broker.services.members.rulebook import NewFile, PastValidity
from ill_broker.services.refusals import Outdated, Unknown
from ill_broker.services.requests.overview import Overview
from ill_broker.storage import policies as policy_rows
from ill_broker.storage.failures import Busy, Stale
from ill_broker.storage.office_rows import policy_versions
from ill_broker.storage.policies import FileKind
from ill_broker.storage.store import Store
from tests.factories import DAY, PKU, the_book
from tests.ill_broker.services.lending import OFFICE, Lending
from tests.ill_broker.services.rulebooks import A_WEEK, Office, a_file
from workflows.errors import FaultyPolicy
from workflows.requests.commands import HandOver, TakeBack

CALENDAR = "cn-university-sample"


@pytest.fixture
def office(store: Store) -> Office:
    return Office(Lending(store))


def days(office: Office) -> int | None:
    """Return how long pku lends now."""
    rule = office.lending.directory.in_force(office.lending.now).policy(PKU).loan_rules[0]
    return rule.period.count


def test_without_rows_the_files_that_come_with_the_service_are_in_force(office: Office) -> None:
    file = office.rulebook.file(FileKind.POLICY, "pku", now=office.lending.now)

    assert days(office) == 28
    assert (None, ()) == (file.installed, file.versions)
    assert the_book().document("pku") == file.document


def test_an_installed_version_is_in_force_at_once_and_says_where_it_comes_from(office: Office) -> None:
    (version,) = office.install(a_file(**A_WEEK), reason="shorter", author="stf_7")
    file = office.rulebook.file(FileKind.POLICY, "balis", now=office.lending.now)

    assert days(office) == 7
    assert file.installed == version
    assert ("shorter", "stf_7", "balis.yaml", office.lending.now) == (
        version.reason,
        version.author,
        version.source,
        version.valid_from,
    )
    assert file.document["loan_rules"] == A_WEEK["loan_rules"]


def test_a_later_version_waits_for_its_day(office: Office) -> None:
    office.install(a_file(**A_WEEK), valid_from=office.lending.now + DAY)
    before = days(office)

    office.lending.now += DAY

    assert (28, 7) == (before, days(office))


def test_another_process_notices_a_new_version_within_seconds(office: Office) -> None:
    other = Directory(office.lending.store, the_book())
    other.libraries(office.lending.now)

    office.install(a_file(**A_WEEK))
    later = other.in_force(office.lending.now + timedelta(seconds=5))

    assert later.policy(PKU).loan_rules[0].period.count == 7


def test_installing_the_same_again_adds_no_version(office: Office) -> None:
    office.install(a_file(**A_WEEK))

    assert office.install(a_file(**A_WEEK)) == ()
    assert office.install(a_file("pku")) == ()


def test_a_file_with_a_fault_is_refused_whole_and_the_last_good_one_stays(office: Office) -> None:
    office.install(a_file(**A_WEEK))
    faulty = a_file(fine={"rate": 0.5}, quota={"monthly": -1})

    with pytest.raises(FaultyPolicy) as refused:
        office.install(faulty, a_file("pku", name="another name"))

    assert refused.value.facts["faults"] == {
        "policies/balis": [("fine.rate", "bad_money"), ("quota.monthly", "bad_type")]
    }
    assert days(office) == 7
    assert len(office.rulebook.file(FileKind.POLICY, "pku", now=office.lending.now).versions) == 0


def test_a_file_that_breaks_another_one_is_refused(office: Office) -> None:
    """What inherits may name what it inherits, so both are checked when one of them changes."""
    two = {"reader": {"label": "Reader", "limits": {}}, "child": {"label": "Child", "limits": {}}}
    office.install(a_file(categories=two, default_category="reader"))
    rule = {"id": "short", "when": {"category": "child"}, "period": {"days": 7}}
    office.install(a_file("pku", loan_rules=[rule]))

    with pytest.raises(FaultyPolicy) as refused:
        office.install(a_file(categories={"reader": two["reader"]}, default_category="reader"))

    assert refused.value.facts["faults"] == {
        "policies/pku": [("loan_rules[0].when.category", "bad_reference")]
    }


def test_a_file_is_checked_beside_those_that_hold_later(office: Office) -> None:
    later = a_file("pku", inherits="other")
    other = a_file()
    other = replace(other, name="other", document={**other.document, "id": "other"})
    office.install(other)
    office.install(later, valid_from=office.lending.now + 2 * DAY)

    with pytest.raises(FaultyPolicy):
        office.install(
            replace(other, document={**other.document, "calendar": "gone"}),
            valid_from=office.lending.now + DAY,
        )


def test_what_is_changed_meanwhile_holds_beside_what_was_planned(office: Office) -> None:
    office.install(a_file("balis", **A_WEEK), valid_from=office.lending.now + 2 * DAY)

    office.install(a_file("balis", name="Beijing"), reason="renamed")
    waiting, changed, _ = office.rulebook.file(FileKind.POLICY, "balis", now=office.lending.now).versions
    before = days(office)
    office.lending.now += 2 * DAY

    assert (28, 7) == (before, days(office))
    assert waiting.document["name"] == changed.document["name"] == "Beijing"
    assert waiting.document["loan_rules"] == A_WEEK["loan_rules"]
    assert ("renamed", office.lending.now) == (waiting.reason, waiting.valid_from)


def test_what_was_planned_stays_where_both_say_something(office: Office) -> None:
    ten = {"loan_rules": [{"id": "ten-days", "when": {}, "period": {"days": 10}}]}
    office.install(a_file(**A_WEEK), valid_from=office.lending.now + DAY)

    added = office.install(a_file(**ten))
    office.lending.now += DAY

    assert len(added) == 1
    assert days(office) == 7


def test_a_day_closed_meanwhile_stays_closed_beside_days_that_were_planned(office: Office) -> None:
    told = the_book().calendar_document(CALENDAR)["closures"]
    one, other = ({**told[0], "from": day, "to": day} for day in ("2026-04-07", "2026-04-08"))
    planned = a_file(CALENDAR, FileKind.CALENDAR, closures=[*told, one])
    office.install(planned, valid_from=office.lending.now + DAY)

    office.install(a_file(CALENDAR, FileKind.CALENDAR, closures=[*told[1:], other]))
    office.lending.now += DAY
    document = office.rulebook.file(FileKind.CALENDAR, CALENDAR, now=office.lending.now).document

    assert [*told[1:], one, other] == document["closures"]


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ([], ("", "bad_type")),
        ("text", ("", "bad_type")),
        ({"id": "pku"}, ("id", "wrong_id")),
        ({}, ("id", "wrong_id")),
        ({"id": "balis", "sources": [[[[[[[[[[[[[[[[[[[[["deep"]]]]]]]]]]]]]]]]]]]]]}, ("", "unreadable")),
    ],
)
def test_what_cannot_be_checked_is_refused(office: Office, document: Any, fault: tuple[str, str]) -> None:
    with pytest.raises(FaultyPolicy) as refused:
        office.install(replace(a_file(), document=document))

    assert refused.value.facts["faults"] == {"policies/balis": [fault]}


def test_old_numbers_are_never_edited(office: Office) -> None:
    with pytest.raises(PastValidity):
        office.install(a_file(**A_WEEK), valid_from=office.lending.now - DAY)


def test_whoever_read_an_older_version_is_told(office: Office) -> None:
    def expect_none(seq: int) -> None:
        if seq:
            raise Stale(str(seq))

    office.install(a_file(**A_WEEK), expected=expect_none)

    with pytest.raises(Outdated):
        office.install(a_file(), expected=expect_none)


def test_two_who_install_at_once_are_checked_one_after_the_other(office: Office) -> None:
    files = [
        a_file("pku", name="one"),
        a_file("nlc", name="two"),
        a_file(CALENDAR, FileKind.CALENDAR, sample=False),
    ]

    with ThreadPoolExecutor(3) as pool:
        added = list(pool.map(lambda file: _again(office, file), files))

    assert {1, 2, 3} == {version.seq for (version,) in added}


def _again(office: Office, file: NewFile) -> Any:
    while True:
        try:
            return office.install(file)
        except Busy:
            continue


def test_a_number_that_is_taken_is_not_used_twice(office: Office) -> None:
    (version,) = office.install(a_file(**A_WEEK))

    with pytest.raises(Busy), office.lending.store.writing() as conn:
        policy_rows.add(conn, version)


def test_a_calendar_has_versions_too(office: Office) -> None:
    before = {
        file.name: file.version for file in office.rulebook.files(FileKind.CALENDAR, now=office.lending.now)
    }
    closed = [{"from": "2026-03-10", "to": "2026-03-20"}]

    office.install(a_file(CALENDAR, FileKind.CALENDAR, closures=closed))
    after = {
        file.name: file.version for file in office.rulebook.files(FileKind.CALENDAR, now=office.lending.now)
    }

    assert before.keys() == after.keys()
    assert {CALENDAR} == {name for name in after if after[name] != before[name]}
    pku = office.lending.directory.in_force(office.lending.now).policy(PKU)
    assert pku.calendar.almanac.version == after[CALENDAR]


def test_a_file_that_nobody_has_is_unknown(office: Office) -> None:
    with pytest.raises(Unknown):
        office.rulebook.file(FileKind.POLICY, "nowhere", now=office.lending.now)


def test_a_new_file_is_shown_before_it_holds(office: Office) -> None:
    new = a_file("pku")
    new = replace(new, name="new", document={**new.document, "id": "new"})

    office.install(new, valid_from=office.lending.now + DAY)
    file = office.rulebook.file(FileKind.POLICY, "new", now=office.lending.now)

    assert (new.document, None, 1) == (file.document, file.installed, file.seq)


def test_a_loan_keeps_the_version_it_began_under_in_every_process(office: Office) -> None:
    lending = office.lending
    request = office.lent()
    office.install(a_file(**A_WEEK))
    lending.now += 30 * DAY

    elsewhere = Directory(lending.store, the_book())
    explained = Overview(lending.store, elsewhere).explanation(request.id, OFFICE, now=lending.now)
    back = lending.do(request, TakeBack())

    assert request.due == date(2026, 3, 30) == back.due
    assert explained["answer"]["due"] == "2026-03-30"
    assert explained["answer"]["overdue_days"] == 2
    assert explained["steps"][0]["policy"]["version"] == the_book().policy(PKU).version


def test_a_loan_that_begins_later_has_the_new_version(office: Office) -> None:
    waiting = office.waiting()
    office.install(a_file(**A_WEEK))

    lent = office.lending.do(waiting, HandOver())

    assert lent.due == date(2026, 3, 9)
    assert lent.terms == office.lending.directory.book.policy(PKU).edition


def test_stored_versions_that_no_longer_fit_leave_what_comes_with_the_service(office: Office) -> None:
    office.install(a_file(**A_WEEK))
    assert days(office) == 7

    with office.lending.store.writing() as conn:
        conn.execute(update(policy_versions).values(document={"id": "balis"}, seq=2))
    office.lending.directory.forget()

    assert days(office) == 28


def outgrown(office: Office, seq: int) -> None:
    """Let an installed version have a key that the release now running does not know."""
    with office.lending.store.writing() as conn:
        (version,) = policy_rows.versions(conn, [seq])
        of = update(policy_versions).where(policy_versions.c.seq == seq)
        conn.execute(of.values(document={**version.document, "colour": "red"}))


def test_what_a_later_release_does_not_understand_leaves_the_version_before_and_all_others(
    office: Office,
) -> None:
    (week,) = office.install(a_file(**A_WEEK))
    nlc = NewFile(kind=FileKind.POLICY, name="nlc", document=dict(the_book().document("nlc")), source="x")
    nlc = replace(nlc, document={**nlc.document, "name": "National Library"})
    office.rulebook.install([nlc], author="stf_7", reason="named", now=office.lending.now)
    (newest,) = office.install(a_file(loan_rules=[{"id": "day", "when": {}, "period": {"days": 1}}]))
    outgrown(office, newest.seq)
    upgraded = Directory(office.lending.store, the_book()).in_force(office.lending.now)
    lent = upgraded.policy(PKU).loan_rules[0].period.count
    outgrown(office, week.seq)
    at_last = Directory(office.lending.store, the_book()).in_force(office.lending.now)
    with office.lending.store.reading() as conn:
        named = misread_ever(conn, the_book(), [], now=office.lending.now)

    assert (7, 28) == (lent, at_last.policy(PKU).loan_rules[0].period.count)
    assert ["National Library"] * 2 == [book.policy("nlc").name for book in (upgraded, at_last)]
    assert [
        ("balis", newest.seq, "colour", "unknown_field"),
        ("balis", week.seq, "colour", "unknown_field"),
    ] == [(one.name, one.version, one.path, one.code) for one in named]
