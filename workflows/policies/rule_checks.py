"""Faults in the rules of a policy file: who may borrow what, for how long, and renew."""

from collections.abc import Mapping

from workflows.policies.document import Place, is_whole

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
    when.knows("category", "collection", *LISTS)
    for key, place in when.fields():
        values = list(place.rows()) if isinstance(place.value, list) else [place]
        for value in values:
            if key == "category":
                _check_category(value, categories)
            elif key == "collection":
                value.text()
            elif key in LISTS:
                value.one_of(LISTS[key])


def check_lendability(rules: Place, categories: set[str] | None) -> None:
    last: object = None
    for rule in rules.rows():
        last = rule["when"].value
        check_when(rule["when"], categories)
        rule.knows("when", "lend", "code", "note")
        rule.require("lend")
        rule["lend"].one_of(["yes", "no", "permission"])
        rule["code"].text()
        if rule["lend"].value in ("no", "permission"):
            rule.require("code")
    if isinstance(rules.value, list) and last != {}:
        rules.refuse("missing_catch_all")


def check_loan_rules(rules: Place, categories: set[str] | None) -> None:
    for rule in rules.rows():
        rule.knows("id", "when", "period")
        rule.require("id", "period")
        rule["id"].text()
        check_when(rule["when"], categories)
        rule["period"].period()


def check_renewal(renewal: Place, categories: set[str] | None) -> None:
    renewal.knows("max_count", "period", "from", "advance_days", "when", "allow_on_hold", "channels")
    renewal["max_count"].whole()
    if is_whole(renewal["max_count"].value, 1):
        renewal.require("period")
    renewal["period"].period()
    renewal["from"].one_of(["due_date", "renewal_date"])
    renewal["advance_days"].days()
    for channel in renewal["channels"].rows():
        channel.text()
    check_when(renewal["when"], categories)
    renewal["allow_on_hold"].boolean()


def _check_category(value: Place, categories: set[str] | None) -> None:
    if categories is None:
        value.text()
    else:
        value.refers_to(categories)
