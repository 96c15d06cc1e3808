"""Two texts side by side, as a terminal shows them: a Han character takes two cells."""

import re
from collections.abc import Iterator
from itertools import zip_longest
from unicodedata import east_asian_width

WIDTH = 52
#: what is not broken: an ASCII word with the blanks after it, or any other character
_PIECE = re.compile(r"[!-~]+ *|.")


def beside(left: str, right: str) -> Iterator[str]:
    """Yield the lines of both texts next to each other, each broken to its column."""
    for one, other in zip_longest(_lines(left), _lines(right), fillvalue=""):
        yield f"  {one}{' ' * (WIDTH - _cells(one))} | {other}".rstrip()


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield from _broken(line)


def _broken(line: str) -> Iterator[str]:
    kept = ""
    for piece in _PIECE.findall(line):
        if kept and _cells(kept + piece.rstrip()) > WIDTH:
            yield kept.rstrip()
            kept = ""
        kept += piece
    yield kept.rstrip()


def _cells(text: str) -> int:
    return sum(2 if east_asian_width(letter) in {"W", "F"} else 1 for letter in text)
