"""Losses, damages and thefts on the wire, and the pieces of a book."""

from typing import Any

from marshmallow import fields

from ill_broker.api.schemas import Amount, Shown
from ill_broker.api.settling_schemas import FactsIn
from ill_broker.texts.flaws import CaseFlaw
from ill_broker.web.fields import Day, Flag, Instant, OneOf, Pattern, Text, Whole
from workflows.decisions.settlement_options import Options, Way
from workflows.errors import InvalidCase
from workflows.losses.cases import REPORTED_BY, CaseEnd, CaseKind
from workflows.losses.settlement import Settling, ToldRate
from workflows.policies.compensation_terms import Charge
from workflows.policies.conditions import TYPES
from workflows.requests.pieces import MOST_PIECES, PIECE_KINDS


class CompensationOut(Shown):
    """What the lender asks for a loss or damage; the charge stands in the patron's account."""

    currency = Text(required=True)
    #: null where another body decides
    amount = fields.Nested(Amount, required=True, allow_none=True)
    #: the lender's range that staff chose from
    least = fields.Nested(Amount, required=True, allow_none=True)
    most = fields.Nested(Amount, required=True, allow_none=True)
    treated_as = Text(required=True, allow_none=True)
    suspended_from = Day(required=True, allow_none=True)
    suspended_until = Day(required=True, allow_none=True)
    replacement_deadline = Day(required=True, allow_none=True)
    price_basis = OneOf("reference_price", required=True, allow_none=True)
    refer = Text(required=True, allow_none=True)
    waived = Flag(required=True)
    remainder_belongs_to = Text(required=True, allow_none=True)
    recover_item = Flag(required=True)


class PieceOut(Shown):
    """A piece that came with the book; with neither time it is still out."""

    number = Whole(required=True)
    kind = OneOf(*PIECE_KINDS, required=True)
    returned = Instant(required=True, allow_none=True)
    lost = Instant(required=True, allow_none=True)


class CaseOut(Shown):
    number = Whole(required=True)
    kind = OneOf(*CaseKind, required=True)
    reported = Instant(required=True)
    channel = OneOf(*REPORTED_BY, "lender", required=True, allow_none=True)
    note = Text(required=True, allow_none=True, max_length=2000)
    piece = Whole(required=True, allow_none=True)
    ended = Instant(required=True, allow_none=True)
    end = OneOf(*CaseEnd, required=True, allow_none=True)
    compensation = fields.Nested(CompensationOut, required=True, allow_none=True)
    override_reason = Text(required=True, allow_none=True, max_length=2000)
    criticism = Text(required=True, allow_none=True, max_length=2000)


class CaseTermsIn(FactsIn):
    """A case and what is known of it so far."""

    case = OneOf(*CaseKind, required=True)
    piece = Whole(minimum=1, maximum=MOST_PIECES)
    #: a rate, as a query can say it: from, to, date, rate
    fx_from = Pattern(r"[A-Z]{3}", max_length=3)
    fx_to = Pattern(r"[A-Z]{3}", max_length=3)
    fx_date = Day()
    fx_rate = Pattern(r"[0-9]{1,9}(\.[0-9]{1,9})?", max_length=20)

    class Meta:
        exclude = ("fx", "resolution")


class FaultOut(Shown):
    code = OneOf(*CaseFlaw, required=True)
    facts = fields.Dict(required=True)


class CashOut(Shown):
    """Paying: by a multiple of a price, an amount, or as another body decides."""

    only_if_unavailable = Flag(required=True)
    #: null where the case is not covered, or the amount is no multiple
    basis = Text(required=True, allow_none=True)
    factor_min = Text(required=True, allow_none=True)
    factor_max = Text(required=True, allow_none=True)
    amount_min = fields.Nested(Amount, required=True, allow_none=True)
    amount_max = fields.Nested(Amount, required=True, allow_none=True)
    #: what is to be added: pages or the binding fee, with its factor
    plus = fields.Dict(required=True)
    refer = Text(required=True, allow_none=True)
    answer = fields.Nested(CompensationOut, required=True, allow_none=True)
    fault = fields.Nested(FaultOut, required=True, allow_none=True)


class ReplacementOut(Shown):
    """Buying the book anew."""

    editions = fields.List(Text(), required=True)
    deadline = Day(required=True, allow_none=True)
    fee_per_volume = fields.Nested(Amount, required=True, allow_none=True)
    answer = fields.Nested(CompensationOut, required=True, allow_none=True)
    fault = fields.Nested(FaultOut, required=True, allow_none=True)


class CaseTermsOut(Shown):
    """Both ways to settle a case; ``fault`` is why one cannot be taken by what is known so far."""

    case = OneOf(*CaseKind, required=True)
    treated_as = Text(required=True, allow_none=True)
    item_type = OneOf(*TYPES, required=True)
    #: the lender's: prices and amounts are said in it
    currency = Text(required=True)
    reported = Instant(required=True)
    cash = fields.Nested(CashOut, required=True)
    replacement = fields.Nested(ReplacementOut, required=True)


def facts_of(read: dict[str, Any]) -> Settling:
    """Return what a query says of a case."""
    source, target, day, rate = (read.pop(f"fx_{name}", None) for name in ("from", "to", "date", "rate"))
    is_told = source and target and day and rate
    told = ToldRate(source=source, target=target, day=day, rate=rate) if is_told else None
    return Settling(case="", rates=(told,) if told else (), **read)


def shown(found: Options) -> dict[str, Any]:
    """Return the two ways to settle a case as they are told."""
    replacement = found.replacement
    return {
        "case": found.kind,
        "treated_as": found.treated_as,
        "item_type": found.item_type,
        "currency": found.currency,
        "reported": found.reported,
        "cash": {
            "only_if_unavailable": found.only_if_unavailable,
            **_charge(found.charge),
            **_way(found.cash),
        },
        "replacement": {
            "editions": sorted(replacement.editions) if replacement else [],
            "deadline": found.deadline,
            "fee_per_volume": replacement.fee_per_volume if replacement else None,
            **_way(found.replaced),
        },
    }


def _charge(charge: Charge | None) -> dict[str, Any]:
    is_multiple = charge is not None and charge.basis is not None
    return {
        "basis": charge.basis if charge else None,
        "factor_min": str(charge.factor_min) if charge and is_multiple else None,
        "factor_max": str(charge.factor_max) if charge and is_multiple else None,
        "amount_min": charge.amount_min if charge else None,
        "amount_max": charge.amount_max if charge else None,
        "plus": {name: str(factor) for name, factor in charge.plus} if charge else {},
        "refer": charge.refer if charge else None,
    }


def _way(way: Way) -> dict[str, Any]:
    return {"answer": way.asked, "fault": way.fault and _fault(way.fault)}


def _fault(error: InvalidCase) -> dict[str, Any]:
    return {"code": error.code, "facts": {name: str(value) for name, value in error.facts.items()}}
