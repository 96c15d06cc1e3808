"""Relevance: how well a record fits what was looked for."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from workflows.citation import Citation, Query
from workflows.writing import is_together, pieces

#: what cataloguers put between a title and the rest of it
SUBTITLE = re.compile(r"\s*[:：=/;]")
#: from what is meant most likely down to what only the catalogue knows why it was found
_NUMBER, _WHOLE, _PROPER, _BEGINS, _IN_TITLE, _IN_BOTH, _ELSEWHERE, _UNKNOWN = range(7, -1, -1)


def relevance(query: Query, citation: Citation) -> tuple[int, int]:
    """Return how well a record fits, the better the higher: by what is meant, then by how much of it fits.

    First comes the number, then the whole title, the title proper, how the title begins, all words in the
    title, title and author together, anything else that the record tells.
    """
    levels = [_number(query, citation)]
    for asked, any_field in ((query.title, False), (query.text, True)):
        if asked:
            levels.append(_level(asked, citation, any_field=any_field))
    by_author = _has_words(query.author, citation.author or "")
    return max(levels), sum(level > _UNKNOWN for level in levels) + by_author


def _number(query: Query, citation: Citation) -> int:
    return _NUMBER if query.isbn and query.isbn == citation.isbn else _UNKNOWN


def _level(asked: str, citation: Citation, *, any_field: bool) -> int:
    wanted, title = _pieces(asked), _pieces(citation.title)
    if not wanted:
        return _UNKNOWN
    if level := _in_title(wanted, title, citation.title):
        return level
    if not any_field:
        return _UNKNOWN
    author = _pieces(citation.author or "")
    if _holds((*title, *author), wanted) or _run_together(wanted, "".join(title), "".join(author)):
        return _IN_BOTH
    rest = (citation.publisher, citation.edition, citation.volume, citation.issn, citation.year)
    everything = (*title, *author, *(part for each in rest if each for part in _pieces(str(each))))
    return _ELSEWHERE if _holds(everything, wanted) else _UNKNOWN


def _in_title(wanted: tuple[str, ...], title: tuple[str, ...], written: str) -> int:
    mine, theirs = "".join(wanted), "".join(title)
    if mine == theirs:
        return _WHOLE
    if theirs.startswith(mine):
        if mine == "".join(_pieces(SUBTITLE.split(written)[0])):
            return _PROPER
        if _ends_a_word(len(mine), title):
            return _BEGINS
    return _IN_TITLE if _holds(title, wanted) else _UNKNOWN


def _ends_a_word(length: int, parts: Iterable[str]) -> bool:
    for part in parts:
        if length <= len(part):
            return length == len(part) or is_together(part)
        length -= len(part)
    return False


def _has_words(asked: str | None, text: str) -> bool:
    wanted = _pieces(asked or "")
    return bool(wanted) and _holds(_pieces(text), wanted)


def _holds(parts: Sequence[str], wanted: Iterable[str]) -> bool:
    """Say whether all words are there; of what is written together, all pairs side by side are enough."""
    whole, words = "".join(parts), frozenset(parts)
    return all(
        word in words or (is_together(word) and (word in whole or _has_pairs(word, whole))) for word in wanted
    )


def _has_pairs(word: str, whole: str) -> bool:
    return len(word) > 1 and all(first + second in whole for first, second in pairwise(word))


def _run_together(wanted: Sequence[str], title: str, author: str) -> bool:
    """Say whether a run of characters is of the title and of the author, in either order."""
    mine = "".join(wanted)
    return all(map(is_together, wanted)) and any(
        (mine[:end] in title and mine[end:] in author) or (mine[:end] in author and mine[end:] in title)
        for end in range(1, len(mine))
    )


@lru_cache(maxsize=4096)
def _pieces(text: str) -> tuple[str, ...]:
    return tuple(pieces(text))
