"""What is written from the tables of policy fields is in step with them, and no stricter than the check."""

from __future__ import annotations

from itertools import islice
from typing import Any

import jsonschema_rs
import pytest

from tests.workflows.books import documents
from tests.workflows.spoilt import spoilt
from tools.policy_fields import calendar_schema, policy_schema, written
from workflows.policies.checking import Neighbours, check_calendar, check_policy

POLICIES = {doc["id"]: doc for doc in documents("policies").values()}
CALENDARS = {doc["id"]: doc for doc in documents("calendars").values()}
NEIGHBOURS = Neighbours(POLICIES, frozenset(CALENDARS))
#: one spoilt file in so many is looked at
EACH = 41


def test_the_page_and_the_schemas_are_those_of_the_tables() -> None:
    stale = [path.name for path, text in written().items() if path.read_text(encoding="utf-8") != text]

    assert [] == stale, "make fields"


def plain(document: Any) -> bool:
    """Tell whether JSON Schema may look at it: a text that no UTF-8 can hold is none of JSON's."""
    return "\\ud800" not in ascii(document)


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_what_the_check_takes_the_schema_takes(name: str) -> None:
    schema = jsonschema_rs.Draft7Validator(dict(policy_schema()))
    taken = [
        (what, schema.is_valid(document))
        for what, document in islice(spoilt(POLICIES[name]), 0, None, EACH)
        if plain(document) and not check_policy(document, NEIGHBOURS)
    ]

    assert taken
    assert [] == [what for what, is_valid in taken if not is_valid]


@pytest.mark.parametrize("name", sorted(CALENDARS))
def test_what_the_check_takes_in_a_calendar_the_schema_takes(name: str) -> None:
    schema = jsonschema_rs.Draft7Validator(dict(calendar_schema()))

    assert [] == [
        what
        for what, document in islice(spoilt(CALENDARS[name]), 0, None, EACH)
        if plain(document) and not check_calendar(document) and not schema.is_valid(document)
    ]
