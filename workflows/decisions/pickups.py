"""Where a patron fetches the book: the sites of a desk, and the day on which one has it (R-SZUTL-11, -12)."""

from dataclasses import dataclass
from datetime import date, datetime

from workflows.decisions.draft import Draft
from workflows.loan_clock import holds
from workflows.policies.policy import Policy
from workflows.refusals import UnknownPickupSite
from workflows.requests import events
from workflows.requests.commands import ChoosePickup
from workflows.requests.request import Pickup


@dataclass(frozen=True, slots=True)
class Site:
    """A pick-up site, and when it would have the book that is applied for now."""

    site: str
    #: None as long as the book is not at the desk
    by: date | None
    after_cutoff: bool


def choose(draft: Draft, command: ChoosePickup) -> None:
    """Note where the patron wants to fetch the book.

    :raises UnknownPickupSite: if the desk has no such site
    """
    request = draft.request
    policy = draft.policy(request.desk)
    known(policy, command.site)
    here = request.instants.arrived is not None
    by = holds.delivery(policy, command.site, draft.now).by if here else None
    because = events.Because(rule="R-SZUTL-11")
    draft.happened(events.PickupChosen(at=draft.now, site=command.site, by=by, because=because))


def known(policy: Policy, site: str) -> None:
    """Refuse a site that the desk does not have.

    :raises UnknownPickupSite: if it is none
    """
    if site not in policy.pickup:
        raise UnknownPickupSite(site=site, known=sorted(policy.pickup))


def by_when(policy: Policy, pickup: Pickup | None, arrived: datetime) -> date | None:
    """Return when the chosen site has a book that came at *arrived*: applied for is only what is there.

    None where no site was chosen, or the desk has none of this name any more.
    """
    if pickup is None or pickup.site not in policy.pickup:
        return None
    return holds.delivery(policy, pickup.site, max(arrived, pickup.applied)).by


def sites(policy: Policy, *, now: datetime, is_here: bool) -> tuple[Site, ...]:
    """Return the sites of a desk with the day on which each would have the book."""
    found = []
    for site in sorted(policy.pickup):
        delivery = holds.delivery(policy, site, now)
        found.append(Site(site, delivery.by if is_here else None, delivery.after_cutoff))
    return tuple(found)
