"""Words: whether texts hold those that were asked for."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from workflows.writing import is_together, pieces

_KEPT = 8_192


@lru_cache(maxsize=_KEPT)
def words(text: str) -> tuple[str, ...]:
    """Return the folded words of a text."""
    return tuple(pieces(text))


def words_of(texts: Iterable[str | None]) -> tuple[str, ...]:
    """Return the folded words of several texts."""
    return tuple(word for text in texts if text for word in words(text))


def has_words(there: Sequence[str], wanted: Iterable[str]) -> bool:
    """Say whether all words are there; of what is written together, all pairs side by side are enough."""
    whole, known = "".join(there), frozenset(there)
    return all(
        word in known or (is_together(word) and (word in whole or _has_pairs(word, whole))) for word in wanted
    )


def has_phrase(there: Sequence[str], wanted: Sequence[str]) -> bool:
    """Say whether the words are there side by side."""
    if all(map(is_together, wanted)):
        return "".join(wanted) in "".join(there)
    return f" {' '.join(wanted)} " in f" {' '.join(there)} "


def _has_pairs(word: str, whole: str) -> bool:
    return len(word) > 1 and all(first + second in whole for first, second in pairwise(word))
