"""What staff know of a loss or a damage, however they enter it."""

from typing import Any

from marshmallow import Schema

from ill_broker.web.fields import Flag, OneOf, Pattern, Text, Whole
from workflows.losses.settlement import Settling

#: a sum as people write it
SUM = r"[0-9]{1,9}(\.[0-9]{1,2})?"
CURRENCY = r"[A-Z]{3}"


class Facts(Schema):
    """What the lender's rules may ask for; all optional."""

    resolution = OneOf("cash", "replacement")
    edition = Text(max_length=40)
    volumes = Whole(minimum=1, maximum=1000)
    factor = Pattern(r"[0-9]{1,4}(\.[0-9]{1,4})?", max_length=20)
    amount = Pattern(SUM, max_length=20)
    #: still on sale
    available = Flag()
    #: imported, or not
    origin = OneOf("domestic", "foreign")
    damage_stamp = Flag()
    price = Pattern(SUM, max_length=20)
    price_currency = Pattern(CURRENCY, max_length=3)
    set_price = Pattern(SUM, max_length=20)
    year_price = Pattern(SUM, max_length=20)
    reference_price = Pattern(SUM, max_length=20)
    binding_fee = Pattern(SUM, max_length=20)
    pages = Whole(minimum=1, maximum=100_000)


def case_settling(read: dict[str, Any]) -> dict[str, Any]:
    """Return what was read with the facts of a case, whose kind is known already, in one record."""
    facts = {name: value for name, value in read.items() if name in _FACTS}
    rest = {name: value for name, value in read.items() if name not in facts}
    return rest | {"settling": settling({"case": "", **facts})}


def settling(facts: dict[str, Any]) -> Settling:
    """Return facts in one record."""
    by_replacement = facts.pop("resolution", "cash") == "replacement"
    rates = tuple(facts.pop("fx", ()))
    return Settling(by_replacement=by_replacement, rates=rates, **facts)


_FACTS = frozenset({*Facts().fields, "fx"})
