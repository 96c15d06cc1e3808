"""The measuring itself: it runs, it measures all that it names, and its arithmetic is right."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.report import HEAD, Line, table, verdict
from bench.run import TARGETS, Burst
from tests.support.sources import ROOT


def a_line(figure: str) -> Line:
    return Line(figure=figure, ratio="0.200", reach="0.15", aim="0.25", verdict="reached", detail="200/s")


@pytest.mark.ci
def test_a_tiny_run_prints_every_figure_and_answers_no_request_with_an_error() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench", "--tiny"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (0, "") == (ran.returncode, ran.stderr)
    shown = [row for row in ran.stdout.splitlines() if row.startswith("| ")]
    assert len(TARGETS) + 2 == len(shown)
    assert len(TARGETS) == ran.stdout.count("errors 0 ")


def test_the_table_has_a_row_for_each_line_and_columns_of_one_width() -> None:
    rows = table([a_line("submit"), a_line("a much longer name")]).splitlines()

    assert 4 == len(rows)
    assert 1 == len({len(row) for row in rows})
    assert list(HEAD) == [cell.strip() for cell in rows[0].strip("|").split("|")]


@pytest.mark.parametrize(
    ("value", "expected"), [(0.14, "below"), (0.15, "reached"), (0.24, "reached"), (0.25, "aim")]
)
def test_a_figure_is_judged_by_what_it_is_to_reach_and_by_the_aim(value: float, expected: str) -> None:
    assert expected == verdict(value, 0.15, 0.25)


def test_a_figure_that_nothing_is_asked_of_is_not_judged() -> None:
    assert verdict(1.0, None, None) == ""


def test_the_percentile_of_a_burst_is_a_time_that_was_measured() -> None:
    burst = Burst(100.0, tuple(float(number) for number in range(100, 0, -1)))

    assert [51.0, 100.0] == [burst.percentile(0.5), burst.percentile(0.99)]
    assert Burst(100.0).percentile(0.5) == 0.0
