"""What a case would cost, shown before staff choose: both ways to settle it, with range or fault."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from workflows.decisions.damages import item_of
from workflows.errors import InvalidCase
from workflows.ids import LibraryCode
from workflows.losses.cases import CaseKind
from workflows.losses.compensation import Compensation, charge_of, compensation, terms_of
from workflows.losses.settlement import Settling, damage_case
from workflows.policies.compensation_terms import Charge, Replacement
from workflows.policies.policy import Policy
from workflows.requests import loan_terms
from workflows.requests.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to settle a case: what it costs by what is entered so far, or why that cannot be said."""

    asked: Compensation | None = None
    #: the code that a settlement would be refused with now
    fault: InvalidCase | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What staff may choose from."""

    kind: CaseKind
    treated_as: str | None
    item_type: str
    #: the lender's: prices and amounts are entered in it
    currency: str
    #: from when rates and deadlines count
    reported: datetime
    #: cash is taken only for what cannot be bought any more
    only_if_unavailable: bool
    charge: Charge | None
    replacement: Replacement | None
    #: the last day of a replacement
    deadline: date | None
    cash: Way
    replaced: Way


def options(
    request: Request, kind: CaseKind, piece: int | None, settling: Settling, policy: Policy, *, now: datetime
) -> Options:
    """Return both ways to settle a case by the lender's terms, by what staff have entered so far.

    :raises NoSuchPiece: if it is about a piece that did not come with the book
    """
    item = item_of(request, kind, piece)
    told = replace(settling, case=kind.terms, damage_stamp=settling.damage_stamp or request.damage_stamp)
    reported = _reported(request, kind, piece) or now
    category = loan_terms.category_of(request, LibraryCode(policy.id), policy)

    def way(*, by_replacement: bool) -> Way:
        entered = replace(told, by_replacement=by_replacement)
        case = damage_case(entered, policy, item, category=category, reported=reported, settled=now)
        try:
            return Way(asked=compensation(case))
        except InvalidCase as error:
            return Way(fault=error)

    known = terms_of(policy, kind.terms)
    imported = replace(item, origin=settling.origin or item.origin)
    charge = None if known is None else charge_of(policy, known, imported, category)
    cash, replaced = way(by_replacement=False), way(by_replacement=True)
    named = policy.compensation.get(kind.terms)
    return Options(
        kind=kind,
        treated_as=named.treated_as if named else None,
        item_type=item.type,
        currency=policy.currency,
        reported=reported,
        only_if_unavailable=_only_if_unavailable(
            charge, is_usual=known is not None and known.cash_if_unavailable
        ),
        charge=charge,
        replacement=known.replacement if known else None,
        deadline=replaced.asked.replacement_deadline if replaced.asked else None,
        cash=cash,
        replaced=replaced,
    )


def _reported(request: Request, kind: CaseKind, piece: int | None) -> datetime | None:
    """Return when the open case of this kind was reported, None if there is none yet."""
    open_cases = (one for one in request.cases if one.is_open and (one.kind, one.piece) == (kind, piece))
    return next((one.reported for one in open_cases), None)


def _only_if_unavailable(charge: Charge | None, *, is_usual: bool) -> bool:
    by_rule = charge.cash_if_unavailable if charge else None
    return is_usual if by_rule is None else by_rule
