"""A sandbox library's own system: who holds its cards, what is lent, and what waits on the hold shelf."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.sandbox.catalogue import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    number: int
    card: str
    surname: str
    given_name: str
    email: str
    phone: str
    pin: str = "1234"
    category: str = "UG"
    valid_until: str = "2099-12-31"
    #: Why this one may not borrow; empty if nothing stands against it.
    block: str = ""

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.surname}"


#: Whom every sandbox library knows: one who may borrow, and one who may not.
READERS = (
    Reader(
        number=5, card="P1", surname="张", given_name="三", email="p1@example.org", phone="+8613800000001",
    ),
    Reader(
        number=6, card="P2", surname="李", given_name="四", email="p2@example.org", phone="+8613800000002",
        block="too much owed in fines",
    ),
)  # fmt: skip


@dataclass(slots=True)
class Book:
    """A copy as the system knows it, the library's own or one that came from another."""

    number: int
    barcode: str
    title: str
    is_foreign: bool = False
    #: The card it is lent to; empty if it is in the house.
    holder: str = ""
    held_for: str = ""
    due: str = ""


class LocalSystem:
    """Every method may be called from any thread, and does the same thing twice without harm."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._books: dict[str, Book] = {}
        self._lock = threading.RLock()
        self.requests: dict[str, str] = {}

    def reader(self, card: str) -> Reader | None:
        return next((reader for reader in READERS if reader.card == card), None)

    def book(self, barcode: str) -> Book | None:
        """Return a copy that came before, or one of the library's own."""
        with self._lock:
            if barcode not in self._books and (copy := self._catalogue.copy(barcode)) is not None:
                # what is out already is with somebody unknown
                self._add(Book(0, barcode, copy.call_number, holder="" if copy.available else "?"))
            return self._books.get(barcode)

    def accept(self, barcode: str, title: str, card: str) -> Book:
        """Take in another library's book and hold it for a reader."""
        with self._lock:
            book = self.book(barcode) or self._add(Book(0, barcode, title, is_foreign=True))
            book.held_for = card
            return book

    def lend(self, barcode: str, card: str, due: str = "") -> bool:
        """Lend a copy, and say whether this reader has it now."""
        with self._lock:
            book = self.book(barcode)
            if book is None or book.holder not in {"", card}:
                return False
            book.holder, book.held_for, book.due = card, "", due
            return True

    def take_back(self, barcode: str) -> bool:
        """Take a copy back, and say whether it was out."""
        with self._lock:
            book = self.book(barcode)
            was_out = book is not None and bool(book.holder)
            if book is not None:
                book.holder = book.due = ""
            return was_out

    def forget(self, barcode: str) -> bool:
        """Forget another library's book, and say whether it was known."""
        with self._lock:
            book = self._books.get(barcode)
            if book is None or not book.is_foreign:
                return False
            del self._books[barcode]
            return True

    def books(self) -> list[Book]:
        with self._lock:
            return [*self._books.values()]

    def _add(self, book: Book) -> Book:
        book.number = 1000 + len(self._books)
        self._books[book.barcode] = book
        return book
