"""A new request: may it be made, who is asked, and in which order."""

from collections.abc import Iterable
from dataclasses import replace

from workflows import home_cards
from workflows.citation import Holding
from workflows.decisions import rota as asking
from workflows.decisions.consequences import Decision, concluded
from workflows.decisions.draft import Draft, Known
from workflows.eligibility import eligibility, rota_order
from workflows.eligibility.rota_order import Candidate
from workflows.ids import LibraryCode
from workflows.patrons import Patron
from workflows.reasons import Placed, Refusal
from workflows.refusals import NotEligible
from workflows.requests import events
from workflows.requests.request import Request, RotaEntry, Turn


def submit(request: Request, patron: Patron, known: Known, *, chosen: LibraryCode | None = None) -> Decision:
    """Return what follows from a submission.

    *request* is a new one: who asks for what, where it is held and where it is to be fetched.

    :param chosen: the lender that a desk has chosen to be asked first
    :raises NotEligible: with every reason, those of each lender among them
    """
    draft = Draft(request, known)
    rota = _chosen_first(_rota(draft, request.holdings), chosen)
    reasons = list(_reasons(draft, patron, rota, chosen))
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
    return concluded(draft, None)


def hindrances(request: Request, patron: Patron, known: Known) -> tuple[str, ...]:
    """Return why the patron could be lent nothing now, whoever held what *request* is for."""
    draft = Draft(request, known)
    return (*_of_card(draft, patron), *_of_limit(draft))


def _reasons(
    draft: Draft, patron: Patron, rota: tuple[RotaEntry, ...], chosen: LibraryCode | None
) -> Iterable[str]:
    """Yield every reason against the request, each once; the lenders' count when all of them refuse.

    Those of a lender that a desk has chosen always do: nobody else is asked in its stead unseen.
    """
    asked = [entry for entry in rota if entry.lender == chosen] or rota
    yield from _of_card(draft, patron)
    if not rota:
        yield Refusal.NO_HOLDING
    elif all(entry.turn is Turn.PASSED for entry in asked):
        yield from dict.fromkeys(entry.reason for entry in asked)
    yield from _of_limit(draft)


def _of_card(draft: Draft, patron: Patron) -> Iterable[str]:
    if patron.verified_at is None:
        yield Refusal.EMAIL_NOT_VERIFIED
    if (bad_card := home_cards.refusal(draft.known.home_card)) is not None:
        yield bad_card
    if not draft.known.privileges.card_lends:
        yield Refusal.CARD_WITHOUT_LOAN_FUNCTION


def _of_limit(draft: Draft) -> Iterable[str]:
    if eligibility.is_at_home_limit(draft.policy(draft.request.home), draft.known.open_total):
        yield Refusal.BORROWER_LIMIT


def _chosen_first(rota: tuple[RotaEntry, ...], chosen: LibraryCode | None) -> tuple[RotaEntry, ...]:
    """Return the rota with the chosen lender before all others, unless the rules pass it over."""
    first = [
        replace(entry, reason=Placed.CHOSEN)
        for entry in rota
        if entry.lender == chosen and entry.turn is Turn.WAITING
    ]
    return (*first, *(entry for entry in rota if not first or entry.lender != chosen))


def _rota(draft: Draft, holdings: tuple[Holding, ...]) -> tuple[RotaEntry, ...]:
    """Return the lenders in the order they are asked, then those that are not, each with its reason."""
    members = (copy for copy in holdings if copy.library in draft.known.libraries)
    found = rota_order.rota((asking.candidate(draft, copy) for copy in members), at=draft.now)
    asked = (RotaEntry(lender=one.copy.library, reason=_why(one), copy=one.copy) for one in found.asked)
    passed = (
        RotaEntry(
            lender=one.copy.library, turn=Turn.PASSED, reason=reason, copy=one.copy, passed_at=draft.now
        )
        for one, reason in found.excluded
    )
    return (*asked, *passed)


def _why(one: Candidate) -> Placed:
    if one.prefers_others:
        return Placed.PREFERS_FOREIGN
    return Placed.AVAILABLE if one.copy.available else Placed.AVAILABILITY_UNKNOWN
