"""The seven steps of a request as its reader sees them, with their times."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from workflows.requests.request import Request

#: step -> the instant at which it is taken
STEPS: Mapping[str, str] = MappingProxyType(
    {
        "register": "registered",
        "search": "searched",
        "submit": "submitted",
        "in_transit": "shipped",
        "arrived": "arrived",
        "notified": "notified",
        "returned": "returned",
    }
)


@dataclass(frozen=True, slots=True)
class JourneyStep:
    """One of the seven steps; ``at`` is None where it was passed without being told of."""

    step: str
    at: datetime | None
    reached: bool


def journey(request: Request) -> list[JourneyStep]:
    """Return the seven steps; a later step shows that those before it were passed."""
    times = [getattr(request.instants, instant) for instant in STEPS.values()]
    last = max(place for place, at in enumerate(times) if at)
    return [JourneyStep(step, times[place], place <= last) for place, step in enumerate(STEPS)]
