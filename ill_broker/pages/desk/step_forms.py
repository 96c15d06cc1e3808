"""The small form of each step of a request at the desk: what the API takes, as far as a desk is asked it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from marshmallow import EXCLUDE, Schema

from ill_broker.web.fields import OneOf
from ill_broker.web.steps import BACK_BY, STEPS, RenewalIn, StepIn, a_note
from workflows.losses.cases import REPORTED_BY
from workflows.requests import commands
from workflows.requests.commands import CallResult
from workflows.requests.lifecycle import Step

#: how a desk is asked for a renewal, the likeliest first
_RENEWED_BY = ("information_desk", "telephone", "internet", "self_help_machine")


class RenewalForm(RenewalIn):
    channel = OneOf(*_RENEWED_BY, load_default=_RENEWED_BY[0])


class DamageForm(StepIn):
    """Only noted; what the desk charges for is a case."""

    command = commands.ReportDamage
    note = a_note(required=True)


class SettlementForm(StepIn):
    """Paid or replaced elsewhere; what the desk charges for is a case."""

    command = commands.SettleLoss
    note = a_note()


#: forms that ask for less than a program may say, or otherwise
_OWN: Mapping[Step, type[StepIn]] = MappingProxyType(
    {
        Step.RENEW: RenewalForm,
        Step.REPORT_DAMAGE: DamageForm,
        Step.SETTLE_LOSS: SettlementForm,
    }
)
_UNASKED: Mapping[Step, tuple[str, ...]] = MappingProxyType(
    {Step.HAND_OVER: ("pieces",), Step.TAKE_BACK: ("card",)}
)
#: steps that are led through on pages of their own, with what they come to before anything is charged
GUIDED = (Step.SETTLE_CASE, Step.OPEN_CASE)
#: what ends or takes back something stands below what goes on
_LAST = (Step.CANCEL, Step.UNDO)
_BODIES = {**{step: body for step, (body, _) in STEPS.items()}, **_OWN}
#: every step that a desk can take of a request, in the order of the page
FORMS: Mapping[Step, Schema] = MappingProxyType(
    {
        step: _BODIES[step](unknown=EXCLUDE, exclude=_UNASKED.get(step, ()))
        for step in (*(each for each in Step if each not in _LAST), *_LAST)
        if step in _BODIES and step not in GUIDED
    }
)
#: what a field of a form may say, beside what the request itself has to choose from
OPTIONS = (*_RENEWED_BY, *BACK_BY, *REPORTED_BY, *CallResult, "true", "false")
