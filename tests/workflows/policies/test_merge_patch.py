"""A change made meanwhile is carried over into what is to follow, which keeps its own word."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.policies.merge_patch import carried

DOCUMENTS = st.recursive(
    st.none() | st.integers(0, 3) | st.sampled_from("ab"),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inside, max_size=3),
    max_leaves=8,
)


@given(before=DOCUMENTS, after=DOCUMENTS, sets=st.booleans())
def test_where_nothing_else_was_planned_the_change_is_the_whole_of_it(
    before: Any, after: Any, *, sets: bool
) -> None:
    assert carried(before, after, before, sets=sets) == after


@given(before=DOCUMENTS, later=DOCUMENTS, sets=st.booleans())
def test_where_nothing_was_changed_the_plan_stays(before: Any, later: Any, *, sets: bool) -> None:
    assert carried(before, before, later, sets=sets) == later


@pytest.mark.parametrize(
    ("before", "after", "later", "expected"),
    [
        ({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 1, "b": 3}, {"a": 2, "b": 3}),
        ({"a": 1}, {"a": 2}, {"a": 3}, {"a": 3}),
        ({"a": 1, "b": 1}, {"b": 1}, {"a": 1, "b": 2}, {"b": 2}),
        ({}, {"a": None}, {"b": None}, {"b": None, "a": None}),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, {"a": {"b": 1, "c": 1}}, {"a": {"b": 2, "c": 1}}),
        ({"a": [1]}, {"a": [1, 2]}, {"a": [1, 3]}, {"a": [1, 3]}),
        ({"a": 1}, {"a": 2}, {}, {}),
    ],
)
def test_each_name_goes_its_own_way(before: Any, after: Any, later: Any, expected: Any) -> None:
    assert carried(before, after, later) == expected


def test_lists_that_are_sets_come_together() -> None:
    assert carried([1, 2], [2, 4], [1, 2, 3, 5], sets=True) == [2, 3, 5, 4]
