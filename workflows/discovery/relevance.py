"""Relevance: how well a record fits what was looked for."""

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate

from workflows.citation import NO_DETAILS, Citation, Details, Query
from workflows.discovery.words import has_words, words, words_of
from workflows.writing import is_together

#: what cataloguers put between a title and the rest of it
SUBTITLE = re.compile(r"\s*[:：=/;]")
#: from what is meant most likely down to what only the catalogue knows why it was found
_NUMBER, _WHOLE, _PROPER, _BEGINS, _IN_TITLE, _IN_BOTH, _ELSEWHERE, _UNKNOWN = range(7, -1, -1)


def relevance(query: Query, citation: Citation, details: Details = NO_DETAILS) -> tuple[int, int]:
    """Return how well a record fits, the better the higher: by what is meant, then by how much of it fits.

    First comes the number, then the whole title, the title proper, how the title begins, all words in the
    title, title and author together, anything else that the record tells.
    """
    typed = _relevance(query, citation, details)
    others = (_relevance(other, citation, details) for other in query.also)
    # What fits as it was typed comes before what fits as a catalogue writes it.
    return max((typed, *((level, fitting - 1) for level, fitting in others if level)))


def _relevance(query: Query, citation: Citation, details: Details) -> tuple[int, int]:
    levels = [_number(query, citation)]
    if query.title:
        levels.append(_in_titles(words(query.title), citation, details))
    if query.text:
        levels.append(_anywhere(words(query.text), citation, details))
    by_author = _has_words(query.author, (citation.author, *details.contributors))
    return max(levels), sum(level > _UNKNOWN for level in levels) + by_author


def _number(query: Query, citation: Citation) -> int:
    return _NUMBER if query.isbn and query.isbn == citation.isbn else _UNKNOWN


def _anywhere(wanted: tuple[str, ...], citation: Citation, details: Details) -> int:
    level = _in_titles(wanted, citation, details)
    if level or not wanted:
        return level
    titles = words_of((citation.title, *details.titles))
    people = words_of((citation.author, *details.contributors))
    if has_words((*titles, *people), wanted) or _run_together(wanted, "".join(titles), "".join(people)):
        return _IN_BOTH
    told = (*details.series, *details.subjects, *details.publishers, *details.contents)
    rest = (citation.publisher, citation.edition, citation.volume, citation.issn, str(citation.year), *told)
    return _ELSEWHERE if has_words((*titles, *people, *words_of(rest)), wanted) else _UNKNOWN


def _in_titles(wanted: tuple[str, ...], citation: Citation, details: Details) -> int:
    """Return how well a title fits; one that the record has beside is never worth as much as the title."""
    if not wanted:
        return _UNKNOWN
    level = _in_title(wanted, citation.title)
    if level >= _PROPER:
        return level
    others = (min(_PROPER, _in_title(wanted, title)) for title in details.titles)
    return max(level, *others, _UNKNOWN)


def _in_title(wanted: tuple[str, ...], written: str) -> int:
    title = words(written)
    mine, theirs = "".join(wanted), "".join(title)
    if mine == theirs:
        return _WHOLE
    if theirs.startswith(mine):
        if mine == "".join(words(SUBTITLE.split(written)[0])):
            return _PROPER
        if _ends_a_word(len(mine), title):
            return _BEGINS
    return _IN_TITLE if has_words(title, wanted) else _UNKNOWN


def _ends_a_word(length: int, parts: Sequence[str]) -> bool:
    """Say whether so many letters of the parts, which are no more than they have, end where a word does."""
    ends = accumulate(map(len, parts))
    part, end = next(one for one in zip(parts, ends, strict=True) if length <= one[1])
    return length == end or is_together(part)


def _has_words(asked: str | None, texts: Iterable[str | None]) -> bool:
    wanted = words(asked or "")
    return bool(wanted) and has_words(words_of(texts), wanted)


def _run_together(wanted: Sequence[str], title: str, author: str) -> bool:
    """Say whether a run of characters is of the title and of the author, in either order."""
    mine = "".join(wanted)
    return all(map(is_together, wanted)) and any(
        (mine[:end] in title and mine[end:] in author) or (mine[:end] in author and mine[end:] in title)
        for end in range(1, len(mine))
    )
