"""MARC records as plain values, the same for MARC 21 and UNIMARC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Field:
    """A data field with its subfields in order."""

    tag: str
    indicators: str
    subfields: tuple[tuple[str, str], ...]

    def first(self, *codes: str) -> str:
        """Return the first value under the first of *codes* that has one, else nothing."""
        for code in codes:
            for value in self.all(code):
                if value:
                    return value
        return ""

    def all(self, code: str) -> Iterator[str]:
        return (value.strip() for known, value in self.subfields if known == code)


@dataclass(frozen=True, slots=True)
class MarcRecord:
    leader: str
    control: tuple[tuple[str, str], ...]
    fields: tuple[Field, ...]

    @property
    def record_id(self) -> str:
        return self.control_value("001").strip()

    @property
    def is_unimarc(self) -> bool:
        """Tell UNIMARC and CNMARC from MARC 21 by where the title stands."""
        return not self._has_title_in("245") and self._has_title_in("200")

    def _has_title_in(self, tag: str) -> bool:
        return any(field.tag == tag and field.first("a") for field in self.fields)

    def control_value(self, tag: str) -> str:
        return next((value for known, value in self.control if known == tag), "")

    def of(self, *tags: str) -> Iterator[Field]:
        """Return the fields under *tags*, in the order of *tags*."""
        return (field for tag in tags for field in self.fields if field.tag == tag)

    def first(self, tag: str, *codes: str) -> str:
        """Return the first value under *tag* and one of *codes*, else nothing."""
        return next((value for field in self.of(tag) if (value := field.first(*codes))), "")

    def with_fields(self, fields: Iterable[Field]) -> MarcRecord:
        """Return the record with *fields* added, in the order of tags."""
        return MarcRecord(
            self.leader, self.control, tuple(sorted((*self.fields, *fields), key=lambda field: field.tag))
        )
