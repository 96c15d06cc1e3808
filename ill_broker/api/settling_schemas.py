"""What staff enter when they settle a loss or a damage."""

from typing import Any

from marshmallow import fields, post_load, validates_schema

from ill_broker.api.schemas import Strict
from ill_broker.texts.flaws import Flaw
from ill_broker.web.fields import Day, Flag, OneOf, Pattern, Text, Whole, refuse
from workflows.losses.settlement import Settling, ToldRate

_SUM = r"[0-9]{1,9}(\.[0-9]{1,2})?"
_CURRENCY = r"[A-Z]{3}"


class RateIn(Strict):
    """What one unit of ``from`` was worth in ``to`` from a day on."""

    source = Pattern(_CURRENCY, required=True, max_length=3, data_key="from")
    target = Pattern(_CURRENCY, required=True, max_length=3, data_key="to")
    day = Day(required=True, data_key="date")
    rate = Pattern(r"[0-9]{1,9}(\.[0-9]{1,9})?", required=True, max_length=20)

    @post_load
    def as_rate(self, read: dict[str, Any], **_: Any) -> ToldRate:
        """Return the record."""
        return ToldRate(**read)


class FactsIn(Strict):
    """What staff know of a loss or damage; all optional."""

    resolution = OneOf("cash", "replacement")
    edition = Text(max_length=40)
    volumes = Whole(minimum=1, maximum=1000)
    factor = Pattern(r"[0-9]{1,4}(\.[0-9]{1,4})?", max_length=20)
    amount = Pattern(_SUM, max_length=20)
    #: still on sale
    available = Flag()
    #: imported, or not
    origin = OneOf("domestic", "foreign")
    damage_stamp = Flag()
    price = Pattern(_SUM, max_length=20)
    price_currency = Pattern(_CURRENCY, max_length=3)
    set_price = Pattern(_SUM, max_length=20)
    year_price = Pattern(_SUM, max_length=20)
    reference_price = Pattern(_SUM, max_length=20)
    binding_fee = Pattern(_SUM, max_length=20)
    pages = Whole(minimum=1, maximum=100_000)
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
    return rest | {"settling": _settling(facts)}


def case_settling(read: dict[str, Any]) -> dict[str, Any]:
    """Return what was read with the facts of a case, whose kind is known already, in one record."""
    facts = {name: value for name, value in read.items() if name in _FACTS}
    rest = {name: value for name, value in read.items() if name not in facts}
    return rest | {"settling": _settling({"case": "", **facts})}


def _settling(facts: dict[str, Any]) -> Settling:
    by_replacement = facts.pop("resolution", "cash") == "replacement"
    rates = tuple(facts.pop("fx", ()))
    return Settling(by_replacement=by_replacement, rates=rates, **facts)
