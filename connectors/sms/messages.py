"""How a gateway wants to be asked, and how it says yes: each has names of its own for the same things."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The names of a gateway's fields."""

    #: a web form, instead of JSON
    is_web_form: bool = False
    to: str = "to"
    text: str = "text"
    #: names the text, so that the gateway sends it once however often it is asked
    id: str = "id"
    #: what stands in every call: a signature, a template
    always: Mapping[str, str] = field(default_factory=dict)
    #: a field of the answer and what it says if the text was taken; None where the HTTP status says it
    taken: tuple[str, str] | None = None
