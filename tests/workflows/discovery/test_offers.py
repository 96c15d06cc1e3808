"""An offer tells on what terms a library would lend, by that library's own rules."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.workflows.books import builtin, documents
from workflows.citation import Citation, Holding
from workflows.discovery.offers import Offer, offers, own_copies
from workflows.discovery.works import Work
from workflows.ids import LibraryCode
from workflows.libraries import Watches
from workflows.money import Money
from workflows.policies.book import PolicyBook

#: a Monday of term
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOME = LibraryCode("bjtu")


def holding(library: str = "szutl", **facts: Any) -> Holding:
    return Holding(library=LibraryCode(library), **{"record_id": "r1", "available": True, **facts})


def offered(copy: Holding | None = None, *, home: LibraryCode | None = HOME, **facts: Any) -> Offer:
    citation = Citation(**{"title": "红楼梦", **facts.pop("citation", {})})
    work = Work(id="wrk_1", citation=citation, holdings=(copy or holding(),))
    return offers(work, builtin(), home=home, **{"now": NOW, **facts})[0]


def order(*holdings: Holding, book: PolicyBook | None = None, **facts: Any) -> list[str]:
    citation = Citation(title="红楼梦", language=facts.pop("language", "chi"))
    work = Work(id="wrk_1", citation=citation, holdings=holdings)
    return [one.lender for one in offers(work, book or builtin(), home=HOME, now=NOW, **facts)]


def changed(policy: str, **sections: Any) -> PolicyBook:
    policies = documents("policies")
    changes = {f"{policy}.yaml": {**policies[f"{policy}.yaml"], **sections}}
    return PolicyBook.load({**policies, **changes}, documents("calendars"))


def test_a_book_is_expected_after_the_lenders_allowance_for_the_way() -> None:
    allowed = builtin().policy("szutl").clock.outbound_days

    assert date(2026, 3, 2 + allowed) == offered().expected


def test_a_loan_is_due_by_the_lenders_rule_counted_from_the_day_it_is_expected() -> None:
    one = offered()

    assert one.expected is not None
    assert one.due is not None
    assert 31 == (one.due - one.expected).days


def test_a_shorter_term_of_the_home_library_cuts_the_period() -> None:
    one = offered(holding("nlc"), home=LibraryCode("pku"))

    assert one.expected is not None
    assert one.due is not None
    assert 21 == (one.due - one.expected).days


def test_an_offer_without_a_home_stands_on_the_lenders_rules_alone() -> None:
    assert offered().due == offered(home=None).due


def test_no_period_stated_is_no_due_date() -> None:
    work = Work(id="wrk_1", citation=Citation(title="红楼梦"), holdings=(holding(),))
    told = offers(work, changed("szutl", loan_rules=[]), home=None, now=NOW)

    assert [None] == [one.due for one in told]
    assert told[0].is_sure


def test_a_fine_is_told_with_its_currency_and_its_cap() -> None:
    terms = builtin().policy("szutl")
    one = offered()

    assert (terms.fine.rate, terms.fine.cap_per_item, "CNY") == (one.fine_rate, one.fine_cap, one.currency)
    assert isinstance(one.fine_rate, Money)


def test_a_fine_that_is_not_stated_is_not_told() -> None:
    assert offered(holding("pku"), home=LibraryCode("szutl")).fine_rate is None


def test_a_due_date_beyond_the_calendar_is_not_sure() -> None:
    assert offered().is_sure
    assert not offered(now=datetime(2031, 3, 2, tzinfo=UTC)).is_sure


@pytest.mark.parametrize(
    ("copy", "facts", "reason"),
    [
        (holding(), {}, None),
        (holding(available=None), {}, None),
        (holding("bjtu"), {}, "own_library"),
        (holding(), {"resting": ["szutl"]}, "does_not_lend_now"),
        (holding(available=False), {}, "not_available"),
        (holding("pku"), {"citation": {"language": "eng"}}, "language_not_lent"),
        (holding("bhu", collection="text_book_bank"), {}, "category_not_entitled"),
        (holding("nowhere"), {}, "no_policy"),
    ],
)
def test_an_offer_says_why_a_library_would_not_be_asked(
    copy: Holding, facts: dict[str, Any], reason: str | None
) -> None:
    assert reason == offered(copy, **facts).reason


def test_of_several_copies_one_that_is_in_is_offered() -> None:
    copies = (
        holding(barcode="1", available=False),
        holding(barcode="2", available=None),
        holding(barcode="3"),
    )
    work = Work(id="wrk_1", citation=Citation(title="红楼梦"), holdings=copies)

    assert ["3"] == [one.holding.barcode for one in offers(work, builtin(), home=HOME, now=NOW)]


def test_who_would_be_asked_comes_before_who_would_not() -> None:
    assert ["szutl", "fjmu"] == order(holding("fjmu", available=False), holding("szutl"))


def test_who_rests_comes_after_who_lends() -> None:
    assert ["szutl", "fjmu"] == order(holding("fjmu"), holding("szutl"), resting=["fjmu"])


def test_a_copy_said_to_be_in_comes_before_one_of_which_nothing_is_known() -> None:
    assert ["szutl", "fjmu"] == order(holding("fjmu", available=None), holding("szutl"))


def test_who_prefers_foreign_titles_comes_last_for_a_chinese_one_only() -> None:
    copies = holding("nlc"), holding("szutl", available=None)

    assert ["szutl", "nlc"] == order(*copies)
    assert ["nlc", "szutl"] == order(*copies, language="eng")


def test_a_library_without_terms_is_named_and_not_offered() -> None:
    assert ["szutl", "nowhere"] == order(holding("nowhere"), holding("szutl"))


def test_where_it_is_in_at_home_comes_first_of_all() -> None:
    assert ["bjtu", "szutl", "fjmu"] == order(
        holding("fjmu", available=False), holding("szutl"), holding("bjtu")
    )
    assert ["szutl", "bjtu"] == order(holding("szutl"), holding("bjtu", available=False))
    assert ["szutl", "bjtu"] == order(holding("szutl"), holding("bjtu", available=None))


def test_the_own_librarys_copies_are_a_walk_to_the_shelf_and_nobody_elses_are() -> None:
    out, there = holding("bjtu", barcode="1", available=False), holding("bjtu", barcode="2")
    work = Work(id="wrk_1", citation=Citation(title="红楼梦"), holdings=(out, there, holding("szutl")))

    assert (there, out) == own_copies(work, HOME)
    assert () == own_copies(work, None)
    assert [True, False] == [one.is_on_own_shelf for one in offers(work, builtin(), home=HOME, now=NOW)]


def test_a_lender_that_takes_its_time_sends_at_the_end_of_its_working_days() -> None:
    # three working days to answer and five to send, from a Monday on; it is closed on Mondays
    allowed = builtin().policy("szutl").clock.outbound_days
    slow = {LibraryCode("szutl"): Watches(answer_days=10)}

    assert date(2026, 3, 11 + allowed) == offered().expected_by
    assert date(2026, 3, 19 + allowed) == offered(watches=slow).expected_by
