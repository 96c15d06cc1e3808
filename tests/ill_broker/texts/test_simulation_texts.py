"""A simulation as a table, as CSV and as a chart."""

from __future__ import annotations

import csv
import io
import re
from typing import Any
from unicodedata import east_asian_width

import pytest
from lxml import etree

from ill_broker.texts.catalogue import say
from ill_broker.texts.simulation_chart import MAX_DRAWN, as_chart
from ill_broker.texts.simulation_texts import CSV_HEAD, as_csv, as_table, tenths
from tests.factories import START, the_book
from workflows.evaluation.simulation import Simulation, of_case
from workflows.policies.book import PolicyBook

SVG = "{http://www.w3.org/2000/svg}"
LATE: dict[str, Any] = {
    "policy": "szutl",
    "timeline": {"handover": "2025-03-03T10:00:00+08:00", "returned": "2025-04-06T09:30:00+08:00"},
}
CHANGES = [
    "1 (100.0%) -> 1 (100.0%)",
    "CNY 0.60 -> CNY 0.20",
    "0 -> 0",
    "31.0 (least 31) -> 33.0 (least 33)",
    "0 earlier, 1 later",
]


def candidate() -> PolicyBook:
    """Return the project's policies, where a loan of szutl's lasts 33 days."""
    book = the_book()
    rule = {"id": "days", "when": {}, "period": {"days": 33}}
    policies = {key: book.document(key) for key in book.ids}
    policies["szutl"] = {**policies["szutl"], "loan_rules": [rule]}
    return PolicyBook.load(policies, {key: book.calendar_document(key) for key in book.calendar_ids})


def simulated(*cases: dict[str, Any]) -> Simulation:
    found = Simulation(the_book(), candidate(), START)
    for case in cases:
        found.add(of_case(case, START))
    return found


def named(category: str) -> dict[str, Any]:
    """Return a loan of a category that the loan itself brings along."""
    return {**LATE, "category": category, "patch": {"categories": {category: {"label": "x", "limits": {}}}}}


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(0, 0, "0.0"), (1, 3, "0.3"), (2, 3, "0.7"), (1, 20, "0.1"), (305, 10, "30.5"), (3, 1, "3.0")],
)
def test_a_quotient_has_one_decimal_rounded_half_up(part: int, whole: int, told: str) -> None:
    assert told == tenths(part, whole)


def test_a_table_tells_each_cell_as_it_is_and_as_it_would_be() -> None:
    table = as_table(simulated(LATE), "en").splitlines()

    head, line, *rest = (line.split("  ") for line in table)

    assert table[0].index("due dates") == table[1].index("0 earlier, 1 later")
    assert ["szutl", "ill_reader", "1", "0", *CHANGES] == [cell.strip() for cell in line if cell]
    assert "usable days" in head
    assert [[""], ["1 loan; each cell: today -> candidate."]] == rest


def test_several_groups_have_their_totals_and_what_is_left_out_is_told() -> None:
    out = {"policy": "fjmu", "timeline": {"handover": "2026-02-26T10:00:00+08:00"}}
    waiting = {"policy": "szutl", "timeline": {"shipped": "2026-02-26T10:00:00+08:00"}}
    table = as_table(simulated(LATE, out, waiting, {"policy": "nowhere"}), "en").splitlines()

    assert ["fjmu", "szutl", "all"] == [line.split()[0] for line in table[1:4]]
    assert [
        "2 loans; each cell: today -> candidate.",
        "Still out: 1. They are late and fined as that has come by 2 March 2026, or by the day they name.",
        "1 request never came to a loan.",
        "Left out: 1, which the rules of today cannot judge. " + say("case.unknown_policy", "en"),
    ] == table[5:]


def test_csv_has_a_head_and_a_line_for_each_group() -> None:
    head, line = csv.reader(io.StringIO(as_csv(simulated(LATE)), newline=""))
    told = dict(zip(head, line, strict=True))

    assert list(CSV_HEAD) == head
    assert ("1", "100.0", "0.60", "0.20", "CNY") == (
        told["overdue_today"],
        told["overdue_rate_candidate"],
        told["fines_today"],
        told["fines_candidate"],
        told["currency_candidate"],
    )
    assert ("31.0", "33", "1") == (
        told["usable_days_today"],
        told["least_usable_days_candidate"],
        told["due_later"],
    )


def test_no_spreadsheet_calculates_a_name() -> None:
    _, line = csv.reader(io.StringIO(as_csv(simulated(named("=1+1\x07"))), newline=""))

    assert "'=1+1\ufffd" == line[1]


def test_a_chart_says_every_value_in_words() -> None:
    drawing = etree.fromstring(as_chart(simulated(LATE), "en").encode())
    words = [text.text for text in drawing.iter(f"{SVG}text")]

    assert {"szutl, ill_reader (1)", "100.0", "CNY 0.60", "CNY 0.20", "31.0", "33.0"} <= set(words)


def test_bars_of_a_chart_are_as_long_as_their_values() -> None:
    drawing = etree.fromstring(as_chart(simulated(LATE, {**LATE, "policy": "bhu"}), "en").encode())
    bars = [int(bar.get("width", "")) for bar in drawing.iter(f"{SVG}rect") if bar.get("height") == "13"]
    overdue, fines, usable = bars[:4], bars[4:8], bars[8:]

    assert [200, 200, 200, 200] == overdue
    # rupees beside rupees, yuan beside yuan: 0.60 and 0.20
    assert [200, 200, 200, 66] == fines
    assert [30 * 200 // 33, 30 * 200 // 33, 31 * 200 // 33, 200] == usable


def test_a_chart_of_nothing_is_a_drawing() -> None:
    assert f"{SVG}svg" == etree.fromstring(as_chart(simulated(), "en").encode()).tag


def test_names_in_a_chart_are_no_markup() -> None:
    chart = as_chart(simulated(named('<a href="x">\x00&')), "en")
    words = [text.text or "" for text in etree.fromstring(chart.encode()).iter(f"{SVG}text")]

    assert 'szutl, <a href="x">\ufffd& (1)' in words


def test_a_chart_has_an_end_and_says_so() -> None:
    groups = [named(f"c{number}") for number in range(MAX_DRAWN + 1)]
    words = [
        text.text for text in etree.fromstring(as_chart(simulated(*groups), "en").encode()).iter(f"{SVG}text")
    ]

    assert f"The first {MAX_DRAWN} of {MAX_DRAWN + 1} groups; the table has them all." in words


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def test_a_table_in_chinese_stands_in_columns_of_the_terminal() -> None:
    out = {"policy": "fjmu", "timeline": {"handover": "2026-02-26T10:00:00+08:00"}}
    head, *lines, notes, still_out, left_out = as_table(
        simulated(LATE, out, {"policy": "none"}), "zh"
    ).splitlines()

    assert "借出馆 读者类别 借阅 未还 逾期 逾期费 费额未定 可用天数 应还日期" == " ".join(head.split())
    assert ["fjmu", "szutl", "全部"] == [line.split()[0] for line in lines[:3]]
    assert "0.60 元 -> 0.20 元" in lines[1]
    assert 1 == len(
        {columns(line.partition("提前")[0]) for line in (*lines[:3], head.replace("应还", "提前"))}
    )
    assert "借阅 2 次；每格为：现行规则 -> 拟行规则。" == notes
    assert "尚未归还：1 次。逾期天数与逾期费计至2026年3月2日，或计至各自写明的日期。" == still_out
    assert f"未计入：1 次，按现行规则无法判定。{say('case.unknown_policy', 'zh')}" == left_out


def test_a_chart_in_chinese_has_no_english_but_names() -> None:
    chart = etree.fromstring(as_chart(simulated(LATE), "zh").encode())
    words = " ".join(text.text or "" for text in chart.iter(f"{SVG}text", f"{SVG}title"))

    assert {"szutl", "ill_reader"} == set(re.findall("[a-z_]+", words))
