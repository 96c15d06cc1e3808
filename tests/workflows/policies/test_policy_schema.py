"""The JSON Schemas that help editors say the same as the check of the files, as far as a schema can."""

import json
from functools import cache
from importlib import resources
from typing import Any

import jsonschema_rs
import pytest

from tests.workflows.books import documents
from workflows.policies.checking import Neighbours, check_calendar, check_policy
from workflows.policies.conditions import TYPES
from workflows.policies.merge_patch import patched
from workflows.policies.policy import POLICY


@cache
def schema(name: str) -> dict[str, Any]:
    file = resources.files("workflows") / "data" / f"{name}.schema.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def accepts(name: str, document: object) -> bool:
    return jsonschema_rs.Draft7Validator(schema(name)).is_valid(document)


@pytest.mark.parametrize("name", sorted(documents("policies")))
def test_the_policies_of_the_project_fit_the_schema(name: str) -> None:
    assert accepts("policy", documents("policies")[name])


@pytest.mark.parametrize("name", sorted(documents("calendars")))
def test_the_calendars_of_the_project_fit_the_schema(name: str) -> None:
    assert accepts("calendar", documents("calendars")[name])


def test_the_schema_knows_the_fields_and_types_that_the_check_knows() -> None:
    found = schema("policy")

    assert set(found["properties"]) == set(POLICY.fields)
    assert list(TYPES) == found["definitions"]["when"]["properties"]["type"]["anyOf"][0]["enum"]


@pytest.mark.parametrize(
    "patch",
    [
        {"schema": 2},
        {"schema": None},
        {"kind": "shop"},
        {"colour": "red"},
        {"currency": "cny"},
        {"opening_hours": {"mon": None}},
        {"opening_hours": {"someday": []}},
        {"opening_hours": {"mon": ["9-17"]}},
        {"opening_hours": {"mon": ["09:00-24:00"]}},
        {"clock": {"starts": "now"}},
        {"clock": {"return_allowance_days": -1}},
        {"categories": None},
        {"categories": {"campus": {"limits": {"total": "3"}}}},
        {"lendability": [{"when": {"type": ["scroll"]}, "lend": "yes"}, {"when": {}, "lend": "yes"}]},
        {"lendability": [{"when": {"size": 3}, "lend": "yes"}, {"when": {}, "lend": "yes"}]},
        {"lendability": [{"when": {}, "lend": "no"}]},
        {"loan_rules": [{"when": {}, "period": {"days": 3}}]},
        {"loan_rules": [{"id": "x", "when": {}, "period": {"days": 3, "months": 1}}]},
        {"loan_rules": [{"id": "x", "when": {}, "period": {"days": None, "weeks": 2}}]},
        {"loan_rules": None},
        {"renewal": {"period": {"days": 0}}},
        {"fine": {"rate": 0.2}},
        {"fine": {"rate": "0.200"}},
        {"fine": {"accompanying": "yes"}},
        {"grace": [{"kind": "holiday"}]},
        {"grace": [{"kind": "sunday"}]},
        {"bulk_extensions": [{"id": "x"}]},
        {"bulk_extensions": [{"new_due": "2026-13-01"}]},
        {"due_before_holiday": {"holidays": ["easter"]}},
        {"quota": {"monthly": "5"}},
        {"hold_shelf": {"days": None}},
        {"pickup": {"information_desk": {"cutoff": "25:00"}}},
        {"compensation": {"loss": {"charges": [{"when": {}, "basis": "weight"}]}}},
        {"compensation": {"loss": {"replacement": {"deadline": {"days": 3}}}}},
        {"suspensions": {"theft": {"months_min": -1}}},
        {"borrowing": {"lender_periods": [{"lender": "nlc"}]}},
        {"loan_cards": {"max_per_reader": 0, "period": {"days": 30}}},
    ],
)
def test_what_the_check_refuses_the_schema_refuses(patch: dict[str, Any]) -> None:
    neighbours = Neighbours(
        {doc["id"]: doc for doc in documents("policies").values()},
        frozenset(doc["id"] for doc in documents("calendars").values()),
    )
    document = patched(documents("policies")["szutl.yaml"], patch)

    assert check_policy(document, neighbours)
    assert not accepts("policy", document)


@pytest.mark.parametrize(
    "patch",
    [
        {"coverage": None},
        {"sample": "yes"},
        {"holidays": [{"kind": "spring", "from": "2025-01-01", "to": "2025-01-02"}]},
        {"terms": [{"from": "2025-01-01", "to": "2025-01-02"}]},
        {"closures": [{"from": "2025-01-01"}]},
        {"extra_open": [{"date": "1 May", "hours": []}]},
        {"extra_open": [{"date": "2025-05-01", "hours": [], "label": {"zh": "调休"}}]},
        {"closures": [{"from": "2025-01-01", "to": "2025-01-02", "label": {"zh": "元旦", "en": 1}}]},
        {
            "closures": [
                {"from": "2025-01-01", "to": "2025-01-02", "label": {"zh": "a", "en": "b", "de": "c"}}
            ]
        },
    ],
)
def test_what_the_check_refuses_in_a_calendar_the_schema_refuses(patch: dict[str, Any]) -> None:
    document = patched(documents("calendars")["szutl-sample.yaml"], patch)

    assert check_calendar(document)
    assert not accepts("calendar", document)
