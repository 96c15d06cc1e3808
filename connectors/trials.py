"""What comes of trying whether a library's connectors work."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a trial ended."""

    OK = "ok"
    FAILED = "failed"
    #: nothing harmless can be tried, or a secret is missing
    NOT_TRIED = "not_tried"


@dataclass(frozen=True, slots=True)
class RefusedField:
    """Something that a library's profile says of its system, and that the system does not do."""

    #: by its path in the profile
    field: str
    #: in words, the library's where it had some
    detail: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of the questions by which a connector was tried."""

    detail: str
    refused: tuple[RefusedField, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of trying one connector."""

    connector: str
    outcome: Outcome
    milliseconds: int = 0
    #: in words
    detail: str
    refused: tuple[RefusedField, ...] = ()
