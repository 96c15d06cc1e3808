"""Bytes of a gateway: the call, and its answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from connectors import jsontext

if TYPE_CHECKING:
    from connectors.ports import ShortText
    from connectors.sms.messages import Form


def encode(text: ShortText, form: Form) -> tuple[bytes, str]:
    """Return the body of a call, and what kind of body it is."""
    said = {**form.always, form.to: text.to, form.text: text.text, form.id: text.message_id}
    if form.is_web_form:
        return urlencode(said).encode(), "application/x-www-form-urlencoded; charset=utf-8"
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode(), "application/json"


def refusal(body: bytes, form: Form) -> str | None:
    """Return what the gateway says instead of yes, None if it took the text.

    :raises ValueError: if the answer does not say
    """
    if form.taken is None:
        return None
    name, yes = form.taken
    answer = jsontext.parse(body)
    if not isinstance(answer, dict) or name not in answer:
        raise ValueError(f"no {name} in the answer")
    said = answer[name]
    words = said if isinstance(said, str) else json.dumps(said)
    return None if words == yes else words
