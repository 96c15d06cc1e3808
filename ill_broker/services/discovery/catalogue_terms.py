"""Under which terms a record of the union catalogue is found, and for which terms a query looks.

Both databases index the same words of our own making: Chinese by pairs of neighbouring characters (there is
no dictionary to disagree about) and by sound; all other writing by words without accents and case.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise, product

from pypinyin import lazy_pinyin
from stdnum import isbn as isbn_numbers
from stdnum.exceptions import ValidationError as BadNumber

from workflows.citation import Citation, Query
from workflows.writing import is_together, pieces

#: these marks never stand in a word: what follows is a sound, a whole title, or part of an author's name
SOUND, TITLE, AUTHOR = "_", "=", "@"
#: stands between two syllables, so that xi'an is not xian
_BETWEEN = "."
#: terms of one record and words of one query beyond these are left out; of a long word the beginning counts
MOST_TERMS, MOST_WORDS, LONGEST = 400, 24, 60
#: in how many ways a string of letters is read as syllables
_MOST_READINGS = 4

_SUBTITLE = re.compile(r"\s*[:：=/;]")
_TONES = re.compile(r"(?<=[a-z])[1-5]")
_LETTERS = re.compile("[a-z]+")

#: the syllables of Mandarin: initials with the finals that follow them; ü is written u
_SYLLABLES = frozenset(
    initial + final
    for initials, finals in (
        ("b", "a ai an ang ao ei en eng i ian iao ie in ing o u"),
        ("p", "a ai an ang ao ei en eng i ian iao ie in ing o ou u"),
        ("m", "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u"),
        ("f", "a an ang ei en eng o ou u"),
        ("d", "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo"),
        ("t", "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo"),
        ("n", "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan ue un uo"),
        ("l", "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan ue un uo"),
        ("g k h", "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo"),
        ("j q x", "i ia ian iang iao ie in ing iong iu u uan ue un"),
        ("zh ch", "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo"),
        ("sh", "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo"),
        ("r", "an ang ao e en eng i ong ou u ua uan ui un uo"),
        ("z c s", "a ai an ang ao e ei en eng i ong ou u uan ui un uo"),
        ("y", "a an ang ao e i in ing o ong ou u uan ue un"),
        ("w", "a ai an ang ei en eng o u"),
    )
    for initial in initials.split()
    for final in finals.split()
) | frozenset(["a", "ai", "an", "ang", "ao", "e", "ei", "en", "er", "o", "ou"])
_LONGEST_SYLLABLE = max(map(len, _SYLLABLES))


# ---------------------------------------------------------------- what a record is found by


def terms_of(citation: Citation) -> tuple[str, ...]:
    """Return the terms of a record, each once."""
    title, author = pieces(citation.title), pieces(citation.author or "")
    by_author = [*_written(author), *_sounds(author, is_name=True)]
    found = [
        *_numbers(citation),
        *(TITLE + whole for whole in _whole_titles(citation.title)),
        *_written(title),
        *_sounds(title),
        *by_author,
        *(AUTHOR + term for term in by_author),
    ]
    return tuple(dict.fromkeys(found))[:MOST_TERMS]


def _numbers(citation: Citation) -> Iterator[str]:
    if citation.isbn:
        yield citation.isbn
    if citation.issn:
        yield "".join(letter for letter in citation.issn.lower() if letter.isalnum())


def _whole_titles(title: str) -> Iterator[str]:
    for whole in (title, _SUBTITLE.split(title)[0]):
        if term := "".join(pieces(whole))[:LONGEST]:
            yield term


def _written(words: Iterable[str]) -> Iterator[str]:
    """Return words as they are, and Chinese as single characters and pairs."""
    for piece in words:
        if is_together(piece):
            yield from piece
            yield from _pairs(piece)
        else:
            yield piece[:LONGEST]


def _sounds(words: Iterable[str], *, is_name: bool = False) -> Iterator[str]:
    """Return Chinese by its sound, as single syllables and pairs; a family name is read as one."""
    for piece in words:
        if is_together(piece):
            syllables = _read(piece, surname=is_name)
            yield from (SOUND + syllable for syllable in syllables)
            yield from (SOUND + pair for pair in _pairs(syllables, _BETWEEN))


def _pairs(parts: Iterable[str], between: str = "") -> Iterator[str]:
    return (first + between + second for first, second in pairwise(parts))


def _read(piece: str, *, surname: bool) -> list[str]:
    told = lazy_pinyin(piece, errors="ignore", v_to_u=True)
    if surname:
        told = [*map(_SURNAMES.get, piece[:1], told[:1]), *told[1:]]
    return [_plain(syllable) for syllable in told]


#: read otherwise as family names than in other words
_SURNAMES = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "任": "ren", "区": "ou", "朴": "piao",
    "覃": "qin", "盖": "ge", "尉": "yu", "洗": "xian", "纪": "ji", "繁": "po", "折": "she", "翟": "zhai",
}  # fmt: skip


# ---------------------------------------------------------------- what a query looks for


def readings(query: Query) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Return what to look for, the strictest first: each is a choice of terms that must all be there.

    Terms come as whole title, as written, and as pinyin with the syllables side by side.
    """
    number = _isbn(query.isbn) if query.isbn else None
    if query.isbn and number is None:
        return ()
    always = ((number,),) if number else ()
    asked = [(query.text, ""), (query.title, ""), (query.author, AUTHOR)]
    worded = [(pieces(text)[:MOST_WORDS], mark) for text, mark in asked if text and text.strip()]
    if not (number or worded) or not all(words for words, _ in worded):
        return ()
    found: list[tuple[tuple[str, ...], ...]] = []
    if whole := _whole(query.title or query.text):
        found.append(_joined([*always, (whole,), *(_only_author(worded))]))
    found.append(_joined([*always, _all_of(worded)]))
    if sounding := _by_sound(worded):
        found += [tuple(_joined([*always, choice])[0] for choice in sounding)]
    return tuple(found)


def loose_reading(query: Query) -> tuple[tuple[str, ...], ...]:
    """Return what to look for when nothing else was found: the syllables, wherever they stand."""
    asked = [(query.text, ""), (query.title, ""), (query.author, AUTHOR)]
    terms: list[str] = []
    for text, mark in asked:
        for piece in pieces(text or "")[:MOST_WORDS]:
            ways = _syllables(piece)
            terms += [mark + SOUND + syllable for syllable in ways[0]] if ways else _sought([piece], mark)
    return (tuple(dict.fromkeys(terms)),) if any(SOUND in term for term in terms) and not query.isbn else ()


def _whole(text: str | None) -> str | None:
    whole = "".join(pieces(text or ""))[:LONGEST]
    return TITLE + whole if whole else None


def _only_author(worded: Iterable[tuple[list[str], str]]) -> list[tuple[str, ...]]:
    return [tuple(_sought(words, mark)) for words, mark in worded if mark == AUTHOR]


def _all_of(worded: Iterable[tuple[list[str], str]]) -> tuple[str, ...]:
    return tuple(term for words, mark in worded for term in _sought(words, mark))


def _joined(parts: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    return (tuple(dict.fromkeys(term for part in parts for term in part)),)


def _sought(words: Iterable[str], mark: str) -> list[str]:
    """Return the terms by which words are looked for as they are written."""
    found: list[str] = []
    for piece in words:
        if not is_together(piece):
            found.append(mark + piece[:LONGEST])
        else:
            found += [mark + term for term in (_pairs(piece) if len(piece) > 1 else piece)]
    return found


def _by_sound(worded: Iterable[tuple[list[str], str]]) -> list[tuple[str, ...]]:
    """Return each way to read the query as pinyin; nothing if no word of it is."""
    parts: list[list[tuple[str, ...]]] = []
    is_pinyin = False
    for words, mark in worded:
        for run in _runs(words):
            ways = _ways(run)
            is_pinyin = is_pinyin or bool(ways)
            spoken = [tuple(mark + SOUND + term for term in _spoken(way)) for way in ways]
            parts.append(spoken or [tuple(_sought(run, mark))])
    if not is_pinyin:
        return []
    choices = (tuple(term for part in choice for term in part) for choice in product(*parts))
    return [choice for choice, _ in zip(choices, range(_MOST_READINGS), strict=False)]


def _runs(words: Iterable[str]) -> Iterator[list[str]]:
    """Return words one by one, but single syllables that follow one another together."""
    run: list[str] = []
    for piece in words:
        if _toneless(piece) in _SYLLABLES:
            run.append(piece)
            continue
        if run:
            yield run
        run = []
        yield [piece]
    if run:
        yield run


def _ways(run: list[str]) -> list[tuple[str, ...]]:
    if len(run) > 1:
        return [tuple(map(_toneless, run))]
    return _syllables(run[0])


def _spoken(way: tuple[str, ...]) -> Iterator[str]:
    return iter(way) if len(way) == 1 else _pairs(way, _BETWEEN)


def _toneless(piece: str) -> str:
    return _plain(_TONES.sub("", piece))


def _plain(syllable: str) -> str:
    """Return a syllable with u for ü, which is typed as v or u, and is u once its dots are gone."""
    return syllable.replace("ü", "u").replace("v", "u")


def _syllables(piece: str) -> list[tuple[str, ...]]:
    """Return the ways to read letters as syllables, the longest first syllables first."""
    if _TONES.search(piece):
        # the digits say where one syllable ends
        told = [_plain(part) for part in _LETTERS.findall(piece)]
        spoken = _LETTERS.fullmatch(_TONES.sub("", piece)) and all(part in _SYLLABLES for part in told)
        return [tuple(told)] if spoken else []
    return _split(_plain(piece)) if _LETTERS.fullmatch(piece) and len(piece) <= LONGEST else []


@lru_cache(maxsize=1024)
def _split(letters: str) -> list[tuple[str, ...]]:
    ways: list[list[tuple[str, ...]]] = [[] for _ in letters] + [[()]]
    for start in range(len(letters) - 1, -1, -1):
        for end in range(min(len(letters), start + _LONGEST_SYLLABLE), start, -1):
            if letters[start:end] in _SYLLABLES:
                ways[start] += [(letters[start:end], *rest) for rest in ways[end]]
        ways[start] = sorted(ways[start], key=len)[:_MOST_READINGS]
    return ways[0]


def _isbn(text: str) -> str | None:
    try:
        return str(isbn_numbers.compact(isbn_numbers.validate(text, convert=True)))
    except BadNumber:
        return None
