"""What no file of ours says, but somebody's may."""

from __future__ import annotations

import pytest

from workflows.policies.document import hour
from workflows.policies.library_check import check_libraries
from workflows.policies.particulars import particulars


@pytest.mark.parametrize("written", ["25:00", "08:61", "8:00", 8, None])
def test_what_is_no_hour_is_none(written: object) -> None:
    assert None is hour(written)


def test_a_desk_for_returns_that_is_left_empty_is_a_fault() -> None:
    told = [{"code": "pku", "name": "PKU", "return_desks": [None]}]

    faults = check_libraries(told, members={"pku"}, policies={"pku"})
    assert ("bad_reference", True) in {(fault.code, "return_desks" in fault.path) for fault in faults}


def test_a_text_without_a_language_stands_for_both() -> None:
    policy = {"opening_hours": {}, "contacts": {"floor": "3F"}, "notices": {"borrowing": [7, "Ask us."]}}
    said = particulars(policy, {}, today="2026-03-02")

    assert {"zh": "3F", "en": "3F"} == said["contacts"]["floor"]
    assert [{"zh": "Ask us.", "en": "Ask us."}] == said["notices"]["borrowing"]
