"""What the template of a member is given of its connectors' days: a drawing and rows of words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from markupsafe import Markup

from ill_broker.services.members.health_days import ConnectorDay
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_day
from ill_broker.texts.health_chart import as_picture
from ill_broker.web.language import page_language


def shown_days(days: Iterable[ConnectorDay], *, today: date) -> list[dict[str, Any]]:
    """Return each connector with its last days: drawn, and told from the newest on."""
    spoken = page_language()
    shown = []
    for connector, found in groupby(days, key=lambda one: one.connector):
        of_one = list(found)
        counts = {one.day: (one.calls, one.failures) for one in of_one}
        drawing = Markup(as_picture(counts, today=today, language=spoken))  # noqa: S704 - escaped where it is drawn
        rows = [_row(one, spoken) for one in reversed(of_one)]
        shown.append({"connector": connector, "drawing": drawing, "rows": rows})
    return shown


def _row(one: ConnectorDay, spoken: str) -> list[str]:
    took = one.median_milliseconds
    median = say("health_days.not_measured", spoken)
    if took is not None:
        median = say("health_days.at_most", spoken, {"count": took})
    return [said_day(one.day, spoken), str(one.calls), str(one.failures), median]
