"""Each room says what it holds, in one place, and the picture of the house is true."""

from __future__ import annotations

import ast
import re
from graphlib import CycleError
from pathlib import Path

import pytest

from tests.support.sources import ROOT
from tools import picture

CONTRIBUTING = ROOT / "CONTRIBUTING.md"
#: folders with a package for each subject
HALLS = [ROOT / "workflows", ROOT / "ill_broker" / "services"]


def _rooms(hall: Path) -> list[Path]:
    return sorted(face.parent for face in hall.glob("*/__init__.py"))


ROOMS = [room for hall in HALLS for room in _rooms(hall)]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: "/".join(room.parts[-2:]))
def test_a_room_says_in_one_sentence_what_belongs_there_and_nothing_else(room: Path) -> None:
    face = ast.parse((room / "__init__.py").read_text(encoding="utf-8"))
    sentence = ast.get_docstring(face)

    assert len(face.body) == 1
    assert f"| `{room.name}/` | {sentence} |" in CONTRIBUTING.read_text(encoding="utf-8")


@pytest.mark.parametrize("hall", HALLS, ids=lambda hall: hall.name)
def test_what_lies_on_the_ground_is_named(hall: Path) -> None:
    lying = sorted(file.name for file in hall.glob("*.py") if file.name != "__init__.py")
    named = ", ".join(f"`{name}`" for name in lying)

    assert f"{named}." in CONTRIBUTING.read_text(encoding="utf-8").replace("\n", " ")


#: question, file and name, as CONTRIBUTING has them
ANSWERS = re.findall(
    r"^\| ([^|]+) \| `([^`|]+\.py)` \| `([\w.]+)` \|$", CONTRIBUTING.read_text("utf-8"), re.MULTILINE
)


def test_there_are_answers_to_what_is_asked_often() -> None:
    assert len(ANSWERS) >= 30


@pytest.mark.parametrize(("file", "name"), [(file, name) for _, file, name in ANSWERS])
def test_an_answer_is_where_the_table_says(file: str, name: str) -> None:
    body = ast.parse((ROOT / file).read_text(encoding="utf-8")).body
    for part in name.split("."):
        [found] = [node for node in body if part in _names(node)]
        body = found.body if isinstance(found, ast.ClassDef) else []


def _names(node: ast.stmt) -> set[str]:
    """Return what a statement defines."""
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {ast.unparse(target) for target in targets}
        case ast.AnnAssign(target=target):
            return {ast.unparse(target)}
        case _:
            return set()


def test_the_picture_is_what_the_code_imports() -> None:
    assert picture.drawing() == picture.PICTURE.read_text(encoding="utf-8"), "make picture draws it anew"


def test_a_circle_is_not_drawn() -> None:
    circle = {"workflows.losses": {"workflows.cards"}, "workflows.cards": {"workflows.losses"}}

    with pytest.raises(CycleError):
        picture.reduced(circle)


def test_an_arrow_that_follows_from_others_is_not_drawn() -> None:
    every: dict[str, set[str]] = {"a": {"b", "c"}, "b": {"c"}, "c": set()}

    assert picture.reduced(every) == {"a": {"b"}, "b": {"c"}, "c": set()}
