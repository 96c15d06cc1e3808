"""JSON from strangers: bounded in the number of its values, not only in its bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

#: As a value of three bytes takes a hundred in memory; ten records with all their fields have 10,000 values.
MOST_VALUES = 120_000


class NotJson(ValueError):
    """The bytes are not JSON that we are willing to read."""


def parse(body: bytes | str, *, pairs: Callable[[list[tuple[str, Any]]], Any] | None = None) -> Any:
    """Return what *body* says; *pairs* makes an object out of its members.

    :raises NotJson: if it is not JSON, is nested too deeply, or says too much
    """
    octets = body.encode(errors="replace") if isinstance(body, str) else body
    if sum(map(octets.count, (b"{", b"[", b","))) > MOST_VALUES:
        raise NotJson(f"more than {MOST_VALUES} values")
    try:
        return json.loads(body, parse_constant=_no_number, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as error:
        raise NotJson(f"not JSON: {type(error).__name__}") from error


def _no_number(name: str) -> float:
    raise ValueError(name)
