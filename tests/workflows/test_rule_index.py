"""Each numbered rule of the libraries is shown by a test, those that only tell people something as well."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.reference import reference

DATA = Path(__file__).parent / "data"
ROOT = Path(__file__).parents[2]
NUMBER = re.compile(r"\bR-[A-Z]+-[0-9]+\b")
#: test_r_bhu_12_a_thesis_is_lent_for_a_night
IN_A_NAME = re.compile(r"(?<![a-z])r_([a-z]+)_([0-9]+)")
WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def duties() -> dict[str, str]:
    lines = (DATA / "rule_numbers.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition(" ") for line in lines if not line.startswith("#"))
    return {number: duty for number, _, duty in pairs}


def named() -> set[str]:
    """Return the rules that tests name: by their names, markers, ids; comments and docstrings name none."""
    files = [file for file in (ROOT / "tests").rglob("test_*.py") if file != Path(__file__)]
    return {
        number for file in files for text in said(file.read_text("utf-8")) for number in NUMBER.findall(text)
    }


def said(source: str) -> Iterator[str]:
    """Yield the strings of a module that are no docstrings, and the rules in the names of its tests."""
    if not NUMBER.search(source) and not IN_A_NAME.search(source):
        return
    tree = ast.parse(source)
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, WITH_DOCSTRING) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield " ".join(f"R-{library.upper()}-{place}" for library, place in IN_A_NAME.findall(node.name))


def test_every_rule_is_named_by_a_test() -> None:
    assert set() == set(duties()) - named()


def test_no_rule_is_named_that_there_is_not() -> None:
    assert set() == named() - set(duties())


def test_a_comment_and_a_docstring_name_nothing() -> None:
    source = '"""R-JN-1"""\ndef test_r_jn_5_x():\n    """R-JN-2"""\n    check("R-JN-3")  # R-JN-4\n'

    assert {"R-JN-3", "R-JN-5"} == set(said(source))


def test_every_duty_is_a_known_one() -> None:
    known = {"enforce", "compute", "record", "inform", "enforce order", "-"}

    assert set() == {part for duty in duties().values() for part in duty.split(", ")} - known


@pytest.mark.reference
def test_the_index_is_that_of_the_rules() -> None:
    rules = reference("policies/rules.md").read_text(encoding="utf-8")
    stated = set(re.findall(r"\*\*(R-[A-Z]+-[0-9]+)\*?", rules))

    assert set() == stated - set(duties())
