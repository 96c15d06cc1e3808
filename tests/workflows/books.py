"""The policies that come with the project, and small changes to them."""

from functools import cache
from importlib import resources
from typing import Any

import yaml

from workflows.policies.book import PolicyBook
from workflows.policies.policy import Policy


@cache
def documents(folder: str) -> dict[str, dict[str, Any]]:
    files = (resources.files("workflows") / "data" / folder).iterdir()
    return {file.name: yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader) for file in files}


@cache
def builtin() -> PolicyBook:
    return PolicyBook.load(documents("policies"), documents("calendars"))


def policy(name: str, patch: dict[str, Any] | None = None) -> Policy:
    return builtin().policy(name, patch)
