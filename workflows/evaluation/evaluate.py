"""Cases of every kind: JSON in, JSON out; docs/policies.md shows some."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from workflows.cards.terms import card_due, card_lateness, card_refusal, card_terms
from workflows.citation import Holding
from workflows.eligibility.eligibility import Standing, eligibility
from workflows.eligibility.rota_order import Candidate, route
from workflows.errors import InvalidCase
from workflows.evaluation.account_json import account_answer
from workflows.evaluation.damage_json import compensation_answer
from workflows.evaluation.loan_json import read_loan, suspensions_of, write_loan
from workflows.evaluation.reading import (
    Case,
    as_of,
    borrower_of,
    category_of,
    count_of,
    day_or_instant,
    flag_of,
    item_of,
    lender_of,
    rows,
    section,
    text_of,
)
from workflows.ids import LibraryCode
from workflows.loan_clock.clock import loan_answer
from workflows.loan_clock.holds import delivery, hold_until, is_expired
from workflows.loan_clock.timeline import check_suspensions
from workflows.losses.compensation import suspended_until
from workflows.policies.book import PolicyBook
from workflows.policies.conditions import Item
from workflows.policies.policy import Policy
from workflows.timestamps import instant

Answer = dict[str, Any]


def evaluate(kind: str, case: Mapping[str, Any], book: PolicyBook) -> Answer:
    """Return the answer to *case*, or ``{"error": code}`` and nothing else if it is invalid."""
    try:
        return KINDS.get(kind, _unknown)(section({"case": case}, "case"), book)
    except InvalidCase as error:
        return {"error": error.code}
    except OverflowError:
        # a date beyond the last year there is
        return {"error": "bad_timestamp"}


def _unknown(case: Case, book: PolicyBook) -> Answer:  # noqa: ARG001 - as every kind
    raise InvalidCase("unknown_kind")


def _loan(case: Case, book: PolicyBook) -> Answer:
    loan = read_loan(case, book)
    return write_loan(loan, loan_answer(loan))


def _limits(case: Case, book: PolicyBook) -> Answer:
    lender, home = lender_of(case, book), borrower_of(case, book)
    category, at = category_of(case, lender), instant(case.get("at"))
    standing = _standing(section(case, "state"), lender, at)
    found = eligibility(lender, home, item_of(case), category=category, at=at, standing=standing)
    return {"allowed": found.allowed, "reasons": list(found.reasons), "advice": list(found.advice)}


def _standing(state: Case, lender: Policy, at: datetime) -> Standing:
    held, stops = section(state, "open_at_lender"), suspensions_of(state, lender)
    check_suspensions(stops)
    today = lender.calendar.local_day(at)
    return Standing(
        open_at_lender={collection: count_of(held, collection) for collection in held},
        open_total=count_of(state, "open_total"),
        overdue_at_lender=count_of(state, "overdue_at_lender"),
        quota_used=count_of(state, "quota_used"),
        suspended=any(stop.stops(lender.id, today) for stop in stops),
        permission=flag_of(state, "permission"),
    )


def _route(case: Case, book: PolicyBook) -> Answer:
    item = item_of(case)
    found = route(
        [_candidate(row, item, book) for row in rows(case, "candidates")], at=instant(case.get("at"))
    )
    return {
        "order": [one.policy.id for one in found.asked],
        "excluded": [{"policy": one.policy.id, "reason": reason} for one, reason in found.excluded],
    }


def _candidate(row: Case, item: Item, book: PolicyBook) -> Candidate:
    policy = book.policy(row.get("policy"))
    return Candidate(
        policy=policy,
        item=item,
        holds=flag_of(row, "holds", default=True),
        copy=Holding(
            library=LibraryCode(policy.id), record_id="", available=flag_of(row, "available", default=True)
        ),
        standing=Standing(quota_used=count_of(row, "quota_used")),
    )


def _hold(case: Case, book: PolicyBook) -> Answer:
    lender = lender_of(case, book)
    desk = lender if case.get("desk") is None else book.policy(case["desk"])
    notified, at = instant(case.get("notified")), as_of(case, "at")
    if at is not None and at < notified:
        raise InvalidCase("timeline_order")
    until = hold_until(lender, desk, notified)
    if at is None:
        return {"hold_until": until.isoformat()}
    return {"hold_until": until.isoformat(), "state": "expired" if is_expired(lender, until, at) else "held"}


def _pickup(case: Case, book: PolicyBook) -> Answer:
    policy = lender_of(case, book)
    if text_of(case, "site") not in policy.pickup:
        raise InvalidCase("unknown_pickup_site")
    found = delivery(policy, text_of(case, "site"), instant(case.get("applied")))
    return {"delivered_by": found.by.isoformat(), "after_cutoff": found.after_cutoff}


def _card(case: Case, book: PolicyBook) -> Answer:
    policy = lender_of(case, book)
    card_terms(policy)
    issued, held = instant(case.get("issued")), count_of(case, "cards_held")
    until = as_of(case, "returned") or as_of(case)
    if until is not None and until < issued:
        raise InvalidCase("timeline_order")
    reason = card_refusal(policy, cards_held=held)
    if reason is not None:
        return {"allowed": False, "reason": reason}
    due = card_due(policy, issued)
    answer: Answer = {"allowed": True, "due": due.isoformat()}
    if until is not None:
        late = card_lateness(policy, due, until)
        amount = None if late.amount is None else late.amount.amount
        answer |= {"overdue_days": late.days, "fine": {"currency": policy.currency, "amount": amount}}
    return answer


def _desk(case: Case, book: PolicyBook) -> Answer:
    calendar = lender_of(case, book).calendar
    at = instant(case.get("at"))
    opening = calendar.next_open(at)
    return {
        "open": calendar.is_open(at),
        "next_open": None if opening is None else opening.astimezone(calendar.zone).isoformat(),
    }


def _suspension(case: Case, book: PolicyBook) -> Answer:
    policy = lender_of(case, book)
    if text_of(case, "case") not in policy.suspensions:
        raise InvalidCase("case_not_covered")
    start = day_or_instant(case.get("from"), policy)
    until = suspended_until(policy, text_of(case, "case"), start, case.get("months"))
    return {"from": start.isoformat(), "until": until.isoformat()}


def _validate(case: Case, book: PolicyBook) -> Answer:
    faults = book.faults(case.get("policy"), section(case, "patch"))
    return {"errors": [{"path": fault.path, "code": fault.code} for fault in faults]}


KINDS: Mapping[str, Callable[[Case, PolicyBook], Answer]] = {
    "loan": _loan,
    "limits": _limits,
    "route": _route,
    "hold": _hold,
    "pickup": _pickup,
    "card": _card,
    "desk": _desk,
    "account": account_answer,
    "compensation": compensation_answer,
    "suspension": _suspension,
    "validate": _validate,
}
