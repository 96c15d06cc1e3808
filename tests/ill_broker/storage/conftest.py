"""The storage is tested on both databases everywhere: what differs between them lies there."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["sqlite", "postgres"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Which database it is."""
    return str(request.param)
