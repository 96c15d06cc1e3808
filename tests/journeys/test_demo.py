"""The demonstration, as a newcomer starts it."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import datetime

import pytest

from ill_broker.demo.columns import beside
from ill_broker.storage.policy_files import builtin_book
from tests.support.sources import ROOT
from workflows.ids import LibraryCode

#: when somebody at the desk does something
AT_DESK = re.compile(
    r"^(2026-\S+ \S+)  (?:arrived|notified|returned) |handed over (2026-\S+ [0-9:]+);", re.MULTILINE
)
BJTU = LibraryCode("bjtu")
STEPS = ["register", "search", "submit", "in_transit", "arrived", "notified", "returned"]


@pytest.mark.ci
@pytest.mark.timeout(1_000)
def test_the_demonstration_walks_all_seven_steps_and_ends_well(empty_database: str) -> None:
    """On SQLite as it is started without a word, on PostgreSQL in the database it is given."""
    database = ["--database", empty_database] if empty_database.startswith("postgresql") else []
    ended = subprocess.run(
        [sys.executable, "-m", "ill_broker", "demo", "--once", "--port", "0", "--speed", "5e6", *database],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    told = [line.split()[2] for line in ended.stdout.splitlines() if line.startswith("2026-")]

    assert (0, STEPS) == (ended.returncode, told), ended.stdout + ended.stderr
    _assert_both_languages_stand_side_by_side(ended.stdout)
    _assert_the_desk_is_open(ended.stdout)


def _assert_both_languages_stand_side_by_side(told: str) -> None:
    rows = [[part.strip() for part in line.split("|")] for line in told.splitlines() if " | " in line]
    for chinese, english in (
        ("请确认您的电子邮箱", "Please confirm your e-mail address"),
        ("您申请的图书已到馆", "Your book has arrived"),
        ("借阅成功", "Your loan"),
        ("图书已逾期", "Overdue"),
        ("费用通知", "A charge in your account"),
        ("李华，您好：", "Dear Emma Clarke,"),
        ("已续借：应于2026年5月10日归还", "Renewed: due 10 May 2026"),
        ("自3月9日借出起 31 天：应于2026年4月9日归还", "31 days from hand-over on 9 March: due 9 April 2026"),
        ("逾期 3 天：0.60 元", "3 days late: CNY 0.60"),
    ):
        assert [chinese, english] in rows


def _assert_the_desk_is_open(told: str) -> None:
    calendar = builtin_book().calendar(BJTU)
    times = [one or other for one, other in AT_DESK.findall(told)]

    assert 4 == len(times)
    for time in times:
        assert calendar.is_open(datetime.fromisoformat(time).replace(tzinfo=calendar.zone)), time


@pytest.mark.parametrize(
    ("left", "right", "lines"),
    [
        ("", "", []),
        ("书", "a book", [f"  书{' ' * 50} | a book"]),
        ("书" * 27, "x", [f"  {'书' * 26} | x", f"  书{' ' * 50} |"]),
        ("x" * 60 + " y", "z", [f"  {'x' * 60} | z", f"  y{' ' * 51} |"]),
    ],
)
def test_columns_stand_below_each_other_whatever_is_written(left: str, right: str, lines: list[str]) -> None:
    assert lines == list(beside(left, right))
