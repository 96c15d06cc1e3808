"""What a telephone needs to know to keep the service among its programs."""

from __future__ import annotations

from typing import Any

from flask import jsonify, url_for

from ill_broker.pages.frame import room
from ill_broker.texts.catalogue import say
from ill_broker.web.language import browser_language
from workflows.languages import TAGS

blueprint = room("manifest", __name__)
#: what a telephone shows before the first page is there, as the pages' own colours are
_PAPER, _ACCENT = "#fbfaf7", "#0b5d7a"


@blueprint.get("/manifest.webmanifest")
def show() -> Any:
    """Say what the service is called, where it begins and what it looks like."""
    spoken = browser_language()
    named = {
        "id": "/",
        "start_url": "/",
        "lang": TAGS[spoken],
        "name": say("frame.service", spoken),
        "short_name": say("frame.service", spoken),
        "display": "standalone",
        "background_color": _PAPER,
        "theme_color": _ACCENT,
        "icons": [
            _icon("icon.svg", "image/svg+xml", "any"),
            *(_icon(f"icon-{n}.png", "image/png", f"{n}x{n}") for n in (192, 512)),
        ],
    }
    answer = jsonify(named)
    answer.mimetype = "application/manifest+json"
    return answer


def _icon(file: str, kind: str, sizes: str) -> dict[str, str]:
    return {"src": url_for("pages.static", filename=file), "type": kind, "sizes": sizes}
