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
#: Forms that libraries' older character sets have and OpenCC does not know.
_OLD, _NEW = (
    "吿敎卽旣囯囻圀淸靑飮劵寳屛刋亁貭噐恊曁兿觧頋啚纎丗懴畧囬姸効廻彜冩抜毎黒歩徧",
    "告教即既国国国清青饮券宝屏刊乾质器协暨艺解顾图纤世忏略回妍效回彝写拔每黑步遍",
)
_OPENING = (
    '"""Which traditional characters are compared as which simplified ones; written by `make characters`.\n\n'
    'Which is which was asked of OpenCC (Apache License 2.0).\n"""'
    "\n\n#: one below the other, each on its place\n"
)


def simplified() -> dict[str, str]:
    """Return each character that is simplified, by itself and to its end, with what it becomes."""
    every = [chr(code) for code in chain.from_iterable(_HAN)]
    told = _converted(every, "t2s")
    # What a simplified text has itself stays: elsewhere 芸 is 藝.
    rest = [letter for letter in every if told[letter] == letter and not _is_simplified(letter)]
    for ways in (("jp2t", "t2s"), ("t2jp", "t2s")):
        found = {letter: plain for letter, plain in _converted(rest, *ways).items() if _is_simplified(plain)}
        told |= {letter: plain for letter, plain in found.items() if told[letter] == letter}
    told |= dict(zip(_OLD, _NEW, strict=True))
    return {letter: told.get(plain, plain) for letter, plain in told.items() if letter != plain}


def _converted(letters: list[str], *ways: str) -> dict[str, str]:
    plain = "\n".join(letters)
    for way in ways:
        plain = OpenCC(way).convert(plain)
    return dict(zip(letters, plain.split("\n"), strict=True))


def _is_simplified(letter: str) -> bool:
    try:
        return bool(letter.encode("gb2312"))
    except UnicodeEncodeError:
        return False


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
