# ruff: noqa: E501 - a table reads best with one row for each case
"""Every fault of a policy or calendar file is found under its path and code."""

from typing import Any

import pytest

from tests.workflows.books import builtin, documents
from workflows.errors import FaultyPolicy, InvalidCase
from workflows.policies.book import REMEMBERED, PolicyBook
from workflows.policies.checking import Neighbours, check_calendar, check_policy
from workflows.policies.merge_patch import patched

Case = dict[str, Any]
CALENDAR = documents("calendars")["bhu-sample.yaml"]


def faults(policy: str, patch: object) -> list[tuple[str, str]]:
    return [(fault.path, fault.code) for fault in builtin().faults(policy, patch)]


@pytest.mark.parametrize(
    ("path", "code", "patch"),
    [
        ("schema", "missing_field", {"schema": None}),
        ("schema", "bad_enum", {"schema": 2}),
        ("schema", "bad_enum", {"schema": True}),
        ("id", "bad_type", {"id": 7}),
        ("kind", "bad_enum", {"kind": "shop"}),
        ("timezone", "bad_timezone", {"timezone": "Mars/Phobos"}),
        ("timezone", "bad_timezone", {"timezone": 8}),
        ("timezone", "bad_timezone", {"timezone": "../../etc/passwd"}),
        ("timezone", "missing_field", {"timezone": None}),
        ("currency", "bad_currency", {"currency": "yuan"}),
        ("currency", "bad_currency", {"currency": 156}),
        ("calendar", "bad_reference", {"calendar": "moon"}),
        ("name", "bad_text", {"name": ""}),
        ("assumed[0]", "bad_text", {"assumed": [""]}),
        ("loan_rules[0].id", "bad_text", {"loan_rules": [{"id": "9" * 5000, "when": {}, "period": {"days": 7}}]}),
        ("name", "bad_text", {"name": " "}),
        ("name", "bad_text", {"name": "x" * 201}),
        ("name", "bad_text", {"name": "two\nlines"}),
        ("colour", "unknown_field", {"colour": "red"}),
        ("opening_hours", "bad_type", {"opening_hours": "always"}),
        ("opening_hours.mon", "missing_field", {"opening_hours": {"mon": None}}),
        ("opening_hours.someday", "unknown_field", {"opening_hours": {"someday": []}}),
        ("opening_hours.mon", "bad_type", {"opening_hours": {"mon": "09:00-12:00"}}),
        ("opening_hours.mon[0]", "bad_time", {"opening_hours": {"mon": ["9-12"]}}),
        ("opening_hours.mon[0]", "bad_time", {"opening_hours": {"mon": ["25:00-26:00"]}}),
        ("opening_hours.mon[0]", "bad_time", {"opening_hours": {"mon": ["12:00-12:00"]}}),
        ("opening_hours.mon[0]", "bad_time", {"opening_hours": {"mon": [9]}}),
        ("opening_hours.mon", "overlap", {"opening_hours": {"mon": ["09:00-12:00", "11:00-13:00"]}}),
        ("inherits", "bad_reference", {"inherits": "moon"}),
        ("inherits", "bad_reference", {"inherits": "szutl"}),
        ("inherits", "bad_reference", {"inherits": ["balis"]}),
        ("clock", "missing_field", {"clock": None}),
        ("clock.starts", "bad_enum", {"clock": {"starts": "dawn"}}),
        ("clock.logistics", "bad_enum", {"clock": {"logistics": "some"}}),
        ("clock.due_on_closed_day", "bad_enum", {"clock": {"due_on_closed_day": "never"}}),
        ("clock.return_allowance_days", "missing_field", {"clock": {"return_allowance_days": None}}),
        ("clock.return_allowance_days", "bad_type", {"clock": {"return_allowance_days": -1}}),
        ("categories.public.limits.total", "bad_type", {"categories": {"public": {"limits": {"total": "3"}}}}),
        ("categories.odd", "bad_type", {"categories": {"odd": []}}),
        ("default_category", "bad_reference", {"default_category": "king"}),
        ("default_category", "missing_field", {"default_category": None}),
        ("special_collections[0]", "bad_type", {"special_collections": [7]}),
        ("sources[0]", "bad_type", {"sources": [7]}),
        ("service_fee", "bad_money", {"service_fee": "-1.00"}),
        ("lendability", "missing_catch_all", {"lendability": []}),
        ("lendability", "missing_catch_all", {"lendability": [{"when": {"type": "book"}, "lend": "yes"}]}),
        ("lendability[0].code", "missing_field", {"lendability": [{"when": {}, "lend": "no"}]}),
        ("lendability[0].lend", "bad_enum", {"lendability": [{"when": {}, "lend": True}]}),
        ("lendability[0].lend", "missing_field", {"lendability": [{"when": {}}]}),
        ("loan_rules[0].id", "missing_field", {"loan_rules": [{"when": {}, "period": {"days": 1}}]}),
        ("loan_rules[0].period", "bad_period", {"loan_rules": [{"id": "x", "period": {"days": 0}}]}),
        ("loan_rules[0].period", "bad_period", {"loan_rules": [{"id": "x", "period": {"days": 1, "months": 1}}]}),
        ("loan_rules[0].period", "bad_period", {"loan_rules": [{"id": "x", "period": {"weeks": 1}}]}),
        ("loan_rules[0].when.mood", "unknown_field", {"loan_rules": [{"id": "x", "when": {"mood": "x"}, "period": {"days": 1}}]}),
        ("loan_rules[0].when.type[1]", "bad_enum", {"loan_rules": [{"id": "x", "when": {"type": ["book", "hat"]}, "period": {"days": 1}}]}),
        ("loan_rules[0].when.category", "bad_reference", {"loan_rules": [{"id": "x", "when": {"category": "king"}, "period": {"days": 1}}]}),
        ("loan_rules[0].when.collection", "bad_type", {"loan_rules": [{"id": "x", "when": {"collection": 7}, "period": {"days": 1}}]}),
        ("renewal.from", "bad_enum", {"renewal": {"from": "today"}}),
        ("renewal.allow_on_hold", "bad_type", {"renewal": {"allow_on_hold": "no"}}),
        ("fine.rate", "bad_money", {"fine": {"rate": 0.2}}),
        ("fine.rate", "bad_money", {"fine": {"rate": "0.205"}}),
        ("fine", "missing_field", {"fine": None}),
        ("fine.day", "bad_enum", {"fine": {"day": "half"}}),
        ("fine.grace_days", "bad_type", {"fine": {"grace_days": True}}),
        ("recall.notice_days", "bad_type", {"recall": {"notice_days": "7"}}),
        ("grace[0].kind", "missing_field", {"grace": [{}]}),
        ("grace[0].days_after", "missing_field", {"grace": [{"kind": "holiday", "holidays": []}]}),
        ("grace[0].days_into_next_term", "missing_field", {"grace": [{"kind": "end_of_term"}]}),
        ("grace[0].holidays[0]", "bad_enum", {"grace": [{"kind": "holiday", "holidays": ["spring"], "days_after": 1}]}),
        ("grace[0].holidays[0]", "bad_enum", {"grace": [{"kind": "holiday", "holidays": [None], "days_after": 1}]}),
        ("grace[0].categories[0]", "bad_reference", {"grace": [{"kind": "holiday", "holidays": [], "days_after": 1, "categories": ["king"]}]}),
        ("bulk_extensions[0].new_due", "missing_field", {"bulk_extensions": [{}]}),
        ("bulk_extensions[0].new_due", "bad_date", {"bulk_extensions": [{"new_due": "2026-02-30"}]}),
        ("bulk_extensions[0].issued_after", "bad_date", {"bulk_extensions": [{"new_due": "2026-02-28", "issued_after": 7}]}),
        ("bulk_extensions[0].exclude_lenders[0]", "bad_reference", {"bulk_extensions": [{"new_due": "2026-02-28", "exclude_lenders": ["moon"]}]}),
        ("hold_shelf.count", "bad_enum", {"hold_shelf": {"count": "moons"}}),
        ("hold_shelf.days", "missing_field", {"hold_shelf": {"days": None}}),
        ("pickup.service_station.cutoff", "bad_time", {"pickup": {"service_station": {"cutoff": "3 PM"}}}),
        ("pickup.annex.opening_days", "missing_field", {"pickup": {"annex": {}}}),
        ("pickup.annex", "bad_type", {"pickup": {"annex": 7}}),
        ("compensation.cut.as", "bad_reference", {"compensation": {"cut": {"as": "sale"}}}),
        ("compensation.stain.as", "bad_reference", {"compensation": {"stain": {"as": "cut"}}}),
        ("compensation.loss", "bad_type", {"compensation": {"loss": 7}}),
        ("compensation.loss.replacement.editions", "missing_field", {"compensation": {"loss": {"replacement": {"editions": None}}}}),
        ("compensation.loss.replacement.editions[0]", "bad_type", {"compensation": {"loss": {"replacement": {"editions": [7]}}}}),
        ("compensation.loss.replacement.deadline", "bad_period", {"compensation": {"loss": {"replacement": {"deadline": {"months": None, "days": 3}}}}}),
        ("compensation.loss.charges[0]", "bad_range", {"compensation": {"loss": {"charges": [{"when": {}, "basis": "price", "factor_min": "3", "factor_max": "2"}]}}}),
        ("compensation.loss.charges[0].factor_max", "missing_field", {"compensation": {"loss": {"charges": [{"when": {}, "basis": "price", "factor_min": "3"}]}}}),
        ("compensation.loss.charges[0].basis", "missing_field", {"compensation": {"loss": {"charges": [{"when": {}}]}}}),
        ("compensation.loss.charges[0].plus[0].basis", "bad_enum", {"compensation": {"loss": {"charges": [{"when": {}, "basis": "price", "plus": [{"basis": "tax"}]}]}}}),
        ("compensation.loss.charges[0].when.category", "bad_type", {"compensation": {"loss": {"charges": [{"when": {"category": 7}, "basis": "price"}]}}}),
        ("suspensions.theft", "bad_range", {"suspensions": {"theft": {"months_min": 7}}}),
        ("suspensions.theft.months_max", "missing_field", {"suspensions": {"theft": {"months_max": None}}}),
        ("borrowing.lender_periods[0].lender", "bad_reference", {"borrowing": {"lender_periods": [{"lender": "moon", "period": {"days": 1}}]}}),
        ("loan_cards.max_per_reader", "bad_type", {"loan_cards": {"max_per_reader": 0, "period": {"days": 1}}}),
        ("loan_cards.period", "missing_field", {"loan_cards": {"max_per_reader": 1}}),
        # a misspelt key at any depth, whatever its value
        ("loan_rules[0].when.colour", "unknown_field", {"loan_rules": [{"id": "x", "when": {"colour": []}, "period": {"days": 1}}]}),
        ("fine.cap_per_itm", "unknown_field", {"fine": {"cap_per_itm": "10.00"}}),
        ("clock.begins", "unknown_field", {"clock": {"begins": "handover"}}),
        ("categories.public.limit", "unknown_field", {"categories": {"public": {"limit": {}}}}),
        ("lendability[0].codes", "unknown_field", {"lendability": [{"when": {}, "lend": "no", "code": "x", "codes": []}]}),
        ("recall.notice", "unknown_field", {"recall": {"notice": 7}}),
        ("grace[0].days", "unknown_field", {"grace": [{"kind": "end_of_term", "days_into_next_term": 1, "days": 3}]}),
        ("bulk_extensions[0].issued", "unknown_field", {"bulk_extensions": [{"new_due": "2026-02-28", "issued": "2026-01-01"}]}),
        ("pickup.service_station.day", "unknown_field", {"pickup": {"service_station": {"day": "thu"}}}),
        ("compensation.los", "unknown_field", {"compensation": {"los": {"as": "loss"}}}),
        ("compensation.loss.charge", "unknown_field", {"compensation": {"loss": {"charge": []}}}),
        ("compensation.loss.replacement.fee", "unknown_field", {"compensation": {"loss": {"replacement": {"fee": "1.00"}}}}),
        ("compensation.loss.charges[0].factr", "unknown_field", {"compensation": {"loss": {"charges": [{"when": {}, "basis": "price", "factr": "3"}]}}}),
        ("suspensions.theft.months_mx", "unknown_field", {"suspensions": {"theft": {"months_mx": 6}}}),
        ("borrowing.max_item", "unknown_field", {"borrowing": {"max_item": 5}}),
        ("loan_cards.fine.rat", "unknown_field", {"loan_cards": {"max_per_reader": 1, "period": {"days": 1}, "fine": {"rat": "0.10"}}}),
        # what another field makes necessary
        ("recall.notice_days", "missing_field", {"recall": {"allowed": True}}),
        ("renewal.period", "missing_field", {"renewal": {"period": None}}),
        ("quota.monthly", "missing_field", {"quota": {}}),
        ("hold_shelf.count", "missing_field", {"hold_shelf": {"count": None}}),
        # too much for a date, a database, or anybody
        ("hold_shelf.days", "bad_type", {"hold_shelf": {"days": 3_661}}),
        ("categories.public.limits.total", "bad_type", {"categories": {"public": {"limits": {"total": 10**30}}}}),
        ("fine.rate", "bad_money", {"fine": {"rate": "9" * 5000}}),
        ("fine.rate", "bad_money", {"fine": {"rate": "1000000000.01"}}),
        *(("loan_rules[0].period", "bad_period", {"loan_rules": [{"id": "x", "period": period}]}) for period in ({"days": 3_661}, {"months": 121}, {"semesters": 21}, {"overnight": 3_661})),
        ("bulk_extensions[0].new_due", "bad_date", {"bulk_extensions": [{"new_due": "9999-12-31"}]}),
        ("timezone", "bad_timezone", {"timezone": "localtime"}),
        ("timezone", "bad_timezone", {"timezone": "posix/Asia/Shanghai"}),
        ("opening_hours.mon[0]", "bad_time", {"opening_hours": {"mon": ["08:00-24:00"]}}),
        ("special_collections[0]", "bad_type", {"special_collections": [None]}),
        ("loan_rules[0].when.type[0]", "bad_enum", {"loan_rules": [{"id": "x", "when": {"type": [None]}, "period": {"days": 1}}]}),
    ],
)  # fmt: skip
def test_a_fault_is_found(path: str, code: str, patch: Case) -> None:
    assert (path, code) in faults("szutl", patch)


def test_what_is_only_shown_is_free() -> None:
    shown = {
        "contacts": {"fax": "1"},
        "registration": {"fee": []},
        "notices": {"by": "pigeon"},
        "members": {"no": 1},
    }

    assert [] == faults("szutl", shown)


def test_a_null_in_the_place_of_a_section_takes_nothing_away() -> None:
    documents_ = {doc["id"]: doc for doc in documents("policies").values()}
    spoilt = {**documents_, "pku": {**documents_["pku"], "categories": None, "default_category": None}}
    book = PolicyBook.load(spoilt, documents("calendars"))

    assert book.policy("balis").categories == book.policy("pku").categories


def test_a_case_treated_as_one_that_is_not_there_is_refused() -> None:
    document = {**documents("policies")["szutl.yaml"], "compensation": {"loss": None, "cut": {"as": "loss"}}}
    found = check_policy(document, Neighbours({}, frozenset({"szutl-sample"})))

    assert [("compensation.cut.as", "bad_reference")] == [(fault.path, fault.code) for fault in found]


def test_a_case_that_refers_to_no_text_has_one_fault() -> None:
    assert [("compensation.cut.as", "bad_reference")] == faults("szutl", {"compensation": {"cut": {"as": 7}}})


def test_a_file_that_is_no_mapping_has_the_wrong_type() -> None:
    assert [("", "bad_type")] == faults("szutl", [])
    assert ["bad_type"] == [fault.code for fault in check_calendar("x")]


def test_what_a_child_inherits_it_need_not_repeat() -> None:
    assert [] == faults("pku", {})
    assert ("categories", "missing_field") in faults("pku", {"inherits": None})


def test_categories_of_an_unknown_kind_are_not_looked_into() -> None:
    assert [("categories", "bad_type")] == faults("szutl", {"categories": "all"})


def test_a_consortium_needs_no_lending_terms() -> None:
    assert [] == faults("bulc", {})


@pytest.mark.parametrize(
    ("path", "code", "patch"),
    [
        ("coverage", "missing_field", {"coverage": None}),
        ("coverage", "bad_range", {"coverage": {"from": "2030-01-01"}}),
        ("closure", "unknown_field", {"closure": []}),
        ("closures[0].till", "unknown_field", {"closures": [{"from": "2026-01-01", "to": "2026-01-01", "till": None}]}),
        ("closures[0].to", "bad_date", {"closures": [{"from": "2026-01-01", "to": "9999-12-31"}]}),
        ("closures[0].label.de", "bad_type", {"closures": [{"from": "2026-01-01", "to": "2026-01-01", "label": {"zh": "a", "en": "b", "de": 7}}]}),
        ("terms[0].from", "bad_date", {"terms": [{"id": "x", "from": "x", "to": "2026-01-01"}]}),
        ("terms[0].id", "missing_field", {"terms": [{"from": "2026-01-01", "to": "2026-01-01"}]}),
        ("holidays[0].kind", "bad_enum", {"holidays": [{"kind": "May", "from": "2026-01-01", "to": "2026-01-01"}]}),
        ("closures[0].to", "missing_field", {"closures": [{"from": "2026-01-01"}]}),
        ("extra_open[0].hours[0]", "bad_time", {"extra_open": [{"date": "2026-01-01", "hours": ["x"]}]}),
    ],
)  # fmt: skip
def test_a_fault_of_a_calendar_is_found(path: str, code: str, patch: Case) -> None:
    assert (path, code) in [(fault.path, fault.code) for fault in check_calendar(patched(CALENDAR, patch))]


def test_a_faulty_file_keeps_the_whole_book_from_loading() -> None:
    policies = {**documents("policies"), "odd.yaml": {"id": "odd"}, "no.yaml": "text"}
    calendars = {**documents("calendars"), "odd.yaml": {"id": "odd"}}
    with pytest.raises(FaultyPolicy) as caught:
        PolicyBook.load(policies, calendars)

    found = caught.value.facts["faults"]
    assert isinstance(found, dict)
    assert {"policies/odd.yaml", "policies/no.yaml", "calendars/odd.yaml"} == set(found)
    assert ("kind", "missing_field") in found["policies/odd.yaml"]


def test_a_circle_of_inheritance_is_refused() -> None:
    one, two = ({**documents("policies")["pku.yaml"], "id": name} for name in ("one", "two"))
    policies = {"one": one | {"inherits": "two"}, "two": two | {"inherits": "one"}}
    with pytest.raises(FaultyPolicy) as caught:
        PolicyBook.load(policies, documents("calendars"))

    found = caught.value.facts["faults"]
    assert isinstance(found, dict)
    assert ("inherits", "bad_reference") in found["policies/one"]


def test_a_child_takes_whole_sections_from_its_parent() -> None:
    book = builtin()

    assert book.policy("balis").lendability == book.policy("pku").lendability
    assert book.policy("nlc").lendability != book.policy("pku").lendability
    assert "lendability" not in book.document("pku")
    assert set(book.ids) == {doc["id"] for doc in documents("policies").values()}


def test_a_patched_policy_is_another_version() -> None:
    book = builtin()
    patch = {"fine": {"rate": "0.30"}}

    assert book.policy("szutl", patch) is book.policy("szutl", patch)
    assert book.policy("szutl", patch).version != book.policy("szutl").version
    assert (
        book.policy("szutl").version
        == PolicyBook.load(documents("policies"), documents("calendars")).policy("szutl").version
    )


def test_a_book_does_not_remember_patches_for_ever() -> None:
    book = PolicyBook.load(documents("policies"), documents("calendars"))
    for days in range(REMEMBERED + 2):
        book.policy("pku", {"hold_shelf": {"days": days}})

    assert len(book._patched) <= REMEMBERED


def test_a_policy_that_is_not_there_is_unknown() -> None:
    with pytest.raises(InvalidCase) as caught:
        builtin().document("moon")

    assert "unknown_policy" == caught.value.code


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a"], {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({"a": "foo"}, "bar", "bar"),
    ],
)
def test_a_merge_patch_does_what_rfc_7396_shows(target: object, patch: object, result: object) -> None:
    assert result == patched(target, patch)


def test_a_category_without_terms_has_the_wrong_type() -> None:
    document = {**documents("policies")["szutl.yaml"], "categories": {"campus": None, "ill_reader": {}}}
    found = check_policy(document, Neighbours({}, frozenset({"szutl-sample"})))

    assert [("categories.campus", "bad_type")] == [(fault.path, fault.code) for fault in found]
