"""The small form of each step of a request at the desk: what the API takes, as far as a desk is asked it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from marshmallow import EXCLUDE, Schema, post_load

from ill_broker.web.fields import OneOf, Pattern, Whole
from ill_broker.web.settling import Facts, case_settling
from ill_broker.web.steps import BACK_BY, STEPS, CaseIn, RenewalIn, StepIn, a_note
from workflows.losses.cases import REPORTED_BY, CaseKind
from workflows.requests import commands
from workflows.requests.commands import CallResult, Command
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


class CaseForm(CaseIn):
    kind = OneOf(*CaseKind, required=True)


class CaseSettlementForm(StepIn, Facts):
    """What the lender's rules ask for; what staff ask for instead wants its reason."""

    number = Whole(minimum=1, maximum=1000, required=True)
    note = a_note()
    override_amount = Pattern(r"[0-9]{1,9}(\.[0-9]{1,2})?", max_length=20)
    override_reason = a_note()
    criticism = a_note()

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command."""
        return commands.SettleCase(**case_settling(read))


#: forms that ask for less than a program may say, or otherwise
_OWN: Mapping[Step, type[StepIn]] = MappingProxyType(
    {
        Step.RENEW: RenewalForm,
        Step.REPORT_DAMAGE: DamageForm,
        Step.OPEN_CASE: CaseForm,
        Step.SETTLE_CASE: CaseSettlementForm,
        Step.SETTLE_LOSS: SettlementForm,
    }
)
_UNASKED: Mapping[Step, tuple[str, ...]] = MappingProxyType(
    {Step.HAND_OVER: ("pieces",), Step.TAKE_BACK: ("card",)}
)
#: what ends or takes back something stands below what goes on
_LAST = (Step.CANCEL, Step.UNDO)
_BODIES = {**{step: body for step, (body, _) in STEPS.items()}, **_OWN}
#: every step that a desk can take of a request, in the order of the page
FORMS: Mapping[Step, Schema] = MappingProxyType(
    {
        step: _BODIES[step](unknown=EXCLUDE, exclude=_UNASKED.get(step, ()))
        for step in (*(each for each in Step if each not in _LAST), *_LAST)
        if step in _BODIES
    }
)
#: what a field of a form may say, beside what the request itself has to choose from
OPTIONS = (*_RENEWED_BY, *BACK_BY, *REPORTED_BY, *CallResult, "cash", "replacement", "true", "false")
