"""What all ways to write one title or name have in common: by it records are found, ranked and grouped."""

import re
import unicodedata
from functools import lru_cache

from workflows.simplified import SIMPLIFIED, TRADITIONAL

#: Han, kana, Hangul: written without spaces, or with spaces that mean nothing
TOGETHER = (
    "\u2e80-\u2fdf\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_PIECE = re.compile(rf"[{TOGETHER}]+|[^\W_{TOGETHER}]+")
_IS_TOGETHER = re.compile(rf"[{TOGETHER}]")
#: accents, halves of ligatures, points and vowel signs, left out as often as written; and what nobody sees
_UNWRITTEN = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    "\ufe00-\ufe0f\ufe20-\ufe2f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
#: apostrophes, and the letters that stand for ayn, hamza and the two signs of Cyrillic in romanised words
_APOSTROPHES = "'`´‘’‛′ʹʺʻʼʽʾʿˈˊˋ"
#: letters for which others are typed where a keyboard lacks them, and Arabic ones that are taken for another
_LIKENED = {
    "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŋ": "ng",
    "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ٱ": "ا",
}  # fmt: skip
#: Cyrillic as the Library of Congress romanises it, without the marks: typed in either, found in either
_ROMANISED = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "к": "k",
    "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "iu",
    "я": "ia", "і": "i", "є": "ie", "ґ": "g", "ѣ": "ie", "ѳ": "f", "ѵ": "y", "ђ": "d", "ј": "j", "љ": "lj",
    "њ": "nj", "ћ": "c", "џ": "dz", "ѕ": "dz",
}  # fmt: skip
_AS_ONE: dict[int, int | str | None] = {
    **str.maketrans(TRADITIONAL, SIMPLIFIED),
    **{ord(letter): written for letter, written in (*_LIKENED.items(), *_ROMANISED.items())},
    **dict.fromkeys(map(ord, _APOSTROPHES)),
}
_FOLDED_KEPT = 8_192


@lru_cache(maxsize=_FOLDED_KEPT)
def fold(text: str) -> str:
    """Return *text* with what makes no difference left out; marks and spaces are the caller's affair.

    That is width, case, accents, apostrophes, traditional or simplified characters, and Cyrillic or its
    romanisation.
    """
    if text.isascii():
        return text.lower().translate(_AS_ONE)
    bare = _UNWRITTEN.sub("", unicodedata.normalize("NFKD", text)).casefold()
    plain = _UNWRITTEN.sub("", unicodedata.normalize("NFKD", bare)).translate(_AS_ONE)
    return unicodedata.normalize("NFC", plain)


def pieces(text: str) -> list[str]:
    """Return folded words, and runs of characters that are written together, without the marks between."""
    return _PIECE.findall(fold(text))


def is_together(piece: str) -> bool:
    """Say whether a piece is of characters that are written without spaces."""
    return _IS_TOGETHER.match(piece) is not None
