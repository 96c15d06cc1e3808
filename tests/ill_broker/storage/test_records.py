from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ill_broker.storage.failures import Unreadable
from ill_broker.storage.records import from_dict, from_json, to_dict, to_json
from tests.ill_broker.storage.samples import BJTU, NLC, NOW, request
from workflows.citation import Citation, Hit
from workflows.ids import LibraryCode
from workflows.libraries import Library, Watches
from workflows.reasons import PassedOver, Placed, Refusal
from workflows.requests.commands import Command
from workflows.requests.effects import Effect
from workflows.requests.events import Because, Closed, Event, LenderPassed
from workflows.requests.lifecycle import Outcome, Status, Step
from workflows.requests.request import (
    Alarm,
    Deadline,
    Instants,
    Interval,
    LenderClaim,
    Request,
    RotaEntry,
    Turn,
)

SAID = LenderClaim(due_date=date(2026, 5, 1), tracking="🙂\ud800\x00")


def full_request() -> Request:
    return request(
        status=Status.ON_LOAN,
        rota=(RotaEntry(lender=NLC, turn=Turn.SUPPLIES, reason="nearest", asked_at=NOW, claim=SAID),),
        lender=NLC,
        instants=Instants(submitted=NOW, shipped=NOW + timedelta(days=1)),
        alarm=Alarm(at=NOW, what=Deadline.DUE),
        due=date(2026, 4, 20),
        transfers=(Interval(since=NOW), Interval(since=NOW, until=NOW)),
        attention=("lost_parcel", "disputed"),
        undoable=Step.HAND_OVER,
    )


def test_a_request_comes_back_as_it_was() -> None:
    assert full_request() == from_json(Request, to_json(full_request()))


@pytest.mark.parametrize("reason", [PassedOver.SILENT, Placed.AVAILABLE, Refusal.SUSPENDED, "on_exhibition"])
def test_a_reason_is_stored_as_its_bare_code(reason: str) -> None:
    passed = LenderPassed(at=NOW, lender=NLC, reason=reason)
    before = {"type": "LenderPassed", "at": NOW.isoformat(), "lender": NLC, "reason": str(reason)}
    there = {"lender": NLC, "reason": str(reason)}

    assert before == json.loads(to_json(passed))
    assert passed == from_dict(LenderPassed, before)
    assert RotaEntry(lender=NLC, reason=reason) == from_dict(RotaEntry, there)


def test_a_deadline_that_was_stored_as_a_bare_word_is_read_and_written_as_it_stood() -> None:
    stood = {"at": NOW.isoformat(), "what": "hold_ending"}
    read = from_dict(Alarm, stood)

    assert Alarm(at=NOW, what=Deadline.HOLD_ENDING) == read
    assert isinstance(read.what, Deadline)
    assert stood == json.loads(to_json(read))


def test_what_has_its_default_is_not_written() -> None:
    written = to_dict(request())

    assert {"id", "number", "patron", "home", "desk", "citation", "holdings", "instants", "version"} == set(
        written
    )


def test_instants_are_written_in_utc() -> None:
    at = datetime(2026, 3, 2, 9, 40, tzinfo=timezone(timedelta(hours=8)))

    assert {"type": "Closed", "at": "2026-03-02T01:40:00+00:00", "outcome": "lost"} == to_dict(
        Closed(at=at, outcome=Outcome.LOST)
    )
    assert UTC is from_dict(Closed, to_dict(Closed(at=at, outcome=Outcome.LOST))).at.tzinfo


st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
EACH = [(union, cls) for union in (Event, Effect, Command) for cls in get_args(union)]


@pytest.mark.parametrize(("union", "cls"), EACH)
@settings(max_examples=5)
@given(data=st.data())
def test_every_event_effect_and_command_comes_back_as_what_it_was(
    union: Any, cls: type, data: st.DataObject
) -> None:
    record = data.draw(st.from_type(cls))

    assert record == from_json(union, to_json(record))


def test_a_class_of_several_can_be_asked_for_alone() -> None:
    record = Closed(at=NOW, outcome=Outcome.LOST, because=Because(rule="F-1"))

    assert record == from_json(Closed, to_json(record))


@pytest.mark.parametrize(
    ("cls", "text"),
    [
        (Request, "{"),
        (Request, "[]"),
        (Request, "{}"),
        (Event, '{"type": "Exploded", "at": "2026-03-02T01:40:00+00:00"}'),
        (Event, '{"at": "2026-03-02T01:40:00+00:00"}'),
        (Closed, '{"at": "2026-03-02T01:40:00", "outcome": "lost"}'),
        (Closed, '{"at": "2026-03-02T01:40:00+00:00", "outcome": "eaten"}'),
    ],
)
def test_what_is_no_such_record_is_refused(cls: Any, text: str) -> None:
    with pytest.raises(Unreadable):
        from_json(cls, text)


def test_a_naive_instant_is_not_written() -> None:
    naive = NOW.replace(tzinfo=None)

    with pytest.raises(ValueError, match="naive"):
        to_json(Alarm(at=naive, what=Deadline.DUE))


def test_a_field_of_a_later_release_is_passed_over() -> None:
    values = to_dict(Interval(since=NOW)) | {"unheard_of": 1}

    assert Interval(since=NOW) == from_dict(Interval, values)


def test_a_library_keeps_only_what_differs_from_the_usual() -> None:
    library = Library(code=BJTU, name="BJTU", name_zh="北京交通大学", watches=Watches(answer_days=5))

    assert {"answer_days": 5} == to_dict(library)["watches"]
    assert library == from_json(Library, to_json(library))


@given(st.text(), st.none() | st.text(), st.none() | st.integers())
def test_any_text_survives(title: str, author: str | None, year: int | None) -> None:
    citation = Citation(title=title, author=author, year=year)

    assert citation == from_json(Citation, to_json(citation))


def test_json_is_plain_ascii_so_that_every_text_can_be_stored() -> None:
    assert to_json(full_request()).isascii()
    assert "\x00" not in to_json(full_request())
    assert "🙂\ud800\x00" == json.loads(to_json(full_request()))["rota"][0]["claim"]["tracking"]


def test_a_record_that_is_none_of_several_has_no_tag() -> None:
    @dataclass(frozen=True)
    class Lonely:
        library: LibraryCode
        at: datetime | None = None

    assert {"library": "nlc"} == to_dict(Lonely(NLC))
    assert replace(Lonely(NLC), at=NOW) == from_dict(Lonely, to_dict(Lonely(NLC, NOW)))


def test_a_hit_that_was_stored_before_there_were_details_is_read_without() -> None:
    stored = '{"citation":{"title":"X"},"holdings":[]}'

    assert Hit(citation=Citation(title="X"), holdings=()) == from_json(Hit, stored)
