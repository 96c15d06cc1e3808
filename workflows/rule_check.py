"""Faults in the rules of a policy file: who may borrow what, for how long, and renew."""

from collections.abc import Mapping

from workflows.document import Place

TYPES = (
    "book", "current_periodical", "bound_periodical", "newspaper", "reference", "local_literature",
    "feature_literature", "thesis", "dissertation", "cd", "video", "dvd", "standard", "rare_book",
    "swap_book", "other_item",
)  # fmt: skip
LISTS: Mapping[str, tuple[object, ...]] = {
    "type": TYPES,
    "language": ("chinese", "foreign"),
    "origin": ("domestic", "foreign"),
    "new_book": (True, False),
    "part_of_set": (True, False),
    "restricted_label": (True, False),
}


def check_when(when: Place, categories: set[str] | None) -> None:
    """Check the conditions of a rule; categories that are not known are not checked."""
    for key, place in when.fields():
        values = list(place.rows()) if isinstance(place.value, list) else [place]
        for value in values:
            if key == "category":
                _check_category(value, categories)
            elif key == "collection":
                value.text()
            elif key in LISTS:
                value.one_of(LISTS[key])
            else:
                value.refuse("unknown_field")


def check_lendability(rules: Place, categories: set[str] | None) -> None:
    last: object = None
    for rule in rules.rows():
        last = rule["when"].value
        check_when(rule["when"], categories)
        rule.is_section()
        rule.require("lend")
        rule["lend"].one_of(["yes", "no", "permission"])
        rule["code"].text()
        if rule["lend"].value in ("no", "permission"):
            rule.require("code")
    if isinstance(rules.value, list) and last != {}:
        rules.refuse("missing_catch_all")


def check_loan_rules(rules: Place, categories: set[str] | None) -> None:
    for rule in rules.rows():
        rule.is_section()
        rule.require("id", "period")
        rule["id"].text()
        check_when(rule["when"], categories)
        rule["period"].period()


def check_renewal(renewal: Place, categories: set[str] | None) -> None:
    renewal.is_section()
    renewal["max_count"].whole()
    renewal["period"].period()
    renewal["from"].one_of(["due_date", "renewal_date"])
    renewal["advance_days"].whole()
    check_when(renewal["when"], categories)
    renewal["allow_on_hold"].boolean()


def _check_category(value: Place, categories: set[str] | None) -> None:
    if categories is None:
        value.text()
    else:
        value.refers_to(categories)
