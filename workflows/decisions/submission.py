"""A new request: may it be made, who is asked, and in which order."""

from collections import defaultdict
from collections.abc import Iterable

from workflows import home_cards
from workflows.citation import Holding, likelihood
from workflows.decisions import rota as asking
from workflows.decisions.draft import Decision, Draft, Known
from workflows.eligibility import eligibility
from workflows.ids import LibraryCode
from workflows.patrons import Patron
from workflows.reasons import Refusal
from workflows.refusals import NotEligible
from workflows.requests import events, loan_terms
from workflows.requests.request import Request, RotaEntry, Turn


def submit(request: Request, patron: Patron, known: Known) -> Decision:
    """Return what follows from a submission.

    *request* is a new one: who asks for what, where it is held and where it is to be fetched.

    :raises NotEligible: with every reason, those of each lender among them
    """
    draft = Draft(request, known)
    rota = _rota(draft, request.holdings)
    reasons = list(_reasons(draft, patron, rota))
    if reasons:
        lenders = {entry.lender: entry.reason for entry in rota if entry.turn is Turn.PASSED}
        raise NotEligible(reasons=reasons, lenders=lenders)
    draft.happened(
        events.Submitted(
            at=draft.now,
            citation=request.citation,
            holdings=request.holdings,
            rota=rota,
            home_card=draft.known.home_card,
            because=events.Because(rule="G-1"),
        )
    )
    asking.ask_next(draft)
    return draft.decision()


def _reasons(draft: Draft, patron: Patron, rota: tuple[RotaEntry, ...]) -> Iterable[str]:
    """Yield every reason against the request, each once; the lenders' count when all of them refuse."""
    if patron.verified_at is None:
        yield Refusal.EMAIL_NOT_VERIFIED
    if (bad_card := home_cards.refusal(draft.known.home_card)) is not None:
        yield bad_card
    if not draft.known.privileges.card_lends:
        yield Refusal.CARD_WITHOUT_LOAN_FUNCTION
    if not rota:
        yield Refusal.NO_HOLDING
    elif all(entry.turn is Turn.PASSED for entry in rota):
        yield from dict.fromkeys(entry.reason for entry in rota)
    if eligibility.is_at_home_limit(draft.policy(draft.request.home), draft.known.open_total):
        yield Refusal.BORROWER_LIMIT


def _rota(draft: Draft, holdings: tuple[Holding, ...]) -> tuple[RotaEntry, ...]:
    """Return the lenders in the order they are asked, then those that are not, each with its reason.

    Copies said to be in come first, then the nearest lender, so that the patron waits least; who would
    rather lend other books comes last.
    """
    known = draft.known
    by_library = defaultdict[LibraryCode, list[Holding]](list)
    for held in holdings:
        if held.library in known.libraries:
            by_library[held.library].append(held)
    mine = sorted(
        (_chosen(draft, copies) for copies in by_library.values()),
        key=lambda copy: (
            _prefers_others(draft, copy),
            copy.available is not True,
            known.book.policy(copy.library).clock.outbound_days,
            copy.library,
        ),
    )
    excluded = {copy.library: reason for copy in mine if (reason := _excluded(draft, copy))}
    asked = [
        RotaEntry(lender=copy.library, reason=_why(draft, copy), copy=copy)
        for copy in mine
        if copy.library not in excluded
    ]
    passed = [
        RotaEntry(
            lender=copy.library,
            turn=Turn.PASSED,
            reason=excluded[copy.library],
            copy=copy,
            passed_at=draft.now,
        )
        for copy in mine
        if copy.library in excluded
    ]
    return (*asked, *passed)


def _chosen(draft: Draft, copies: Iterable[Holding]) -> Holding:
    """Return the copy to ask one library for: first one that it lends, then one that is in.

    Copies of one work differ: one may be bound for the reading room while another lends.
    """
    return min(copies, key=lambda copy: (_excluded(draft, copy) is not None, likelihood(copy)))


def _prefers_others(draft: Draft, copy: Holding) -> bool:
    return eligibility.comes_last(draft.policy(copy.library), loan_terms.item_of(draft.request, copy))


def _excluded(draft: Draft, holding: Holding) -> str | None:
    """Return the first reason not to ask the library that holds this copy."""
    lender = holding.library
    if lender == draft.request.home:
        return Refusal.OWN_LIBRARY
    if not draft.library(lender).lends:
        return Refusal.DOES_NOT_LEND_NOW
    if holding.available is False:
        return Refusal.NOT_AVAILABLE
    return next(iter(asking.refusals(draft, lender, holding)), None)


def _why(draft: Draft, copy: Holding) -> str:
    if _prefers_others(draft, copy):
        return "prefers_foreign"
    return "available" if copy.available else "availability_unknown"
