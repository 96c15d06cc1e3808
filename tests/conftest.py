"""What holds for every test: fixtures of tests/support, Hypothesis profiles, no silent skips in CI."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = (
    "tests.support.postgres",
    "tests.support.processes",
    "tests.support.smtp",
    "tests.support.sqlite",
    "tests.support.zebra",
    "tests.support.browsing",
)

#: A machine's load must not decide a test.
_AT_ANY_SPEED: Any = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("quick", max_examples=30, **_AT_ANY_SPEED)
settings.register_profile("ci", max_examples=200, derandomize=True, **_AT_ANY_SPEED)
settings.register_profile("thorough", max_examples=5_000, **_AT_ANY_SPEED)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_collection_finish() -> None:
    """Spare the garbage collector, at each of its rounds, the modules and tests that stay until the end."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure where everything is required: there a missing tool is a broken machine."""
    expected_failure = hasattr(report, "wasxfail")
    if not report.skipped or expected_failure or not os.environ.get("ILL_REQUIRE_ALL"):
        return
    report.outcome = "failed"
    report.longrepr = f"ILL_REQUIRE_ALL is set, and this was skipped: {report.longrepr}"
