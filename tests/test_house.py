"""The house rules that no linter knows: sizes, who reads the time, what may be committed."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.sources import PACKAGES, ROOT, sources

FILE_LINES, FUNCTION_LINES = 400, 50


def test_the_rules_stand_on_the_standard_library_alone() -> None:
    roots = {
        (file.name, name.split(".")[0]) for file in sources("workflows") for name in _imports(_tree(file))
    }
    strangers = {
        (file, root) for file, root in roots if root not in sys.stdlib_module_names and root != "workflows"
    }

    assert strangers == set()


@pytest.mark.parametrize("folder", [*PACKAGES, "tests", "tools", "bench"])
def test_a_file_is_one_idea_long(folder: str) -> None:
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines())
        for file in sources(folder)
    }

    assert {name: length for name, length in lengths.items() if length > FILE_LINES} == {}


@pytest.mark.parametrize("folder", PACKAGES)
def test_a_function_fits_on_a_page(folder: str) -> None:
    lengths = {
        f"{file.relative_to(ROOT)}:{node.name}": _length(node)
        for file in sources(folder)
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: length for name, length in lengths.items() if length > FUNCTION_LINES} == {}


def test_most_functions_are_short() -> None:
    lengths = sorted(
        _length(node)
        for folder in PACKAGES
        for file in sources(folder)
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )

    assert lengths[len(lengths) // 2] < 8
    assert lengths[len(lengths) * 9 // 10] < 25


CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}


def test_only_the_clock_reads_the_time() -> None:
    allowed = ("ill_broker/clock.py", "connectors/sandbox/")

    assert _calls(CLOCKS, ("ill_broker", "connectors", "workflows"), allowed) == []


def test_only_the_mint_draws_chance() -> None:
    drawn = _importers({"random", "secrets", "uuid"}, ("ill_broker", "workflows"))

    assert [name for name in drawn if name != "ill_broker/mint.py"] == []


def test_only_the_transport_knows_the_http_library() -> None:
    known = _importers({"httpx", "httpcore"}, PACKAGES)
    allowed = ("connectors/transport.py", "connectors/punctual.py", "connectors/sandbox/", "ill_broker/demo/")

    assert [name for name in known if not name.startswith(allowed)] == []


def test_only_the_settings_read_the_environment() -> None:
    allowed = ("ill_broker/settings.py", "ill_broker/demo/")
    read = [
        where
        for package in PACKAGES
        for file in sources(package)
        if not (where := str(file.relative_to(ROOT))).startswith(allowed)
        and re.search(r"\bos\.(environ|getenv)\b|from os import", ast.unparse(_tree(file)))
    ]

    assert read == []


#: The three edges of house style (web handler, job runner, inbound endpoint), and the sandbox's own edge.
EDGES = re.compile(r"ill_broker/(web|app|api/problems|api/inbound|jobs)\b|connectors/sandbox/")


def test_everything_is_caught_at_the_edges_only() -> None:
    caught = [
        str(file.relative_to(ROOT))
        for package in PACKAGES
        for file in sources(package)
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node)
    ]

    assert [name for name in caught if not EDGES.match(name)] == []


@pytest.mark.parametrize(
    ("handler", "found"),
    [
        ("except Exception:", True),
        ("except:", True),
        ("except (OSError, BaseException) as error:", True),
        ("except OSError:", False),
    ],
)
def test_the_search_for_wide_nets_finds_every_spelling(handler: str, *, found: bool) -> None:
    tree = ast.parse(f"try:\n    pass\n{handler}\n    pass")
    handlers = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]

    assert [found] == [_catches_everything(each) for each in handlers]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("x = datetime.now(UTC)", True),
        ("x = datetime.datetime.utcnow()", True),
        ("from time import time\nx = time()", True),
        ("import time as t\nx = t.time()", True),
        ("x = time.monotonic()", False),
        ("x = clock.now()", False),
    ],
)
def test_the_search_for_clocks_finds_every_spelling(words: str, *, found: bool) -> None:
    assert found is bool(_called(ast.parse(words)) & CLOCKS)


#: Chinese characters, and the punctuation of Chinese sentences
HAN = re.compile("[\u3001\u3002\u300a-\u3011\u4e00-\u9fff\uff01-\uff5e]")
#: where characters are data: what records and titles are recognised by, or asked for
RECOGNISED = {
    "connectors/marc/citations.py",
    "connectors/marc/cnmarc.py",
    "connectors/marc/kinds.py",
    "connectors/marc/words.py",
    "connectors/questions.py",
    "connectors/writings.py",
    "ill_broker/pages/desk/own_days.py",
    "ill_broker/services/discovery/catalogue_terms.py",
    "workflows/discovery/relevance.py",
    "workflows/policies/item_types.py",
    "workflows/simplified.py",
    "workflows/writing.py",
}


def test_what_people_read_in_chinese_stands_in_the_catalogues_alone() -> None:
    """A member library in a box, and the demonstration, tell their own tale."""
    told = {
        where
        for package in PACKAGES
        for file in sources(package)
        if not (where := str(file.relative_to(ROOT))).startswith(("connectors/sandbox/", "ill_broker/demo/"))
        if any(HAN.search(text) for text in _texts_in(_tree(file)))
    }

    assert RECOGNISED == told


def test_the_search_for_texts_passes_docstrings_over() -> None:
    tree = ast.parse('"""一"""\nx = ["二"]\ny = f"{x}三"\n\ndef f():\n    """四"""\n    g("五", k="六")\n')

    assert {"二", "三", "五", "六"} == set(_texts_in(tree))


def test_the_locks_name_no_address() -> None:
    told = [
        file.name for file in (ROOT / "requirements").iterdir() if "://" in file.read_text(encoding="utf-8")
    ]

    assert told == []


@pytest.mark.parametrize("folder", ["openid", "typescript"])
def test_the_locks_of_what_tests_use_of_node_name_no_registry_and_pin_by_hash(folder: str) -> None:
    lock = json.loads((ROOT / f"tests/support/{folder}/package-lock.json").read_text(encoding="utf-8"))
    locked = [each for where, each in lock["packages"].items() if where]

    assert [each for each in locked if "resolved" in each or "integrity" not in each] == []


def test_every_locked_package_is_pinned_by_hash() -> None:
    for file in (ROOT / "requirements").glob("*.txt"):
        entries = re.split(r"\n(?=\S)", file.read_text(encoding="utf-8").strip())

        assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", ["runtime", "dev"])
def test_every_dependency_is_locked_within_its_range(lock: str) -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*told["project"]["dependencies"], *told["dependency-groups"]["build"]]
    if lock == "dev":
        asked += [each for each in told["dependency-groups"]["dev"] if isinstance(each, str)]
    pins = re.findall(
        r"^([a-z0-9-]+)==([^ ;]+)", (ROOT / f"requirements/{lock}.txt").read_text(), re.MULTILINE
    )
    unmet = [
        each
        for each in map(Requirement, asked)
        if not any(canonicalize_name(each.name) == name and pin in each.specifier for name, pin in pins)
    ]

    assert unmet == []


#: Assembled here, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
MACHINE = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/\w")


def test_nothing_is_left_unfinished() -> None:
    assert _lines(UNFINISHED) == []


def test_no_path_of_a_machine_is_told() -> None:
    assert _lines(MACHINE) == []


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _texts_in(tree: ast.Module) -> Iterator[str]:
    """Yield every text of a module but its docstrings."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _importers(modules: set[str], packages: tuple[str, ...]) -> list[str]:
    return [
        str(file.relative_to(ROOT))
        for package in packages
        for file in sources(package)
        if modules & {name.split(".")[0] for name in _imports(_tree(file))}
    ]


def _calls(names: set[str], packages: tuple[str, ...], allowed: tuple[str, ...]) -> list[tuple[str, str]]:
    return [
        (where, name)
        for package in packages
        for file in sources(package)
        if not (where := str(file.relative_to(ROOT))).startswith(allowed)
        for name in sorted(_called(_tree(file)) & names)
    ]


def _called(tree: ast.Module) -> set[str]:
    """Return what *tree* calls, as `class.function` or `module.function`, whatever it was imported as."""
    known = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        if isinstance(node, ast.ImportFrom)
        else alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    called = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            first, dot, rest = ast.unparse(node.func).partition(".")
            called.add(known.get(first, first) + dot + rest)
    return called | {".".join(name.split(".")[-2:]) for name in called}


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(ast.unparse(each) in {"Exception", "BaseException"} for each in caught)


TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".txt", ".html", ".js", ".css", ".po", ""}
NOT_OURS = {".git", ".venv", ".hypothesis", "var", "dist", "node_modules", "vendor", "htmlcov"}


def _lines(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{file.relative_to(ROOT)}:{number}"
        for file in _texts(ROOT)
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]


def _texts(folder: Path) -> Iterator[Path]:
    for each in sorted(folder.iterdir()):
        if each.name in NOT_OURS or each.name.endswith("cache"):
            continue
        if each.is_dir():
            yield from _texts(each)
        elif each.suffix in TEXT and not each.name.startswith(".coverage") and each.stat().st_size < 500_000:
            yield each
