"""The demonstration, as a newcomer starts it."""

from __future__ import annotations

import subprocess
import sys

from tests.support.sources import ROOT

STEPS = ["register", "search", "submit", "in_transit", "arrived", "notified", "returned"]


def test_the_demonstration_walks_all_seven_steps_and_ends_well(empty_database: str) -> None:
    """On SQLite as it is started without a word, on PostgreSQL in the database it is given."""
    database = ["--database", empty_database] if empty_database.startswith("postgresql") else []
    ended = subprocess.run(
        [sys.executable, "-m", "ill_broker", "demo", "--once", "--port", "0", "--speed", "5e6", *database],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    told = [line.split()[2] for line in ended.stdout.splitlines() if line.startswith("2026-")]

    assert (0, STEPS) == (ended.returncode, told), ended.stdout + ended.stderr
