"""The day's till: what the desk took, for whoever counts it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ill_broker.pages.desk.money_presenters import said_method
from ill_broker.pages.forms import Form, read_form
from ill_broker.pages.frame import local_day, me, page, room, seen_by
from ill_broker.pages.libraries import library_name
from ill_broker.services.accounts.tills import Till, Tills
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_amount, said_day
from ill_broker.web.context import now, service
from ill_broker.web.fields import Day
from ill_broker.web.language import page_language
from workflows.actors import Role

blueprint = room("till", __name__)


class DayForm(Form):
    day = Day()


@blueprint.get("/desk/till")
@seen_by(Role.STAFF)
def show() -> Any:
    """Show what the desk took on a day, today if none is named."""
    read, form = read_form(DayForm())
    till = service(Tills).of(me(), (read or {}).get("day"), now=now())
    form.values = {"day": till.day.isoformat()}
    return page("desk/till.html", status=200 if read is not None else 422, form=form, **_shown(till))


def _shown(till: Till) -> dict[str, Any]:
    spoken, today = page_language(), local_day(now())
    totals = [(said_method(method), said_amount(sum_, spoken)) for (_, method), sum_ in till.totals().items()]
    rows = [
        (
            library_name(each.lender),
            said_method(each.method),
            each.clerk or say("desk_till.system", spoken),
            str(each.payments),
            said_amount(each.amount, spoken),
        )
        for each in till.sums
    ]
    return {
        "desk": library_name(till.library),
        "day": said_day(till.day, spoken),
        "totals": totals,
        "rows": rows,
        "before": (till.day - timedelta(days=1)).isoformat(),
        "after": (till.day + timedelta(days=1)).isoformat() if till.day < today else "",
    }
