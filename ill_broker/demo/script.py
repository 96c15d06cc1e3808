"""The time of the demonstration: it runs as usual, and in between days pass in seconds."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ill_broker.clock import FileClock, set_clock


@dataclass(frozen=True, slots=True)
class Calendar:
    """Lets days pass for the broker and for the sandbox libraries, which all read the same script."""

    script: Path
    #: how many times faster than usual days pass
    speed: float

    def now(self) -> datetime:
        """Return the time in the demonstration."""
        return FileClock(self.script).now()

    def let_pass(self, span: timedelta) -> None:
        """Let *span* pass, as fast as the demonstration is to run."""
        begin = self.now()
        set_clock(self.script, begin, speed=self.speed)
        time.sleep(span.total_seconds() / self.speed)
        set_clock(self.script, begin + span)
