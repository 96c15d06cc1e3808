"""What a worker writes that has nothing to do."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.processes import Child


@pytest.mark.ci
@pytest.mark.parametrize(("level", "ticks"), [("info", False), ("debug", True)])
def test_the_ticks_of_an_idle_worker_are_written_for_who_looks_for_them(
    migrated_file: Path, tmp_path: Path, start: Callable[..., Child], level: str, *, ticks: bool
) -> None:
    shutil.copy(migrated_file, tmp_path / "ill.db")
    told = {
        "ILL_DATABASE_URL": f"sqlite:///{tmp_path / 'ill.db'}",
        "ILL_SECRET_KEY": "a key for the tests alone, and long",
        "ILL_LOG_LEVEL": level,
    }
    worker = start("-m", "ill_broker", "worker", environment=told)
    worker.wait_until_ready()
    ends = time.monotonic() + (120 if ticks else 3)  # it ticks every second
    while time.monotonic() < ends and not told_of_ticks(worker):
        time.sleep(0.1)
    worker.end()

    assert ticks is told_of_ticks(worker)
    assert ticks or ['{"ready": "worker"}\n'] == worker.output


def told_of_ticks(worker: Child) -> bool:
    return any("executed successfully" in line for line in worker.output)
