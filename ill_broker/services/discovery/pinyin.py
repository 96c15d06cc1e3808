"""Chinese by its sound: how characters are read, and how letters are read as syllables."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice, pairwise

from pypinyin import Style, lazy_pinyin, pinyin

#: stands before what is a sound, and between two syllables, so that xi'an is not xian
SOUND, BETWEEN = "_", "."
#: in how many ways a string of letters is read as syllables; of a longer one no way is sought
MOST_WAYS, LONGEST = 4, 60
#: so many readings of one character count: the one that fits its neighbours, and the usual ones
_MOST_READINGS = 3
_TONES = re.compile(r"(?<=[a-z])[1-5]")
_LETTERS = re.compile("[a-z]+")

#: the syllables of Mandarin: initials with the finals that follow them; ü is written u
SYLLABLES = frozenset(
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
_LONGEST_SYLLABLE = max(map(len, SYLLABLES))


def sounds(run: str) -> Iterator[str]:
    """Return the terms of characters by their sound: single syllables and pairs, in all usual readings."""
    read = list(_read(run))
    for readings in read:
        yield from (SOUND + syllable for syllable in readings)
    for first, second in pairwise(read):
        yield from (SOUND + first[0] + BETWEEN + other for other in second)
        yield from (SOUND + other + BETWEEN + second[0] for other in first[1:])


def spoken(way: tuple[str, ...]) -> list[str]:
    """Return the terms by which syllables are looked for that stand side by side."""
    if len(way) == 1:
        return [SOUND + way[0]]
    return [SOUND + first + BETWEEN + second for first, second in pairwise(way)]


def syllables(piece: str) -> list[tuple[str, ...]]:
    """Return the ways to read letters as syllables, the fewest syllables first."""
    if _TONES.search(piece):
        # the digits say where one syllable ends
        told = [_plain(part) for part in _LETTERS.findall(piece)]
        is_spoken = _LETTERS.fullmatch(_TONES.sub("", piece)) and all(part in SYLLABLES for part in told)
        return [tuple(told)] if is_spoken else []
    return _split(_plain(piece)) if _LETTERS.fullmatch(piece) and len(piece) <= LONGEST else []


def ways(run: list[str]) -> list[tuple[str, ...]]:
    """Return the ways to read words, single syllables or one word of several."""
    return [tuple(map(_toneless, run))] if len(run) > 1 else syllables(run[0])


def runs(words: Iterable[str]) -> Iterator[list[str]]:
    """Return words one by one, but single syllables that follow one another together."""
    run: list[str] = []
    for word in words:
        if _toneless(word) in SYLLABLES:
            run.append(word)
            continue
        if run:
            yield run
        run = []
        yield [word]
    if run:
        yield run


def _read(run: str) -> Iterator[tuple[str, ...]]:
    """Return the readings of each character that has one: first that which fits its neighbours."""
    spoken = [letter for letter in run if read_as(letter)]
    for letter, likely in zip(spoken, lazy_pinyin("".join(spoken), v_to_u=True), strict=True):
        yield tuple(islice(dict.fromkeys((_plain(likely), *read_as(letter))), _MOST_READINGS))


@lru_cache(maxsize=32_768)
def read_as(letter: str) -> tuple[str, ...]:
    """Return the usual readings of a character; none of what has no sound."""
    told = pinyin(letter, style=Style.NORMAL, heteronym=True, errors="ignore")
    return tuple(dict.fromkeys(map(_plain, told[0]))) if told else ()


def _toneless(word: str) -> str:
    return _plain(_TONES.sub("", word))


def _plain(syllable: str) -> str:
    """Return a syllable with u for ü, which is typed as v or u, and is u once its dots are gone."""
    return syllable.replace("ü", "u").replace("v", "u")


@lru_cache(maxsize=1024)
def _split(letters: str) -> list[tuple[str, ...]]:
    found: list[list[tuple[str, ...]]] = [[] for _ in letters] + [[()]]
    for start in range(len(letters) - 1, -1, -1):
        for end in range(min(len(letters), start + _LONGEST_SYLLABLE), start, -1):
            if letters[start:end] in SYLLABLES:
                found[start] += [(letters[start:end], *rest) for rest in found[end]]
        found[start] = sorted(found[start], key=len)[:MOST_WAYS]
    return found[0]
