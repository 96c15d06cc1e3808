"""Whether the card that a patron has at the home library is good there (R-BULC-2)."""

from collections.abc import Collection
from datetime import date
from enum import StrEnum

from workflows.reasons import Refusal


class HomeCard(StrEnum):
    """What the home library's own system says of a patron's card."""

    VALID = "valid"
    #: nobody there has such a card
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    #: something stands against a loan
    BLOCKED = "blocked"
    #: the password shown with it is wrong
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - the name of a finding
    #: it did not answer: the desk's word counts
    NOT_CHECKED = "not_checked"


#: what a card is good for nothing by, as a reason against a request or a loan card
_REASONS = {
    HomeCard.UNKNOWN: Refusal.HOME_CARD_UNKNOWN,
    HomeCard.EXPIRED: Refusal.HOME_CARD_EXPIRED,
    HomeCard.BLOCKED: Refusal.HOME_CARD_BLOCKED,
    HomeCard.WRONG_PASSWORD: Refusal.HOME_CARD_WRONG_PASSWORD,
}


def home_card(
    *,
    today: date,
    valid_until: date | None,
    blocks: Collection[str],
    password_is_right: bool | None,
) -> HomeCard:
    """Return what is to be said of a card that somebody has, on *today* at the library.

    :param valid_until: the last day on which it is good; None if the library does not say
    """
    if password_is_right is False:
        return HomeCard.WRONG_PASSWORD
    if valid_until is not None and valid_until < today:
        return HomeCard.EXPIRED
    return HomeCard.BLOCKED if blocks else HomeCard.VALID


def refusal(card: HomeCard | None) -> str | None:
    """Return the reason against its bearer; None where there is none, or nobody can be asked."""
    return None if card is None else _REASONS.get(card)
