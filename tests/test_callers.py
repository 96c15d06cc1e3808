"""What the service has is used by the service: a function that only tests call is wired or goes."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TypeGuard

import pytest

from tests.support.sources import PACKAGES, ROOT, sources

#: a base class, a decorator or a library calls them by these names
HOOKS = {
    "handle_DATA", "handle_error", "format_commands", "get_command", "list_commands", "ignore_aliases",
    "load_dialect_impl", "process_bind_param", "process_result_value", "readline", "log", "to_python",
    "to_url",
}  # fmt: skip

#: what is wanted as soon as lenders are asked by NCIP: requests are placed, but nobody calls them back
COMING = {"connectors.ncip.client.NcipSystem.cancel_request"}
#: decorators that hand nothing on to anybody
PASSING = {"property", "cached_property", "staticmethod", "classmethod", "contextmanager", "cache"}


def uncalled(trees: dict[str, ast.Module]) -> list[str]:
    """Return the functions of modules that nothing in *trees* names, as ``module.function``."""
    imported, named = defaultdict[str, set[str]](set), set[str]()
    for module, tree in trees.items():
        aliases = dict(_modules(tree, trees))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                imported[node.module or ""] |= {alias.name for alias in node.names}
            elif isinstance(node, ast.Attribute):
                named.add(node.attr)
                if isinstance(node.value, ast.Name) and node.value.id in aliases:
                    imported[aliases[node.value.id]].add(node.attr)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                imported[module].add(node.id)
    functions = [
        f"{module}.{node.name}"
        for module, tree in trees.items()
        for node in tree.body
        if _is_plain(node) and node.name not in imported[module]
    ]
    methods = [
        f"{module}.{owner.name}.{node.name}"
        for module, tree in trees.items()
        for owner in ast.walk(tree)
        if isinstance(owner, ast.ClassDef)
        for node in owner.body
        if _is_plain(node) and node.name not in named | HOOKS and not node.name.startswith("_")
    ]
    return functions + methods


def _modules(tree: ast.Module, known: dict[str, ast.Module]) -> Iterator[tuple[str, str]]:
    """Yield what *tree* calls other modules, and which they are."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.asname, alias.name) for alias in node.names if alias.asname)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if (whole := f"{node.module}.{alias.name}") in known:
                    yield alias.asname or alias.name, whole


def _is_plain(node: ast.stmt) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Say whether it is a function that only its name leads to: a decorator may hang it up somewhere."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("__"):
        return False
    return {ast.unparse(each) for each in node.decorator_list} <= PASSING


def _trees() -> dict[str, ast.Module]:
    files = [file for package in PACKAGES for file in sources(package)]
    names = [
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files
    ]
    return {
        name: ast.parse(file.read_text(encoding="utf-8")) for name, file in zip(names, files, strict=True)
    }


def test_nothing_waits_for_a_caller() -> None:
    assert set() == set(uncalled(_trees())) - COMING


@pytest.mark.parametrize("package", PACKAGES)
def test_whoever_imports_a_package_is_told_its_types(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()


def test_no_docstring_names_a_document_that_is_not_here() -> None:
    told = {
        name
        for tree in _trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        for name in re.findall(r"[\w./]+\.md\b", ast.get_docstring(node) or "")
    }

    assert set() == {name for name in told if not (ROOT / name).exists()}


@pytest.mark.parametrize(
    ("caller", "found"),
    [
        ("", ["a.f", "a.C.m"]),
        ("from a import f", ["a.C.m"]),
        ("import a as b\nb.f()", ["a.C.m"]),
        ("f()", ["a.f", "a.C.m"]),
        ("from b import f\nx.m()", ["a.f"]),
    ],
)
def test_the_search_for_callers_finds_each_kind(caller: str, found: list[str]) -> None:
    told = "def f(): f2()\ndef f2(): ...\n@hook\ndef g(): ...\nclass C:\n    def m(self): ..."

    assert found == uncalled({"a": ast.parse(told), "caller": ast.parse(caller)})
