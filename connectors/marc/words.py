"""What libraries' words for the state of a copy mean."""

from __future__ import annotations

_YES = frozenset({
    "available", "in", "checked in", "on shelf", "not checked out", "reshelving",
    "可借", "在架", "在馆", "在架上", "入藏",
})  # fmt: skip
_NO = frozenset({
    "unavailable", "out", "checked out", "due", "held", "on hold", "on holds shelf", "in transit", "on loan",
    "lost", "missing", "withdrawn", "reference", "check_holdings",
    "借出", "已借出", "外借", "预约", "丢失", "不外借", "馆内阅览", "阅览",
})  # fmt: skip
#: Symphony says where a copy is now; it is away when that is no shelf.
_AWAY = frozenset({
    "checkedout", "intransit", "onorder", "inprocess", "missing", "lost", "lostassum", "lostclaim",
    "lostpaid", "holds",
    "reserves", "reserve", "bindery", "repair", "discard", "withdrawn", "unavailable", "ondisplay",
})  # fmt: skip


def available(text: str) -> bool | None:
    """Return what a library's word for the state of a copy means, None if it means nothing to us."""
    word = text.strip().strip(".").casefold()
    if word in _YES:
        return True
    return False if word in _NO or word.startswith(("due ", "out ")) else None


def stands_on_a_shelf(location: str) -> bool | None:
    """Say whether a copy whose current location is called so is at its place, None if it is not called."""
    word = "".join(mark for mark in location.casefold() if mark.isalnum())
    return word not in _AWAY if word else None
