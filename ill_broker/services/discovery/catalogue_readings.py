"""For which terms of the union catalogue a query looks."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice, product

from stdnum import isbn as isbn_numbers
from stdnum.exceptions import ValidationError as BadNumber

from connectors.writings import simplified
from ill_broker.services.discovery.catalogue_terms import (
    AUTHOR,
    PUBLISHER,
    SUBJECT,
    TITLE,
    TITLE_WORD,
    YEAR,
    pairs,
    whole_title,
)
from ill_broker.services.discovery.pinyin import LONGEST, MOST_WAYS, SOUND, runs, spoken, syllables, ways
from workflows.citation import Query
from workflows.discovery.criteria import is_quoted, years
from workflows.writing import is_together, pieces

#: words of one query beyond these are left out
MOST_WORDS = 24
#: at so many places a title and an author may be parted that were typed without a space
_MOST_SEAMS = 12
#: how a long vowel of Japanese is typed; catalogues have the vowel with a mark, which is folded away
_LONG_VOWEL = re.compile("ou|oo|uu")
#: the soft vowels of Cyrillic as they are typed, and as libraries romanise them
_SOFT_VOWEL = re.compile("y(?=[aeu])")

#: under which mark that which is found by its sound is found so
_SOUNDING = {"": "", TITLE_WORD: "", AUTHOR: AUTHOR}
_FIRST_YEAR, _LAST_YEAR = 1000, 2099
#: in so many ways a query that has alternatives is looked for
_MOST_CHOICES = 24
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
        beside = [part for part in worded if part[1] not in ("", TITLE_WORD)]
        found.append((_once(numbers, [TITLE + whole], _all_of(beside)),))
    found.append((_once(numbers, _all_of(worded)),))
    if sounding := _by_sound(worded):
        found.append(tuple(_once(numbers, choice) for choice in sounding))
    return tuple(found)


def combined(query: Query) -> tuple[tuple[Choice, ...], ...]:
    """Return the readings of a query with those of what it has as alternatives."""
    alone = readings(query)
    if not query.any_of:
        return alone
    others = [choice for one in query.any_of for some in _read_alone(one) for choice in some]
    return tuple(
        tuple(islice((_once(choice, other) for choice in some for other in others), _MOST_CHOICES))
        for some in alone or (((),),)
    )


def _read_alone(query: Query) -> tuple[tuple[Choice, ...], ...]:
    """Return the readings of one alternative; one that is only of some years is read as these."""
    told = readings(query)
    of_years = years_of(query)
    if not of_years:
        return told
    return tuple(
        tuple(_once(choice, [year]) for choice in some for year in of_years) for some in told or (((),),)
    )


def years_of(query: Query) -> tuple[str, ...]:
    """Return the terms of which a record has one that is of the years asked for; none where all will do."""
    if not query.year:
        return ()
    first, last = years(query.year)
    return tuple(_spans(max(first or 0, _FIRST_YEAR), min(last or _LAST_YEAR, _LAST_YEAR)))


def _spans(first: int, last: int) -> Iterator[str]:
    """Return the years from first to last, by whole centuries and decades where they fit."""
    while first <= last:
        span = next(span for span in (100, 10, 1) if first % span == 0 and first + span - 1 <= last)
        yield f"{YEAR}{first // span}"
        first += span


def excluded(query: Query) -> tuple[Choice, ...]:
    """Return the terms of what must not be there; what is more than words is looked for in the records."""
    simple = (one for one in query.none_of if not one.year and not is_quoted(one))
    told = ((*(_numbers(one) or ()), *_all_of(_worded(one))) for one in simple)
    return tuple(_once(terms) for terms in told if terms)


def is_left_over(query: Query) -> bool:
    """Say whether some of the query has to be looked for in the records themselves."""
    return is_quoted(query) or any(one.year for one in query.none_of)


def loose_readings(query: Query) -> tuple[Choice, ...]:
    """Return what to look for when nothing else was found.

    That is words in another romanisation, title and author typed as one, and syllables wherever they stand.
    """
    if query.isbn or query.issn:
        return ()
    worded = _worded(query)
    apart = _apart(worded)
    sounding = [apart] if any(SOUND in term for term in apart) else []
    others = (*_otherwise_romanised(worded), *_otherwise_simplified(query), *_parted(worded), *sounding)
    return tuple(dict.fromkeys(others))


def _worded(query: Query) -> list[tuple[list[str], str]]:
    asked = [
        (query.text, ""),
        (query.title, TITLE_WORD),
        (query.author, AUTHOR),
        (query.subject, SUBJECT),
        (query.publisher, PUBLISHER),
    ]
    return [(pieces(text)[:MOST_WORDS], mark) for text, mark in asked if text and text.strip()]


def _numbers(query: Query) -> list[str] | None:
    """Return the numbers asked for as they are indexed; None if one of them is none."""
    found = []
    if query.isbn:
        found.append(_isbn(query.isbn))
    if query.issn:
        found.append("".join(letter for letter in query.issn.lower() if letter.isalnum()))
    return None if None in found else [number for number in found if number]


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
            sounding = _SOUNDING.get(mark)
            told = (
                []
                if sounding is None
                else [tuple(sounding + term for term in spoken(way)) for way in ways(run)]
            )
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


def _otherwise_simplified(query: Query) -> Iterator[Choice]:
    """Return the words simplified as wholes: 傢俱 is 家具, though 俱 by itself is not 具."""
    text, title, author = (each and simplified(each) for each in (query.text, query.title, query.author))
    told = _all_of(_worded(replace(query, text=text, title=title, author=author)))
    if told != _all_of(_worded(query)):
        yield _once(told)


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
            sounding = _SOUNDING.get(mark)
            told = [] if sounding is None else syllables(word)
            terms += [f"{sounding}{SOUND}{each}" for each in told[0]] if told else _sought([word], mark)
    return _once(terms)


def _isbn(text: str) -> str | None:
    try:
        return str(isbn_numbers.compact(isbn_numbers.validate(text, convert=True)))
    except BadNumber:
        return None
