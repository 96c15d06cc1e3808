"""What the pages say is so: files, commands, operations and words that they name are there."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, cast

import click
import pytest
import yaml
from click.testing import CliRunner

from ill_broker.cli import main
from tests.support.sources import PACKAGES, ROOT, sources
from workflows.actors import Role
from workflows.evaluation.evaluate import KINDS
from workflows.libraries import Library
from workflows.requests.lifecycle import Outcome, Status, Step

#: what the demonstration and tests set
DEMONSTRATION = {"CLOCK_FILE", "DEMONSTRATION", "PASSWORD_COST"}
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
_LINK = re.compile(r"\]\(([^)#\s]+)?(#[^)\s]+)?\)")
_FILE = re.compile(r"`((?:workflows|connectors|ill_broker|tests|tools)/[a-z0-9_/.]+)`")
_PLACE = re.compile(r"`((?:workflows|connectors|ill_broker)/[a-z0-9_/]+\.py)`, `([A-Za-z_.]+)`")
_COMMAND = re.compile(r"\bill-broker((?: [a-z]+)+)")
_OPERATION = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) (?:/api/v1)?(/[a-z0-9/{}_-]+)")
_BODY = re.compile(r"`(POST|PUT|PATCH) (/[a-z0-9/{}_-]+) (\{.*?\})`")


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@each_page
def test_a_link_leads_somewhere(page: Path) -> None:
    broken = [
        f"{file}{heading}"
        for file, heading in _LINK.findall(_text(page))
        if not file.startswith("https://") and not _is_there(page.parent / file if file else page, heading)
    ]

    assert [] == broken


def _is_there(file: Path, heading: str) -> bool:
    return file.exists() and (not heading or heading[1:] in set(_anchors(_text(file))))


def _anchors(text: str) -> Iterator[str]:
    """Yield what headings are called in links."""
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        yield re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@each_page
def test_a_file_that_is_named_exists(page: Path) -> None:
    assert [] == [name for name in _FILE.findall(_text(page)) if not (ROOT / name).exists()]


@each_page
def test_a_command_that_is_named_exists(page: Path) -> None:
    assert [] == [words for words in _COMMAND.findall(_text(page)) if not _leads_on(words.split())]


def _leads_on(words: list[str]) -> bool:
    """Say whether *words* begin with a command; what stands behind one are its arguments."""
    command: click.Command | None = main
    for word in words:
        if not isinstance(command, click.Group):
            return True
        command = command.get_command(click.Context(command), word)
    return command is not None


@each_page
def test_an_operation_that_is_named_is_in_the_contract(page: Path) -> None:
    named = {
        (method, path) for method, path in _OPERATION.findall(_text(page)) if not path.startswith("/sandbox/")
    }

    assert set() == {one for one in named if _operation(*one) is None}


@each_page
def test_a_body_that_is_shown_fits_its_operation(page: Path) -> None:
    """Names are looked at, and that none is left out; what they hold is an example."""
    misfits = [
        f"{method} {path} {body}"
        for method, path, body in _BODY.findall(_text(page))
        if not _fits(set(json.loads(body)), _operation(method, path))
    ]

    assert [] == misfits


def _fits(names: set[str], operation: dict[str, Any] | None) -> bool:
    assert operation is not None
    (told,) = operation["requestBody"]["content"].values()
    schema = _contract()["components"]["schemas"][told["schema"]["$ref"].rpartition("/")[2]]
    return set(schema.get("required", ())) <= names <= set(schema["properties"])


def _operation(method: str, path: str) -> dict[str, Any] | None:
    """Return an operation of the contract; a part of a path in braces stands for any."""
    parts = path.strip("/").split("/")
    for known, methods in _contract()["paths"].items():
        offered = known.removeprefix("/api/v1").strip("/").split("/")
        if method.lower() in methods and len(parts) == len(offered) and all(map(_is_part, parts, offered)):
            return cast("dict[str, Any]", methods[method.lower()])
    return None


def _is_part(part: str, offered: str) -> bool:
    return part == offered or part.startswith("{") or offered.startswith("{")


@cache
def _contract() -> Any:
    return yaml.load(_text(ROOT / "openapi.yaml"), yaml.CSafeLoader)


@pytest.mark.parametrize("name", ["desk", "reader"])
def test_both_languages_name_the_same_operations(name: str) -> None:
    chinese, english = (_text(ROOT / "docs" / page) for page in (f"{name}.zh.md", f"{name}.md"))

    assert set(_OPERATION.findall(english)) == set(_OPERATION.findall(chinese))


def test_a_decision_says_what_was_given_up_for_it() -> None:
    decisions = re.findall(
        r"^- (.*?)(?=^- |^#|\Z)", _text(ROOT / "docs" / "design.md"), re.MULTILINE | re.DOTALL
    )

    assert decisions
    assert [] == [decision for decision in decisions if "Given up:" not in " ".join(decision.split())]


def test_decisions_stand_on_their_own_page_alone() -> None:
    readme = _text(ROOT / "README.md")
    section = readme.partition("## Decisions")[2].partition("\n## ")[0]

    assert "docs/design.md" in section
    assert [] == re.findall(r"^[-*] .*", section, re.MULTILINE)
    assert "Given up:" not in readme


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.name != "CONTRIBUTING.md"], ids=lambda page: page.name
)
def test_who_does_what_in_the_code_is_as_the_table_of_questions_has_it(page: Path) -> None:
    known = set(re.findall(r"\| `([^`]+)` \| `([^`]+)` \|$", _text(ROOT / "CONTRIBUTING.md"), re.MULTILINE))

    assert set() == set(_PLACE.findall(_text(page))) - known


@pytest.mark.parametrize(
    "question",
    [
        "where a fine is capped",
        "where a webhook's signature is verified",
        "how the next lender is chosen",
        "how to add a protocol",
        "where a refusal gets its HTTP status",
    ],
)
def test_what_strangers_ask_first_of_the_code_is_answered_on_the_first_page(question: str) -> None:
    (file, name) = re.findall(
        rf"^\| {question} \| `([^`]+)` \| `([^`]+)` \|$", _text(ROOT / "CONTRIBUTING.md"), re.MULTILINE
    )[0]

    assert f"{question} | `{file}`, `{name}`" in _text(ROOT / "README.md")


def test_the_page_of_fields_has_one_word_for_a_kind() -> None:
    values = re.findall(r"^\| `.*?` \| (.*?) \|", _text(ROOT / "docs" / "policy_fields.md"), re.MULTILINE)

    assert values
    assert [] == [value for value in values if "[" in value or "integer" in value or "null" in value]


def _cases() -> list[Any]:
    """Return the worked cases of the page of rules: what is asked, and what of the answer the page shows."""
    blocks = re.findall(
        r"^```jsonl\n(.*?)^```$", _text(ROOT / "docs" / "policies.md"), re.MULTILINE | re.DOTALL
    )
    lines = [json.loads(line) for block in blocks for line in block.splitlines()]
    shown = {line["id"]: line["answer"] for line in lines if "answer" in line}
    return [pytest.param(line, shown.pop(line["id"]), id=line["id"]) for line in lines if "input" in line] + [
        pytest.param({}, answer, id=name) for name, answer in shown.items()
    ]


@pytest.mark.parametrize(("asked", "shown"), _cases())
def test_a_worked_case_comes_to_what_the_page_says(
    asked: dict[str, object], shown: dict[str, object]
) -> None:
    told = CliRunner().invoke(main, ["policies", "evaluate"], input=json.dumps(asked) + "\n")
    answer = json.loads(told.stdout)["answer"]

    assert shown == {name: answer.get(name) for name in shown}


def test_each_section_of_a_policy_file_is_on_the_page_of_rules() -> None:
    schema = json.loads(_text(ROOT / "workflows" / "data" / "policy.schema.json"))
    page = _text(ROOT / "docs" / "policies.md")

    assert [] == [name for name in schema["properties"] if f"`{name}`" not in page]


def test_each_kind_of_case_is_on_the_page_of_rules() -> None:
    page = _text(ROOT / "docs" / "policies.md")

    assert [] == [kind for kind in KINDS if f"`{kind}`" not in page]


def test_the_page_of_rules_names_only_rules_that_there_are() -> None:
    known = _text(ROOT / "tests" / "workflows" / "data" / "rule_numbers.txt").split()

    assert [] == [
        rule
        for rule in re.findall(r"\bR-[A-Z]+-\d+\b", _text(ROOT / "docs" / "policies.md"))
        if rule not in known
    ]


GLOSSARY = ROOT / "docs" / "glossary.md"


def _words(column: str) -> set[str]:
    """Return the words in the column of that name, of all tables of the glossary that have it."""
    found, place = set[str](), None
    for line in _text(GLOSSARY).splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if cells[:1] == ["中文"]:
            place = cells.index(column) if column in cells else None
        elif cells and place is not None:
            found |= set(re.findall(r"`(\w+)`", cells[place]))
    return found


@pytest.mark.parametrize(
    ("column", "closed"),
    [("status", Status), ("outcome", Outcome), ("step", Step)],
    ids=["status", "outcome", "step"],
)
def test_the_glossary_has_each_word_of_a_closed_list(column: str, closed: type[StrEnum]) -> None:
    assert set(closed) == _words(column)


def test_each_word_of_the_glossary_is_in_the_code() -> None:
    said = {
        word
        for package in PACKAGES
        for file in sources(package)
        for name in re.findall(r"\w+", file.read_text(encoding="utf-8"))
        for word in (name, name.lower())
    }

    assert set() == _words("code") - said
    assert set() == set(Role) - _words("code")


def test_whoever_runs_the_service_finds_each_setting_and_each_field_of_a_library() -> None:
    page = _text(ROOT / "docs" / "operate.md")
    settings = (
        set(re.findall(r'env\.\w+\("([A-Z_]+)"', _text(ROOT / "ill_broker" / "settings.py"))) - DEMONSTRATION
    )
    fields = {field.name for field in dataclasses.fields(Library)}

    assert set() == {
        name for name in settings if f"ILL_{name}`" not in page and f"`_{name.partition('_')[2]}`" not in page
    }
    assert set() == {name for name in fields if f"`{name}`" not in page}
