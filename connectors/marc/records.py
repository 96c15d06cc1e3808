"""MARC records as plain values, the same for MARC 21 and UNIMARC."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence


class Field(NamedTuple):
    """A data field with its subfields in order."""

    tag: str
    indicators: str
    subfields: tuple[tuple[str, str], ...]

    def first(self, *codes: str) -> str:
        """Return the first value under the first of *codes* that has one, else nothing."""
        for code in codes:
            for known, value in self.subfields:
                if known == code and (found := value.strip()):
                    return found
        return ""

    def all(self, code: str) -> Iterator[str]:
        return (value.strip() for known, value in self.subfields if known == code)


@dataclass(frozen=True, eq=False)
class MarcRecord:
    """A record; what is asked of it many times is worked out once, so it has no slots."""

    leader: str
    control: tuple[tuple[str, str], ...]
    fields: tuple[Field, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MarcRecord) and (self.leader, self.control, self.fields) == (
            other.leader,
            other.control,
            other.fields,
        )

    __hash__ = None  # type: ignore[assignment]  # how a class says so

    @cached_property
    def record_id(self) -> str:
        return self.control_value("001").strip()

    @cached_property
    def is_unimarc(self) -> bool:
        """Tell UNIMARC and CNMARC from MARC 21 by where the title stands."""
        return not self._has_title_in("245") and self._has_title_in("200")

    def _has_title_in(self, tag: str) -> bool:
        return any(field.first("a") for field in self.of(tag))

    def control_value(self, tag: str) -> str:
        return next((value for known, value in self.control if known == tag), "")

    def of(self, *tags: str) -> Iterator[Field]:
        """Return the fields under *tags*, in the order of *tags*."""
        return (field for tag in tags for field in self.under(tag))

    def under(self, tag: str) -> Sequence[Field]:
        """Return the fields under one tag."""
        return self._by_tag.get(tag, ())

    def among(self, tags: Collection[str]) -> Iterator[Field]:
        """Return the fields under any of *tags*, in the order of the record."""
        return (field for field in self.fields if field.tag in tags)

    def first(self, tag: str, *codes: str) -> str:
        """Return the first value under *tag* and one of *codes*, else nothing."""
        return next((value for field in self.under(tag) if (value := field.first(*codes))), "")

    def with_fields(self, fields: Iterable[Field]) -> MarcRecord:
        """Return the record with *fields* added, in the order of tags."""
        return MarcRecord(
            self.leader, self.control, tuple(sorted((*self.fields, *fields), key=lambda field: field.tag))
        )

    @cached_property
    def _by_tag(self) -> dict[str, list[Field]]:
        found: defaultdict[str, list[Field]] = defaultdict(list)
        for field in self.fields:
            found[field.tag].append(field)
        return dict(found)
