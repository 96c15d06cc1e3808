"""For which terms of the union catalogue a query looks."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice, product

from stdnum import isbn as isbn_numbers
from stdnum.exceptions import ValidationError as BadNumber

from ill_broker.services.discovery.catalogue_terms import AUTHOR, TITLE, pairs, whole_title
from ill_broker.services.discovery.pinyin import LONGEST, MOST_WAYS, SOUND, runs, spoken, syllables, ways
from workflows.citation import Query
from workflows.writing import is_together, pieces

#: words of one query beyond these are left out
MOST_WORDS = 24
#: at so many places a title and an author may be parted that were typed without a space
_MOST_SEAMS = 12
#: how a long vowel of Japanese is typed; catalogues have the vowel with a mark, which is folded away
_LONG_VOWEL = re.compile("ou|oo|uu")
#: the soft vowels of Cyrillic as they are typed, and as libraries romanise them
_SOFT_VOWEL = re.compile("y(?=[aeu])")

#: terms that must all be there
Choice = tuple[str, ...]


def readings(query: Query) -> tuple[tuple[Choice, ...], ...]:
    """Return what to look for, the strictest first: each is a choice of terms that must all be there.

    Terms come as whole title, as written, and as pinyin with the syllables side by side.
    """
    numbers = _numbers(query)
    worded = _worded(query)
    if numbers is None or not (numbers or worded) or not all(words for words, _ in worded):
        return ()
    found: list[tuple[Choice, ...]] = []
    if whole := whole_title(query.title or query.text or ""):
        found.append((_once(numbers, [TITLE + whole], _only_author(worded)),))
    found.append((_once(numbers, _all_of(worded)),))
    if sounding := _by_sound(worded):
        found.append(tuple(_once(numbers, choice) for choice in sounding))
    return tuple(found)


def loose_readings(query: Query) -> tuple[Choice, ...]:
    """Return what to look for when nothing else was found.

    That is words in another romanisation, title and author typed as one, and syllables wherever they stand.
    """
    if query.isbn or query.issn:
        return ()
    worded = _worded(query)
    apart = _apart(worded)
    sounding = [apart] if any(SOUND in term for term in apart) else []
    return tuple(dict.fromkeys((*_otherwise_romanised(worded), *_parted(worded), *sounding)))


def _worded(query: Query) -> list[tuple[list[str], str]]:
    asked = [(query.text, ""), (query.title, ""), (query.author, AUTHOR)]
    return [(pieces(text)[:MOST_WORDS], mark) for text, mark in asked if text and text.strip()]


def _numbers(query: Query) -> list[str] | None:
    """Return the numbers asked for as they are indexed; None if one of them is none."""
    found = []
    if query.isbn:
        found.append(_isbn(query.isbn))
    if query.issn:
        found.append("".join(letter for letter in query.issn.lower() if letter.isalnum()))
    return None if None in found else [number for number in found if number]


def _only_author(worded: Iterable[tuple[list[str], str]]) -> list[str]:
    return [term for words, mark in worded if mark == AUTHOR for term in _sought(words, mark)]


def _all_of(worded: Iterable[tuple[list[str], str]]) -> list[str]:
    return [term for words, mark in worded for term in _sought(words, mark)]


def _once(*parts: Iterable[str]) -> Choice:
    return tuple(dict.fromkeys(term for part in parts for term in part))


def _sought(words: Iterable[str], mark: str) -> list[str]:
    """Return the terms by which words are looked for as they are written."""
    found: list[str] = []
    for word in words:
        if not is_together(word):
            found.append(mark + word[:LONGEST])
        else:
            found += [mark + term for term in (pairs(word) if len(word) > 1 else word)]
    return found


def _by_sound(worded: Iterable[tuple[list[str], str]]) -> list[Choice]:
    """Return each way to read the query as pinyin; nothing if no word of it is."""
    parts: list[list[Choice]] = []
    is_pinyin = False
    for words, mark in worded:
        for run in runs(words):
            told = [tuple(mark + term for term in spoken(way)) for way in ways(run)]
            is_pinyin = is_pinyin or bool(told)
            parts.append(told or [tuple(_sought(run, mark))])
    if not is_pinyin:
        return []
    choices = (tuple(term for part in choice for term in part) for choice in product(*parts))
    return list(islice(choices, MOST_WAYS))


def _otherwise_romanised(worded: list[tuple[list[str], str]]) -> Iterator[Choice]:
    """Return the words with long vowels made short, and with soft ones as libraries write them."""
    typed = [word for words, _ in worded for word in words]
    for sign, written in ((_LONG_VOWEL, lambda found: found[0][0]), (_SOFT_VOWEL, "i")):
        if any(map(sign.search, typed)):
            told = [([sign.sub(written, word) for word in words], mark) for words, mark in worded]
            yield _once(_all_of(told))


def _parted(worded: list[tuple[list[str], str]]) -> Iterator[Choice]:
    """Return a run of characters without one of its pairs: there a title may end, and an author begin."""
    (words, mark), *others = worded or [([], "")]
    if len(words) == 1 and not others and is_together(words[0]):
        told = list(pairs(words[0]))
        for seam in range(1, min(len(told) - 1, _MOST_SEAMS + 1)):
            yield _once(mark + pair for at, pair in enumerate(told) if at != seam)


def _apart(worded: Iterable[tuple[list[str], str]]) -> Choice:
    """Return the syllables of what is pinyin, in whatever order they stand, and all other words."""
    terms: list[str] = []
    for words, mark in worded:
        for word in words:
            told = syllables(word)
            terms += [mark + SOUND + each for each in told[0]] if told else _sought([word], mark)
    return _once(terms)


def _isbn(text: str) -> str | None:
    try:
        return str(isbn_numbers.compact(isbn_numbers.validate(text, convert=True)))
    except BadNumber:
        return None
