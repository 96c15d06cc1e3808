"""In which order lenders are asked, and why some are not asked at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from workflows.eligibility.eligibility import (
    comes_last,
    is_processing_stopped,
    is_quota_exhausted,
    lendability_code,
)
from workflows.policies.policy import Item, Policy
from workflows.reasons import Refusal


@dataclass(frozen=True, slots=True)
class Candidate:
    """A library that may own the item, and what is known of its copy."""

    policy: Policy
    holds: bool = True
    available: bool = True
    quota_used: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """Lenders in the order of asking; those left out, each with its first reason."""

    order: tuple[str, ...]
    excluded: tuple[tuple[str, str], ...]


def route(item: Item, candidates: Sequence[Candidate], *, at: datetime) -> Route:
    """Return who is asked for *item*, as given; who prefers foreign titles comes last for Chinese."""
    reasons = [(one, exclusion(item, one, at=at)) for one in candidates]
    asked = [one for one, reason in reasons if reason is None]
    asked.sort(key=lambda one: comes_last(one.policy, item))
    return Route(
        tuple(one.policy.id for one in asked),
        tuple((one.policy.id, reason) for one, reason in reasons if reason is not None),
    )


def exclusion(item: Item, candidate: Candidate, *, at: datetime) -> str | None:
    """Return the first reason not to ask this lender, None if there is none; its default category counts."""
    lender = candidate.policy
    if not candidate.holds:
        return Refusal.NOT_HELD
    if not candidate.available:
        return Refusal.NOT_AVAILABLE
    code = lendability_code(lender, item, lender.default_category)
    if code is not None:
        return code
    if is_quota_exhausted(lender, candidate.quota_used):
        return Refusal.QUOTA_EXHAUSTED
    return Refusal.PROCESSING_STOPPED if is_processing_stopped(lender, at) else None
