from typing import Any

import pytest

from ill_broker.texts.explanation_texts import text
from ill_broker.texts.explanation_words import explanation_words
from tests.workflows.books import builtin
from tests.workflows.test_worked_examples import EXAMPLES
from workflows.evaluation.loan_json import read_loan
from workflows.explanations.explanation import explain
from workflows.languages import Language

LOANS = [example for example in EXAMPLES if example["kind"] == "loan" and "error" not in example["expected"]]


def page(case: dict[str, Any], language: Language = "en") -> list[str]:
    loan = read_loan({"policy": "szutl"} | case, builtin())
    return list(explanation_words(loan, explain(loan), language))


def test_the_page_opens_with_the_answer_and_shows_times_at_the_lender() -> None:
    found = page({"timeline": {"handover": "2025-03-03T02:00:00Z", "returned": "2025-04-06T09:30:00+08:00"}})

    assert ["Status: returned", "Due: 2025-04-03", "The lender expects it back by: 2025-04-07"] == found[:3]
    assert "  2025-03-03 10:00+08:00 - 2025-04-06 09:30+08:00  With the patron (34 days of the loan)" in found
    assert "  2025-04-06 09:30+08:00 - now  On its way back to the lending library" in found


def test_days_that_are_alike_share_a_line_and_others_do_not() -> None:
    timeline = {"handover": "2025-03-03T10:00:00+08:00", "returned": "2025-04-06T09:30:00+08:00"}
    fine = {"grace_days": 1}
    found = page({"timeline": timeline, "patch": {"fine": fine}})
    start = found.index("The days after the due date")

    assert [
        "  The book",
        "      2025-04-04  Not charged: within the days of grace",
        "      2025-04-05 - 2025-04-06  CNY 0.20 for this day",
    ] == found[start + 1 : start + 4]


def test_a_lender_without_a_rate_charges_nothing_that_could_be_shown() -> None:
    found = page(
        {
            "policy": "pku",
            "timeline": {"handover": "2025-03-03T10:00:00+08:00", "returned": "2025-04-06T09:30:00+08:00"},
        }
    )

    assert any(line.endswith("  - for this day") for line in found)


def test_accompanying_pieces_have_their_own_days() -> None:
    timeline = {"handover": "2025-03-03T10:00:00+08:00", "returned": "2025-04-03T09:30:00+08:00"}
    late = {"returned": "2025-04-06T09:30:00+08:00"}
    found = page({"policy": "fjmu", "timeline": timeline, "accompanying": [late]})

    assert "  Accompanying piece 1" in found
    assert "  The book" not in found


def test_a_book_that_waits_has_no_due_date_yet() -> None:
    found = page(
        {"timeline": {"shipped": "2025-03-03T10:00:00+08:00", "notified": "2025-03-04T10:00:00+08:00"}}
    )

    assert ["Status: waiting on the hold shelf", "Due: none yet"] == found[:2]
    assert found[2].startswith("Waits on the hold shelf until: 2025-03-0")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("example", LOANS, ids=lambda example: example["id"])
def test_every_worked_example_makes_a_page(example: dict[str, Any], language: Language) -> None:
    found = page(example["input"], language)
    expected = example["expected"]

    assert text(f"status.{expected['status']}", language, {}) in found[0]
    assert expected["due"] is None or expected["due"] in found[1]
