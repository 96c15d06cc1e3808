import re
from datetime import date
from typing import Any

import pytest

from ill_broker.texts.days_and_amounts import said_day
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

    assert [
        "Status: returned",
        "Due: 3 April 2025",
        "The lender expects it back by: 7 April 2025",
    ] == found[:3]
    out, back = "3 March 2025 10:00+08:00", "6 April 2025 09:30+08:00"
    assert f"  {out} - {back}  With the patron (34 days of the loan)" in found
    assert f"  {back} - now  On its way back to the lending library" in found


def test_days_that_are_alike_share_a_line_and_others_do_not() -> None:
    timeline = {"handover": "2025-03-03T10:00:00+08:00", "returned": "2025-04-06T09:30:00+08:00"}
    fine = {"grace_days": 1}
    found = page({"timeline": timeline, "patch": {"fine": fine}})
    start = found.index("The days after the due date")

    assert [
        "  The book",
        "      4 April 2025  Not charged: within the days of grace",
        "      5 April 2025 - 6 April 2025  CNY 0.20 for this day",
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
    assert found[2].startswith("Waits on the hold shelf until: ")


def test_a_page_in_chinese_writes_its_days_as_its_sentences_do() -> None:
    timeline = {"handover": "2025-03-03T10:00:00+08:00", "returned": "2025-04-06T09:30:00+08:00"}
    found = page({"timeline": timeline}, "zh")

    assert ["状态: 已归还", "应还日期: 2025年4月3日", "借出馆预期收回日期: 2025年4月7日"] == found[:3]
    assert "  2025年3月3日 10:00+08:00 - 2025年4月6日 09:30+08:00  在读者手中 (34 天计入借期)" in found
    assert "      2025年4月4日 - 2025年4月6日  当日 0.20 元" in found
    assert [] == [line for line in found if re.search(r"[0-9]-[0-9]{2}-[0-9]", line.partition("[")[0])]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_worked_example_makes_a_page(language: Language) -> None:
    faulty = []
    for example in LOANS:
        found, expected = page(example["input"], language), example["expected"]
        due = expected["due"] and said_day(date.fromisoformat(expected["due"]), language)
        if text(f"status.{expected['status']}", language, {}) not in found[0] or (due or "") not in found[1]:
            faulty.append((example["id"], found[:2]))

    assert [] == faulty
