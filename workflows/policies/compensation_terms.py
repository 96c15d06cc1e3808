"""What a policy says of loss, damage and suspension: its fields, and the records that they are read into."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from workflows.money import Money
from workflows.policies.conditions import FACTOR, IN_MONTHS, MONEY, MONTHS, NOTE, WHEN_ELSEWHERE, When
from workflows.policies.document import Place, minor
from workflows.policies.forms import (
    FLAG,
    TEXT,
    Form,
    Meaning,
    choice,
    form_of,
    names,
    record,
    rows,
    section,
    told,
)

_CASES = ("loss", "stain", "unreadable", "cut", "theft")
_CASH = choice("choice", "if_unavailable", flag="if_unavailable")


@record
class Replacement:
    editions: frozenset[str] = told(rows(TEXT, read_as=frozenset), required=True)
    deadline_months: int | None = told(IN_MONTHS, "Time to bring it.", name="deadline")
    fee_per_volume: Money = told(MONEY, unsaid="0.00")


_PLUS = Form(
    fields={
        "basis": told(choice("pages", "binding_fee"), required=True, attribute="basis"),
        "factor": told(FACTOR, unsaid="1", attribute="factor"),
    },
    build=lambda basis, factor: (basis, factor),
)


@record
class Charge:
    """What is paid for a damaged or lost item: a multiple of a price, an amount, or a reference."""

    when: When = told(WHEN_ELSEWHERE)
    basis: str | None = told(choice("price", "set_price", "year_price"), "What is multiplied.")
    #: equal when the multiple is fixed
    factor_min: Decimal = told(FACTOR, "Staff choose a multiple from here on.")
    factor_max: Decimal = told(FACTOR, "Up to here.")
    amount_min: Money | None = told(MONEY, "Staff choose an amount from here on.")
    amount_max: Money | None = told(MONEY, "Up to here.")
    refer: str | None = told(TEXT, "Who or what decides, where no sum is stated.")
    plus: tuple[tuple[str, Decimal], ...] = told(rows(section(_PLUS)), "Added to it.")
    keep_remainder: str | None = told(TEXT, "Whose the damaged item is then.")
    cash_if_unavailable: bool | None = told(
        replace(_CASH, absent=None), "Overrides that of the case.", name="cash"
    )


def _with_both_factors(row: Mapping[str, Any]) -> Mapping[str, Any]:
    fixed = row.get("factor", "1")
    return {"factor_min": fixed, "factor_max": fixed, **row}


def _check_charge(charge: Place, _: object) -> None:
    for name in ("factor", "amount"):
        _check_range(charge, charge[f"{name}_min"], charge[f"{name}_max"])
    if charge["refer"].is_absent and charge["amount_min"].is_absent and charge["amount_max"].is_absent:
        charge.require("basis")


def _check_range(charge: Place, low: Place, high: Place) -> None:
    if low.is_absent != high.is_absent:
        (low if low.is_absent else high).refuse("missing_field")
    least, most = minor(low.value), minor(high.value)
    if least is not None and most is not None and least > most:
        charge.refuse("bad_range")


_CHARGE = form_of(
    Charge,
    {"factor": told(FACTOR, "The multiple, where it is fixed.")},
    beside=_check_charge,
    completed=_with_both_factors,
)


@record
class CompensationTerms:
    treated_as: str | None = told(NOTE, "The case that has the same terms.", name="as")
    replacement: Replacement | None = told(section(form_of(Replacement)), "A new copy for the old.")
    cash_if_unavailable: bool = told(_CASH, "When it may be paid.", name="cash", unsaid="choice")
    suspends: bool = told(choice("until_settled", flag="until_settled"), name="suspend")
    waived_if: str | None = told(TEXT, "A flag of the item with which nothing is owed.")
    reference_price: bool = told(
        choice("reference_price", "error", flag="reference_price"),
        "What is done where no price is known.",
        name="price_missing",
        unsaid="error",
    )
    charges: tuple[Charge, ...] = told(
        rows(section(_CHARGE), told_by=("when",)), "The first that fits is owed."
    )
    recover_item: bool = told(FLAG, "The item must come back, too.", unsaid=False)


def _check_cases(compensation: Place, _: object) -> None:
    cases = dict(compensation.fields())
    known = [key for key, case in cases.items() if not case.is_absent and case["as"].is_absent]
    for case in cases.values():
        case["as"].refers_to(known)


COMPENSATION = names(
    section(form_of(CompensationTerms, {"public_criticism": told(TEXT, "For people.")})),
    of=_CASES,
    beside=_check_cases,
)


_SUSPENDED = Meaning("suspended_longer", "suspended_shorter")


@record
class SuspensionTerms:
    #: None where the case sets no months: staff decide, or it lasts until settled
    months_min: int | None = told(MONTHS, "Staff choose the months from here on.", means=_SUSPENDED)
    months_max: int | None = told(MONTHS, "Up to here.", means=_SUSPENDED)
    #: it takes the library's card away for good
    cancels_card: bool = told(FLAG, "The card is gone for good.", name="cancel_card", unsaid=False)


def _check_months(case: Place, _: object) -> None:
    low, high = case["months_min"].value, case["months_max"].value
    if isinstance(low, int) and isinstance(high, int) and low > high:
        case.refuse("bad_range")
    if (low is None) != (high is None):
        case.require("months_min", "months_max")


SUSPENSIONS = names(
    section(
        form_of(
            SuspensionTerms,
            {
                "until": told(choice("settled"), "It lasts until the matter is settled."),
                "discretionary": told(FLAG, "Staff decide."),
                "confiscate_deposit": told(FLAG, "For staff."),
            },
            beside=_check_months,
        )
    )
)
