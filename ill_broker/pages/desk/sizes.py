"""Sizes of paper at a desk: chosen once, and remembered by its browser."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from ill_broker.texts.catalogue import say
from ill_broker.web.language import page_language

#: a page for a printer each; what a desk has chosen last it has again
SIZES = ("a6", "a4", "80mm")
_COOKIE = "ill_paper"
_YEAR_SECONDS = 365 * 24 * 3600


def sized(here: str) -> dict[str, Any]:
    """Return the size of the paper at an address, and the ways to the others."""
    size, joint = _size(), "&" if "?" in here else "?"
    sizes = [
        {
            "words": say(f"paper.size.{one}", page_language()),
            "address": f"{here}{joint}size={one}",
            "is_here": one == size,
        }
        for one in SIZES
    ]
    return {"size": size, "sizes": sizes}


def remembering(answer: Response) -> Response:
    """Have the browser come back with this size."""
    answer.set_cookie(_COOKIE, _size(), max_age=_YEAR_SECONDS, httponly=True, samesite="Lax")
    return answer


def _size() -> str:
    """Return the paper that is asked for, else the desk's last."""
    for told in (request.args.get("size"), request.cookies.get(_COOKIE)):
        if told in SIZES:
            return str(told)
    return SIZES[0]
