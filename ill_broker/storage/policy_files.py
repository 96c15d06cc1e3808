"""Policy and calendar files on disk: YAML read with suspicion into plain values."""

from collections.abc import Hashable, Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from workflows.errors import FaultyPolicy
from workflows.policies.book import PolicyBook

#: a policy of ten thousand rules is a mistake, or an attack
MAX_BYTES = 1_000_000
MAX_DEPTH = 20
TEXT = "tag:yaml.org,2002:str"


class _SuspiciousLoader(yaml.SafeLoader):
    """A safe loader that refuses what a policy has no use for: repeated keys, aliases, deep nesting."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # no types
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases are refused", mark)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise yaml.composer.ComposerError(None, None, "nested too deeply", mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - as the library has it
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag != TEXT:
                raise yaml.constructor.ConstructorError(None, None, "a key is not text", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def parse(content: bytes, name: str) -> Any:
    """Read one YAML document into plain values.

    :raises FaultyPolicy: if it is too large, not UTF-8, not YAML, repeats a key, or uses aliases
    """
    if len(content) > MAX_BYTES:
        raise _unreadable(name, f"larger than {MAX_BYTES} bytes")
    try:
        return yaml.load(content.decode("utf-8"), _SuspiciousLoader)  # noqa: S506 - a safe loader, made stricter
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _unreadable(name, str(error)) from error


def lines_of(content: str) -> dict[str, int]:
    """Return at which line each field of a document stands, by its path; nothing if it cannot be read."""
    try:
        root = yaml.compose(content, _SuspiciousLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return {} if root is None else dict(_placed(root, ""))


def _placed(node: yaml.Node, path: str) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = f"{path}.{key.value}" if path else key.value
            yield inner, key.start_mark.line + 1
            yield from _placed(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            inner = f"{path}[{number}]"
            yield inner, value.start_mark.line + 1
            yield from _placed(value, inner)


def read_policies(directory: Path) -> PolicyBook:
    """Read the policies of a directory and the calendars of its ``calendars`` folder.

    :raises FaultyPolicy: with every fault of every file; nothing is loaded then
    """
    return _book(directory, directory / "calendars")


@cache
def builtin_book() -> PolicyBook:
    """Return the policies that come with the project."""
    data = resources.files("workflows") / "data"
    return _book(data / "policies", data / "calendars")


def builtin_text(folder: str, name: str) -> str | None:
    """Return the text of a file that comes with the project, None if there is none of this name."""
    file = resources.files("workflows") / "data" / folder / f"{name}.yaml"
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _book(policies: Traversable, calendars: Traversable) -> PolicyBook:
    return PolicyBook.load(dict(_documents(policies)), dict(_documents(calendars)))


def _documents(folder: Traversable) -> Iterator[tuple[str, Any]]:
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml") and file.name != "worked_examples.yaml":
            yield file.name, parse(file.read_bytes(), file.name)


def _unreadable(name: str, reason: str) -> FaultyPolicy:
    return FaultyPolicy(f"{name}: {reason}", faults={name: [("", "unreadable")]})
