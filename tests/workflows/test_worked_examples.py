"""The library's own worked examples: every one of them, with its complete answer."""

from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.workflows.books import builtin
from workflows.evaluation.evaluate import evaluate

FILE = Path(__file__).parent / "data" / "worked_examples.yaml"
EXAMPLES: list[dict[str, Any]] = yaml.load(FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)["examples"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example['id']} {example['title']}")
def test_a_worked_example_has_exactly_its_answer(example: dict[str, Any]) -> None:
    answer = evaluate(example["kind"], example["input"], builtin())

    assert example["expected"] == answer


def test_there_are_seventy_five_of_them() -> None:
    assert len({example["id"] for example in EXAMPLES}) == 75


def test_the_policies_in_the_package_are_data_files() -> None:
    names = {file.name for file in (resources.files("workflows") / "data" / "policies").iterdir()}

    assert {"szutl.yaml", "bhu.yaml"} <= names
