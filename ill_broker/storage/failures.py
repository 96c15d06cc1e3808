"""What storing can end in, besides a bug."""


class StorageFailure(Exception):
    """It was not stored."""


class Busy(StorageFailure):
    """Others were in the way, or the database was away for a moment: the same again may well succeed."""


class Full(Busy):
    """The disk takes nothing more, and nothing was stored; ``retry_after`` seconds later it may again."""

    retry_after = 60


class NumberTaken(Busy):
    """Another request has this desk number; draw a new one."""


class Uncertain(StorageFailure):
    """The connection broke during the commit: whether it was stored must be looked up."""


class Stale(StorageFailure):
    """The record has moved on since it was read."""


class LimitHit(StorageFailure):
    """The tally ``key`` has reached its ceiling."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Taken(StorageFailure):
    """Somebody else has what must be unique; ``what`` names it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Unreadable(StorageFailure):
    """What is stored is no record of this kind."""
