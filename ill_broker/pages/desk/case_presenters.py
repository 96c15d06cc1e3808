"""What the templates of losses, damages and thefts are given: ranges, reasons and amounts in words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from ill_broker.pages.desk.list_presenters import status_word
from ill_broker.pages.frame import local_day, me
from ill_broker.pages.libraries import library_name
from ill_broker.pages.patron.presenters import shown_citation
from ill_broker.services.requests.options import Choices
from ill_broker.texts.catalogue import knows, say
from ill_broker.texts.days_and_amounts import said_amount, said_day
from ill_broker.texts.flaws import CaseFlaw
from ill_broker.texts.policy_values import joined
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language
from workflows.decisions.settlement_options import Options, Way
from workflows.errors import InvalidCase, WorkflowError
from workflows.losses.cases import Case, CaseKind
from workflows.losses.compensation import Compensation
from workflows.losses.settlement import AmountNotChosen, Settling
from workflows.money import Money
from workflows.policies.compensation_terms import Charge
from workflows.refusals import ReasonMissing
from workflows.requests.commands import SettleCase
from workflows.requests.lifecycle import Status, Step
from workflows.requests.permissions import actions
from workflows.requests.request import Request

#: what an amount may be a multiple of
PRICES = ("price", "set_price", "year_price")
#: what is multiplied, added or brought, by the words of the policies
WORDS = (
    *(*PRICES, "same", "latest", "newer_agreed"),
    *("relevant_regulations", "cultural_relics_regulations"),
)
#: what can be said of a case in its lender's rules that no fact will mend
_DECIDED = {"case_not_covered", "replacement_required"}
#: at which field a fault is said
_AT = {
    **{f"{name}_missing": name for name in ("price", "set_price", "year_price", "pages", "binding_fee")},
    "bad_price": "price",
    "reference_price_missing": "price",
    "factor_out_of_range": "factor",
    "amount_out_of_range": "amount",
    "edition_not_accepted": "edition",
    "replacement_required": "resolution",
    "replacement_too_late": "resolution",
    "replacement_not_offered": "resolution",
    "case_not_covered": "override_amount",
    "reason_missing": "override_reason",
}


def said_kind(kind: CaseKind) -> str:
    """Return what has happened, in words."""
    return say(f"desk.case.kind.{kind}", page_language())


def kinds_of(request: Request) -> list[dict[str, str]]:
    """Return what can have happened to a book; one that is back was not lost, though a piece may be."""
    is_out = request.status is Status.ON_LOAN or bool(request.pieces)
    return [
        {
            "value": kind.value,
            "words": said_kind(kind),
            "hint": say(f"desk.case.hint.{kind}", page_language()),
        }
        for kind in CaseKind
        if is_out or kind is not CaseKind.LOSS
    ]


def shown_book(request: Request) -> dict[str, Any]:
    """Return which book it is about."""
    return {
        "id": request.id,
        "number": request.number,
        "patron": request.patron,
        "version": request.version,
        "cited": shown_citation(request.citation),
        "lender": library_name(request.lender),
        "status": status_word(request),
        "due": said_day(request.due, page_language()) if request.due else "",
    }


def shown_cases(requests: list[Request]) -> list[dict[str, Any]]:
    """Return the open cases that the desk can settle, each with its range and what is awaited."""
    return [
        shown_case(request, case)
        for request in requests
        if Step.SETTLE_CASE in actions(me(), request)
        for case in request.cases
        if case.is_open
    ]


def shown_case(request: Request, case: Case) -> dict[str, Any]:
    """Return an open case: what was reported, the lender's range, what is awaited."""
    found = terms_now(request, case.kind, case.piece, Settling(case=""))
    is_the_book = case.kind is CaseKind.LOSS and case.piece is None
    return {
        "book": shown_book(request),
        "number": case.number,
        "kind": said_kind(case.kind),
        "day": said_day(local_day(case.reported), page_language()),
        "by": say(f"desk.option.{case.channel}", page_language()) if case.channel else "",
        "note": case.note or "",
        "awaits": list(_awaited(found)),
        # found before it was settled, it is an ordinary return
        "can_be_found": is_the_book and Step.TAKE_BACK in actions(me(), request),
        **shown_terms(found),
    }


def terms_now(request: Request, kind: CaseKind, piece: int | None, settling: Settling) -> Options:
    """Return both ways to settle a case, by what was entered; nothing is charged by that."""
    about = partial(service(Choices).case_terms, request.id, me())
    return about(kind=kind, piece=piece, settling=settling, now=now())


def shown_found_later(requests: list[Request]) -> list[dict[str, Any]]:
    """Return the books that were paid for as lost, and may turn up."""
    return [
        shown_book(one)
        for one in requests
        if Step.FIND in actions(me(), one) and one.instants.settled and one.instants.returned is None
    ]


def shown_terms(found: Options) -> dict[str, Any]:
    """Return what the lender's rules ask for: the range, each reason, and which facts they want."""
    replacement = found.replacement
    return {
        "range": _range(found),
        "reasons": list(_reasons(found)),
        "needs": _needs(found),
        "currency": found.currency,
        "editions": [(one, _word(one)) for one in sorted(replacement.editions)] if replacement else [],
        "ways": [way for way, is_there in _ways(found).items() if is_there],
    }


def priced(found: Options, command: SettleCase) -> dict[str, Any]:
    """Return exactly what is charged if this command is given.

    :raises WorkflowError: if it would be refused, or the amount is still to be chosen
    """
    way = found.replaced if command.settling.by_replacement else found.cash
    if command.override_amount is not None:
        if not command.override_reason:
            raise ReasonMissing
        amount: Money | None = Money.parse(command.override_amount, found.currency)
    else:
        amount = _computed(found, way).amount
    return {
        "minor": "" if amount is None else amount.minor,
        "amount": "" if amount is None else said_amount(amount, page_language()),
        "is_charged": bool(amount),
        "is_of_reference": way.asked is not None and way.asked.price_basis is not None,
    }


def place_of(error: WorkflowError) -> str:
    """Return the field at which a fault is said, nothing if it is of the whole."""
    if isinstance(error, AmountNotChosen):
        return "chosen"
    return _AT.get(error.code, "")


def _computed(found: Options, way: Way) -> Compensation:
    if way.asked is None:
        raise way.fault or InvalidCase("case_not_covered", case=found.kind)
    if way.asked.amount is None and way.asked.least is not None and way.asked.most is not None:
        raise AmountNotChosen(least=way.asked.least.amount, most=way.asked.most.amount)
    return way.asked


def _range(found: Options) -> str:
    spoken, paid, charge = page_language(), found.cash.asked, found.charge
    if paid is not None and paid.waived:
        return say("desk.case.range.waived", spoken)
    if charge is None:
        return say("desk.case.range.nothing_said", spoken)
    if charge.refer is not None:
        return say("desk.case.range.referred", spoken, {"refer": _word(charge.refer)})
    if paid is not None and paid.least is None and paid.amount is not None:
        return say("desk.case.range.exactly", spoken, {"amount": said_amount(paid.amount, spoken)})
    least, most = (paid.least, paid.most) if paid else (charge.amount_min, charge.amount_max)
    if least is not None and most is not None:
        facts = {"least": said_amount(least, spoken), "most": said_amount(most, spoken)}
        return say("desk.case.range.between", spoken, facts)
    return _multiple(charge)


def _multiple(charge: Charge) -> str:
    facts = {"basis": _word(charge.basis or "price"), "least": charge.factor_min, "most": charge.factor_max}
    if charge.factor_min != charge.factor_max:
        return say("desk.case.range.times_between", page_language(), facts)
    if charge.factor_min != 1:
        return say("desk.case.range.times", page_language(), facts)
    return say("desk.case.range.once", page_language(), facts)


def _reasons(found: Options) -> Iterator[str]:
    """Yield why, a sentence each, as the lender's rules have it."""
    spoken, charge, new_copy = page_language(), found.charge, found.replacement
    either = found.cash.asked or found.replaced.asked
    if found.treated_as is not None:
        yield say("desk.case.why.treated_as", spoken, {"kind": said_kind(CaseKind(found.treated_as))})
    for name, factor in charge.plus if charge else ():
        each = said_amount(Money.rounded(factor, found.currency), spoken)
        if name == "pages":
            yield say("desk.case.why.pages", spoken, {"amount": each})
        else:
            yield say("desk.case.why.binding_fee", spoken)
    if new_copy is not None:
        yield _said_replacement(found)
    if found.only_if_unavailable:
        yield say("desk.case.why.only_if_unavailable", spoken)
    if charge is not None and charge.keep_remainder is not None:
        yield say("desk.case.why.remainder", spoken)
    if either is not None and either.suspended_from is not None:
        yield say("desk.case.why.suspended", spoken)
    if either is not None and either.recover_item:
        yield say("desk.case.why.recover", spoken)
    if CaseKind.LOSS in {found.kind, found.treated_as}:
        yield say("desk.case.why.fine_stops", spoken)


def _said_replacement(found: Options) -> str:
    new_copy, spoken = found.replacement, page_language()
    editions = [_word(one) for one in sorted(new_copy.editions)] if new_copy else []
    facts: dict[str, Any] = {"editions": joined("value.several", editions, spoken)}
    told = [say("desk.case.why.replacement", spoken, facts)]
    if found.deadline is not None:
        told.append(say("desk.case.why.deadline", spoken, {"day": said_day(found.deadline, spoken)}))
    if new_copy is not None and new_copy.fee_per_volume:
        fee = said_amount(new_copy.fee_per_volume, spoken)
        told.append(say("desk.case.why.fee", spoken, {"amount": fee}))
    return (" " if spoken == "en" else "").join(told)


def _awaited(found: Options) -> Iterator[str]:
    """Yield what is still to be known or brought before it can be settled."""
    spoken, fault = page_language(), found.cash.fault
    if fault is not None and fault.code in _DECIDED:
        yield say(f"desk.case.awaits.{fault.code}", spoken)
    elif fault is not None:
        yield say(CaseFlaw(fault.code).message, spoken, fault.facts)
    elif found.cash.asked is not None and found.cash.asked.least is not None:
        yield say("desk.case.awaits.amount", spoken)
    else:
        yield say("desk.case.awaits.nothing", spoken)
    if found.deadline is not None and found.replacement is not None:
        yield say("desk.case.awaits.until", spoken, {"day": said_day(found.deadline, spoken)})


#: the last word on a case may be that no fact is missing
AWAITS = (*sorted(_DECIDED), "amount", "nothing", "until")


def _needs(found: Options) -> set[str]:
    """Return the facts that the lender's rules ask for."""
    charge = found.charge
    paid = found.cash.asked
    if charge is None or charge.refer is not None or (paid is not None and paid.waived):
        return set()
    chosen = {"amount"} if charge.amount_min is not None else set()
    if charge.basis is not None:
        chosen = {charge.basis} | ({"factor"} if charge.factor_min != charge.factor_max else set())
    unavailable = {"available"} if found.only_if_unavailable else set()
    return chosen | {name for name, _ in charge.plus} | unavailable


def _ways(found: Options) -> dict[str, bool]:
    return {"cash": found.charge is not None, "replacement": found.replacement is not None}


def _word(word: str) -> str:
    named = f"desk.case.word.{word}"
    return say(named, page_language()) if knows(named) else word
