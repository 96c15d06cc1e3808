from typing import Any

import pytest

from ill_broker.texts.catalogue import knows
from ill_broker.texts.policy_changes import difference_words
from ill_broker.texts.policy_values import spoken
from tests.workflows.books import documents
from workflows.policies.difference import Change, difference
from workflows.policies.merge_patch import patched
from workflows.policies.policy import POLICY

SZUTL = documents("policies")["szutl.yaml"]
BJTU = documents("policies")["bjtu.yaml"]


def changed(patch: dict[str, Any], old: dict[str, Any] = SZUTL) -> tuple[Change, ...]:
    return difference(old, patched(old, patch))


def words(patch: dict[str, Any], old: dict[str, Any] = SZUTL, language: Any = "en") -> list[str]:
    return list(difference_words(changed(patch, old), language))[:-1]


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ({"fine": {"rate": "0.50"}}, "Fine per day: 0.20 -> 0.50. A late reader pays more."),
        ({"fine": {"rate": "0.1"}}, "Fine per day: 0.20 -> 0.1. A late reader pays less."),
        (
            {"fine": {"rate": None}},
            "Fine per day: 0.20 -> not stated. Where no rate is stated, staff decide.",
        ),
        (
            {"fine": {"cap_per_item": None}},
            "Most for one item: 10.00 -> not stated. A late reader pays more.",
        ),
        (
            {"fine": {"cap_per_card": "5.00"}},
            "Most for one card: not stated -> 5.00. A late reader pays less.",
        ),
        ({"fine": {"grace_days": 2}}, "Late days forgiven: 0 -> 2. A late reader pays less."),
        (
            {"fine": {"day": "full"}},
            "A late day counts when: begun -> completed. Only a day completed is charged.",
        ),
        ({"renewal": {"max_count": 0}}, "Renewals of a loan: 1 -> 0. Nothing is renewed any more."),
        ({"renewal": {"max_count": 2}}, "Renewals of a loan: 1 -> 2. Readers may renew more often."),
        (
            {"renewal": {"period": {"days": 1}}},
            "Period of a renewal: 31 days -> 1 day. Readers must bring a book back sooner.",
        ),
        ({"renewal": {"period": {"days": None, "months": 1}}}, "Period of a renewal: 31 days -> 1 month."),
        (
            {"renewal": {"when": {"new_book": False}}},
            "Renewal is for: not stated -> new book no. Other items can be renewed than before.",
        ),
        (
            {"recall": {"allowed": True}},
            "Recall by the lender: no -> yes. A loan may end earlier than its due date.",
        ),
        (
            {"opening_hours": {"tue": []}},
            (
                "Opening hours on Tuesdays: 09:00-21:00 -> none. "
                "Books are collected and returned at other hours."
            ),
        ),
        (
            {"categories": {"guest": {"label": "Guest", "limits": {"total": 2}}}},
            (
                "Readers of category guest: new: called Guest; limits: in all 2. "
                "Others may borrow here than before."
            ),
        ),
        (
            {"categories": {"public": None}},
            (
                "Readers of category public: no longer: called Holder of any Shenzhen public library "
                "reader's card; limits: none. Others may borrow here than before."
            ),
        ),
        (
            {"categories": {"public": {"limits": {"general": 3}}}},
            "Items at once for category public (general): not stated -> 3. Readers may have fewer at once.",
        ),
        ({"quota": {"monthly": 5}}, "Requests taken in a month: not stated -> 5. Fewer requests are taken."),
        (
            {"prefers_language": "foreign"},
            "Prefers requests for: not stated -> foreign. It is asked last for Chinese titles.",
        ),
        (
            {"same_day_return": "accept"},
            "Return on the day of the loan: accepted, as before; now written out.",
        ),
        ({"recall": {"allowed": None}}, "Recall by the lender: no, as before; no longer written out."),
        (
            {"recall": None},
            "Recall by the lender: no, as before; no longer written out.",
        ),
        (
            {"compensation": {"stain": {"refer": "x9"}}},
            "Compensation for stain refer: not stated -> x9. Readers owe something else for it.",
        ),
        ({"service_fee": "0"}, "Service fee: not stated -> 0. Information for people; no rule changes."),
        ({"colour": "red"}, "colour: not stated -> red."),
        (
            {"clock": {"starts": "arrived"}},
            "The loan begins with: the hand-over -> the arrival. Days count from the arrival at the desk.",
        ),
    ],
)
def test_a_change_is_told_with_what_it_means(patch: dict[str, Any], said: str) -> None:
    assert [said] == words(patch)


def test_what_held_before_is_named_where_nothing_was_said_of_it() -> None:
    old = SZUTL | {"renewal": {"max_count": 1, "period": {"days": 31}}}

    assert [
        "Days before the due date by which to renew: 0 -> 3. Readers must ask earlier.",
        "A renewal counts from: the due date -> the day of renewal. Renewing early gives away the days left.",
    ] == words({"renewal": {"advance_days": 3, "from": "renewal_date"}}, old)


def test_amounts_in_another_currency_are_neither_more_nor_less() -> None:
    assert [
        "Currency: CNY -> INR. Amounts are not converted.",
        "Fine per day: 0.20 -> 3.00.",
    ] == words({"currency": "INR", "fine": {"rate": "3.00"}})


def test_an_amount_written_another_way_is_neither_more_nor_less() -> None:
    old = SZUTL | {"service_fee": "1.0"}

    assert ["Service fee: 1.0 -> 1.00. Information for people; no rule changes."] == words(
        {"service_fee": "1.00"}, old
    )


def test_rules_are_told_apart_by_their_names_not_by_their_place() -> None:
    first = {"id": "new-books", "when": {"new_book": True}, "period": {"days": 14}}

    assert [
        (
            "Loan rule new-books: new: id new-books; if new book yes; for 14 days. "
            "Loans of such readers and items have another period."
        )
    ] == words({"loan_rules": [first, *SZUTL["loan_rules"]]})


def test_a_rule_for_everything_says_so() -> None:
    rule = {"id": "all", "when": {}, "period": {"overnight": 1}}

    assert words({"loan_rules": [*SZUTL["loan_rules"], rule]})[0].startswith(
        "Loan rule all: new: id all; if everything; for 1 opening day, overnight."
    )


def test_a_rule_that_loses_its_condition_is_told_once() -> None:
    rule = SZUTL["loan_rules"][0] | {"when": {"new_book": True}}
    bare = {key: value for key, value in SZUTL["loan_rules"][0].items() if key != "when"}

    assert 1 == len(words({"loan_rules": [rule]}))
    assert [] == words({"loan_rules": [bare]})


def test_another_order_of_rules_is_a_change() -> None:
    rules = SZUTL["lendability"]
    found = changed({"lendability": [rules[1], rules[0], *rules[2:]]})

    assert [("reordered", ("lendability",))] == [(change.kind, change.path) for change in found]
    assert "The first rule that fits decides." in words({"lendability": [rules[1], rules[0], *rules[2:]]})[0]


def test_rows_that_are_named_alike_are_both_kept() -> None:
    twice = [*SZUTL["lendability"], {"when": {}, "lend": "yes"}]

    assert [("added", "everything #6")] == [
        (change.kind, change.path[-1]) for change in changed({"lendability": twice})
    ]


def test_rows_that_are_no_sections_are_compared_as_they_are() -> None:
    old, new = {"grace": ["x", "y"]}, {"grace": ["x"]}

    assert [("removed", ("grace", "y"))] == [(change.kind, change.path) for change in difference(old, new)]


def test_a_section_left_to_the_parent_is_told_as_a_whole() -> None:
    found = changed({"fine": {"rate": "1.00"}}, BJTU)

    assert [Change(("fine",), "added", None, {"rate": "1.00"})] == list(found)
    assert ["受理申请数量：新增：monthly 5。"] == words({"quota": {"monthly": 5}}, BJTU, "zh")


def test_the_order_of_keys_is_no_change_but_yes_is_not_one() -> None:
    assert () == difference({"a": {"b": 1, "c": 2}}, {"a": {"c": 2, "b": 1}})
    assert 1 == len(difference({"a": 1}, {"a": True}))
    assert [("a",)] == [change.path for change in difference({"a": {"b": 1}}, {"a": 3})]


def test_nothing_changed_is_said_and_what_has_begun_is_kept() -> None:
    assert ["Nothing changes."] == list(difference_words((), "en"))
    assert "已开始的借阅沿用借出时的规定。" == list(difference_words(changed({"id": "x"}), "zh"))[-1]


def test_the_other_language_says_the_same() -> None:
    rules = [
        *SZUTL["lendability"][:-1],
        {"when": {"type": ["thesis", "book"]}, "lend": "permission", "code": "ask"},
        SZUTL["lendability"][-1],
    ]

    assert [
        (
            "可借范围（文献类型 学位论文/图书）：新增：条件 文献类型 学位论文、图书；外借 须获许可；"
            "原因 ask。此后的申请按此办理。"
        ),
        "续借期：31 天 → 1 天。读者须更早归还。",
    ] == words({"lendability": rules, "renewal": {"period": {"days": 1}}}, language="zh")


@pytest.mark.parametrize(
    ("value", "said"), [(None, "not stated"), (True, "yes"), ([], "none"), ({}, "none"), (1.5, "1.5")]
)
def test_a_value_is_said_in_words(value: object, said: str) -> None:
    assert said == spoken(value, "en")


def test_every_field_of_a_policy_file_has_a_name() -> None:
    assert [] == [name for name in POLICY.fields if not knows(f"field.{name}")]


@pytest.mark.parametrize("name", sorted(documents("policies")))
def test_any_two_policies_can_be_compared_in_both_languages(name: str) -> None:
    for other in documents("policies").values():
        for language in ("en", "zh"):
            found = difference(documents("policies")[name], other)
            lines = list(difference_words(found, language))

            assert len(found) + 1 == len(lines)
