"""Each room says what it holds, in one place, and the picture of the house is true."""

from __future__ import annotations

import ast
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


def test_the_picture_is_what_the_code_imports() -> None:
    assert picture.drawing() == picture.PICTURE.read_text(encoding="utf-8"), "make picture draws it anew"


def test_a_circle_is_not_drawn() -> None:
    circle = {"workflows.losses": {"workflows.cards"}, "workflows.cards": {"workflows.losses"}}

    with pytest.raises(CycleError):
        picture.reduced(circle)


def test_an_arrow_that_follows_from_others_is_not_drawn() -> None:
    every: dict[str, set[str]] = {"a": {"b", "c"}, "b": {"c"}, "c": set()}

    assert picture.reduced(every) == {"a": {"b"}, "b": {"c"}, "c": set()}
