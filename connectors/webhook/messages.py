"""What is said in the broker's JSON protocol: calls from us, reports from partners (`StatusReport`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

STATUS = "request.status"


@dataclass(frozen=True, slots=True)
class Call:
    """One message to a partner: what it is, when it was written, what it says."""

    type: str
    timestamp: datetime
    data: Mapping[str, object]
