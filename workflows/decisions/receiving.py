"""Who may be given the book at the desk: the patron with their own card, or an agent named for this book."""

from collections.abc import Iterator

from workflows.decisions import rota
from workflows.decisions.draft import Draft
from workflows.eligibility.eligibility import Standing
from workflows.errors import WorkflowError
from workflows.identifiers import fold
from workflows.loan_clock.case import Suspended
from workflows.reasons import Refusal
from workflows.requests.commands import HandOver


class NotHandedOver(WorkflowError):
    """The book stays at the desk; ``facts["reasons"]`` has every reason."""

    code = "not_handed_over"
    title = "The book may not be handed over"


def check_receiver(draft: Draft, command: HandOver) -> None:
    """Let the book go to the patron alone, or to the agent named for exactly this book.

    :raises NotHandedOver: with every reason
    """
    reasons = list(_reasons(draft, command))
    if reasons:
        raise NotHandedOver(reasons=reasons, lender=draft.request.lender)


def stops(draft: Draft) -> tuple[Suspended, ...]:
    """Return what suspends the patron at the lender now, as the loan clock looks at it (G-11)."""
    lender = draft.request.lender
    if lender is None:
        return ()
    today = draft.policy().calendar.local_day(draft.now)
    return tuple(
        Suspended(stop.library, stop.since, stop.until)
        for stop in draft.known.privileges.suspended(lender, today)
    )


def _reasons(draft: Draft, command: HandOver) -> Iterator[str]:
    request, known = draft.request, draft.known
    standing = Standing()
    if request.lender is not None:
        standing = known.standings.get(request.lender, standing)
        entry = request.entry(request.lender)
        code = rota.not_lent(draft, request.lender) if entry and entry.correction else None
        if code:
            yield code
    if standing.suspended:
        yield Refusal.SUSPENDED
    if draft.policy().block_when_overdue and standing.overdue_at_lender:
        yield Refusal.OVERDUE_BLOCK
    if not known.privileges.card_lends:
        yield Refusal.CARD_WITHOUT_LOAN_FUNCTION
    if command.card is not None and fold(command.card) != fold(known.card_number or ""):
        yield Refusal.NOT_THE_PATRONS_CARD
    if command.agent is not None and not known.privileges.is_agent(request.id, command.agent):
        yield Refusal.AGENT_NOT_NAMED
