"""Measure `ill-broker policies simulate`: `python bench/simulate.py [--loans 100000]`.

The whole program over a file of loans, with its start and the most memory it took, for a tenth of the loans
and for all of them: the memory must not differ. Each loan is calculated twice, under today's policies and
under the candidate's; bench/evaluate.py says how many can be calculated at all.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.evaluate import ROOT, WATCHED, cases

PROGRAM = [sys.executable, "-m", "ill_broker", "policies", "simulate"]


def program(candidate: Path, lines: bytes) -> tuple[float, int]:
    """Return the seconds and the most kilobytes that the program took."""
    command = [sys.executable, "-c", WATCHED, *PROGRAM, "--policies", str(candidate), "--loans", "-"]
    begun = time.perf_counter()
    done = subprocess.run(command, input=lines, capture_output=True, check=True, cwd=ROOT)
    count = lines.count(b"\n")
    assert f"{count} loans;".encode() in done.stdout, done.stderr
    return time.perf_counter() - begun, int(done.stderr.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loans", type=int, default=100_000)
    lines = cases(parser.parse_args().loans)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / "workflows" / "data" / "policies" / "szutl.yaml", folder)
        for some in (lines[: lines.index(b"\n", len(lines) // 10) + 1], lines):
            seconds, kilobytes = program(Path(folder), some)
            count = some.count(b"\n")
            rate = count / seconds
            print(
                f"{count:7} loans in {seconds:5.1f} s, {rate:7,.0f}/s, {kilobytes / 1024:.0f} MB at most",
                flush=True,
            )


if __name__ == "__main__":
    main()
