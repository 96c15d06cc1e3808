"""What people type or scan to name one thing: card numbers, log-ins, addresses, barcodes, request numbers."""

import unicodedata

#: spaces, controls, and what formats or turns text without being seen
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
#: letters and marks that nobody sees either: fillers, joiners, variation selectors, Braille's blank
_UNSEEN_LETTERS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)


def fold(identifier: str) -> str:
    """Return what all spellings of one identifier have in common; nothing if there is nothing to see in it.

    Width, case, spaces and invisible characters are no difference. What was typed is kept beside it, for the
    systems that compare it in their own way.
    """
    folded = _folded_once(identifier)
    while folded != identifier:
        identifier, folded = folded, _folded_once(folded)
    return folded


def _folded_once(text: str) -> str:
    seen = (each for each in unicodedata.normalize("NFKC", text) if not _is_unseen(each))
    return unicodedata.normalize("NFKC", "".join(seen).casefold())


def _is_unseen(letter: str) -> bool:
    return letter in _UNSEEN_LETTERS or unicodedata.category(letter) in _UNSEEN
