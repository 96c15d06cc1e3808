"""The log of a desk: what came of each scan, kept under the scan's key in the words of every language."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from ill_broker.pages.desk.once import Keep, once
from ill_broker.pages.desk.scan_presenters import said_line
from ill_broker.pages.frame import me, zone
from ill_broker.services.scans.scans import Also, Answer
from ill_broker.storage import idempotency
from ill_broker.storage.store import Store
from ill_broker.texts.catalogue import LANGUAGES
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language

Line = dict[str, Any]
#: how long a line stays when the page is opened anew, and how many do
_STAYS, _MOST = timedelta(hours=12), 40


def line_of(key: str, told: Mapping[str, str], take: Callable[[Also], object]) -> Line:
    """Return the line that says what came of a scan; sent again under its key it moves nothing anew.

    :param told: what was scanned, which is the same when the key comes again
    :raises KeyReused: if the key was given to another scan
    """
    at = now().astimezone(zone())

    def work(keep: Keep) -> None:
        def also(conn: Connection, answer: Answer) -> None:
            body = {spoken: said_line(answer, told.get("code", ""), at, spoken) for spoken in LANGUAGES}
            keep(conn, json.dumps(body))

        take(also)

    body = once(_whose(), key, json.dumps(dict(told), sort_keys=True, ensure_ascii=False), work)
    line: Line = json.loads(body)[page_language()] if body else {}
    return line


def recent() -> list[Line]:
    """Return the lines of whoever is logged in, newest first; only the newest of a book offers to undo."""
    with service(Store).reading() as conn:
        saved = idempotency.latest(conn, _whose(), since=now() - _STAYS, limit=_MOST)
    lines: list[Line] = [json.loads(one.body)[page_language()] for one in saved]
    seen = set[str]()
    for line in lines:
        if line["id"] in seen:
            line["undo"] = None
        seen |= {line["id"]} - {""}
    return lines


def _whose() -> str:
    """Return under which name these keys are kept, apart from those of the API."""
    return f"desk:{me().id}"
