"""What staff enter when they settle a loss or a damage."""

from typing import Any

from marshmallow import fields, post_load, validates_schema

from ill_broker.api.schemas import Strict
from ill_broker.texts.flaws import Flaw
from ill_broker.web.fields import Day, OneOf, Pattern, refuse
from ill_broker.web.settling import CURRENCY, Facts, settling
from workflows.losses.settlement import ToldRate


class RateIn(Strict):
    """What one unit of ``from`` was worth in ``to`` from a day on."""

    source = Pattern(CURRENCY, required=True, max_length=3, data_key="from")
    target = Pattern(CURRENCY, required=True, max_length=3, data_key="to")
    day = Day(required=True, data_key="date")
    rate = Pattern(r"[0-9]{1,9}(\.[0-9]{1,9})?", required=True, max_length=20)

    @post_load
    def as_rate(self, read: dict[str, Any], **_: Any) -> ToldRate:
        """Return the record."""
        return ToldRate(**read)


class FactsIn(Strict, Facts):
    """What staff know of a loss or damage; all optional."""

    fx = fields.List(fields.Nested(RateIn))


class SettlingIn(FactsIn):
    """All optional; with a ``case`` the lender's rules compute what is owed, and it is charged."""

    case = OneOf("loss", "stain", "unreadable", "cut", "theft")

    @validates_schema
    def has_a_case(self, read: dict[str, Any], **_: Any) -> None:
        """Refuse facts of which nobody knows what they are for."""
        if "case" not in read and read.keys() & _FACTS:
            raise refuse(Flaw.NO_CASE, at="case")


_FACTS = frozenset(SettlingIn().fields)


def with_settling(read: dict[str, Any]) -> dict[str, Any]:
    """Return what was read with the facts of a settlement in one record, if there are any."""
    facts = {name: value for name, value in read.items() if name in _FACTS}
    rest = {name: value for name, value in read.items() if name not in facts}
    if not facts:
        return rest
    return rest | {"settling": settling(facts)}
