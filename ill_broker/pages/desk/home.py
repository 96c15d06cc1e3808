"""The desk's first page."""

from __future__ import annotations

from typing import Any

from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.libraries import library_name
from workflows.actors import Role

blueprint = room("desk_home", __name__)


@blueprint.get("/desk")
@seen_by(Role.STAFF)
def show() -> Any:
    """Show where everything of the desk begins."""
    return page("desk/home.html", library=library_name(me().library))
