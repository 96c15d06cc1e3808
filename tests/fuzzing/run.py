"""One reader fed with spoilt input, and what came of it."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from tests.fuzzing.mutations import mutated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.fuzzing.readers import Reader

#: seconds of this thread's own work that one input of at most 64 KiB may take, which is read in a few
#: milliseconds: no machine is so slow, but what grows with the square of its input is
PATIENCE = 10.0


@dataclass(frozen=True)
class Found:
    """An input that a reader did not survive."""

    reader: str
    seed: int
    data: bytes
    complaint: str

    def __str__(self) -> str:
        return (
            f"{self.reader}, seed {self.seed}, {len(self.data)} bytes: {self.complaint}\n{self.data[:2000]!r}"
        )


@dataclass
class Tally:
    tried: int = 0
    #: how many were read to the end: without any, nothing but the first line of the reader was tried
    read: int = 0


def feed(reader: Reader, seeds: Iterable[int]) -> tuple[Tally, Found | None]:
    """Feed *reader* one input for each seed, and stop at the first that it does not survive."""
    tally = Tally()
    for seed in seeds:
        data = mutated(Random(seed), reader.samples)  # noqa: S311 - to be found again, not to be secret
        complaint = _tried(reader, data, tally)
        if complaint is not None:
            return tally, Found(reader.name, seed, data, complaint)
    return tally, None


def _tried(reader: Reader, data: bytes, tally: Tally) -> str | None:
    began = time.thread_time()
    tally.tried += 1
    try:
        reader.read(data)
        tally.read += 1
    except reader.own:
        pass
    except Exception:  # noqa: BLE001 - this is what is looked for
        return traceback.format_exc(limit=-4)
    took = time.thread_time() - began
    return f"took {took:.1f} s" if took > PATIENCE else None
