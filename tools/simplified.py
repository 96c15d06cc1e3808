"""Writes workflows/simplified.py, the characters that are compared as one, from OpenCC's dictionaries."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from opencc import OpenCC

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MODULE = Path(__file__).resolve().parent.parent / "workflows" / "simplified.py"
#: Unified ideographs of all planes.
_HAN = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0x20000, 0x32000))
_A_LINE = 50
_OPENING = (
    '"""Which traditional characters are compared as which simplified ones; written by `make characters`."""'
    "\n\n#: one below the other, each on its place\n"
)


def simplified() -> dict[str, str]:
    """Return each character that is simplified, by itself and to its end, with what it becomes."""
    convert = OpenCC("t2s").convert
    every = [chr(code) for code in chain.from_iterable(_HAN)]
    told = dict(zip(every, convert("\n".join(every)).split("\n"), strict=True))
    return {letter: told.get(plain, plain) for letter, plain in told.items() if letter != plain}


def text() -> str:
    """Return the module."""
    table = simplified()
    lines = chain(_lines("TRADITIONAL", table), _lines("SIMPLIFIED", table.values()), [""])
    return _OPENING + "\n".join(lines)


def _lines(name: str, letters: Iterable[str]) -> Iterator[str]:
    whole = "".join(letters)
    yield f"{name} = ("
    yield from (f'    "{whole[start : start + _A_LINE]}"' for start in range(0, len(whole), _A_LINE))
    yield ")"


if __name__ == "__main__":
    MODULE.write_text(text(), encoding="utf-8")
