"""The complaints of Z39.50's Bib-1 diagnostic set by number, and which of them pass or do no harm."""

from __future__ import annotations

NAMES = {
    1: "permanent system error",
    2: "temporary system error",
    3: "unsupported search",
    5: "too many words",
    6: "too many operators",
    11: "search too long",
    13: "present request out of range",
    14: "system error in presenting records",
    15: "record not authorised to be sent",
    16: "record larger than the preferred message",
    17: "record larger than the largest message",
    18: "result set not supported as a term",
    21: "result set exists",
    22: "naming of result sets unsupported",
    23: "combination of databases unsupported",
    24: "element set names unsupported",
    25: "element set name not valid for the database",
    26: "only generic element set names",
    27: "result set gone",
    29: "database locked",
    30: "no such result set",
    31: "resources exhausted, no results",
    32: "resources exhausted, some results",
    33: "resources exhausted, some whole results",
    100: "unspecified error",
    101: "access refused",
    106: "no common syntax",
    107: "query type unsupported",
    108: "malformed query",
    109: "database unavailable",
    110: "operator unsupported",
    111: "too many databases",
    113: "attribute type unsupported",
    114: "use attribute unsupported",
    115: "term value unsupported for the use attribute",
    116: "use attribute missing",
    117: "relation attribute unsupported",
    118: "structure attribute unsupported",
    119: "position attribute unsupported",
    120: "truncation attribute unsupported",
    121: "attribute set unsupported",
    122: "completeness attribute unsupported",
    123: "attribute combination unsupported",
    124: "coded term value unsupported",
    125: "malformed search term",
    126: "illegal term value",
    129: "proximity unsupported",
    235: "database does not exist",
    236: "access to the database denied",
    238: "record not available in this syntax",
    239: "record syntax unsupported",
    1010: "password expired",
    1011: "wrong user or password",
    1012: "wrong group",
    1014: "authentication failed",
    1015: "too many sessions",
}

#: Waiting may help.
PASSING = frozenset({2, 27, 29, 31, 1015})
#: As they are told: the query is more than the target takes.
TOO_LONG = frozenset({"3", "5", "6", "11", "107", "108", "110"})
#: Nothing is wrong with these: the search found fewer than was asked for.
HARMLESS = frozenset({13})
#: The target has the records, in another form than was asked for.
FORM = frozenset({238, 239})
#: The target knows no such set of elements; it has a default.
ELEMENTS = frozenset({24, 25, 26})

_REASONS = (
    "finished", "shutdown", "system problem", "cost limit", "resources", "security violation",
    "protocol error", "lack of activity", "aborted", "unspecified",
)  # fmt: skip
FINISHED = 0
#: Shutdown, system problem, resources, lack of activity.
PASSING_REASONS = frozenset({1, 2, 4, 7})


def named(code: int, details: str) -> str:
    """Return a complaint as one line."""
    return " ".join(part for part in (str(code), NAMES.get(code, ""), details.strip()) if part)


def closing(reason: int, details: str) -> str:
    """Return why a target ends the conversation, as one line."""
    word = _REASONS[reason] if 0 <= reason < len(_REASONS) else str(reason)
    return " ".join(part for part in ("closed:", word, details.strip()) if part)
