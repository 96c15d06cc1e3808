"""Which rules of the libraries no test and no rule table names yet: a list that may only get shorter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DATA = Path(__file__).parent / "data"
ROOT = Path(__file__).parents[2]
NUMBER = re.compile(r"\bR-[A-Z]+-[0-9]+\b")
#: the lists themselves, and this file, name rules without testing them
LISTS = {"rule_numbers.txt", "rules_unnamed.txt", Path(__file__).name}


def duties() -> dict[str, str]:
    lines = (DATA / "rule_numbers.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition(" ") for line in lines if not line.startswith("#"))
    return {number: duty for number, _, duty in pairs}


def named() -> set[str]:
    files = [file for file in (ROOT / "tests").rglob("*") if file.suffix in {".py", ".yaml"}]
    texts = [file.read_text(encoding="utf-8") for file in files if file.name not in LISTS]
    table = (ROOT / "workflows" / "rule_numbers.py").read_text(encoding="utf-8")
    return {number for text in [table, *texts] for number in NUMBER.findall(text)}


def unnamed() -> set[str]:
    """Return the rules to enforce or compute that nothing names."""
    return {number for number, duty in duties().items() if re.search("enforce|compute", duty)} - named()


def test_no_rule_more_goes_unnamed_than_is_recorded() -> None:
    recorded = set((DATA / "rules_unnamed.txt").read_text(encoding="utf-8").split())
    found = unnamed()
    print("not named by any test or rule table:", *sorted(found))  # noqa: T201 - the list is the point

    assert set() == found - recorded


def test_the_recorded_list_names_rules_that_there_are() -> None:
    recorded = set((DATA / "rules_unnamed.txt").read_text(encoding="utf-8").split())

    assert set() == recorded - set(duties())


def test_no_rule_is_named_that_there_is_not() -> None:
    assert set() == named() - set(duties())


def test_every_duty_is_a_known_one() -> None:
    known = {"enforce", "compute", "record", "inform", "enforce order", "-"}

    assert set() == {part for duty in duties().values() for part in duty.split(", ")} - known


def test_the_index_is_that_of_the_rules() -> None:
    rules = ROOT.parent / "shared" / "policies" / "rules.md"
    if not rules.exists():
        pytest.skip("the reference files are not there")
    stated = set(re.findall(r"\*\*(R-[A-Z]+-[0-9]+)\*?", rules.read_text(encoding="utf-8")))

    assert set() == stated - set(duties())
