"""What is said to Koha and what it answers, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why Koha did not do what it was asked, whatever shape it said it in."""

    status: int
    text: str = ""
    code: str = ""
    #: It does not know us, or has not allowed us this; nothing is wrong with what we asked.
    is_about_us: bool = False

    def __str__(self) -> str:
        said = " ".join(part for part in (self.text, f"({self.code})" if self.code else "") if part)
        return said or f"HTTP {self.status}"


@dataclass(frozen=True, slots=True)
class Token:
    text: str = field(repr=False)
    #: Seconds from when it was given.
    lasts: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One copy, as Koha describes it."""

    item_id: int
    biblio_id: int
    barcode: str = ""
    call_number: str = ""
    collection: str = ""
    item_type: str = ""
    shelf: str = ""
    note: str = ""
    #: Nothing that Koha says of it keeps it in the house.
    is_available: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Patron:
    patron_id: int
    card_number: str
    name: str = ""
    email: str = ""
    phone: str = ""
    category: str = ""
    expires: date | None = None
    blocks: tuple[str, ...] = ()
