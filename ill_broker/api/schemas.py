"""The bases of every schema, and the ones that several resources share."""

from typing import Any

from marshmallow import EXCLUDE, INCLUDE, RAISE, Schema, fields, post_load

from ill_broker.web.fields import (
    Email,
    Flag,
    Id,
    Instant,
    Isbn,
    Mobile,
    OneOf,
    OneOfOrOwn,
    Pattern,
    Text,
    Whole,
)
from workflows.errors import NotMoney
from workflows.money import Money
from workflows.reasons import Refusal

#: how apispec is to write our own fields: class, type, format
DOCUMENTED = (
    (Text, "string", None),
    (Whole, "integer", None),
    (Flag, "boolean", None),
)


class Strict(Schema):
    """What comes in: an unknown member is a fault."""

    class Meta:
        unknown = RAISE


class Shown(Schema):
    """What goes out; members that are None are told as null."""

    class Meta:
        # Written into the contract as additionalProperties: false; nothing is loaded through it.
        unknown = RAISE


class Headers(Schema):
    """Headers of a request that mean something here; there are always others."""

    class Meta:
        unknown = EXCLUDE


class Amount(Shown):
    """Money as decimal text, with its currency."""

    amount = Pattern(r"-?[0-9]{1,15}(\.[0-9]{1,2})?", max_length=20, required=True)
    currency = Pattern(r"[A-Z]{3}", max_length=3, required=True)

    @post_load
    def as_money(self, read: dict[str, Any], **_: Any) -> Money:
        """Return the amount in whole minor units."""
        return Money.parse(read["amount"], read["currency"])


class FaultSchema(Schema):
    """One thing that is wrong with the input."""

    location = OneOf("body", "query", "path", "header", required=True, data_key="in")
    pointer = Text(
        required=True, max_length=1000, min_length=0, metadata={"description": "JSON pointer (RFC 6901)"}
    )
    detail = Text(required=True, max_length=1000)
    code = Text(required=True, max_length=60)

    class Meta:
        unknown = RAISE


class ReasonSchema(Schema):
    """One reason of a refusal."""

    code = OneOfOrOwn(*Refusal, required=True, max_length=60)
    text = Text(required=True, max_length=1000)

    class Meta:
        unknown = RAISE


class ProblemSchema(Schema):
    """An error, as RFC 9457 has it."""

    type = Text(required=True, metadata={"format": "uri-reference"})
    title = Text(required=True)
    status = Whole(required=True, minimum=400, maximum=599)
    detail = Text(max_length=2000)
    code = OneOf(required=True)
    request_id = Text()
    reasons = fields.List(fields.Nested(ReasonSchema))
    facts = fields.Dict(metadata={"description": "Plain values that explain a refusal"})
    errors = fields.List(fields.Nested(FaultSchema), metadata={"description": "Every fault of the input"})

    class Meta:
        unknown = INCLUDE


__all__ = [
    "DOCUMENTED",
    "Amount",
    "Email",
    "FaultSchema",
    "Headers",
    "Id",
    "Instant",
    "Isbn",
    "Mobile",
    "NotMoney",
    "ProblemSchema",
    "Shown",
    "Strict",
]
