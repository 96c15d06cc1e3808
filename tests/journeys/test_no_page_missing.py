"""Each page has its line among those that are looked at."""

from __future__ import annotations

from collections import defaultdict

from werkzeug.exceptions import HTTPException

from ill_broker.app import create_app
from ill_broker.settings import Settings
from tests.journeys.every_page import KINDS, NO_PAGE, PAGES


def test_each_page_is_looked_at() -> None:
    """A page without a line in tests/journeys/every_page.py is one that nobody has looked at."""
    rules = create_app(Settings(secret_key="a key for the tests alone, and long")).url_map
    adapter = rules.bind("localhost")
    ids = defaultdict[str, str](lambda: f"req_{'0' * 17}")
    ids |= {name: f"{kind}_{'0' * 17}" for name, kind in KINDS.items()}
    looked_at = set(NO_PAGE)
    for path, _ in PAGES.values():
        address = path.split(" > ")[0].split("?")[0].format_map(ids)
        try:
            looked_at.add(adapter.match(address, method="GET")[0])
        except HTTPException:
            continue
    pages = {
        one.endpoint: one.rule
        for one in rules.iter_rules()
        if one.endpoint.startswith("pages.") and "GET" in (one.methods or ())
    }
    missing = {end: rule for end, rule in pages.items() if end not in looked_at}

    assert {} == missing, (
        "These pages have no line: give each one in PAGES of tests/journeys/every_page.py (its name in "
        "pictures, its address, who sees it); ids of what the demonstration leaves stand in standing.py"
    )
