"""Faults in what a policy file says of loss, damage and suspension."""

from workflows.policies.document import LONGEST, Place, minor
from workflows.policies.rule_checks import check_when

BASES = ("price", "set_price", "year_price")
EXTRAS = ("pages", "binding_fee")
CASES = ("loss", "stain", "unreadable", "cut", "theft")
#: what a suspension says to staff
_NOTES = ("discretionary", "cancel_card", "confiscate_deposit")
_CASE_FIELDS = (
    *("as", "replacement", "cash", "suspend", "waived_if", "price_missing", "recover_item", "charges"),
    "public_criticism",
)
_CHARGE_FIELDS = (
    *("when", "basis", "factor", "factor_min", "factor_max", "amount_min", "amount_max", "refer", "plus"),
    *("keep_remainder", "cash"),
)


def check_compensation(compensation: Place) -> None:
    compensation.knows(*CASES)
    for _, case in compensation.fields():
        if case.is_section():
            _check_case(case, compensation)


def check_suspensions(suspensions: Place) -> None:
    for _, case in suspensions.fields():
        case.knows("months_min", "months_max", "until", *_NOTES)
        case["months_min"].whole(most=LONGEST["months"])
        case["months_max"].whole(most=LONGEST["months"])
        low, high = case["months_min"].value, case["months_max"].value
        if isinstance(low, int) and isinstance(high, int) and low > high:
            case.refuse("bad_range")
        if (low is None) != (high is None):
            case.require("months_min", "months_max")
        case["until"].one_of(["settled"])
        for note in _NOTES:
            case[note].boolean()


def _check_case(case: Place, compensation: Place) -> None:
    case.knows(*_CASE_FIELDS)
    target = case["as"]
    if not target.is_absent:
        known = [key for key, other in compensation.fields() if not other.is_absent and other["as"].is_absent]
        target.refers_to(known)
    replacement = case["replacement"]
    if replacement.is_section():
        replacement.knows("editions", "deadline", "fee_per_volume")
        replacement.require("editions")
        for edition in replacement["editions"].rows():
            edition.text()
        replacement["deadline"].period(["months"])
        replacement["fee_per_volume"].money()
    case["cash"].one_of(["choice", "if_unavailable"])
    case["suspend"].one_of(["until_settled"])
    case["waived_if"].text()
    case["price_missing"].one_of(["reference_price", "error"])
    case["recover_item"].boolean()
    case["public_criticism"].text()
    for charge in case["charges"].rows():
        _check_charge(charge)


def _check_charge(charge: Place) -> None:
    charge.knows(*_CHARGE_FIELDS)
    check_when(charge["when"], None)
    charge["basis"].one_of(BASES)
    charge["cash"].one_of(["choice", "if_unavailable"])
    charge["refer"].text()
    charge["keep_remainder"].text()
    charge["factor"].money()
    for name in ("factor", "amount"):
        _check_range(charge, f"{name}_min", f"{name}_max")
    for extra in charge["plus"].rows():
        extra.knows("basis", "factor")
        extra.require("basis")
        extra["basis"].one_of(EXTRAS)
        extra["factor"].money()
    if charge["refer"].is_absent and charge["amount_min"].is_absent and charge["amount_max"].is_absent:
        charge.require("basis")


def _check_range(charge: Place, low: str, high: str) -> None:
    if charge[low].is_absent and charge[high].is_absent:
        return
    charge.require(low, high)
    charge[low].money()
    charge[high].money()
    least, most = minor(charge[low].value), minor(charge[high].value)
    if least is not None and most is not None and least > most:
        charge.refuse("bad_range")
