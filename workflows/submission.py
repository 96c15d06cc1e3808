"""A new request: may it be made, who is asked, and in which order."""

from collections.abc import Iterable

from workflows import asking, eligibility, events, home_cards, terms
from workflows.citation import Holding, best_copy
from workflows.drafts import Decision, Draft, Known
from workflows.ids import LibraryCode
from workflows.patrons import Patron
from workflows.reasons import Refusal
from workflows.refusals import NotEligible
from workflows.requests import Request, RotaEntry, Turn


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
    copies = {held.library: best_copy(holdings, held.library) or held for held in holdings}
    mine = sorted(
        (copy for code, copy in copies.items() if code in known.libraries),
        key=lambda copy: (
            _prefers_others(draft, copy.library),
            copy.available is not True,
            known.book.policy(copy.library).clock.outbound_days,
            copy.library,
        ),
    )
    excluded = {copy.library: reason for copy in mine if (reason := _excluded(draft, copy))}
    asked = [
        RotaEntry(lender=copy.library, reason=_why(draft, copy))
        for copy in mine
        if copy.library not in excluded
    ]
    passed = [
        RotaEntry(lender=code, turn=Turn.PASSED, reason=reason, passed_at=draft.now)
        for code, reason in excluded.items()
    ]
    return (*asked, *passed)


def _prefers_others(draft: Draft, lender: LibraryCode) -> bool:
    return eligibility.comes_last(draft.policy(lender), terms.item_at(draft.request, lender))


def _excluded(draft: Draft, holding: Holding) -> str | None:
    """Return the first reason not to ask the library that holds this copy."""
    lender = holding.library
    if lender == draft.request.home:
        return Refusal.OWN_LIBRARY
    if not draft.library(lender).lends:
        return Refusal.DOES_NOT_LEND_NOW
    if holding.available is False:
        return Refusal.NOT_AVAILABLE
    return next(iter(asking.refusals(draft, lender)), None)


def _why(draft: Draft, copy: Holding) -> str:
    if _prefers_others(draft, copy.library):
        return "prefers_foreign"
    return "available" if copy.available else "availability_unknown"
