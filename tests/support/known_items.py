"""Known items: what readers type who look for a book that is there, made from records by a rule and a seed.

Nothing here looks at what is found. A title is drawn if no other record has it, a part of one if it stands in
no other title; what is typed differs from what is catalogued as readers differ from cataloguers.
"""

from __future__ import annotations

import mmap
import os
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from opencc import OpenCC
from pypinyin import Style, lazy_pinyin
from stdnum import isbn as numbers
from stdnum import issn

from connectors.marc import iso2709
from connectors.marc.records import MarcRecord
from connectors.sandbox import shelf

#: how many of each kind make 200
SIZES = {"simplified": 80, "traditional": 40, "pinyin": 30, "together": 20, "other": 30}

_HAN = re.compile(r"[\u3400-\u9fff]")
_END = re.compile(r"[\s/:;,.=\u3000]+$")
#: marks and spaces, but for those between numbers and words of letters
_MARKS = re.compile(r"(?<![0-9A-Za-z])[\W_]+|[\W_]+(?![0-9A-Za-z])")
#: what no keyboard writes: forms that only old character sets of libraries have
_AS_TYPED = str.maketrans("硏囯槪淸緖敎吿卽旣", "研国概清绪教告即既")
_SHORTEST, _SHORTEST_PART = 3, 5
_TO_SIMPLIFIED, _TO_TRADITIONAL = OpenCC("t2s").convert, OpenCC("s2t").convert


#: languages in other scripts, of which a file of records may have some
_ELSEWHERE = ("rus", "ukr", "bul", "ara", "per", "heb", "jpn", "kor", "urd")
_OF_EACH = 120


@dataclass(frozen=True, slots=True)
class Known:
    """One book that is there, and what somebody types who looks for it."""

    kind: str
    typed: str
    record_id: str


@dataclass(frozen=True, slots=True)
class _Book:
    """A record as a reader knows it: main title and first author, romanised and as printed."""

    record_id: str
    language: str
    title: str
    author: str
    printed: str
    printed_author: str
    isbn: str
    issn: str

    @property
    def is_chinese(self) -> bool:
        return self.language == "chi" and len(_HAN.findall(self.printed)) >= _SHORTEST


def known_items(records: Iterable[MarcRecord], seed: int, sizes: Mapping[str, int] = SIZES) -> list[Known]:
    """Return items of each kind; the same for the same records and seed."""
    rng = random.Random(seed)  # noqa: S311 - a draw, no secret
    books = [_book(record) for record in records]
    every = _Titles(books)
    sole = [book for book in books if every.is_sole(book)]
    chinese = [book for book in sole if book.is_chinese]
    drawn = [
        *_drawn(rng, "simplified", sizes, chinese, lambda book: _typed(rng, book, every, _simplified)),
        *_drawn(rng, "traditional", sizes, chinese, lambda book: _typed(rng, book, every, _traditional)),
        *_drawn(rng, "pinyin", sizes, chinese, lambda book: _sounded(rng, book)),
        *_drawn(rng, "together", sizes, chinese, lambda book: _together(rng, book)),
    ]
    others = [book for book in sole if book.language != "chi" or book.isbn]
    return [*drawn, *_drawn(rng, "other", sizes, _mixed(rng, others), lambda book: _other(rng, book))]


def _drawn(
    rng: random.Random,
    kind: str,
    sizes: Mapping[str, int],
    books: Sequence[_Book],
    typed: Callable[[_Book], str | None],
) -> Iterator[Known]:
    wanted = sizes.get(kind, 0)
    for book in rng.sample(books, len(books)) if kind != "other" else books:
        if wanted and (text := typed(book)):
            wanted -= 1
            yield Known(kind, text, book.record_id)


# ---------------------------------------------------------------- records


def demonstration() -> list[MarcRecord]:
    """Return the records of the demonstration."""
    return [iso2709.decode(raw) for raw in shelf.records()]


def elsewhere(file: Path) -> list[MarcRecord]:
    """Return the first records in other scripts of a large file of MARC 21, so many of each language."""
    taken: Counter[str] = Counter()
    found = []
    with mmap.mmap(os.open(file, os.O_RDONLY), 0, access=mmap.ACCESS_READ) as whole:
        start = 0
        while (end := whole.find(b"\x1d", start)) > 0:
            raw, start = whole[start : end + 1], end + 1
            if (language := _language(raw)) in _ELSEWHERE and taken[language] < _OF_EACH:
                taken[language] += 1
                found.append(iso2709.decode(raw))
    return found


def _language(raw: bytes) -> str:
    """Return what 008 says, without reading the whole record."""
    base = int(raw[12:17])
    at = next((at for at in range(24, base - 1, 12) if raw[at : at + 3] == b"008"), None)
    if at is None:
        return ""
    begins = base + int(raw[at + 7 : at + 12]) + 35
    return raw[begins : begins + 3].decode("latin-1")


# ---------------------------------------------------------------- books


def _book(record: MarcRecord) -> _Book:
    language = record.control_value("008")[35:38]
    printed = {field.first("6")[:3]: field for field in reversed(list(record.of("880")))}
    title, author = next(record.of("245"), None), next(record.of("100"), None)
    return _Book(
        record_id=record.record_id,
        language=language,
        title=_clean(title.first("a")) if title else "",
        author=_clean(author.first("a")) if author else "",
        printed=_clean(printed["245"].first("a")) if "245" in printed else "",
        printed_author=_clean(printed["100"].first("a")) if "100" in printed else "",
        isbn=next(
            (n for f in record.of("020") if (n := f.first("a").split(" ")[0]) and numbers.is_valid(n)), ""
        ),
        issn=next((n for f in record.of("022") if issn.is_valid(n := f.first("a"))), ""),
    )


def _clean(text: str) -> str:
    return _END.sub("", text.replace("[", "").replace("]", ""))


class _Titles:
    """All titles as letters, to know which stand alone."""

    def __init__(self, books: Iterable[_Book]) -> None:
        self._letters = [_letters(book.printed or book.title) for book in books]
        self._counted = Counter(self._letters)

    def is_sole(self, book: _Book) -> bool:
        letters = _letters(book.printed or book.title)
        return len(letters) >= _SHORTEST and self._counted[letters] == 1

    def are_one(self, part: str) -> bool:
        """Say whether *part* stands in one title alone."""
        letters = _letters(part)
        return sum(letters in whole for whole in self._letters) == 1


def _letters(text: str) -> str:
    """Return the letters of a title, simplified, so that the same title in two writings is not sole."""
    return _MARKS.sub("", _TO_SIMPLIFIED(unicodedata.normalize("NFKC", text)).casefold())


# ---------------------------------------------------------------- Chinese


def _simplified(text: str) -> str:
    return str(_TO_SIMPLIFIED(text)).translate(_AS_TYPED)


def _traditional(text: str) -> str:
    return str(_TO_TRADITIONAL(_simplified(text)))


def _typed(rng: random.Random, book: _Book, every: _Titles, written: Callable[[str], str]) -> str | None:
    """Return a Chinese title as somebody types it, in the characters of one writing."""
    title, author = book.printed, book.printed_author
    bare = _MARKS.sub("", title)
    half = max(_SHORTEST_PART, len(bare) // 2)
    ways = [title, bare, f"《{title}》", _MARKS.sub("　", title)]
    ways += [part for part in (bare[:half], bare[-half:]) if every.are_one(part)]
    ways += [f"{title} {author}", f"{author} {bare}", f"{bare}，{author}"] if author else []
    return written(rng.choice(ways))


def _together(rng: random.Random, book: _Book) -> str | None:
    if not _HAN.search(book.printed_author):
        return None
    parts = [_MARKS.sub("", book.printed), _MARKS.sub("", book.printed_author)]
    rng.shuffle(parts)
    return rng.choice((_simplified, _simplified, _traditional))("".join(parts))


def _sounded(rng: random.Random, book: _Book) -> str | None:
    """Return a title by its sound, as a cataloguer read it, or with tones."""
    if re.search(r"[^\u3400-\u9fff]", book.printed) or len(book.printed) > 12:
        return None
    spoken = unicodedata.normalize("NFC", book.title).lower()
    told = "".join(each for each in spoken if each.isalpha() or each in " '")
    with_tones = lazy_pinyin(book.printed, style=Style.TONE3, neutral_tone_with_five=True)
    ways = [
        told,
        told.replace("ü", "v"),
        told.replace("ü", "u").replace(" ", "").replace("'", ""),
        told.title(),
        " ".join(with_tones),
        " ".join(lazy_pinyin(book.printed, style=Style.TONE)),
    ]
    return rng.choice(ways)


# ---------------------------------------------------------------- other writing and numbers


def _mixed(rng: random.Random, books: Sequence[_Book]) -> list[_Book]:
    """Return books of each language in turn, so that no language is most of them."""
    shuffled = rng.sample(books, len(books))
    seen: Counter[str] = Counter()
    ranked: list[tuple[int, int, _Book]] = []
    for book in shuffled:
        ranked.append((seen[book.language], len(ranked), book))
        seen[book.language] += 1
    return [book for _, _, book in sorted(ranked, key=lambda each: each[:2])]


def _other(rng: random.Random, book: _Book) -> str | None:
    ways = [*_by_number(book)]
    plain = _unmarked(book.title)
    if plain != book.title and len(plain) <= 60:
        ways += [plain, plain.lower(), book.title]
    if book.language == "rus" and len(book.title) <= 60:
        ways += [_cyrillic(book.title)] * 2
    if book.language == "jpn" and len(book.title) <= 60:
        ways += [book.title.lower().replace("ō", "ou").replace("ū", "uu")]
    if book.language != "chi" and book.printed and len(book.printed) <= 60:
        ways += [book.printed] * 2
    return rng.choice(ways) if ways else None


def _by_number(book: _Book) -> Iterator[str]:
    if book.isbn:
        long = numbers.to_isbn13(book.isbn)
        yield from (numbers.format(long), f"ISBN {numbers.format(long)}", f"ISBN：{numbers.compact(long)}")
        if numbers.compact(long).startswith("978"):
            short = numbers.to_isbn10(long)
            yield from (numbers.compact(short), f"isbn{numbers.format(short)}")
    if book.issn:
        yield from (issn.format(book.issn), f"ISSN {issn.format(book.issn)}", issn.compact(book.issn))


def _unmarked(text: str) -> str:
    """Return romanised words as typed on a keyboard without marks."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return re.sub("[ʹʺʻʼʾʿ]", "", bare)


#: the Library of Congress's romanisation of Russian, backwards; the longest first
_CYRILLIC = {
    "shch": "щ", "zh": "ж", "kh": "х", "ch": "ч", "sh": "ш", "t͡s": "ц", "i͡u": "ю", "i͡a": "я",
    "ė": "э", "ĭ": "й", "ë": "ё", "ʹ": "ь", "ʺ": "ъ", "a": "а", "b": "б", "v": "в", "g": "г", "d": "д",
    "e": "е", "z": "з", "i": "и", "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "r": "р",
    "s": "с", "t": "т", "u": "у", "f": "ф", "y": "ы",
}  # fmt: skip
_ROMANISED = re.compile("|".join(sorted(_CYRILLIC, key=len, reverse=True)))


def _cyrillic(text: str) -> str:
    linked = unicodedata.normalize("NFC", text).lower().replace("\ufe20", "\u0361").replace("\ufe21", "")
    return _ROMANISED.sub(lambda found: _CYRILLIC[found[0]], linked)
