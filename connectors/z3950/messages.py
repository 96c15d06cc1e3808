"""What is said in Z39.50: greeting, search, present, and what a target answers to each."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.marc.opac import OpacHolding


class Syntax(Enum):
    """The forms in which a target can send records, by their object identifiers."""

    UNIMARC = "1.2.840.10003.5.1"
    MARC21 = "1.2.840.10003.5.10"
    OPAC = "1.2.840.10003.5.102"
    XML = "1.2.840.10003.5.109.10"


# ---------------------------------------------------------------- what we say


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    user: str = ""
    password: str = field(default="", repr=False)
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InitializeRequest:
    #: The largest message we take, in bytes.
    message_size: int
    credentials: Credentials | None = None


@dataclass(frozen=True, slots=True)
class Operand:
    """A term and how it is meant: Bib-1 attributes as pairs of type and value."""

    attributes: tuple[tuple[int, int], ...]
    term: bytes


@dataclass(frozen=True, slots=True)
class Both:
    left: Rpn
    right: Rpn


@dataclass(frozen=True, slots=True)
class Either:
    left: Rpn
    right: Rpn


@dataclass(frozen=True, slots=True)
class Without:
    left: Rpn
    right: Rpn


Rpn = Operand | Both | Either | Without


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    database: str
    query: Rpn
    syntax: Syntax


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentRequest:
    start: int
    size: int
    syntax: Syntax
    #: F for full, B for brief; None leaves it to the target.
    element_set: str | None = "F"


@dataclass(frozen=True, slots=True)
class Close:
    """One of the two ends the conversation."""

    reason: int
    details: str = ""


Request = InitializeRequest | SearchRequest | PresentRequest | Close


# ---------------------------------------------------------------- what targets say


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What a target complains of, by its number in Bib-1."""

    code: int
    details: str = ""


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record as it came: the object identifier of its form, and its bytes."""

    syntax: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class OpacRecord:
    """A record with its copies."""

    record: RawRecord | None
    holdings: tuple[OpacHolding, ...]


Record = RawRecord | OpacRecord


@dataclass(frozen=True, slots=True)
class InitializeResponse:
    is_accepted: bool
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchResponse:
    total: int
    is_success: bool
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class PresentResponse:
    records: tuple[Record, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    #: How many places of the result set the answer fills, complaints in place of records included.
    taken: int = 0


Response = InitializeResponse | SearchResponse | PresentResponse | Close
