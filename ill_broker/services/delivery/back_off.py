"""When to try again what did not work: pure, so that retries live in one place and can be read."""

from datetime import timedelta

#: after so many attempts somebody at the desk has to look
MOST_ATTEMPTS = 12
_FIRST = timedelta(seconds=2)
_LONGEST = timedelta(hours=1)


def back_off(attempts: int, *, asked_to_wait: float | None = None) -> timedelta:
    """Return how long to wait after so many attempts: twice as long each time, an hour at most.

    A partner that says how many seconds it wants is given them, but never more than the longest wait.
    """
    grown = min(_FIRST * (1 << min(attempts - 1, 16)), _LONGEST)
    if asked_to_wait is None:
        return grown
    return min(max(grown, timedelta(seconds=asked_to_wait)), _LONGEST)
