"""Feed every reader in turn: `python -m tests.fuzzing --seconds 3600`; the exit status is 1 if one fell."""

from __future__ import annotations

import argparse
import sys
import time
from itertools import count, takewhile
from typing import TYPE_CHECKING

from tests.fuzzing.readers import readers
from tests.fuzzing.run import feed

if TYPE_CHECKING:
    from collections.abc import Iterator

#: seconds that each reader has before the next has its turn
TURN = 10.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing")
    parser.add_argument("--seconds", type=float, default=60.0, help="in all")
    parser.add_argument("--seed", type=int, default=None, help="where to begin; else a new place each time")
    parser.add_argument("readers", nargs="*", help="names; else all")
    wanted = parser.parse_args()
    chosen = [one for one in readers() if not wanted.readers or one.name in wanted.readers]
    seed = time.time_ns() if wanted.seed is None else wanted.seed
    print(f"seed {seed}", flush=True)
    until, tried, read, fallen = (
        time.monotonic() + wanted.seconds,
        dict.fromkeys(readers(), 0),
        dict.fromkeys(readers(), 0),
        0,
    )
    while chosen and (left := until - time.monotonic()) > 0:
        for reader in tuple(chosen):
            tally, found = feed(reader, _seeds(seed + tried[reader], min(TURN, left / len(chosen))))
            tried[reader] += tally.tried
            read[reader] += tally.read
            if found is not None:
                fallen += 1
                chosen.remove(reader)
                print(found, flush=True)
    for reader, number in tried.items():
        print(f"{reader.name:<16} {number:>10,} inputs, {read[reader]:>9,} of them read")
    return 1 if fallen else 0


def _seeds(first: int, seconds: float) -> Iterator[int]:
    until = time.monotonic() + seconds
    return takewhile(lambda _: time.monotonic() < until, count(first))


if __name__ == "__main__":
    sys.exit(main())
