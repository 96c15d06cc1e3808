"""How a sandbox library receives whoever calls: at once, late, with an error, or not at all."""

from __future__ import annotations

import socket
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Response, current_app, request

from connectors.sandbox.behaviour import Door

if TYPE_CHECKING:
    from connectors.sandbox.library import MemberLibrary

    #: A body and a status, of which Flask makes a response.
    JsonReply = tuple[dict[str, Any], int]

EXTENSION = "sandbox"


def library() -> MemberLibrary:
    """Return the library whose door was opened."""
    here: MemberLibrary = current_app.extensions[EXTENSION]
    return here


def heed() -> Response | None:
    """Behave as the scenario says before anything is answered."""
    door = library().scenario.door
    if door is Door.SLAMMED:
        return slam()
    if door is Door.BROKEN:
        return Response(b"Something went wrong.", HTTPStatus.INTERNAL_SERVER_ERROR, content_type="text/plain")
    return None


def dawdle() -> None:
    """Wait as long as the scenario lets those wait who ask something."""
    here = library()
    time.sleep(here.scenario.answer_delay * here.config.pace)


def shown(body: bytes, content_type: str) -> Response:
    """Return an answer; of a library that garbles, the first half of it."""
    return Response(half(body) if library().scenario.garbles else body, content_type=content_type)


def half(body: bytes) -> bytes:
    return body[: len(body) // 2]


def slam() -> Response:
    """Close the connection, so that the answer reaches nobody; without a connection it is an error."""
    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
    return Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
