"""What a reader types, as catalogues are asked for it: without marks, in both writings of Chinese."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from opencc import OpenCC

from workflows.discovery.criteria import WORDED, All, Criterion, Either, Without
from workflows.writing import TOGETHER, is_together

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workflows.discovery.criteria import Tree

#: What stands around words and belongs to none of them; signs as in "C++" and "C#" do.
_MARKS = ",;:.!?\"'()[]<>{}/\\，；：。！？、“”‘’（）【】《》〈〉「」『』·•‧・･—–―…~|"
#: Beside a character a mark parts words, as a space does.
_PARTING = re.compile(rf"(?<=[{TOGETHER}])[{re.escape(_MARKS)}]+|[{re.escape(_MARKS)}]+(?=[{TOGETHER}])")


def words(text: str) -> list[str]:
    """Return the words of what was typed; characters that were typed one by one are one word."""
    seen = "".join(each if each.isprintable() else " " for each in unicodedata.normalize("NFKC", text))
    parts = (part.strip(_MARKS) for part in _PARTING.sub(" ", seen).split())
    return list(_joined(part for part in parts if any(map(str.isalnum, part))))


def simplified(text: str) -> str:
    """Return a text in simplified characters."""
    return _converted(text, "t2s")


def writings(text: str) -> tuple[str, ...]:
    """Return a text as it is, and as it is written in the other characters if that differs."""
    plain = simplified(text)
    other = plain if plain != text else _converted(text, "s2t")
    return tuple(dict.fromkeys((text, other)))


def as_written(tree: Tree, *, in_both: bool) -> Tree:
    """Return a query whose words have no marks around them, on wish in either writing in one question."""
    match tree:
        case Criterion(index, value) if index in WORDED:
            plain = " ".join(words(value)) or value
            forms = writings(plain) if in_both else (plain,)
            told = tuple(Criterion(index, form, tree.is_phrase) for form in forms)
            return told[0] if len(told) == 1 else Either(told)
        case Criterion():
            return tree
        case All(parts):
            return All(tuple(as_written(part, in_both=in_both) for part in parts))
        case Either(parts):
            return Either(tuple(as_written(part, in_both=in_both) for part in parts))
        case Without(wanted, unwanted):
            others = tuple(as_written(part, in_both=in_both) for part in unwanted)
            return Without(as_written(wanted, in_both=in_both), others)


def _joined(parts: Iterable[str]) -> Iterator[str]:
    """Return words with single characters put together, and a lone one put before those it precedes."""
    lone = ""
    for is_single, group in groupby(parts, lambda part: len(part) == 1 and is_together(part)):
        if is_single:
            letters = list(group)
            lone = letters[0] if len(letters) == 1 else ""
            if not lone:
                yield "".join(letters)
            continue
        first, *rest = group
        if lone and not is_together(first):
            yield lone
            lone = ""
        yield lone + first
        yield from rest
        lone = ""
    if lone:
        yield lone


def _converted(text: str, way: str) -> str:
    # Half a pair of surrogates is no letter to it.
    return text if text.isascii() or any(map(_is_surrogate, text)) else str(_converter(way).convert(text))


def _is_surrogate(letter: str) -> bool:
    return "\ud800" <= letter <= "\udfff"


@cache
def _converter(way: str) -> OpenCC:
    return OpenCC(way)
