"""What those who run the service look at: is it alive, is it ready, how is it doing, what does it offer."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, current_app, send_from_directory

from ill_broker import telemetry
from ill_broker.api.contract import as_yaml
from ill_broker.settings import Settings
from ill_broker.storage import inbox, outbox, probes
from ill_broker.storage.failures import Busy, Full, StorageFailure
from ill_broker.storage.store import Store
from ill_broker.web.context import service

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

blueprint = Blueprint("operations", __name__)
_VIEWER = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
_PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Inter-library loan broker: API</title>
  <link rel="icon" href="docs/favicon-32x32.png">
  <link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
  <div id="contract"></div>
  <script src="docs/swagger-ui-bundle.js"></script>
  <script src="docs/start.js"></script>
</body>
</html>
"""
_START = 'SwaggerUIBundle({url: "openapi.yaml", dom_id: "#contract", deepLinking: true});\n'
#: the viewer writes style attributes; scripts stay with files of our own
_VIEWER_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


@blueprint.get("/healthz")
def is_alive() -> Response:
    return _shown("alive")


@blueprint.get("/readyz")
def is_ready() -> Response:
    """Say whether something can be stored, by storing it."""
    try:
        with service(Store).writing() as conn:
            probes.write(conn)
    except Full:
        return _shown("no room to store anything", 503)
    except StorageFailure:
        return _shown("waiting for the database", 503)
    return _shown("ready")


def _shown(status: str, code: int = 200) -> Response:
    return Response(
        json.dumps({"status": status}), code, {"Cache-Control": "no-store"}, mimetype="application/json"
    )


@blueprint.get("/metrics")
def metrics() -> Response:
    told, media_type = telemetry.exposition(service(Settings).metrics_folder, _waiting())
    return Response(told, content_type=media_type)


def _waiting() -> dict[str, dict[str, int]]:
    """Return what waits in the database; nothing while that does not answer."""
    try:
        with service(Store).reading() as conn:
            return {
                "ill_partner_messages": _by_state(inbox.counts(conn)),
                "ill_outbox_entries": _by_state(outbox.counts(conn)),
            }
    except Busy:
        return {}


def _by_state(counts: Mapping[inbox.MessageState, int] | Mapping[outbox.EntryState, int]) -> dict[str, int]:
    return {state.value: count for state, count in counts.items()}


@blueprint.get("/openapi.yaml")
def contract() -> Response:
    return Response(as_yaml(current_app), mimetype="application/yaml")


@blueprint.get("/docs")
def viewer() -> Response:
    return Response(_PAGE, headers={"Content-Security-Policy": _VIEWER_POLICY}, mimetype="text/html")


@blueprint.get("/docs/start.js")
def viewer_start() -> Response:
    return Response(_START, mimetype="text/javascript")


@blueprint.get("/docs/<name>")
def viewer_file(name: str) -> Response:
    if name not in _VIEWER:
        abort(404)
    return send_from_directory(_viewer_folder(), name, max_age=86_400)


@cache
def _viewer_folder() -> Path:
    folder: Path = files("flask_swagger_ui").joinpath("dist")  # type: ignore[assignment]  # on disk
    return folder
