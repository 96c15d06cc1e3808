"""The pieces that came with a book, such as its discs: where each is, and until when each is late."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

#: what may come with a book
PIECE_KINDS = ("cd", "dvd", "video", "other_item")
#: how many pieces one book may have
MOST_PIECES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One piece that belongs to a book (R-FJMU-6, R-SZUTL-35)."""

    #: 1 is the first
    number: int
    #: an item type of the policies
    kind: str
    returned: datetime | None = None
    lost: datetime | None = None

    @property
    def is_out(self) -> bool:
        return self.returned is None and self.lost is None


Pieces = tuple[Piece, ...]


def numbered(kinds: Iterable[str]) -> Pieces:
    """Return the pieces that came, each with its number."""
    return tuple(Piece(number=number, kind=kind) for number, kind in enumerate(kinds, 1))


def out(pieces: Pieces) -> Pieces:
    """Return the pieces that are still with the patron."""
    return tuple(piece for piece in pieces if piece.is_out)


def strangers(pieces: Pieces, numbers: Collection[int]) -> list[int]:
    """Return the numbers that no piece has that is out, and those named twice."""
    known = {piece.number for piece in out(pieces)}
    return sorted({number for number in numbers if number not in known or list(numbers).count(number) > 1})


def marked(
    pieces: Pieces, numbers: Collection[int], at: datetime, *, what: Literal["returned", "lost"]
) -> Pieces:
    """Return the pieces with some of them returned, or lost, at an instant."""
    if what == "returned":
        return tuple(replace(one, returned=at) if one.number in numbers else one for one in pieces)
    return tuple(replace(one, lost=at) if one.number in numbers else one for one in pieces)


def not_returned_at(pieces: Pieces, at: datetime | None) -> Pieces:
    """Return the pieces as they were before those that came back at this instant did."""
    return tuple(replace(one, returned=None) if at and one.returned == at else one for one in pieces)


def late_until(pieces: Pieces, *, book_is_back: bool, as_of: datetime) -> tuple[datetime | None, ...]:
    """Return for each piece up to when it may be late; None: as long as the book.

    A piece shares the end of its book as long as both are out; after that it goes on alone.
    """
    alone = as_of if book_is_back else None
    return tuple(piece.returned or piece.lost or alone for piece in pieces)
