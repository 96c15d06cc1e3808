"""What is said in an announcement, by a program or in the form of a page."""

from typing import Any

from marshmallow import Schema, validates_schema

from ill_broker.services.office.announcements import Text as Said
from ill_broker.storage.announcements import Audience, Weight
from ill_broker.texts.flaws import Flaw
from ill_broker.web.fields import Day, OneOf, Text, refuse

#: letters of a text
MOST = 2000


class Announced(Schema):
    audience = OneOf(*Audience, required=True)
    weight = OneOf(*Weight, load_default=Weight.INFO.value)
    #: one of the two at least; where one is missing the other is shown, as what it is
    zh = Text(max_length=MOST, lines=True, load_default=None, allow_none=True)
    en = Text(max_length=MOST, lines=True, load_default=None, allow_none=True)
    first = Day(required=True)
    last = Day(required=True)

    @validates_schema(skip_on_field_errors=True)
    def says_something(self, read: dict[str, Any], **_: Any) -> None:
        """Refuse an announcement without words, or whose days run backwards."""
        if not (read["zh"] or read["en"]):
            raise refuse(Flaw.REQUIRED, at="zh")
        if read["first"] > read["last"]:
            raise refuse(Flaw.ENDS_BEFORE_START, at="last")


def said(read: dict[str, Any]) -> Said:
    """Return what was read in one record."""
    return Said(**read | {"audience": Audience(read["audience"]), "weight": Weight(read["weight"])})
