"""What every event says beside what happened: when, and what it rests on."""

from dataclasses import dataclass
from datetime import datetime

from workflows.ids import MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """What a decision rests on."""

    #: the number of the rule, as the policies number them
    rule: str | None = None
    #: "szutl@1": policy and version
    policy: str | None = None
    #: "szutl-sample@1": calendar and version
    calendar: str | None = None
    #: the partner's message
    message: MessageId | None = None


NOTHING = Because()


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What every event carries."""

    #: when it happened, which may be before we heard of it
    at: datetime
    because: Because = NOTHING
