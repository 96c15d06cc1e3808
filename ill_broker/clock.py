"""The only reader of time."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Tells the time to whoever was given it."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        ...


def now() -> datetime:
    """Return the present instant, aware and in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The time of this machine."""

    def now(self) -> datetime:
        return now()


@dataclass(frozen=True, slots=True)
class ScriptedClock:
    """A clock on which weeks pass in seconds.

    It shows ``anchor_scripted`` when the real time is ``anchor_real`` and runs ``speed`` times as fast
    from there. Processes that are given the same three values agree.

    :raises ValueError: if an anchor is naive, or the speed is not above zero
    """

    anchor_real: datetime
    anchor_scripted: datetime
    speed: float = 1.0
    #: what tells the real time
    real: Callable[[], datetime] = now

    def __post_init__(self) -> None:
        if self.anchor_real.tzinfo is None or self.anchor_scripted.tzinfo is None:
            raise ValueError("the anchors of a clock must be aware of their zone")
        if not self.speed > 0:
            raise ValueError("a clock does not stand still or run backwards")

    def now(self) -> datetime:
        return self.anchor_scripted.astimezone(UTC) + (self.real() - self.anchor_real) * self.speed


class FileClock:
    """A clock that several processes share and one of them sets, by writing its script into a file.

    The file is JSON: {"real": instant, "scripted": instant, "speed": number}. Between two settings time
    runs as the script says; at speed 1 leases, sessions and signatures live as long as they should.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at: tuple[int, int] | None = None
        self._clock: Clock = SystemClock()

    def now(self) -> datetime:
        status = self._path.stat()
        written_at = (status.st_mtime_ns, status.st_ino)
        if written_at != self._read_at:
            script = json.loads(self._path.read_text(encoding="utf-8"))
            self._clock = ScriptedClock(
                datetime.fromisoformat(script["real"]),
                datetime.fromisoformat(script["scripted"]),
                script["speed"],
            )
            self._read_at = written_at
        return self._clock.now()


def set_clock(path: Path, scripted: datetime, *, speed: float = 1.0) -> None:
    """Let every :class:`FileClock` on *path* show *scripted* now, and run on at *speed*."""
    script = {"real": now().isoformat(), "scripted": scripted.isoformat(), "speed": speed}
    new = path.with_suffix(".new")
    new.write_text(json.dumps(script), encoding="utf-8")
    new.replace(path)
