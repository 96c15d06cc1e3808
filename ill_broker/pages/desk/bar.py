"""What waits at the desk, list by list: the bar that stands on each of its pages."""

from __future__ import annotations

from typing import Any

from ill_broker.pages.frame import me
from ill_broker.services.requests.desk_lists import DeskLists
from ill_broker.texts.catalogue import say
from ill_broker.web.context import now, service
from ill_broker.web.language import page_language

#: the lists, in the order of a desk's day
LISTS = ("to_arrive", "to_call", "on_shelf", "overdue", "to_ship_back", "to_look_at", "to_answer")


def counted() -> list[dict[str, Any]]:
    """Return each list with its words and how much waits in it."""
    counts, spoken = service(DeskLists).counts(me(), now=now()), page_language()
    return [{"name": name, "words": say(f"desk.bar.{name}", spoken), "count": counts[name]} for name in LISTS]
