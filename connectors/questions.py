"""Questions that change nothing, by which connectors are tried, and their answers in words."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from connectors.ports import StatusQuestion
from workflows.citation import Query

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.ports import Finder, PatronDirectory

#: How long a trial may wait for an answer.
SECONDS = 10.0
#: An ISBN that no book has: prefix 978-0-00 belongs to a publisher, the rest to nothing it ever printed.
_NO_BOOK = "9780000000002"
_NOBODY = "ill-broker-test"


def finds(finder: Finder) -> str:
    found = asyncio.run(finder.find(Query(isbn=_NO_BOOK), deadline=SECONDS))
    return f"searches; {found.total} records for a book that there is not"


def looks_up(directory: PatronDirectory) -> str:
    found = directory.look_up(_NOBODY)
    return "looks up patrons" if found is None else f"knows a patron with the card {_NOBODY}"


def of_no_request(now: datetime) -> StatusQuestion:
    """Return the question where a request stands that there is not."""
    name = f"ill-broker-test-{now:%Y%m%d%H%M%S%f}"
    return StatusQuestion(message_id=name, request_id=name, at=now)
