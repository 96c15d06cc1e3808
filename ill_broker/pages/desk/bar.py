"""What waits at the desk, list by list: the bar that stands on each of its pages."""

from __future__ import annotations

from typing import Any

from flask import url_for

from ill_broker.pages.frame import me
from ill_broker.services.requests.desk_lists import DeskLists
from ill_broker.texts.catalogue import say
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language
from workflows.requests.desk_lists import DeskList

#: the lists, in the order of a desk's day
LISTS = (
    *("to_arrive", "to_call", "on_shelf", "overdue", "to_ship_back", "to_look_at"),
    *("typed", "to_answer", "astray"),
)
#: where those stand that are no lists of requests at the desk
_ELSEWHERE = {
    "typed": "pages.desk_typed.show_all",
    "to_answer": "pages.lending.show",
    "astray": "pages.desk_astray.show",
}


def counted() -> list[dict[str, Any]]:
    """Return each list with its words, how much waits in it, and where it stands."""
    counts = service(DeskLists).counts(me(), now=now())
    counts["astray"] = counts["set_aside"] + counts["dead_letters"]
    return [
        {
            "name": name,
            "words": say(f"desk.bar.{name}", page_language()),
            "count": counts[name],
            "address": _address(name),
        }
        for name in LISTS
    ]


def _address(name: str) -> str:
    if name in set(DeskList):
        return url_for("pages.desk_lists.show", wanted=name)
    return url_for(_ELSEWHERE[name])
