"""What there is to choose from before a step is taken."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import Connection

from ill_broker.services.members.directory import Directory
from ill_broker.services.refusals import Unknown
from ill_broker.services.requests.gathering import gather
from ill_broker.storage import privileges
from ill_broker.storage import requests as request_rows
from ill_broker.storage.store import Store
from workflows.actors import Actor
from workflows.decisions import pickups
from workflows.decisions.decide import decide
from workflows.decisions.pickups import Site
from workflows.decisions.settlement_options import Options, options
from workflows.ids import RequestId
from workflows.losses.cases import CaseKind
from workflows.losses.settlement import Settling
from workflows.reasons import Refusal
from workflows.refusals import NotAllowed, RenewalRefused, WrongState
from workflows.requests.commands import Renew
from workflows.requests.lifecycle import Step
from workflows.requests.permissions import may_take, relations
from workflows.requests.request import Request, known_until


@dataclass(frozen=True, slots=True)
class Renewable:
    """What a renewal would come to now: the new due date, or every reason why it would be refused."""

    due: date | None
    reasons: tuple[str, ...] = ()


class Choices:
    """Shows what may be chosen, to whom may choose."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    def case_terms(
        self,
        request_id: RequestId,
        actor: Actor,
        *,
        kind: CaseKind,
        piece: int | None,
        settling: Settling,
        now: datetime,
    ) -> Options:
        """Return how a case could be settled by the lender's rules, as far as it is known.

        :raises Unknown: if the request does not exist for *actor*
        :raises NotAllowed: if *actor* settles nothing
        :raises WrongState: if the patron has not had the book
        """
        self._directory.libraries(now)
        with self._store.reading() as conn:
            request = _visible(conn, request_id, actor, Step.SETTLE_CASE)
            book = self._directory.book_for(conn, request)
        if request.lender is None or request.instants.handover is None:
            raise WrongState(reasons=[Refusal.NOT_HAD], status=request.status)
        policy = book.at(request.lender, request.terms)
        return options(request, kind, piece, settling, policy, now=now)

    def pickup_sites(self, request_id: RequestId, actor: Actor, *, now: datetime) -> tuple[Site, ...]:
        """Return the pick-up sites of the request's desk.

        :raises Unknown: if the request does not exist for *actor*
        :raises NotAllowed: if *actor* chooses none
        """
        policies = self._directory.in_force(now)
        with self._store.reading() as conn:
            request = _visible(conn, request_id, actor, Step.CHOOSE_PICKUP)
        is_here = request.instants.arrived is not None
        return pickups.sites(policies.policy(request.desk), now=now, is_here=is_here)

    def renewal(self, request_id: RequestId, actor: Actor, *, now: datetime) -> Renewable:
        """Return what a renewal would come to, decided as if it were asked for now.

        :raises Unknown: if the request does not exist for *actor*
        :raises NotAllowed: if *actor* renews nothing
        :raises WrongState: if the patron does not have the book
        """
        self._directory.libraries(now)
        with self._store.reading() as conn:
            request = _visible(conn, request_id, actor, Step.RENEW)
            at = max(now, known_until(request))
            known = gather(conn, request, self._directory, now=at, asks=False, renews=True)
        try:
            return Renewable(decide(request, Renew(), known).request.due)
        except RenewalRefused as refused:
            return Renewable(
                None, tuple(str(each) for each in cast("Iterable[object]", refused.facts["reasons"]))
            )

    def agent(self, request_id: RequestId, actor: Actor) -> str | None:
        """Return whom the patron lets fetch the book, None for nobody.

        :raises Unknown: if the request does not exist for *actor*
        :raises NotAllowed: if it is neither the patron's nor the desk's
        """
        with self._store.reading() as conn:
            request = _visible(conn, request_id, actor, Step.CANCEL)
            named = privileges.of_patron(conn, request.patron).agents(request.id)
        return named[-1].agent if named else None


def _visible(conn: Connection, request_id: RequestId, actor: Actor, step: Step) -> Request:
    request = request_rows.load(conn, request_id)
    if request is None or not relations(actor, request):
        raise Unknown
    if not may_take(actor, request, step):
        raise NotAllowed(f"{actor.role} may not take the step {step}", step=step)
    return request
