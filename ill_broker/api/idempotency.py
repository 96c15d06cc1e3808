"""Creating once, however often it is asked: the ``Idempotency-Key`` header.

A view that creates stands under :func:`once` and hands ``receipt(...)`` to its service as what else belongs
into the transaction. So the answer is saved in the same commit as what it answers for. When the key comes
again with the same request, the saved answer is given; with another request the key is refused. When two
of the same come at once, the one that commits second is undone and gets the answer of the first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Response, g, request

from ill_broker.api.problems import invalid
from ill_broker.storage import idempotency
from ill_broker.storage.failures import StorageFailure
from ill_broker.storage.idempotency import SavedAnswer
from ill_broker.texts.flaws import Flaw
from ill_broker.web.access import actor
from ill_broker.web.answered import answered
from ill_broker.web.context import now
from ill_broker.web.fields import WrongValue
from workflows.errors import WorkflowError

if TYPE_CHECKING:
    from marshmallow import Schema
    from sqlalchemy import Connection

View = TypeVar("View", bound=Callable[..., Any])
HEADER = "Idempotency-Key"
_LONGEST = 200
_PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "Names this creation: sent again with the same request, it gets the same answer",
    "schema": {"type": "string", "minLength": 1, "maxLength": _LONGEST, "pattern": "^[\\x21-\\x7e]+$"},
}


def whoever_is_logged_in() -> str:
    """Return the name under which the keys of an actor are kept apart from those of others."""
    known = actor()
    return f"{known.role.value}:{known.id}"


def once(who: Callable[[], str] = whoever_is_logged_in) -> Callable[[View], View]:
    """Let a view create once per key of *who*; it stands below ``needs`` and above ``arguments``."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*arguments: Any, **named: Any) -> Any:
            key = _key()
            if key is None:
                g.idempotency = None
                return view(*arguments, **named)
            g.idempotency = mark = (who(), key, _fingerprint())
            saved = _saved(*mark)
            if saved is not None:
                return saved
            try:
                return view(*arguments, **named)
            except (StorageFailure, WorkflowError):
                # The same key may have won meanwhile: what it has done can be the very reason.
                saved = _saved(*mark)
                if saved is None:
                    raise
                return saved

        told = dict(getattr(view, "_apidoc", {}))
        manual = dict(told.get("manual_doc", {}))
        manual["parameters"] = [*manual.get("parameters", []), _PARAMETER]
        guarded._apidoc = {**told, "manual_doc": manual}  # type: ignore[attr-defined]  # noqa: SLF001 - as flask-smorest does
        return guarded  # type: ignore[return-value]  # wraps the same view

    return decorate


def receipt(
    schema: Schema,
    status: int | Callable[[Any], int] = 201,
    *,
    headers: Callable[[Any], Mapping[str, str]] = lambda _: {},
    told: object = None,
) -> Callable[[Connection, Any], None]:
    """Return what saves the answer for a result, to be called in the transaction that saves the result.

    :param status: of the answer; or what tells it from the result
    :param told: what is shown through *schema*, where it is not the result itself
    """

    def keep(conn: Connection, result: Any) -> None:
        if g.idempotency is None:
            return
        whose, key, fingerprint = g.idempotency
        shown = {"headers": dict(headers(result)), "body": schema.dump(result if told is None else told)}
        answer = SavedAnswer(
            actor=whose,
            key=key,
            fingerprint=fingerprint,
            status=status(result) if callable(status) else status,
            body=json.dumps(shown),
            created_at=now(),
        )
        idempotency.keep(conn, answer)

    return keep


def _key() -> str | None:
    """Return the key of the request, None if it has none."""
    told = request.headers.get(HEADER)
    if told is None:
        return None
    if not 1 <= len(told) <= _LONGEST or not all("!" <= letter <= "~" for letter in told):
        raise invalid({HEADER: [WrongValue(Flaw.BAD_KEY, {"most": _LONGEST})]}, "header")
    return told


def _fingerprint() -> str:
    """Return what two requests have in common when they are the same one sent twice."""
    parts = (request.method.encode(), request.full_path.encode(), request.get_data(cache=True))
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def _saved(whose: str, key: str, fingerprint: str) -> Response | None:
    """Return the answer that was saved for the key, None if there is none.

    :raises KeyReused: if it was given to another request
    """
    saved = answered(whose, key, fingerprint)
    if saved is None:
        return None
    told = json.loads(saved.body)
    return Response(
        json.dumps(told["body"]),
        saved.status,
        {**told["headers"], "Idempotency-Replayed": "true"},
        mimetype="application/json",
    )
