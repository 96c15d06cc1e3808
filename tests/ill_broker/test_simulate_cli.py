"""Policies tried on what was lent, on the command line."""

from __future__ import annotations

import csv
import io
import json
import shutil
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from ill_broker.cli import main
from ill_broker.storage import people
from ill_broker.storage import requests as request_rows
from ill_broker.storage.people import Enrolment
from ill_broker.storage.store import Store
from tests.factories import PKU, START, a_patron, journey_to
from workflows.citation import work_key
from workflows.requests.lifecycle import Status

DATA = Path(str(resources.files("workflows") / "data"))
LATE: dict[str, Any] = {
    "policy": "szutl",
    "timeline": {"handover": "2025-03-03T10:00:00+08:00", "returned": "2025-04-06T09:30:00+08:00"},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one policy, under which a loan of szutl's lasts 33 days."""
    target = tmp_path / "candidate"
    target.mkdir()
    text = (DATA / "policies" / "szutl.yaml").read_text(encoding="utf-8")

    assert "{days: 31}" in text

    (target / "szutl.yaml").write_text(text.replace("{days: 31}", "{days: 33}"), encoding="utf-8")
    return target


@pytest.fixture
def loans(tmp_path: Path) -> Path:
    """A file with one loan."""
    return written(tmp_path, {"id": "1", "input": LATE})


def written(folder: Path, *lines: object) -> Path:
    file = folder / "loans.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return file


def simulate(*options: object, given: str | None = None) -> Result:
    return CliRunner().invoke(main, ["policies", "simulate", *map(str, options)], input=given)


def test_a_file_of_loans_is_compared_with_the_policies_of_the_project(folder: Path, loans: Path) -> None:
    found = simulate("--policies", folder, "--loans", loans)

    assert 0 == found.exit_code, found.output
    assert "CNY 0.60 -> CNY 0.20" in found.stdout
    assert "31.0 (least 31) -> 33.0 (least 33)" in found.stdout


def test_loans_are_read_from_standard_input(folder: Path, loans: Path) -> None:
    found = simulate("--policies", folder, "--loans", "-", given=loans.read_text(encoding="utf-8"))

    assert "CNY 0.60 -> CNY 0.20" in found.stdout


def test_another_folder_may_be_what_is_compared_with(folder: Path, loans: Path, tmp_path: Path) -> None:
    shutil.copytree(DATA / "policies", tmp_path / "today")
    shutil.copytree(DATA / "calendars", tmp_path / "today" / "calendars")
    shutil.copy(folder / "szutl.yaml", tmp_path / "today")
    found = simulate("--policies", folder, "--loans", loans, "--today", tmp_path / "today")

    assert "CNY 0.20 -> CNY 0.20" in found.stdout


def test_calendars_are_taken_from_their_folder(folder: Path, loans: Path) -> None:
    found = simulate("--policies", folder, "--calendars", DATA / "calendars", "--loans", loans)

    assert (0, True) == (found.exit_code, "CNY 0.60 -> CNY 0.20" in found.stdout)


def test_csv_goes_to_a_file(folder: Path, loans: Path, tmp_path: Path) -> None:
    found = simulate(
        "--policies", folder, "--loans", loans, "--format", "csv", "--out", tmp_path / "found.csv"
    )
    text = (tmp_path / "found.csv").read_bytes().decode()
    (line,) = csv.DictReader(io.StringIO(text, newline=""))

    assert "" == found.stdout
    assert ("szutl", "0.60", "0.20") == (line["lender"], line["fines_today"], line["fines_candidate"])
    assert "\r\r" not in text


def test_a_chart_stands_beside_its_table(folder: Path, loans: Path, tmp_path: Path) -> None:
    options = ("--policies", folder, "--loans", loans, "--format", "svg")
    told, kept = simulate(*options), simulate(*options, "--out", tmp_path / "found.svg")
    drawing = (tmp_path / "found.svg").read_text(encoding="utf-8")

    assert drawing == told.stdout
    assert told.stderr == kept.stdout
    assert "CNY 0.60 -> CNY 0.20" in kept.stdout
    assert etree.fromstring(drawing.encode()).tag.endswith("svg")


def test_a_table_and_its_chart_speak_the_language_that_is_asked_for(folder: Path, loans: Path) -> None:
    told = simulate("--policies", folder, "--loans", loans, "--format", "svg", "--language", "zh")

    assert "0.60 元 -> 0.20 元" in told.stderr
    assert "现行规则与拟行规则下的借阅" in told.stdout


def test_lines_that_are_no_loans_are_named_and_counted(folder: Path, tmp_path: Path) -> None:
    bad = {"id": "bad", "input": {"policy": "nowhere"}}
    file = written(tmp_path, *[bad] * 21, {"id": "1", "input": LATE})
    found = simulate("--policies", folder, "--loans", file)
    lines = found.stderr.splitlines()

    assert (0, 22) == (found.exit_code, len(lines))
    assert "line 1: bad: today: unknown_policy" == lines[0]
    assert ["and 1 more", "21 lines are left out"] == lines[-2:]
    assert "CNY 0.60 -> CNY 0.20" in found.stdout


def test_a_faulty_candidate_is_refused_by_file_path_and_code(folder: Path, loans: Path) -> None:
    text = (folder / "szutl.yaml").read_text(encoding="utf-8")
    (folder / "szutl.yaml").write_text(text.replace("{days: 33}", "{weeks: 4}"), encoding="utf-8")
    found = simulate("--policies", folder, "--loans", loans)

    assert (1, "") == (found.exit_code, found.stdout)
    assert "policies/szutl: loan_rules[0].period: bad_period" in found.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--from", "2026-03-01T00:00:00Z"), "not from a file"),
        (("--until", "2026-03-01T00:00:00Z"), "not from a file"),
        (("--format", "png"), "png"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    folder: Path, loans: Path, options: tuple[str, ...], says: str
) -> None:
    found = simulate("--policies", folder, "--loans", loans, *options)

    assert (2, True) == (found.exit_code, says in found.stderr)


# ---------------------------------------------------------------- what was lent


@pytest.fixture
def lent(migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database with one loan of pku's, which is back, submitted on START."""
    shutil.copy(migrated_file, tmp_path / "ill.db")
    monkeypatch.setenv("ILL_DATABASE_URL", f"sqlite:///{tmp_path / 'ill.db'}")
    request = journey_to(Status.CLOSED, PKU).request
    store = Store.open(f"sqlite:///{tmp_path / 'ill.db'}")
    with store.writing() as conn:
        people.enrol(conn, Enrolment(patron=a_patron(), created_at=START))
        request_rows.insert(conn, request, work_key(request.citation))
    store.close()


@pytest.fixture
def weekly(tmp_path: Path) -> Path:
    """A folder with the terms that pku inherits, under which a loan lasts three days."""
    target = tmp_path / "weekly"
    target.mkdir()
    text = (DATA / "policies" / "balis.yaml").read_text(encoding="utf-8")

    assert "{days: 28}" in text

    (target / "balis.yaml").write_text(text.replace("{days: 28}", "{days: 3}"), encoding="utf-8")
    return target


def test_without_a_file_what_was_lent_is_compared(lent: None, weekly: Path) -> None:
    found = simulate("--policies", weekly)

    assert 0 == found.exit_code, found.output
    assert "0 (0.0%) -> 1 (100.0%)" in found.stdout
    assert "28.0 (least 28) -> 3.0 (least 3)" in found.stdout


@pytest.mark.parametrize(
    ("options", "loans"),
    [
        (("--from", "2026-03-02T02:00:00Z"), "1 loan;"),
        (("--from", "2026-03-02T02:00:01Z"), "0 loans;"),
        (("--until", "2026-03-02T10:00:01+08:00"), "1 loan;"),
        (("--until", "2026-03-02T02:00:00Z"), "0 loans;"),
    ],
)
def test_a_time_chooses_by_submission(lent: None, weekly: Path, options: tuple[str, str], loans: str) -> None:
    assert loans in simulate("--policies", weekly, *options).stdout


@pytest.mark.parametrize("option", ["--from", "--until"])
def test_a_time_that_cannot_be_is_refused(lent: None, weekly: Path, option: str) -> None:
    found = simulate("--policies", weekly, option, "yesterday")

    assert (2, True) == (found.exit_code, option in found.stderr)
