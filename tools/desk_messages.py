"""Names of sentences about requests at a desk that the code puts together."""

from __future__ import annotations

from typing import get_args

from ill_broker.pages.desk.astray import KINDS
from ill_broker.pages.desk.case_presenters import AWAITS, PRICES, WORDS
from ill_broker.pages.desk.lists import CALLS
from ill_broker.pages.desk.request_presenters import EITHER, FACTS
from ill_broker.pages.desk.step_forms import FORMS, GUIDED, OPTIONS
from ill_broker.services.privileges.no_dues import DUES
from ill_broker.storage.inbox import SET_ASIDE
from workflows.actors import Role
from workflows.losses.cases import CaseKind
from workflows.requests.desk_days import DeskDate
from workflows.requests.desk_lists import DeskList, What
from workflows.requests.events import Event
from workflows.requests.lifecycle import Outcome, Status


def said_of_desk_requests() -> set[str]:
    """Return the name of every sentence about a request at a desk that is put together."""
    every_field = {name for form in FORMS.values() for name in form.fields}
    return (
        {f"desk.astray.{each}" for each in SET_ASIDE}
        | {f"desk.astray.kind.{each}" for each in KINDS}
        | {f"desk.list.none.{each}" for each in DeskList}
        | {f"desk.list.day.{each}" for each in What}
        | {f"desk.call.{each}" for each in CALLS.values()}
        | {f"desk.step.{each}" for each in (*FORMS, *GUIDED)}
        | {f"desk.field.{each}" for each in every_field}
        | {f"desk.option.{each}" for each in OPTIONS}
        | {f"desk.either.{name}.{said}" for name in EITHER for said in ("true", "false")}
        | {f"desk.status.{each}" for each in (*Status, *Outcome)}
        | {f"desk.fact_of.{each}" for each in FACTS}
        | {f"desk.by.{each}" for each in Role}
        | {f"desk.case.{part}.{each}" for part in ("kind", "hint") for each in CaseKind}
        | {f"desk.case.word.{each}" for each in WORDS}
        | {f"desk.field.{each}" for each in PRICES}
        | {f"desk.case.awaits.{each}" for each in AWAITS}
        | {f"desk.dues.kind.{each}" for each in DUES}
        | {f"desk.event.{event.__name__}" for event in get_args(Event)}
        | {f"own_days.date.{date}" for date in DeskDate}
        | {f"desk_days.{each}" for each in ("week", "own", "usual", "closed")}
    )
