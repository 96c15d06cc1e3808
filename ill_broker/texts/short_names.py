"""A reader's name where others read it, too: enough for themselves, too little for a stranger."""

_HIDDEN = "*"


def short_name(name: str) -> str:
    """Return a name cut short: ``李*``, ``欧**``, or ``Emma C.``, for those who know."""
    first, *others = name.split()
    if others:
        return " ".join([first, *(f"{other[0]}." for other in others)])
    return first[0] + _HIDDEN * (len(first) - 1)


def short_card(number: str) -> str:
    """Return the last four characters of a card's number."""
    return number[-4:]
