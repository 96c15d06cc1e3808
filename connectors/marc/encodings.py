"""How the bytes of a MARC record are letters: said by the target's profile, or found out by decoding."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Encoding = Literal["utf-8", "marc8", "gb18030", "auto"]
#: What a profile may say.
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "marc8", "gb18030", "auto")

_SUBFIELD = "\x1f"
_ESCAPE = 0x1B
_HIGH = 0x80
#: From the last change to the East Asian letters to the end, if no other follows.
_LAST_RUN = re.compile(rb"\x1b\$?,?1([^\x1b]*)\Z")
_EAST_ASIAN_BYTES = 3
#: Both bytes of a letter of GB 2312; the rarer ones of GBK and GB 18030 end in a lower one.
_GB = 0xA1


def decoder(encoding: Encoding, raw: bytes) -> Callable[[bytes], str]:
    """Return what turns the bytes of one record into text; it raises ValueError for bytes that are none.

    *raw* is the whole record: with auto it decides, so that a short field is read as the long ones are.
    """
    if encoding == "auto":
        encoding = guessed(raw)
    return _marc8 if encoding == "marc8" else _CODECS[encoding]


def guessed(raw: bytes) -> Encoding:
    """Return the encoding that *raw* was most likely written in.

    The leader is not asked: UNIMARC says nothing there, and MARC 21 is often converted without its leader.
    """
    # East Asian letters in MARC-8 are seven bits wide, so they would pass for UTF-8.
    if _ESCAPE in raw:
        return "marc8"
    try:
        raw.decode()
    except UnicodeDecodeError:
        return "gb18030" if _looks_chinese(raw) else "marc8"
    return "utf-8"


def _looks_chinese(raw: bytes) -> bool:
    """Tell GB 18030, where high bytes come in pairs, from ANSEL, where one stands before a plain letter."""
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return False
    pairs = singles = at = 0
    while at < len(raw):
        if raw[at] < _HIGH:
            at += 1
            continue
        is_pair = at + 1 < len(raw) and raw[at + 1] >= _GB
        pairs, singles = pairs + is_pair, singles + (not is_pair)
        at += 2
    return pairs > singles


def _utf8(octets: bytes) -> str:
    return octets.decode()


def _gb18030(octets: bytes) -> str:
    return octets.decode("gb18030")


@lru_cache(maxsize=1)
def _marc8_reader() -> Callable[[bytes], str]:
    # Its tables are large, and few targets need them: they are read when the first such record comes.
    from pymarc.marc8 import MARC8ToUnicode  # noqa: PLC0415 -- see above

    make: Any = MARC8ToUnicode

    def read(octets: bytes) -> str:
        return str(make(quiet=True).translate(_without_stump(octets)))

    return read


def _without_stump(octets: bytes) -> bytes:
    """Leave out an East Asian letter that is cut off: the library would complain of it on standard error."""
    run = _LAST_RUN.search(octets)
    stump = len(run[1]) % _EAST_ASIAN_BYTES if run else 0
    return octets[: len(octets) - stump]


def _marc8(octets: bytes) -> str:
    if _ESCAPE not in octets and octets.isascii():
        return octets.decode("ascii")
    try:
        # The marks between subfields are not letters, and each subfield begins in the usual alphabet.
        return _SUBFIELD.join(map(_marc8_reader(), octets.split(_SUBFIELD.encode())))
    except (IndexError, TypeError) as error:
        raise ValueError("not MARC-8") from error


_CODECS: dict[str, Callable[[bytes], str]] = {"utf-8": _utf8, "gb18030": _gb18030}
