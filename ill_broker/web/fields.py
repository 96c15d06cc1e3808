"""What a value on the wire may look like; every field documents itself."""

# ruff: noqa: ARG002 - marshmallow names the arguments of a field's methods, used or not

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, ClassVar, cast

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from marshmallow import ValidationError, fields
from stdnum import isbn as isbn_numbers
from stdnum import issn as issn_numbers
from stdnum.exceptions import ValidationError as BadNumber

from ill_broker.services.passwords import SHORTEST
from ill_broker.texts.catalogue import say
from ill_broker.texts.flaws import Flaw
from workflows.discovery.criteria import years
from workflows.identifiers import fold
from workflows.ids import LIBRARY_CODE, LibraryCode
from workflows.timestamps import iso_day

#: where a mobile number without a country code belongs
REGION = "CN"
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CONTROLS_BUT_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class WrongValue:
    """What is wrong with a value, with what its sentence tells."""

    flaw: Flaw
    facts: Mapping[str, object] = field(default_factory=dict)

    def said(self, language: str) -> str:
        """Return the sentence."""
        return say(self.flaw.message, language, self.facts)


def refuse(flaw: Flaw, *, at: str = "_schema", **facts: object) -> ValidationError:
    """Return the error to raise for a value that is not taken; a schema says *at* which of its members."""
    return ValidationError(cast("list[str]", [WrongValue(flaw, facts)]), at)


class Text(fields.Field[str]):
    """Text without control characters, in Unicode's composed form; never blank unless *min_length* is 0."""

    documented: ClassVar[Mapping[str, Any]] = {}

    def __init__(
        self, *, max_length: int = 200, min_length: int = 1, lines: bool = False, **rest: Any
    ) -> None:
        self.max_length, self.min_length, self.lines = max_length, min_length, lines
        bounds = {"minLength": min_length, "maxLength": max_length, **self.documented}
        super().__init__(metadata={**bounds, **rest.pop("metadata", {})}, **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        if not isinstance(value, str):
            raise refuse(Flaw.NOT_TEXT)
        if (_CONTROLS_BUT_LINES if self.lines else _CONTROLS).search(value):
            raise refuse(Flaw.CONTROL_CHARACTER)
        if len(value) > self.max_length:
            raise refuse(Flaw.TOO_LONG, most=self.max_length)
        text = unicodedata.normalize("NFC", value).strip()
        if len(text) < self.min_length:
            raise refuse(Flaw.TOO_SHORT, least=self.min_length)
        read: str = self.read(text)
        return read

    def read(self, text: str) -> Any:
        """Return what the text says; a kind of text refines this."""
        return text

    def _serialize(self, value: Any, attr: str | None, obj: Any, **rest: Any) -> str | None:
        return None if value is None else str(value)


class Identifier(Text):
    """What names one thing however it is typed; kept as it was typed."""

    def read(self, text: str) -> str:
        if not fold(text):
            raise refuse(Flaw.NOTHING_TO_SEE)
        return text


class Password(Text):
    """A secret: spaces around it belong to it, and it is never sent."""

    documented: ClassVar[Mapping[str, Any]] = {"format": "password"}

    def __init__(self, *, min_length: int = SHORTEST, **rest: Any) -> None:
        super().__init__(max_length=200, min_length=min_length, load_only=True, **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        super()._deserialize(value, attr, data, **rest)
        return unicodedata.normalize("NFC", value)


class OneOf(Text):
    """One of a few words."""

    def __init__(self, *words: str, **rest: Any) -> None:
        self.words = tuple(dict.fromkeys(str(word) for word in words))
        enum = [*self.words, *([None] if rest.get("allow_none") else [])]
        rest["metadata"] = {"enum": enum, **rest.get("metadata", {})}
        super().__init__(max_length=100, **rest)
        self.metadata = {key: told for key, told in self.metadata.items() if not key.endswith("Length")}

    def read(self, text: str) -> str:
        if text not in self.words:
            raise refuse(Flaw.UNKNOWN_WORD, words=", ".join(self.words))
        return text


class OneOfOrOwn(Text):
    """One of a few words, or one that a library's policy names itself."""

    def __init__(self, *words: str, **rest: Any) -> None:
        known = {"enum": [str(word) for word in words]}
        own = {"description": "Named by a library's own policy"}
        rest["metadata"] = {"anyOf": [known, own], **rest.get("metadata", {})}
        super().__init__(**rest)


class Pattern(Text):
    """Text of one shape throughout."""

    def __init__(self, pattern: str, *, max_length: int = 200, **rest: Any) -> None:
        self.pattern = re.compile(pattern)
        rest["metadata"] = {"pattern": f"^{pattern}$", **rest.get("metadata", {})}
        super().__init__(max_length=max_length, **rest)

    def read(self, text: str) -> str:
        if not self.pattern.fullmatch(text):
            raise refuse(Flaw.WRONG_FORM)
        return text


class Id(Pattern):
    """An identifier of ours, such as ``req_01jd7m3k9x4t2v8cq``."""

    def __init__(self, prefix: str, **rest: Any) -> None:
        super().__init__(rf"{prefix}_[0-9a-z]{{8,40}}", max_length=60, **rest)


class Code(Pattern):
    """The code of a member library."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(LIBRARY_CODE, max_length=32, **rest)

    def read(self, text: str) -> LibraryCode:
        return LibraryCode(super().read(text))


class Instant(Text):
    """An instant with its offset; UTC inside."""

    documented: ClassVar[Mapping[str, Any]] = {"format": "date-time"}

    def __init__(self, **rest: Any) -> None:
        super().__init__(max_length=40, **rest)

    def read(self, text: str) -> datetime:
        try:
            read = datetime.fromisoformat(text)
            if read.tzinfo is None:
                raise refuse(Flaw.TIMESTAMP_WITHOUT_OFFSET)
            return read.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            if isinstance(error, ValidationError):
                raise
            raise refuse(Flaw.BAD_TIMESTAMP) from error

    def _serialize(self, value: Any, attr: str | None, obj: Any, **rest: Any) -> str | None:
        return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Day(Text):
    """A day, at the library that it is about."""

    documented: ClassVar[Mapping[str, Any]] = {"format": "date"}

    def __init__(self, **rest: Any) -> None:
        super().__init__(max_length=10, **rest)

    def read(self, text: str) -> date:
        try:
            return iso_day(text)
        except ValueError as error:
            raise refuse(Flaw.BAD_DAY) from error

    def _serialize(self, value: Any, attr: str | None, obj: Any, **rest: Any) -> str | None:
        return None if value is None else value.isoformat()


class Isbn(Text):
    """An ISBN of 10 or 13 digits, hyphens or not; 13 digits inside."""

    documented: ClassVar[Mapping[str, Any]] = {"format": "isbn"}

    def __init__(self, **rest: Any) -> None:
        super().__init__(max_length=20, **rest)

    def read(self, text: str) -> str:
        try:
            return str(isbn_numbers.validate(text, convert=True))
        except BadNumber as error:
            raise refuse(Flaw.BAD_ISBN) from error


class Issn(Text):
    """An ISSN, hyphen or not; with its hyphen inside."""

    documented: ClassVar[Mapping[str, Any]] = {"format": "issn"}

    def __init__(self, **rest: Any) -> None:
        super().__init__(max_length=20, **rest)

    def read(self, text: str) -> str:
        try:
            return str(issn_numbers.format(issn_numbers.validate(text)))
        except BadNumber as error:
            raise refuse(Flaw.BAD_ISSN) from error


class Years(Pattern):
    """A year, or the first and the last with a hyphen between, either of which may be left out."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(r"([0-9]{4}(-([0-9]{4})?)?|-[0-9]{4})", max_length=9, **rest)

    def read(self, text: str) -> str:
        first, last = years(super().read(text))
        if first is not None and last is not None and last < first:
            raise refuse(Flaw.ENDS_BEFORE_START)
        return text


class Mobile(Text):
    """A telephone number; E.164 inside."""

    documented: ClassVar[Mapping[str, Any]] = {"format": "phone"}

    def __init__(self, **rest: Any) -> None:
        super().__init__(max_length=30, **rest)

    def read(self, text: str) -> str:
        try:
            number = phonenumbers.parse(text, REGION)
        except phonenumbers.NumberParseException as error:
            raise refuse(Flaw.BAD_MOBILE) from error
        if not phonenumbers.is_valid_number(number):
            raise refuse(Flaw.BAD_MOBILE)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class Email(Text):
    """An e-mail address; whether it can be reached is shown by the letter sent there."""

    documented: ClassVar[Mapping[str, Any]] = {"format": "email"}

    def __init__(self, **rest: Any) -> None:
        super().__init__(max_length=254, min_length=3, **rest)

    def read(self, text: str) -> str:
        try:
            return validate_email(text, check_deliverability=False).normalized
        except EmailNotValidError as error:
            raise refuse(Flaw.BAD_EMAIL) from error


class Whole(fields.Field[int]):
    """A whole number between bounds; true, 1.0 and "1" are none, except that a query is all text."""

    def __init__(self, *, minimum: int = 0, maximum: int = 2**31 - 1, **rest: Any) -> None:
        self.minimum, self.maximum = minimum, maximum
        bounds = {"minimum": minimum, "maximum": maximum}
        super().__init__(metadata={**bounds, **rest.pop("metadata", {})}, **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> int:
        if (
            isinstance(value, str)
            and not isinstance(data, dict)
            and re.fullmatch(r"-?[0-9]{1,20}", value, re.ASCII)
        ):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise refuse(Flaw.NOT_WHOLE)
        if not self.minimum <= value <= self.maximum:
            raise refuse(Flaw.OUT_OF_RANGE, least=self.minimum, most=self.maximum)
        return value


class Flag(fields.Field[bool]):
    """True or false; in a query also as text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> bool:
        if isinstance(value, str) and not isinstance(data, dict) and value in {"true", "false"}:
            return value == "true"
        if not isinstance(value, bool):
            raise refuse(Flaw.NOT_FLAG)
        return value
