"""What is said in OAI-PMH: who a repository is, a page of its list, and what it complains of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a repository complains of, by the standard's own code."""

    code: str
    message: str = ""

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" if self.message else self.code


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a repository says of itself."""

    name: str = ""
    #: Whether it tells seconds; else it tells days alone, and refuses to be asked for more.
    tells_seconds: bool = False
    #: no, transient or persistent: whether records that are gone are told, and for how long.
    deleted_records: str = "no"
    earliest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the repository calls a record, and when it last changed."""

    identifier: str
    datestamp: str = ""
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A record with its metadata, whatever format they are in; None where it has none."""

    header: Header
    metadata: etree._Element | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of a list."""

    records: tuple[Record, ...] = ()
    #: By what the next part is asked for; None at the end.
    token: str | None = None
    #: How many records the whole list has, by the repository's own guess.
    total: int | None = None
    #: When the repository answered, by its own clock and in its own words.
    said_at: str = ""
    complaints: tuple[Complaint, ...] = ()

    @property
    def headers(self) -> tuple[Header, ...]:
        return tuple(record.header for record in self.records)
